"""Widgets made from the registries and from `Parameter`; their state lives in the URL under the same names.

Streamlit keeps a bound widget and its URL key in step, leaves defaults out and drops values it cannot use. A menu's URL
value is its label; a registry key in a link is understood too. What lives inside a component cannot be bound: `links`
does the same for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.core.estimators import ESTIMATORS
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import HELP, MAX_CHARACTERS, formula
from explorer.core.objectives.objective import Objective
from explorer.core.parameters import Parameter
from explorer.text import sections, short


class Titled(Protocol):
    """Anything a menu can list."""

    @property
    def title(self) -> str: ...


def beside() -> tuple[DeltaGenerator, DeltaGenerator]:
    """The page's controls and, beside them, its picture; on a phone the picture stands above (page.css)."""
    controls, picture = st.columns([1, 3], gap="medium")
    return controls, picture.container(key="picture")


def choice(label: str, key: str, registry: Mapping[str, Titled], default: str) -> str:
    """A menu over a registry; returns the chosen registry key."""
    names = list(registry)
    given = st.query_params.get(key)
    if key not in st.session_state and given in names:
        # The widget reads its URL key as a label, and may be told so only before it is first bound.
        st.query_params[key] = registry[given].title
        st.rerun()
    return st.selectbox(
        label,
        names,
        index=names.index(default),
        format_func=lambda name: registry[name].title,
        key=key,
        bind="query-params",
    )


def parameter_slider(owner: str, parameter: Parameter) -> float:
    """A slider over a parameter's range; its URL key is `owner.name`, so that each family keeps its own values."""
    low, high = parameter.slider
    return st.slider(
        parameter.label,
        low,
        high,
        parameter.default,
        step=parameter.step,
        key=f"{owner}.{parameter.name}",
        bind="query-params",
    )


def theta_sliders(family: Family, given: Mapping[str, float] = MappingProxyType({})) -> dict[str, float]:
    """One slider a parameter, but for those `given` (a film moves them).

    A combination the family forbids is answered in words and with its defaults.
    """
    theta = {
        parameter.name: given[parameter.name] if parameter.name in given else parameter_slider(family.name, parameter)
        for parameter in family.parameters
    }
    if fault := family.fault(theta):
        st.warning(f"{fault}. The defaults are shown.")
        return {parameter.name: parameter.default for parameter in family.parameters}
    return theta


@dataclass(frozen=True)
class _Own:
    title: str = "your own f(x)"


FIRST_FORMULA = "exp(-x**2) * sin(3*x)"


def objective_choice(default: str = "square", *, sliders: bool = True) -> Objective:
    """A menu of the objectives and of the visitor's own formula, and the sliders of what is chosen, unless not wanted.

    A formula that cannot be read is answered in words; the last good one stays, else the first.
    """
    chosen = choice("Objective f(x)", "objective", {**OBJECTIVES, "formula": _Own()}, default)
    if chosen != "formula":
        return objective_at(OBJECTIVES[chosen]) if sliders else OBJECTIVES[chosen]
    text = st.text_input("f(x) =", FIRST_FORMULA, MAX_CHARACTERS, key="f", bind="query-params", help=HELP)
    try:
        own = formula(text)
    except ValueError as error:
        st.warning(f"{str(error)[:1].upper()}{str(error)[1:]}. The last formula that could be read is shown.")
        return formula(st.session_state.get("formula/good", FIRST_FORMULA))
    st.session_state["formula/good"] = text
    return own


def estimator_choice(default: Sequence[str], parameter: str, family: Family) -> tuple[str, ...]:
    """A choice of at most four estimators. Those that are not defined for the family's parameter are named.

    They are left out; without any other the default holds. A link may name estimators by their registry keys.
    """
    key = "estimators"
    given = st.query_params.get_all(key)
    if key not in st.session_state and any(name in ESTIMATORS for name in given):
        # The widget reads its URL key as labels, and may be told so only before it is first bound.
        st.query_params[key] = [short(name) if name in ESTIMATORS else name for name in given]
        st.rerun()
    chosen = st.multiselect(
        "Estimators",
        list(ESTIMATORS),
        default=list(default),
        format_func=short,
        max_selections=4,
        key=key,
        bind="query-params",
    )
    lost = [name for name in chosen if parameter not in ESTIMATORS[name].covers(family)]
    if lost:
        titles = "; ".join(ESTIMATORS[name].title for name in lost)
        st.caption(f"Not defined for the {parameter} of {family.title}: {titles}.")
    kept = [name for name in ESTIMATORS if name in chosen and name not in lost]
    return tuple(kept or default)


def objective_at(objective: Objective) -> Objective:
    """The objective at the values of its sliders."""
    values = {parameter.name: parameter_slider(objective.name, parameter) for parameter in objective.parameters}
    return objective.at(**values)


def as_code(objective: Objective) -> str:
    """The expression with which a notebook makes this objective."""
    if objective.name == "formula":
        return f"explorer.formula({objective.title!r})"
    at = ", ".join(f"{name}={value!r}" for name, value in objective.values.items())
    return f"explorer.OBJECTIVES[{objective.name!r}]" + (f".at({at})" if at else "")


def whole_number(label: str, key: str, most: int) -> int:
    """A number field from 0 to `most`. What a link asks for beyond that is dropped before the widget is bound to it."""
    given = st.query_params.get(key)
    if key not in st.session_state and given is not None and not (given.isdecimal() and int(given[:12]) <= most):
        del st.query_params[key]
        st.rerun()
    return int(st.number_input(label, 0, most, 0, key=key, bind="query-params"))


def seed_input() -> int:
    """The seed of everything random on the page."""
    return whole_number("Seed", "seed", 2**31 - 1)


def another_seed() -> None:
    """The next seed, for a button's `on_click`; the link follows."""
    st.session_state["seed"] = (st.session_state.get("seed", 0) + 1) % 2**31


def segments(label: str, names: Sequence[str], key: str, default: str, *, labelled: bool = True) -> str:
    """A row of buttons, one of which is on. A link may empty it (`?key=`); the default then holds."""
    chosen = st.segmented_control(
        label,
        names,
        default=default,
        required=True,
        key=key,
        bind="query-params",
        label_visibility="visible" if labelled else "collapsed",
    )
    return chosen if chosen in names else default


FOLDS = {"derivation": "The whole derivation", "experiments": "Predict, then reveal", "sources": "Sources"}
"""The sections of a page's prose that stay folded, and the titles of their folds."""


def folded(page: str) -> None:
    """The folds of a page, as far as its prose has these sections."""
    for section, title in FOLDS.items():
        if section in sections(page):
            with st.expander(title):
                st.markdown(sections(page)[section])


def code_that_ran(snippet: str, parts: Sequence[object]) -> None:
    """A fold with the engine's own source for what the page shows, and a standalone script that prints its number."""
    with st.expander("The code that ran"):
        st.markdown("A script of its own that prints this page's numbers.")
        st.code(snippet, language="python")
        st.download_button("Download the script", snippet, "reparameterization.py", "text/x-python", on_click="ignore")
        st.markdown("The functions this page called, as they stand in the engine.")
        for part in parts:
            st.code(inspect.getsource(part), language="python")  # type: ignore[arg-type]
