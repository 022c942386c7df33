"""Sample variances: kurtosis against scipy, chi-square ends, the coverage of the interval, the slope."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from explorer.core.numerics.sample_variance import (
    LEAST_FREEDOM,
    LEVEL,
    PowerSums,
    Spread,
    chi_square_ends,
    degrees_of_freedom,
    slope,
)


@pytest.mark.parametrize("pivot", [0.0, 3.0, 50.0])
@pytest.mark.parametrize("law", [stats.norm(3, 2), stats.expon(), stats.uniform(-1, 5), stats.bernoulli(0.02)])
def test_kurtosis_of_parts_is_that_of_all(law: object, pivot: float) -> None:
    values = torch.from_numpy(np.asarray(law.rvs(5000, random_state=4), dtype=np.float64))  # type: ignore[attr-defined]
    powers = PowerSums(pivot)
    for part in values.split([1, 999, 4000]):
        powers = powers.add(part)
    assert powers.n == 5000
    # Fourth powers about a pivot 50 away lose some seven digits of sixteen.
    assert powers.kurtosis == pytest.approx(stats.kurtosis(values.numpy()), rel=1e-6)


def test_kurtosis_of_equal_values_is_nought() -> None:
    assert PowerSums(1.0).kurtosis == 0.0
    assert PowerSums(2.0).add(torch.full((9,), 2.0, dtype=torch.float64)).kurtosis == 0.0


def test_chi_square_ends_are_scipys() -> None:
    freedom = torch.tensor([LEAST_FREEDOM, 45.3, 99.0, 1e4], dtype=torch.float64)
    for found, share in zip(chi_square_ends(freedom), ((1 - LEVEL) / 2, (1 + LEVEL) / 2), strict=True):
        np.testing.assert_allclose(found.numpy(), stats.chi2(freedom.numpy()).ppf(share), rtol=1e-9)


@pytest.mark.parametrize(("law", "kurtosis"), [(stats.norm(), 0.0), (stats.laplace(), 3.0), (stats.uniform(), -1.2)])
def test_degrees_of_freedom_give_the_variance_of_a_sample_variance(law: object, kurtosis: float) -> None:
    """Relative variance 2 / freedom, against that of 40,000 sample variances, which is known to 0.8 %."""
    values = law.rvs((40_000, 100), random_state=1)  # type: ignore[attr-defined]
    variances = values.var(axis=1, ddof=1) / law.var()  # type: ignore[attr-defined]
    assert variances.var() == pytest.approx(2 / degrees_of_freedom(100, kurtosis), rel=0.04)


def test_an_interval_that_is_missing_holds_nothing() -> None:
    assert Spread(10, 0.0, 1.0, 99.0, 0.8, 1.3).holds(1.2) is True
    assert Spread(10, 0.0, 1.0, 99.0, 0.8, 1.3).holds(1.4) is False
    assert Spread(10, 0.0, 1.0, 2.0, None, None).holds(1.0) is None


def spread(n: int, variance: float, freedom: float = 99.0) -> Spread:
    return Spread(n, 0.0, variance, freedom, 0.7 * variance, 1.4 * variance)


def test_slope_of_a_power_law_and_its_error() -> None:
    sizes = (10, 100, 1000)
    found = slope([spread(n, 3.0 * n**-0.75) for n in sizes])
    assert found is not None
    assert found[0] == pytest.approx(-0.75)
    # Equal weights: the error of one log variance over the root of the sum of squares about the middle.
    assert found[1] == pytest.approx(math.sqrt(2 / 99) / (math.log(10) * math.sqrt(2)))


def test_slope_weighs_by_what_is_known() -> None:
    x, y = np.log([10.0, 30.0, 200.0]), np.array([1.0, 0.2, -2.3])
    freedom = np.array([20.0, 99.0, 60.0])
    (expected, _), covariance = np.polyfit(x, y, 1, w=np.sqrt(freedom / 2), cov="unscaled")
    found = slope([spread(round(math.exp(a)), math.exp(b), f) for a, b, f in zip(x, y, freedom, strict=True)])
    assert found == pytest.approx((expected, math.sqrt(covariance[0, 0])))


def test_no_slope_below_two_points() -> None:
    assert slope([]) is None
    assert slope([spread(10, 1.0), Spread(30, 0.0, 1.0, 2.0, None, None), spread(90, 0.0)]) is None
