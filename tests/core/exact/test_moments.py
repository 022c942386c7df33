"""Exact variances of single samples: closed forms, rows in one batch, and variances that are infinite."""

import math

import pytest
import torch

from explorer.core.by_name import exact_gradient, exact_variance
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import moments
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import SCALAR


@pytest.mark.parametrize("loc", [-4.0, 0.0, 1.0, 4.0])
@pytest.mark.parametrize("scale", [0.1, 1.0, 3.0])
def test_variances_of_the_toy_problem(loc: float, scale: float) -> None:
    """N(loc, scale), f = x². With scale 1: loc⁴ + 14 loc² + 15 for the score function, 4 for pathwise."""
    theta = {"loc": loc, "scale": scale}
    score = exact_variance("normal", "square", "score_function", theta)
    ratio = loc / scale
    assert score["loc"] == pytest.approx(scale**2 * (ratio**4 + 14 * ratio**2 + 15), rel=1e-11)
    # E[(r + e)⁴ (e² - 1)²] - 4, with E e^(2, 4, 6, 8) = 1, 3, 15, 105.
    assert score["scale"] == pytest.approx(scale**2 * (2 * ratio**4 + 60 * ratio**2 + 74), rel=1e-11)
    path = exact_variance("normal", "square", "pathwise", theta)
    assert path["loc"] == pytest.approx(4 * scale**2, rel=1e-11)
    assert path["scale"] == pytest.approx(4 * loc**2 + 8 * scale**2, rel=1e-11)


@pytest.mark.parametrize("rate", [0.2, 1.0, 4.0])
def test_variances_under_an_exponential(rate: float) -> None:
    """From E x^m = m! / rate^m. Float64 knows a uniform only to 2**-53 below 1, which costs 1e-9 of x⁶."""
    score = exact_variance("exponential", "square", "score_function", {"rate": rate})["rate"]
    assert score == pytest.approx((24 - 2 * 120 + 720 - 16) / rate**6, rel=1e-8)
    path = exact_variance("exponential", "square", "pathwise", {"rate": rate})["rate"]
    assert path == pytest.approx((4 * 24 - 16) / rate**6, rel=1e-9)


@pytest.mark.parametrize(("loc", "scale"), [(-2.0, 0.1), (0.0, 0.5), (1.5, 1.0)])
def test_variance_under_a_log_normal(loc: float, scale: float) -> None:
    path = exact_variance("log_normal", "square", "pathwise", {"loc": loc, "scale": scale})["loc"]
    fourth, second = math.exp(4 * loc + 8 * scale**2), math.exp(2 * loc + 2 * scale**2)
    assert path == pytest.approx(4 * (fourth - second**2), rel=1e-9)


def test_variances_of_estimators_that_are_biased() -> None:
    """The score's on U(0, 2): f/2 whatever x is, with Var x² = 16/5 - (4/3)². A zero gradient does not vary."""
    score = exact_variance("uniform", "square", "score_function", {"low": 0.0, "high": 2.0})
    assert score == pytest.approx(dict.fromkeys(("low", "high"), (16 / 5 - 16 / 9) / 4), rel=1e-11)
    assert exact_variance("normal", "step", "pathwise", {"loc": 0.3, "scale": 1.0}) == {"loc": 0.0, "scale": 0.0}


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@torch.no_grad()
@pytest.mark.parametrize("name", ["score_function", "pathwise", "optimal_baseline", "leave_one_out", "measure_valued"])
@pytest.mark.parametrize("objective", ["cosine", "step", "absolute"])
def test_rows_in_one_batch_equal_one_by_one(name: str, objective: str) -> None:
    family, method, f = FAMILIES["normal"], ESTIMATORS[name], OBJECTIVES[objective]
    theta = {"loc": column(-1.0, 0.5, 2.0), "scale": column(0.3, 1.0, 2.0)}
    k = column(0.7, 2.0, -1.3)
    together = moments(family, f, method, theta, "loc", {"k": k})
    slope = gradients(family, f, theta, "loc", {"k": k})
    for i in range(3):
        one = {key: value[i : i + 1] for key, value in theta.items()}
        alone = moments(family, f.at(k=float(k[i])), method, one, "loc")
        torch.testing.assert_close(together.mean[i : i + 1], alone.mean, rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(together.variance[i : i + 1], alone.variance, rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(
            slope.value[i : i + 1], gradients(family, f.at(k=float(k[i])), one, "loc").value, rtol=1e-9, atol=1e-9
        )


@torch.no_grad()
@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_rows_of_every_estimator_equal_one_by_one(family: Family) -> None:
    """The defaults beside a theta a third of the way to the sliders' ends: the second row equals itself alone.

    With one smooth objective whose moments exist under every family; the vectors go the same way and take ten times
    as long.
    """
    default = {parameter.name: parameter.default for parameter in family.parameters}
    other = {p.name: p.default + (p.slider[1] - p.default) / 3 for p in family.parameters}
    assert not family.fault(other)
    both = {name: column(default[name], other[name]) for name in default}
    one = {name: column(value) for name, value in other.items()}
    objective = OBJECTIVES["squared_exponential"]
    ks = {"k": column(1.0, 0.6)}
    for method in ESTIMATORS.values():
        if family.name == "gamma" and method.integration.extras(family):
            # Half a minute: with an extra beside it, each node of each row is a quantile to be solved for.
            continue
        for name in method.covers(family)[:1]:
            together = moments(family, objective, method, both, name, ks)
            alone = moments(family, objective.at(k=0.6), method, one, name)
            for row, single in ((together.mean, alone.mean), (together.variance, alone.variance)):
                torch.testing.assert_close(row[1:], single, rtol=1e-9, atol=1e-9, msg=f"{method.name} {name}")


@pytest.mark.parametrize(("df", "bounded"), [(3.0, False), (4.0, False), (4.5, True), (9.0, True)])
def test_infinite_variances_are_infinite(df: float, bounded: bool) -> None:
    """The score of the scale is bounded far out, so x² times it has a second moment from 4 degrees of freedom on."""
    variance = exact_variance("student_t", "square", "score_function", {"df": df, "loc": 0.0, "scale": 1.0})
    assert math.isfinite(variance["scale"]) == bounded


def test_student_t_moments() -> None:
    """E x⁴ = 3 df² / ((df - 2)(df - 4)) at loc 0, scale 1; pathwise in scale is 2 x², of mean 2 df / (df - 2)."""
    df = 9.0
    theta = {"df": df, "loc": 0.0, "scale": 1.0}
    second, fourth = df / (df - 2), 3 * df * df / ((df - 2) * (df - 4))
    assert exact_gradient("student_t", "square", theta)["scale"] == pytest.approx(2 * second, abs=1e-8)
    variance = exact_variance("student_t", "square", "pathwise", theta)["scale"]
    assert variance == pytest.approx(4 * (fourth - second**2), rel=1e-7)
