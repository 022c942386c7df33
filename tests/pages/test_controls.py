"""Widgets from the registries: a link restores them, a bad link is answered, defaults stay out of the URL."""

from __future__ import annotations

import re

import pytest

from explorer.core.families import FAMILIES
from explorer.core.objectives import OBJECTIVES
from tests.pages.apps import link, small_app


def menu() -> None:
    import streamlit as st

    from explorer.controls import choice
    from explorer.core.families import FAMILIES

    st.markdown("chosen " + choice("Distribution", "family", FAMILIES, "normal"))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
@pytest.mark.parametrize("form", ["name", "title"])
def test_menu_understands_names_and_titles(family: object, form: str) -> None:
    app = small_app(menu, family=getattr(family, form))
    assert not app.exception
    assert app.markdown[0].value == f"chosen {family.name}"  # type: ignore[attr-defined]
    default = family.name == "normal"  # type: ignore[attr-defined]
    assert ("family" in link(app)) == (not default), "the link must go on saying what is shown, defaults left out"


@pytest.mark.parametrize("given", ["nope", "", "NORMAL", "<script>", "日本語", "__class__"])
def test_menu_answers_an_unknown_name_with_its_default(given: str) -> None:
    app = small_app(menu, family=given)
    assert not app.exception
    assert app.markdown[0].value == "chosen normal"


def test_menu_lists_the_registry_by_title() -> None:
    app = small_app(menu)
    assert list(app.selectbox[0].options) == [family.title for family in FAMILIES.values()]
    app.selectbox[0].select("uniform").run()
    assert app.markdown[0].value == "chosen uniform"


def sliders() -> None:
    import streamlit as st

    from explorer.controls import objective_at, theta_sliders
    from explorer.core.families import FAMILIES
    from explorer.core.objectives import OBJECTIVES

    for family in FAMILIES.values():
        st.markdown(f"{family.name} {theta_sliders(family)}")
    for objective in OBJECTIVES.values():
        st.markdown(f"{objective.name} {dict(objective_at(objective).values)}")


OWNERS = [*FAMILIES.values(), *OBJECTIVES.values()]


def test_sliders_stand_at_the_defaults_and_in_range() -> None:
    app = small_app(sliders)
    assert not app.exception
    parameters = [(owner.name, parameter) for owner in OWNERS for parameter in owner.parameters]
    assert [slider.key for slider in app.slider] == [f"{owner}.{parameter.name}" for owner, parameter in parameters]
    for slider, (_, parameter) in zip(app.slider, parameters, strict=True):
        assert slider.value == parameter.default
        assert (slider.min, slider.max, slider.step) == (*parameter.slider, parameter.step)
    assert link(app) == {}


@pytest.mark.parametrize("end", [0, 1])
def test_sliders_go_to_the_ends_the_link_says(end: int) -> None:
    query = {f"{owner.name}.{p.name}": f"{p.slider[end]:g}" for owner in OWNERS for p in owner.parameters}
    app = small_app(sliders, **query)
    assert not app.exception
    assert not app.warning
    assert link(app) == query
    for text, owner in zip(app.markdown, OWNERS, strict=True):
        assert text.value == f"{owner.name} { {p.name: p.slider[end] for p in owner.parameters} }"


@pytest.mark.parametrize("given", ["nan", "inf", "1e999", "1e9", "-1e9", "", "x", "١", "1,2"])
def test_sliders_keep_their_range_whatever_the_link_says(given: str) -> None:
    app = small_app(sliders, **{f"{owner.name}.{p.name}": given for owner in OWNERS for p in owner.parameters})
    assert not app.exception
    for slider in app.slider:
        assert slider.min <= slider.value <= slider.max


def forbidden() -> None:
    import dataclasses

    import streamlit as st

    from explorer.controls import film_theta, theta_sliders
    from explorer.core.families import FAMILIES

    never = dataclasses.replace(FAMILIES["uniform"], fault=lambda values: "low must be" if values["low"] < -1 else "")
    st.markdown(f"{theta_sliders(never)}")
    st.markdown(f"{film_theta(dataclasses.replace(never, name='film'), {})}")


def test_forbidden_combination_is_answered_in_words() -> None:
    app = small_app(forbidden, **{"uniform.low": "-2", "film.low": "-2"})
    assert not app.exception
    assert len(app.warning) == 2
    assert all("low must be" in warning.value for warning in app.warning)
    assert [text.value for text in app.markdown] == [str({"low": 0.0, "high": 2.0})] * 2
    assert "film.low" not in link(app)


