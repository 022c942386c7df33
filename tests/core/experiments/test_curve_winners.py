"""Turns against a solver, stretches that name true ranges, and bias of this problem and parameter."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.optimize import brentq

from explorer.core.experiments.curve_winners import ExactCurves, Turn, stretches, turns, winners
from explorer.core.experiments.variance_curves import DIMENSION, Curve
from tests.core.experiments.test_variance_curves import setting


def normal_cosine_gap(k: float, loc: float) -> float:
    """log(score-function variance / pathwise variance) for cos(kx) under N(loc, 1), in closed form."""
    gradient = -k * math.exp(-0.5 * k * k) * math.sin(k * loc)
    wave = math.exp(-2 * k * k) * math.cos(2 * k * loc)
    # E[eps² cos(2kx)] is minus the second derivative of the characteristic function at 2k.
    score = 0.5 * (1 + (1 - 4 * k * k) * wave) - gradient**2
    pathwise = 0.5 * k * k * (1 - wave) - gradient**2
    return math.log(score / pathwise)


@pytest.mark.parametrize("loc", [0.0, 1.0, -2.0])
def test_turns_are_where_a_solver_finds_them(loc: float) -> None:
    held = setting("normal", "cosine", loc=loc)
    at = held.grid("k", ("score_function", "pathwise"))
    curves = {name: held.curve(name, "k", at) for name in ("score_function", "pathwise")}
    found = turns(held, curves, "k")
    signs = [normal_cosine_gap(k, loc) > 0 for k in at.tolist()]
    cells = [i for i in range(len(at) - 1) if signs[i] != signs[i + 1]]
    assert cells
    assert len(found) == len(cells)
    for turn, i in zip(found, cells, strict=True):
        there = brentq(normal_cosine_gap, float(at[i]), float(at[i + 1]), args=(loc,), xtol=1e-13)
        assert turn.at == pytest.approx(there, abs=1e-7)
        assert turn.before == ("pathwise" if signs[i] else "score_function")
        assert turn.after != turn.before


def test_equal_curves_make_no_turn() -> None:
    held = setting("normal", "square")
    at = held.grid("loc", ())
    curves = {name: held.curve(name, "loc", at) for name in ("pathwise", "implicit_pathwise")}
    assert turns(held, curves, "loc") == []
    assert turns(held, {}, "loc") == []


def test_the_least_of_equals_stays_and_the_unknown_never_wins() -> None:
    inf, nan = math.inf, math.nan
    levels = torch.tensor(
        [[0.0, 1.0, 1.0, nan, inf, nan, 0.0], [1.0, 1.0, 0.0, 2.0, inf, nan, -inf]], dtype=torch.float64
    )
    assert winners(levels) == [0, 0, 1, 1, -1, -1, 1]


def test_an_infinite_stretch_makes_no_turn() -> None:
    at = torch.arange(4, dtype=torch.float64)
    one = Curve(at, torch.tensor([math.inf, math.inf, 1.0, 1.0], dtype=torch.float64), at)
    other = Curve(at, torch.tensor([2.0, 2.0, 2.0, 2.0], dtype=torch.float64), at)
    assert turns(setting(), {"score_function": one, "pathwise": other}, "loc") == []


def curve(*variances: float) -> Curve:
    at = torch.arange(len(variances), dtype=torch.float64)
    return Curve(at, torch.tensor(variances, dtype=torch.float64), at)


def test_stretches_leave_out_where_nobody_has_a_variance() -> None:
    inf = math.inf
    curves = {"score_function": curve(inf, inf, inf, 9, 9, 1), "pathwise": curve(inf, 4, inf, 4, 4, 4)}
    passing = [Turn(4.5, "pathwise", "score_function")]
    found = [(each.estimator, each.low, each.high) for each in stretches(curves, passing)]
    assert found == [("pathwise", 1, 1), ("pathwise", 3, 4.5), ("score_function", 4.5, 5)]
    assert stretches({}, []) == []


@pytest.mark.parametrize(
    ("family", "objective", "parameter", "axis", "estimator", "size"),
    [
        ("pareto", "identity", "alpha", "alpha", "score_function", 0.0),
        ("normal", "square", "loc", "loc", "finite_differences", 0.0),
        ("normal", "step", "loc", "loc", "pathwise", -((2 * math.pi) ** -0.5)),
        # Uniform(0, b), f(b) - E f over b is the gradient, -E f / b the score's mean: off by -f(b) / b.
        ("uniform", "square", "high", "high", "score_function", None),
    ],
)
def test_bias_is_of_this_problem_and_parameter(
    family: str, objective: str, parameter: str, axis: str, estimator: str, size: float | None
) -> None:
    held = setting(family, objective, parameter)
    found = ExactCurves.of(held, axis, (estimator, "measure_valued" if objective == "step" else "pathwise"))
    biases, at = found.biases[estimator], found.curves[estimator].at
    if size is None:
        low = held.problem.theta["low"]
        assert biases.tolist() == pytest.approx((-(at**2) / (at - low)).tolist(), rel=1e-7)
    else:
        known = biases[~biases.isnan()]
        assert float(known[known.abs().argmax()]) == pytest.approx(size, rel=1e-9)
    assert (estimator in found.unbiased) == (size == 0.0)


def test_finite_differences_may_win_on_a_parabola() -> None:
    held = setting("normal", "square", "loc")
    found = ExactCurves.of(held, "loc", ("score_function", "finite_differences"))
    assert found.unbiased == ("score_function", "finite_differences")
    assert {each.estimator for each in found.stretches} == {"finite_differences"}


def test_a_score_that_forgets_an_edge_is_worse_in_more_dimensions() -> None:
    """Uniform(0, b), x: at one dimension the bias is -f(b) / b = -1, and each further one adds -E x / b = -1/2."""
    held = setting("uniform", "identity", "high", low=0.0, high=1.0)
    found = ExactCurves.of(held, DIMENSION.name, ("score_function", "pathwise"))
    at = found.curves["score_function"].at
    assert found.biases["score_function"].tolist() == pytest.approx((-1 - (at - 1) / 2).tolist(), rel=1e-9)


def test_nobody_wins_where_all_variances_underflow() -> None:
    curves = {"score_function": curve(0, 2e-300, 2e-9, 1), "pathwise": curve(0, 1e-300, 1e-9, 2)}
    found = [(each.estimator, each.low, each.high) for each in stretches(curves, [])]
    assert found == [("pathwise", 1, 2), ("score_function", 3, 3)]
    part_known = {"score_function": curve(2, math.nan, 2), "pathwise": curve(3, 3, 3)}
    found = [(each.estimator, each.low, each.high) for each in stretches(part_known, [])]
    assert found == [("score_function", 0, 0), ("score_function", 2, 2)]
    # Samples that are all alike are another matter.
    still = {"pathwise": curve(0, 0), "implicit_pathwise": curve(0, 0)}
    assert [(each.estimator, each.low, each.high) for each in stretches(still, [])] == [("pathwise", 0, 1)]
