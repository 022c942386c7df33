"""The notebook's experiment: its page by AppTest."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.components.chart import ChartResult
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.repeated_means import RepeatedMeans
from explorer.text.numbers import number
from explorer.visit import pull
from tests.core.pairs import BOTH
from tests.pages.apps import SECONDS, charts, link, numbers, said, visit

PAGE = "repeated_means"
KEY = "repeated_means"
NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none|null)\b", re.IGNORECASE)


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every run the browser asks for more, and no time passes."""
    monkeypatch.setattr(pull, "reported", lambda key: ChartResult(pulled=True))
    monkeypatch.setattr(pull, "patience", lambda report: SECONDS)
    monkeypatch.setattr(pull, "_now", lambda: 0.0)


def kept(app: AppTest) -> RepeatedMeans:
    run = app.session_state[f"{KEY}/run"][1]
    assert isinstance(run, RepeatedMeans)
    return run


def fine(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    for part in charts(app).values():
        assert not NOT_A_NUMBER.search(part["alt"])
        assert not [value for value in numbers(part["figure"]) if not math.isfinite(value)]
    return app


@pytest.mark.usefixtures("pulled")
def test_the_whole_experiment() -> None:
    """All that the notebook does, and its exact answers in words."""
    app = visit(PAGE)
    run, pictures = kept(app), 1
    while run.share < 1:
        app.run()
        pictures += 1
    fine(app)
    assert kept(app) is run
    assert pictures < 10
    assert charts(app)[KEY]["pull"] is None
    assert not app.warning
    text = said(app)
    assert "At **N = 100,000**, from 100 estimates" in text
    assert (
        f"Score function: variance **{number(run.spreads('score_function')[-1].variance)}**, exact 8.7 × 10⁻⁴" in text
    )
    assert f"Pathwise: variance **{number(run.spreads('pathwise')[-1].variance)}**, exact 4.0 × 10⁻⁵" in text
    assert "of 18** intervals hold" in text
    assert "needs **21.8 times**" in text
    (button,) = (button for button in app.get("download_button") if button.proto.label == "Download the table")
    assert not button.proto.disabled
    assert text.count("\n| Pathwise | ") == 9


def test_the_first_picture_is_not_kept_waiting() -> None:
    app = fine(visit(PAGE))
    assert kept(app).reached[-1] == 3_000
    assert charts(app)[KEY]["pull"] is not None
    assert "At **N = 3,000**" in said(app)
    again = app.run()
    assert kept(again).reached[-1] == 3_000, "a run that the chart did not ask for draws nothing"


def test_run_again_takes_the_next_seed() -> None:
    app = visit(PAGE, seed="4")
    before = charts(app)
    (button,) = (button for button in app.button if button.label == "Run again")
    button.click().run()
    fine(app)
    assert link(app) == {"seed": "5"}
    assert kept(app).seed == 5
    assert all(charts(app)[key]["figure"] != part["figure"] for key, part in before.items())
    assert charts(app)[KEY]["figure"] == charts(visit(PAGE, seed="5"))[KEY]["figure"]


@pytest.mark.parametrize(
    "change",
    [
        {"family": "laplace"},
        {"objective": "cosine"},
        {"normal.loc": "1"},
        {"normal.gradient": "scale"},
        {"estimators": ["pathwise", "measure_valued"]},
    ],
    ids=str,
)
def test_what_fixes_the_numbers_makes_a_new_run(change: dict[str, Any]) -> None:
    run = kept(fine(visit(PAGE, **change)))
    plain = ("normal", "square", {"loc": 2.0, "scale": 1.0}, "loc", BOTH)
    problem = run.problem
    assert (
        problem.family.name,
        problem.objective.name,
        problem.theta,
        problem.parameter,
        tuple(run.estimators),
    ) != plain


def test_a_new_setting_starts_anew_and_the_same_one_goes_on() -> None:
    app = visit(PAGE)
    first = kept(app)
    app.run()
    assert kept(app) is first
    app.slider(key="normal.loc").set_value(-1.0).run()
    assert kept(fine(app)) is not first
    assert kept(app).problem.theta["loc"] == -1.0


def test_heavy_tails_are_said() -> None:
    """Student-t with 3 degrees of freedom: no variance; Cauchy: no mean of x² either."""
    text = said(fine(visit(PAGE, **{"family": "student_t", "student_t.df": "3", "student_t.gradient": "scale"})))
    assert text.count("**infinite**") == 2
    assert "intervals hold" not in text
    text = said(fine(visit(PAGE, family="cauchy")))
    assert "There is no exact gradient: E[f] does not exist" in text
    assert text.count("**infinite**") == 2


def test_bias_is_a_warning_and_no_comparison() -> None:
    app = fine(visit(PAGE, family="bernoulli"))
    (warning,) = app.warning
    assert ESTIMATORS["pathwise"].title in warning.value
    assert "every estimate is the same, its variance is exactly 0" in warning.value
    assert "times**" not in warning.value


def test_coupled_samples_are_left_out_in_words() -> None:
    app = fine(visit(PAGE, estimators=["leave_one_out", "pathwise"]))
    assert tuple(kept(app).estimators) == ("pathwise",)
    assert "its samples are coupled" in said(app)
    alone = fine(visit(PAGE, estimators=["leave_one_out"]))
    assert tuple(kept(alone).estimators) == BOTH


def test_overflow_is_said() -> None:
    app = visit(PAGE, objective="formula", f="exp(exp(x**2))")
    assert not app.exception
    (error,) = app.error
    assert "leave the range of the numbers" in error.value


@pytest.mark.parametrize("theta", ["nan", "1e999", "9", "", "<b>"])
def test_a_bad_theta_is_the_notebooks(theta: str) -> None:
    app = fine(visit(PAGE, **{"normal.loc": theta}))
    assert kept(app).problem.theta["loc"] == 2.0
