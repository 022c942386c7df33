"""Two estimators by AppTest: every family, objective and estimator is shown, and the visitor's own formula read."""

from __future__ import annotations

import math
import re

import pytest
from streamlit.testing.v1 import AppTest

import explorer
from explorer.core.estimators import ESTIMATORS
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.objective import Objective
from explorer.text import short
from explorer.text.numbers import number
from explorer.visit.live import FIRST_BATCH
from tests.core.pairs import THIN
from tests.pages.apps import NOT_A_NUMBER, charts, healthy, numbers, said, visit, widget


@pytest.mark.parametrize(("family", "objective"), THIN)
def test_gradient_stream_of_every_family_and_objective(family: Family, objective: Objective) -> None:
    app = healthy(visit("gradient_stream", family=family.name, objective=objective.name))
    assert family.latex in said(app)
    assert objective.latex in said(app)
    assert not NOT_A_NUMBER.search(" ".join(warning.value for warning in app.warning))
    assert len(charts(app)) == 2
    for chart in charts(app).values():
        assert not [number for number in numbers(chart["figure"]) if not math.isfinite(number)]


def test_link_restores_the_gradients_parameter() -> None:
    app = visit("gradient_stream", **{"normal.gradient": "scale", "normal.loc": "0.5", "normal.scale": "2"})
    exact = 2 * 2.0
    assert f"Exact gradient **{exact:.4g}**" in said(app)


def test_step_and_reset() -> None:
    app = visit("gradient_stream", play="false", batch=f"{FIRST_BATCH}")
    first = said(app)
    assert f"**{FIRST_BATCH}** samples" in first
    for steps in (2, 3):
        _press(app, "Step")
        assert f"**{steps * FIRST_BATCH}** samples" in said(app)
    _press(app, "Reset")
    assert said(app) == first


def _press(app: AppTest, label: str) -> None:
    (button,) = (button for button in app.button if button.label == label)
    button.click().run()


def test_a_formula_is_read_and_its_code_runs_it() -> None:
    app = healthy(visit("gradient_stream", objective="formula", f="exp(-10*x^2)"))
    assert not app.warning
    assert "e^{-10" in said(app)
    assert "explorer.formula(" in app.code[0].value
    gradient = explorer.exact_gradient("normal", explorer.formula("exp(-10*x**2)"), {"loc": 1.0, "scale": 1.0})["loc"]
    assert f"Exact gradient **{number(gradient, 4)}**" in said(app)


def test_a_comparison_is_the_step_on_the_menu() -> None:
    app = healthy(visit("gradient_stream", objective="formula", f="1<x"))
    (warning,) = app.warning
    assert "biased where f jumps: the slope of f misses the jump" in warning.value
    assert r"$f(x) = \mathbf{1}[1 < x]$" in said(app)
    assert "explorer.formula('1 < x')" in app.code[0].value
    gradient = explorer.exact_gradient("normal", "step", {"loc": 1.0, "scale": 1.0})["loc"]
    assert f"Exact gradient **{number(gradient, 4)}**" in said(app)


@pytest.mark.parametrize(
    "text", ["x +", "<b>x</b>", "|x|x|x|", "__import__('os')", "(" * 150, "y", "![](//a.example/b.png)", "1/0*nope"]
)
def test_a_bad_formula_is_answered_in_words(text: str) -> None:
    app = healthy(visit("gradient_stream", objective="formula", f=text))
    (warning,) = app.warning
    assert "The last formula that could be read is shown." in warning.value
    assert not re.search(r"\]\(|<(?! )|\|", warning.value)


def test_a_formula_out_of_range_is_answered_in_words() -> None:
    app = visit("gradient_stream", objective="formula", f="exp(exp(x^2))")
    assert not app.exception
    assert "leave the range" in app.error[0].value


def test_any_estimators_may_be_chosen_by_key_or_title() -> None:
    for names in (["measure_valued", "rebar"], ["Measure-valued", "REBAR"]):
        app = healthy(visit("gradient_stream", family="bernoulli", estimators=names))
        assert widget(app, "estimators") == ["measure_valued", "rebar"]
        assert app.query_params["estimators"] == ["measure_valued", "rebar"]
        assert "| REBAR |" in said(app)
        assert "| Pathwise |" not in said(app)


def test_an_estimator_that_is_not_defined_is_named() -> None:
    app = healthy(visit("gradient_stream", family="laplace", estimators=["measure_valued", "pathwise"]))
    assert "Not defined for the loc of Laplace: Measure-valued, coupled" in app.caption[0].value


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_is_shown(name: str) -> None:
    family = next(family for family in FAMILIES.values() if ESTIMATORS[name].covers(family))
    parameter = ESTIMATORS[name].covers(family)[0]
    query = {f"{family.name}.gradient": parameter} if len(family.parameters) > 1 else {}
    app = healthy(
        visit("gradient_stream", family=family.name, objective="cosine", estimators=[name], log="true", **query)
    )
    assert f"| {short(name)} |" in said(app)


def test_f_of_a_vector_is_said_to_be_summed() -> None:
    summed = "f is summed over them"
    assert summed in said(visit("gradient_stream", family="multivariate_normal"))
    assert summed not in said(visit("gradient_stream", family="multivariate_normal", objective="log_sum_exp"))
    assert summed not in said(visit("gradient_stream"))


def test_a_setting_is_in_the_numbers_the_title_and_the_script() -> None:
    """At another temperature the table's exact spread is the engine's there, and the script asks for that."""
    query = {"family": "bernoulli", "estimators": ["gumbel_softmax", "score_function"]}
    app = healthy(visit("gradient_stream", **query, **{"gumbel_softmax.temperature": "1.5"}))
    method = ESTIMATORS["gumbel_softmax"].at(temperature=1.5)
    exact = explorer.exact_variance("bernoulli", "square", method, {"probs": 0.4})["probs"] ** 0.5
    assert f"| Gumbel-softmax | {number(exact, 4)} |" in said(app)
    assert "**Gumbel-softmax, temperature 1.5**" in said(app)
    assert "('score_function', explorer.ESTIMATORS['gumbel_softmax'].at(temperature=1.5),)" in app.code[0].value
    assert app.session_state["gradient_stream/run"][1].estimators["gumbel_softmax"] == method
