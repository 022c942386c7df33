"""Which estimator when: the cells against closed forms and exact answers."""

from __future__ import annotations

import functools
import math

import pytest
from scipy import stats

from explorer.core.by_name import exact_variance
from explorer.core.experiments.which_estimator import COMPARED, SITUATIONS, Row, best_of, row_of

row = functools.cache(row_of)


def kinds(situation: str) -> dict[str, str]:
    return {name: cell.kind for name, cell in row(situation).items()}


def test_what_each_cell_is() -> None:
    assert set(kinds("smooth").values()) == {"unbiased", "undefined"}
    assert kinds("jump")["pathwise"] == kinds("support")["score_function"] == "biased"
    assert kinds("jump")["boundary_pathwise"] == kinds("support")["pathwise"] == "unbiased"
    assert kinds("discrete")["gumbel_softmax"] == kinds("discrete")["pathwise"] == "biased"
    assert kinds("discrete")["rebar"] == kinds("discrete")["leave_one_out"] == "unbiased"
    assert set(kinds("heavy").values()) == {"infinite", "undefined"}
    assert all(set(row(each)) == set(COMPARED) for each in SITUATIONS)


def test_biases_in_closed_form() -> None:
    assert row("jump")["pathwise"].bias == pytest.approx(-stats.norm.pdf(0.5))
    assert row("support")["score_function"].bias == pytest.approx(-1.0)
    assert row("discrete")["pathwise"].bias == pytest.approx(-0.2)


@pytest.mark.parametrize("situation", ["smooth", "fast", "discrete"])
def test_ratios_are_those_of_exact_variances(situation: str) -> None:
    problem, cells = SITUATIONS[situation], row(situation)
    variances = {
        name: exact_variance(problem.family.name, problem.objective, name, problem.theta)[problem.parameter]
        for name in ("score_function", "pathwise", "measure_valued")
        if cells[name].kind == "unbiased"
    }
    for name, variance in variances.items():
        assert cells[name].variance == pytest.approx(variance, abs=1e-10)
    assert min(cell.ratio for cell in cells.values() if cell.ratio) == 1.0
    assert {"smooth": 4 / 30, "fast": 25}.get(situation, 0) == pytest.approx(
        (cells["pathwise"].ratio or 0) / (cells["score_function"].ratio or math.nan), rel=1e-6
    )


def test_the_best_is_unbiased_and_least() -> None:
    found: dict[str, Row] = {each: row(each) for each in SITUATIONS}
    assert best_of(found["jump"]) == "boundary_pathwise"
    assert best_of(found["support"]) == "pathwise"
    assert best_of(found["heavy"]) == "score_function"
