"""The sliders of the chosen estimators' settings: in the link as other numbers are, for those that have one."""

from __future__ import annotations

import pytest

from explorer.core.estimators import ESTIMATORS, Estimator
from explorer.core.families import FAMILIES
from tests.pages.apps import link, small_app


def settings() -> None:
    import streamlit as st

    from explorer.core.families import FAMILIES
    from explorer.visit import state
    from explorer.visit.controls import estimator_choice, menu
    from tests.visit.apps import on_a_page

    with on_a_page(state.family(FAMILIES), state.estimators()) as refused:
        family = FAMILIES[menu("family")]
        for method in estimator_choice(family.parameters[0].name, family).values():
            st.markdown(method.title)
        st.caption(" ".join(refused))


def asked(method: Estimator, **values: float) -> dict[str, str]:
    """A link to an estimator at these values."""
    family = next(family for family in FAMILIES.values() if family.parameters[0].name in method.covers(family))
    query = {"family": family.name} if family.name != "normal" else {}
    return query | {"estimators": method.name} | {f"{method.name}.{name}": f"{v:g}" for name, v in values.items()}


@pytest.mark.parametrize("method", ESTIMATORS.values(), ids=ESTIMATORS)
def test_a_link_restores_both_ends(method: Estimator) -> None:
    app = small_app(settings, **asked(method))
    assert len([*app.slider, *app.select_slider]) == len(method.settings)
    for setting in method.settings:
        for value in setting.slider:
            query = asked(method, **{setting.name: value})
            app = small_app(settings, **query)
            assert not app.exception
            assert app.markdown[0].value == method.at(**{setting.name: value}).title
            assert link(app) == query
            assert not app.caption[-1].value
            (slider,) = [*app.slider, *app.select_slider]
            assert slider.key == f"{method.name}.{setting.name}"
            assert setting.letter in slider.label
            assert slider.value == value


@pytest.mark.parametrize("given", ["nan", "inf", "1e9", "-1", "0", "", "x", "3.5,2", "0.0101"])
def test_a_bad_value_is_dropped_and_named(given: str) -> None:
    for method in ESTIMATORS.values():
        for setting in method.settings:
            app = small_app(settings, **{**asked(method), f"{method.name}.{setting.name}": given})
            assert not app.exception
            assert app.markdown[0].value == method.title
            assert app.caption[-1].value == f"{method.name}.{setting.name}"
            assert link(app) == asked(method)


def test_a_group_is_not_between_the_choices() -> None:
    app = small_app(settings, **asked(ESTIMATORS["leave_one_out"], group=3))
    assert app.markdown[0].value == ESTIMATORS["leave_one_out"].title
    assert app.caption[-1].value == "leave_one_out.group"


def test_the_hand_moves_it() -> None:
    app = small_app(settings, **asked(ESTIMATORS["rebar"]))
    app.slider[0].set_value(1.0).run()
    assert app.markdown[0].value == "REBAR, temperature 1"
    assert link(app)["rebar.temperature"] == "1"
    app.slider[0].set_value(0.5).run()
    assert "rebar.temperature" not in link(app)
    app = small_app(settings, **asked(ESTIMATORS["leave_one_out"]))
    app.select_slider[0].set_value(16.0).run()
    assert app.markdown[0].value == "Score function, leave-one-out baseline of 16"
    assert link(app)["leave_one_out.group"] == "16"
