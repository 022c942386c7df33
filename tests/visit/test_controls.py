"""Widgets from the registries: a link restores them, a bad link is answered, defaults stay out of the URL."""

from __future__ import annotations

import pytest

from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.pages.apps import link, small_app


def family_menu() -> None:
    import streamlit as st

    from explorer.core.families import FAMILIES
    from explorer.visit import state
    from explorer.visit.controls import menu
    from tests.visit.apps import on_a_page

    with on_a_page(state.family(FAMILIES)):
        st.markdown("chosen " + menu("family"))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
@pytest.mark.parametrize("form", ["name", "title"])
def test_menu_understands_names_and_titles(family: object, form: str) -> None:
    app = small_app(family_menu, family=getattr(family, form))
    assert not app.exception
    assert app.markdown[0].value == f"chosen {family.name}"  # type: ignore[attr-defined]
    name = family.name  # type: ignore[attr-defined]
    assert link(app) == ({} if name == "normal" else {"family": name}), "the link says the key, defaults left out"


@pytest.mark.parametrize("given", ["nope", "", "NORMAL", "<script>", "日本語", "__class__"])
def test_menu_answers_an_unknown_name_with_its_default(given: str) -> None:
    app = small_app(family_menu, family=given)
    assert not app.exception
    assert app.markdown[0].value == "chosen normal"
    assert link(app) == {}


def test_menu_lists_the_registry_by_title() -> None:
    app = small_app(family_menu)
    assert list(app.selectbox[0].options) == [family.title for family in FAMILIES.values()]
    app.selectbox[0].select("uniform").run()
    assert app.markdown[0].value == "chosen uniform"
    assert link(app) == {"family": "uniform"}
    app.selectbox[0].select("normal").run()
    assert link(app) == {}


def stranger() -> None:
    from explorer.core.families import FAMILIES
    from explorer.visit import state
    from explorer.visit.controls import menu
    from tests.visit.apps import on_a_page

    with on_a_page(state.family(FAMILIES)):
        menu("objective")


def test_no_widget_without_its_field() -> None:
    assert small_app(stranger).exception


def estimators() -> None:
    import streamlit as st

    from explorer.core.families import FAMILIES
    from explorer.visit import state
    from explorer.visit.controls import estimator_choice
    from tests.visit.apps import on_a_page

    with on_a_page(state.estimators()):
        st.markdown(" ".join(estimator_choice("loc", FAMILIES["normal"])))


def test_estimators_are_chosen_emptied_and_chosen_again() -> None:
    app = small_app(estimators, estimators=["Pathwise", "rebar", "leave_one_out"])
    assert app.markdown[0].value == "leave_one_out pathwise"
    assert "REBAR" in app.caption[0].value, "REBAR is for discrete families"
    app.multiselect[0].set_value([]).run()
    assert app.markdown[0].value == "score_function pathwise"
    assert link(app) == {}
    app.multiselect[0].set_value(["pathwise"]).run()
    assert app.markdown[0].value == "pathwise"
    assert link(app) == {"estimators": "pathwise"}


def sliders() -> None:
    import streamlit as st

    from explorer.core.families import FAMILIES
    from explorer.core.objectives.catalogue import OBJECTIVES
    from explorer.visit import state
    from explorer.visit.controls import objective_sliders, theta_sliders
    from tests.visit.apps import on_a_page

    with on_a_page(state.family(FAMILIES), state.objective()):
        for family in FAMILIES.values():
            st.markdown(f"{family.name} {theta_sliders(family)}")
        for objective in OBJECTIVES.values():
            st.markdown(f"{objective.name} {dict(objective_sliders(objective).values)}")


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


@pytest.mark.parametrize("given", ["nan", "inf", "1e999", "1e9", "-1e9", "", "x", "1,2"])
def test_sliders_keep_their_range_whatever_the_link_says(given: str) -> None:
    app = small_app(sliders, **{f"{owner.name}.{p.name}": given for owner in OWNERS for p in owner.parameters})
    assert not app.exception
    for slider in app.slider:
        assert slider.min <= slider.value <= slider.max
    assert link(app) == {}


def forbidden() -> None:
    import dataclasses

    import streamlit as st

    from explorer.core.families import FAMILIES
    from explorer.visit import state
    from explorer.visit.controls import theta_sliders
    from explorer.visit.links import film_theta
    from tests.visit.apps import on_a_page

    never = dataclasses.replace(FAMILIES["uniform"], fault=lambda values: "low must be" if values["low"] < -1 else "")
    film = dataclasses.replace(never, name="film")
    with on_a_page(state.family({each.name: each for each in (never, film)})):
        st.markdown(f"{theta_sliders(never)}")
        st.markdown(f"{film_theta(film, {})}")


def test_forbidden_combination_is_answered_in_words() -> None:
    app = small_app(forbidden, **{"uniform.low": "-2", "film.low": "-2"})
    assert not app.exception
    assert len(app.warning) == 2
    assert all("low must be" in warning.value for warning in app.warning)
    assert [text.value for text in app.markdown] == [str({"low": 0.0, "high": 2.0})] * 2
    assert "film.low" not in link(app)


def seed() -> None:
    import streamlit as st

    from explorer.visit.controls import another_seed, seed_input
    from explorer.visit.state import SEED
    from tests.visit.apps import on_a_page

    with on_a_page([SEED]):
        st.button("next", on_click=another_seed)
        st.markdown(f"seed {seed_input()}")


@pytest.mark.parametrize(("given", "shown"), [("7", 7), ("2147483647", 2**31 - 1), ("0", 0)])
def test_seed_is_in_the_link_and_followed_by_the_next(given: str, shown: int) -> None:
    app = small_app(seed, seed=given)
    assert app.markdown[0].value == f"seed {shown}"
    assert link(app) == ({} if shown == 0 else {"seed": given})
    app.button[0].click().run()
    assert app.markdown[0].value == f"seed {(shown + 1) % 2**31}"


@pytest.mark.parametrize("given", ["-1", "2147483648", "nan", "inf", "-inf", "1e999", "", "x", "<b>"])
def test_bad_seed_is_the_default(given: str) -> None:
    app = small_app(seed, seed=given)
    assert not app.exception
    assert app.markdown[0].value == "seed 0"
    assert link(app) == {}