def seed() -> None:
    import streamlit as st

    from explorer.controls import seed_input

    st.markdown(f"seed {seed_input()}")


@pytest.mark.parametrize(("given", "shown"), [("7", 7), ("2147483647", 2**31 - 1), ("0", 0)])
def test_seed_is_in_the_link(given: str, shown: int) -> None:
    app = small_app(seed, seed=given)
    assert app.markdown[0].value == f"seed {shown}"
    assert link(app) == ({} if shown == 0 else {"seed": given})


@pytest.mark.parametrize("given", ["-1", "2147483648", "nan", "inf", "-inf", "1e999", "", "x", "<b>"])
def test_bad_seed_is_the_default(given: str) -> None:
    app = small_app(seed, seed=given)
    assert not app.exception
    assert app.markdown[0].value == "seed 0"


def film() -> None:
    import streamlit as st

    from explorer.controls import film_theta
    from explorer.core.families import FAMILIES

    released = dict(st.session_state.get("test.released", {}))
    st.session_state["test.released"] = {}
    family = FAMILIES[st.session_state.get("test.family", "normal")]
    st.markdown(f"{film_theta(family, released)}")


def test_film_follows_the_hand_then_keeps_its_place() -> None:
    app = small_app(film, **{"normal.loc": "2.5"})
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 1.0})
    assert link(app) == {"normal.loc": "2.5"}
    app.session_state["test.released"] = {"normal.scale": 0.25}
    app.run()
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 0.25})
    assert link(app) == {"normal.loc": "2.5", "normal.scale": "0.25"}
    app.run()
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 0.25})
    app.session_state["test.released"] = {"normal.loc": 1.0}
    app.run()
    assert link(app) == {"normal.scale": "0.25"}, "a default is left out"


def test_each_family_keeps_its_own_film() -> None:
    app = small_app(film, **{"normal.loc": "2.5"})
    app.session_state["test.family"] = "laplace"
    app.run()
    assert app.markdown[0].value == str({"loc": 1.0, "scale": 1.0})
    app.session_state["test.family"] = "normal"
    app.run()
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 1.0})


@pytest.mark.parametrize("given", ["nan", "inf", "99", "", "x", "<script>alert(1)</script>", "日本語", "1" * 5000])
def test_bad_film_link_is_answered_in_words(given: str) -> None:
    app = small_app(film, **{"normal.loc": given})
    assert not app.exception
    assert app.markdown[0].value == str({"loc": 1.0, "scale": 1.0})
    assert len(app.warning) == 1
    assert len(app.warning[0].value) < 200
    assert link(app) == {}


@pytest.mark.parametrize("given", ["![](//a.example/b.png)", "`![](//a.example/b.png)", "[a](//b.example)", "<b>x</b>"])
def test_nothing_in_a_link_becomes_a_picture_or_a_link(given: str) -> None:
    """Warnings are Markdown: what they quote of a link stands in backticks it cannot end, or is left out."""
    for script, key in ((film, "normal.loc"), (point, "z")):
        (warning,) = small_app(script, **{key: given}).warning
        assert not re.search(r"\]\(|<", re.sub(r"`[^`]*`", "", warning.value))


def point() -> None:
    import streamlit as st

    from explorer.controls import link_point

    state = st.session_state
    released = state.get("test.released")
    state["test.released"] = None
    st.markdown(f"{link_point('z', released, state.get('test.subject', 'a'), (0.25, -0.5), 3.5)}")


def test_point_comes_from_the_hand_then_the_link_then_the_start() -> None:
    app = small_app(point, z="1,-1")
    assert app.markdown[0].value == "(1.0, -1.0)"
    app.session_state["test.released"] = (2.0, 0.125)
    app.run()
    assert app.markdown[0].value == "(2.0, 0.125)"
    app.run()
    assert app.markdown[0].value == "(2.0, 0.125)"
    x, y = (float(part) for part in link(app)["z"].split(","))
    assert (x, y) == pytest.approx((2.0, 0.125), abs=0.006)
    app.session_state["test.subject"] = "b"
    app.run()
    assert app.markdown[0].value == "(0.25, -0.5)"
    assert link(app) == {}


@pytest.mark.parametrize("given", ["nan,0", "1", "1,2,3", "4,0", "0,-3.6", "inf,inf", "", ",", "a,b", "日,本"])
def test_bad_point_is_answered_in_words(given: str) -> None:
    app = small_app(point, z=given)
    assert not app.exception
    assert app.markdown[0].value == "(0.25, -0.5)"
    assert len(app.warning) == 1
    assert link(app) == {}
