"""Widgets from the registries: a link restores them, a bad link is answered, defaults stay out of the URL."""

from __future__ import annotations

import pytest

from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.pages.apps import link, small_app


def menu() -> None:
    import streamlit as st

    from explorer.core.families import FAMILIES
    from explorer.visit.controls import choice

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

    from explorer.core.families import FAMILIES
    from explorer.core.objectives.catalogue import OBJECTIVES
    from explorer.visit.controls import objective_at, theta_sliders

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

    from explorer.core.families import FAMILIES
    from explorer.visit.controls import theta_sliders
    from explorer.visit.links import film_theta

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

    from explorer.visit.controls import seed_input

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
