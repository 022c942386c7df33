"""Widgets for the fields of a page's state (`state`), each under its key; `links` keeps their values and the link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from explorer.core.estimators import ESTIMATORS, Choice
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from explorer.core.objectives.objective import Objective
from explorer.core.objectives.tokens import NAMES
from explorer.text import short, word
from explorer.visit.fields import Menu, Number, Several, Switch, Text, Whole
from explorer.visit.links import begin_widget, end_widget, field, film_value, now, put
from explorer.visit.state import FIRST_FORMULA, FORMULA, PAIR


def label_of(key: str) -> str:
    """What the control of a key is called."""
    each = field(key)
    assert isinstance(each, Menu | Whole | Switch)
    return word(f"control.{each.label}")


def menu(key: str, among: Sequence[str] | None = None) -> str:
    """A menu that opens; returns the chosen name. `among` is the part of its names on offer, the one that is on too."""
    each = field(key)
    assert isinstance(each, Menu)
    value, names = begin_widget(key), among or each.names
    index = names.index(value) if value else 0
    return str(end_widget(key, st.selectbox(label_of(key), names, index, each.title, key=key)))


def segments(key: str, *, labelled: bool = True, on_change: Callable[[], None] | None = None) -> str:
    """A row of buttons, one of which is on; in a bar its label stands to its left."""
    each = field(key)
    assert isinstance(each, Menu)
    value = begin_widget(key)
    if not labelled:
        st.markdown(label_of(key), width="content")
    chosen = st.segmented_control(
        label_of(key),
        each.names,
        default=value,
        required=True,
        format_func=each.title,
        key=key,
        label_visibility="visible" if labelled else "collapsed",
        on_change=on_change,
    )
    return str(end_widget(key, chosen))


def slider(key: str) -> float:
    """A slider over a parameter's range, or over its choices."""
    each = field(key)
    assert isinstance(each, Number)
    (low, high), choices = each.parameter.slider, each.parameter.choices
    value = begin_widget(key)
    chosen = (
        st.select_slider(each.label, choices, value, format_func="{:g}".format, key=key)
        if choices
        else st.slider(each.label, low, high, value, each.parameter.step, key=key)
    )
    return float(end_widget(key, chosen))


def whole_number(key: str) -> int:
    """A number field from 0 to the field's most."""
    each = field(key)
    assert isinstance(each, Whole)
    value = begin_widget(key)
    return int(
        end_widget(key, st.number_input(label_of(key), 0, each.most, "min" if value is None else value, key=key))
    )


def switch(key: str, explanation: str | None = None) -> bool:
    """A toggle."""
    each = field(key)
    assert isinstance(each, Switch)
    value = begin_widget(key)
    return bool(end_widget(key, st.toggle(label_of(key), bool(value), key=key, help=explanation)))


def several(key: str) -> tuple[str, ...]:
    """A menu of which a few may be chosen; returns their names."""
    each = field(key)
    assert isinstance(each, Several)
    value = begin_widget(key)
    chosen = st.multiselect(
        word(f"control.{each.menu.label}"),
        each.menu.names,
        value,
        format_func=each.menu.title,
        max_selections=each.most,
        key=key,
    )
    names: tuple[str, ...] = end_widget(key, chosen)
    return names


def theta_sliders(family: Family, given: Mapping[str, float] | None = None) -> dict[str, float]:
    """One slider a parameter, but for those `given` (a film moves them).

    A combination the family forbids is answered in words and with its defaults.
    """
    theta = dict(given or {})
    theta = {
        each.name: theta[each.name] if each.name in theta else slider(f"{family.name}.{each.name}")
        for each in family.parameters
    }
    if fault := family.fault(theta):
        st.warning(word("message.forbidden", fault=fault))
        return {each.name: each.default for each in family.parameters}
    return theta


def objective_menu() -> Objective:
    """A menu of the objectives and of the visitor's own formula; an objective's parameters are at their defaults.

    A formula that cannot be read is answered in words; the last good one stays, else the first.
    """
    chosen = menu("objective")
    return OBJECTIVES[chosen] if chosen != FORMULA else _own_formula()


def _own_formula() -> Objective:
    each = field("f")
    assert isinstance(each, Text)
    value = begin_widget("f") or ""
    text = end_widget(
        "f",
        st.text_input(
            "f(x) =", value, max_chars=each.most, key="f", help=word("help.formula", functions=", ".join(NAMES))
        ),
    )
    try:
        own = formula(text)
    except ValueError as error:
        st.warning(word("message.formula", fault=f"{str(error)[:1].upper()}{str(error)[1:]}"))
        return formula(st.session_state.get("formula/good", FIRST_FORMULA))
    st.session_state["formula/good"] = text
    return own


def objective_sliders(objective: Objective, given: Mapping[str, float] | None = None) -> Objective:
    """The objective at the values of its sliders, but for those `given`."""
    held = dict(given or {})
    values = {
        each.name: held[each.name] if each.name in held else slider(f"{objective.name}.{each.name}")
        for each in objective.parameters
    }
    return objective.at(**values) if values else objective


def objective_choice() -> Objective:
    """The menu of objectives and the sliders of what is chosen."""
    return objective_sliders(objective_menu())


def estimator_choice(parameter: str, family: Family, *, among: tuple[str, ...] = tuple(ESTIMATORS)) -> Choice:
    """A choice of a few estimators, in the registry's order; without any that can be used, the first two.

    The sliders of the chosen estimators' settings stand below it.
    Those that are not defined for the family's parameter are named and left out, and so are those not `among` which
    the page can show.
    """
    chosen = several("estimators")
    lost = [name for name in chosen if parameter not in ESTIMATORS[name].covers(family)]
    if lost:
        titles = "; ".join(word(f"estimator.{name}.title", **ESTIMATORS[name].said) for name in lost)
        family_title = word(f"family.{family.name}.title")
        st.caption(word("message.not_defined", parameter=parameter, family=family_title, estimators=titles))
    if coupled := [short(name) for name in chosen if name not in among]:
        st.caption(word("message.coupled", estimator=coupled[0]))
    usable = tuple(name for name in ESTIMATORS if name in chosen and name not in lost and name in among)
    return Choice(
        ESTIMATORS[name].at(**{each.name: slider(f"{name}.{each.name}") for each in ESTIMATORS[name].settings})
        for name in usable or PAIR
    )


def seed_input() -> int:
    """The seed of everything random on the page."""
    return whole_number("seed")


def another_seed() -> None:
    """The next seed, for a button's `on_click`; the link follows."""
    put("seed", (now("seed") + 1) % 2**31)


def move_bar(
    family: Family, released: Mapping[str, float], again: str, explanation: str
) -> tuple[str, str, float, int]:
    """Over a picture whose film moves a parameter off theta_0: which, a button to put theta_0 there, the seed.

    `released` is what the film's slider reported; `again` is the button's label. Returns the parameter, the film's key,
    its value and the seed.
    """
    name = segments(f"{family.name}.move", labelled=False)
    key = f"{family.name}.{name}.to"
    value = film_value(key, released)
    st.button(
        again, icon=":material/restart_alt:", on_click=put, args=(f"{family.name}.{name}", value), help=explanation
    )
    with st.popover(word("control.seed"), icon=":material/tune:"):
        return name, key, value, seed_input()
