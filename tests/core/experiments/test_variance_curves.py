"""Variance curves against single exact answers, closed forms and tensor-product quadrature."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.core.by_name import exact_variance
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.moments import moments
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.variance_curves import DIMENSION, SAMPLES, Setting
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import SCALAR, defaults

CPU = torch.device("cpu")


def setting(family: str = "normal", objective: str = "square", parameter: str = "loc", **theta: float) -> Setting:
    entry = FAMILIES[family]
    return Setting(Problem(entry, OBJECTIVES[objective], {**defaults(entry), **theta}, parameter))


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_a_curve_is_the_exact_variance_at_each_point(family: Family) -> None:
    """Along the first parameter, and along f's own."""
    first = family.parameters[0].name
    held = Setting(Problem(family, OBJECTIVES["squared_exponential"], defaults(family), first))
    for axis in (first, "k"):
        at = held.grid(axis, ("pathwise",))[[3, 20]]
        for name in ("score_function", "pathwise"):
            curve = held.curve(name, axis, at)
            for value, found in zip(at.tolist(), curve.variance.tolist(), strict=True):
                objective = held.problem.objective.at(k=value) if axis == "k" else held.problem.objective
                theta = {**held.problem.theta, axis: value} if axis == first else held.problem.theta
                row = one_row(theta)
                alone = moments(family, objective, ESTIMATORS[name], row, first)
                assert found == pytest.approx(float(alone.variance), rel=1e-8, abs=1e-9, nan_ok=True)


def test_against_the_sample_size_a_variance_falls_as_one_over_n() -> None:
    at = torch.tensor([16.0, 4096.0], dtype=torch.float64)
    assert setting(loc=2.0).curve("score_function", SAMPLES.name, at).variance.tolist() == pytest.approx(
        [87 / 16, 87 / 4096], rel=1e-9
    )
    # Coupled samples count by what the mean of a whole group is worth.
    coupled = setting(loc=2.0).curve("leave_one_out", SAMPLES.name, at).variance[0] * 16
    alone = exact_variance("normal", "square", "leave_one_out", {"loc": 2.0, "scale": 1.0})["loc"]
    assert float(coupled) == pytest.approx(alone + 4.0**2 / 7, rel=1e-9)


@pytest.mark.parametrize("name", ["score_function", "mean_baseline", "optimal_baseline", "pathwise"])
@pytest.mark.parametrize("objective", ["square", "cosine"])
@pytest.mark.parametrize("parameter", ["loc", "scale"])
def test_three_dimensions_by_a_grid_of_nodes(name: str, objective: str, parameter: str) -> None:
    """The estimator written out for a vector of three Normals, integrated over 48³ Gauss-Hermite nodes."""
    loc, scale = 0.7, 1.3
    nodes, weights = np.polynomial.hermite_e.hermegauss(48)
    weights = weights / weights.sum()
    eps = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"))
    weight = weights[:, None, None] * weights[None, :, None] * weights[None, None, :]
    x = loc + scale * eps
    f, slope = (x**2, 2 * x) if objective == "square" else (np.cos(x), -np.sin(x))
    total = f.sum(0)
    score = eps[0] / scale if parameter == "loc" else (eps[0] ** 2 - 1) / scale
    baseline = {
        "score_function": 0.0,
        "mean_baseline": (weight * total).sum(),
        "optimal_baseline": (weight * total * score**2).sum() / (weight * score**2).sum(),
    }
    if name == "pathwise":
        gradient = slope[0] * (1.0 if parameter == "loc" else eps[0])
    else:
        gradient = (total - baseline[name]) * score
    expected = (weight * gradient**2).sum() - (weight * gradient).sum() ** 2
    at = torch.tensor([3.0], dtype=torch.float64)
    found = setting("normal", objective, parameter, loc=loc, scale=scale).curve(name, DIMENSION.name, at)
    assert float(found.variance) == pytest.approx(expected, rel=1e-9)


def test_one_dimension_is_the_plain_variance() -> None:
    at = torch.tensor([1.0], dtype=torch.float64)
    for name, method in ESTIMATORS.items():
        held = setting("normal", "cosine")
        if "loc" not in method.covers(held.problem.family):
            continue
        if method.remainder == "not simple":
            with pytest.raises(QuadratureError, match="no closed form"):
                held.curve(name, DIMENSION.name, at)
        else:
            alone = exact_variance("normal", held.problem.objective, name, held.problem.theta)["loc"]
            assert float(held.curve(name, DIMENSION.name, at).variance) == pytest.approx(alone, rel=1e-9)


def test_the_dimension_is_no_axis_for_a_joint_objective() -> None:
    assert DIMENSION.name in setting().axes
    assert DIMENSION.name not in setting(objective="log_sum_exp").axes


def test_a_variance_without_bound_stays_so_in_more_dimensions() -> None:
    """f has no variance under four degrees of freedom or fewer: one more coordinate is enough."""
    held = setting("student_t", "identity", "loc", df=1.8)
    found = held.curve("score_function", DIMENSION.name, torch.tensor([1.0, 2.0], dtype=torch.float64)).variance
    assert found[0].isfinite()
    assert found[1].isinf()


def test_a_grid_holds_the_default_and_only_what_the_family_allows() -> None:
    for family in SCALAR:
        for parameter in family.parameters:
            held = Setting(Problem(family, OBJECTIVES["square"], defaults(family), parameter.name))
            for estimators in (("pathwise",), ("measure_valued",)):
                at = held.grid(parameter.name, estimators)
                assert (at - parameter.default).abs().min() < 1e-9
                assert parameter.slider[0] - 1e-9 <= at[0] < at[-1] <= parameter.slider[1] + 1e-9
                assert len(at) > 8
                for value in (float(at[0]), float(at[-1])):
                    family.check({**held.problem.theta, parameter.name: value})


def test_more_dimensions_under_a_support_that_moves() -> None:
    """Uniform(0, b), x²: the score is -1 / b, so a sample is -(x1² + … + xD²) / b, of variance 4 D b² / 45."""
    at = torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64)
    held = setting("uniform", "square", "high", low=0.0, high=1.5)
    found = held.curve("score_function", DIMENSION.name, at)
    assert found.variance.tolist() == pytest.approx([4 * n * 1.5**2 / 45 for n in (1, 2, 5)], rel=1e-9)
    assert found.mean.tolist() == pytest.approx([-n * 1.5**2 / 3 / 1.5 for n in (1, 2, 5)], rel=1e-9)
