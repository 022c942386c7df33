"""The score's size: its moments against closed forms, shares and second moments against sums over scipy's densities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import special, stats

from explorer.core.expectations.quadrature import expect
from explorer.core.expectations.space import Space
from explorer.core.experiments.score_size import (
    COMPARED,
    CONTINUOUS,
    OUTER,
    fisher_information,
    middle,
    part,
)
from explorer.core.families.family import Family
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import SCIPY, defaults, difference, moved

NOISES = {
    "normal": stats.norm(),
    "uniform": stats.uniform(),
    "laplace": stats.laplace(),
    "logistic": stats.logistic(),
    "gumbel": stats.gumbel_r(),
    "cauchy": stats.cauchy(),
    "exponential": stats.expon(),
}
EVERY = list(CONTINUOUS.values())


def test_quantiles_of_the_noise() -> None:
    noises = {family.noise.name: family.noise for family in EVERY}
    assert set(noises) == set(NOISES)
    for name, noise in noises.items():
        for p in (0.001, 0.025, 0.3, 0.5, 0.975):
            assert noise.quantile(p) == pytest.approx(NOISES[name].ppf(p), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("family", EVERY, ids=lambda family: family.name)
def test_middle_holds_all_but_the_outer_mass(family: Family) -> None:
    low, high = middle(family, one_row(defaults(family)))[0].tolist()
    law = SCIPY[family.name](**defaults(family))
    assert float(law.cdf(low)) == pytest.approx(OUTER / 2, abs=1e-9)
    assert float(law.sf(high)) == pytest.approx(OUTER / 2, abs=1e-9)


FISHER: dict[tuple[str, str], Callable[..., float]] = {
    ("normal", "loc"): lambda loc, scale: 1 / scale**2,
    ("normal", "scale"): lambda loc, scale: 2 / scale**2,
    ("laplace", "loc"): lambda loc, scale: 1 / scale**2,
    ("logistic", "loc"): lambda loc, scale: 1 / (3 * scale**2),
    ("cauchy", "loc"): lambda loc, scale: 1 / (2 * scale**2),
    ("cauchy", "scale"): lambda loc, scale: 1 / (2 * scale**2),
    ("exponential", "rate"): lambda rate: 1 / rate**2,
    ("weibull", "scale"): lambda scale, concentration: (concentration / scale) ** 2,
    ("gamma", "rate"): lambda concentration, rate: concentration / rate**2,
    ("student_t", "loc"): lambda df, loc, scale: (df + 1) / ((df + 3) * scale**2),
    ("student_t", "scale"): lambda df, loc, scale: 2 * df / ((df + 3) * scale**2),
}


@pytest.mark.parametrize(("family", "name"), FISHER)
def test_fisher_information_has_its_closed_form(family: str, name: str) -> None:
    theta = defaults(CONTINUOUS[family])
    at = torch.tensor([0.5 * theta[name], theta[name], 1.3 * theta[name]], dtype=torch.float64)
    batch = {**{key: torch.full_like(at, value) for key, value in theta.items()}, name: at}
    exact = [FISHER[family, name](**{**theta, name: value}) for value in at.tolist()]
    assert fisher_information(CONTINUOUS[family], batch, name).tolist() == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize(
    "family", [family for family in EVERY if not family.support.moves], ids=lambda family: family.name
)
def test_score_averages_to_nothing(family: Family) -> None:
    space = Space(family, OBJECTIVES["constant"], one_row(defaults(family)))
    for parameter in family.parameters:
        mean = expect(space, lambda draw, name=parameter.name: [draw.score(name)])  # type: ignore[misc]
        assert not mean.faults[0]
        assert float(mean.values) == pytest.approx(0, abs=1e-8)


def independent(family: str, name: str, estimator: str, f: Any, slope: Any) -> tuple[float, float]:
    """E[G²] and its outer share from scipy's density and distribution function alone."""
    theta = defaults(CONTINUOUS[family])
    law = SCIPY[family](**theta)

    def derivative(function: Callable[[Any], Any]) -> Any:
        return difference(lambda by: function(SCIPY[family](**moved(theta, name, by))), 1e-2 * abs(theta[name]))

    def integrand(x: Any) -> Any:
        if estimator == "score_function":
            return (f(x) * derivative(lambda each: each.logpdf(x))) ** 2 * law.pdf(x)
        # From the side on which the distribution function keeps its digits.
        lower = derivative(lambda each: each.cdf(x))
        upper = -derivative(lambda each: each.sf(x))
        path = -np.where(law.cdf(x) < 0.5, lower, upper) / np.maximum(law.pdf(x), 1e-300)
        return (slope(x) * path) ** 2 * law.pdf(x)

    low, high = middle(CONTINUOUS[family], one_row(theta))[0].tolist()
    # The log-normal tail is the longest.
    reach = (50 if family == "log_normal" else 8) * (high - low)
    left, right = max(low - reach, law.support()[0] + 1e-9), min(high + reach, law.support()[1] - 1e-9)

    def integral(start: float, end: float) -> float:
        cuts = np.linspace(start, end, 41)
        nodes, weights = special.roots_legendre(12)
        half = 0.5 * (cuts[1] - cuts[0])
        return float(half * (integrand(cuts[:-1, None] + half * (nodes + 1)) @ weights).sum())

    outer = integral(left, low) + integral(high, right)
    second = outer + integral(low, high)
    return second, outer / second


@pytest.mark.parametrize("estimator", COMPARED)
@pytest.mark.parametrize(
    ("family", "name"),
    [
        *[
            ("normal", "loc"),
            ("normal", "scale"),
            ("gumbel", "scale"),
            ("logistic", "loc"),
            ("weibull", "concentration"),
        ],
        *[("log_normal", "scale"), ("kumaraswamy", "concentration1"), ("gamma", "concentration"), ("gamma", "rate")],
        *[("beta", "concentration0"), ("von_mises", "concentration"), ("normal_mixture", "loc_1")],
    ],
)
def test_second_moment_and_its_outer_share(family: str, name: str, estimator: str) -> None:
    second, share = independent(family, name, estimator, lambda x: x**2, lambda x: 2 * x)
    found = part(CONTINUOUS[family], OBJECTIVES["square"], estimator, one_row(defaults(CONTINUOUS[family])), name)
    assert not found.faults[0]
    assert float(found.second) == pytest.approx(second, rel=1e-5)
    assert float(found.share) == pytest.approx(share, abs=1e-5)


@pytest.mark.parametrize("loc", [0.0, 1.0, -3.0])
def test_toy_problem_has_its_closed_forms(loc: float) -> None:
    """N(μ, 1) and x²: with ε beyond ±z the parts of the moments of ε are known."""
    theta = one_row({"loc": loc, "scale": 1.0})
    score, path = (part(CONTINUOUS["normal"], OBJECTIVES["square"], name, theta, "loc") for name in COMPARED)
    assert float(score.second) == pytest.approx(loc**4 + 18 * loc**2 + 15, rel=1e-10)
    assert float(path.second) == pytest.approx(4 * (loc**2 + 1), rel=1e-10)
    assert float(score.variance) == pytest.approx(loc**4 + 14 * loc**2 + 15, rel=1e-10)
    z = stats.norm.ppf(1 - OUTER / 2)
    tail = [OUTER]
    # 2 ∫_z^∞ ε^k φ = 2 z^(k-1) φ(z) + (k - 1) times the same for k - 2.
    for k in (2, 4, 6):
        tail.append(2 * z ** (k - 1) * stats.norm.pdf(z) + (k - 1) * tail[-1])
    assert float(path.share) == pytest.approx((loc**2 * tail[0] + tail[1]) / (loc**2 + 1), rel=1e-9)
    outer = loc**4 * tail[1] + 6 * loc**2 * tail[2] + tail[3]
    assert float(score.share) == pytest.approx(outer / float(score.second), rel=1e-9)


def test_infinite_and_unknown_are_told_apart() -> None:
    """Under Student-t x² s² has a mean for df > 4 only; under Cauchy x² has none at all."""
    values = torch.tensor([3.0, 8.0], dtype=torch.float64)
    theta = {"df": values, "loc": torch.ones_like(values), "scale": torch.ones_like(values)}
    found = part(CONTINUOUS["student_t"], OBJECTIVES["square"], "score_function", theta, "scale")
    assert found.second[0] == torch.inf
    assert found.share[0].isnan()
    assert found.faults == ["", ""]
    assert 0 < float(found.share[1]) < 1
    lost = part(CONTINUOUS["cauchy"], OBJECTIVES["square"], "pathwise", one_row({"loc": 0.0, "scale": 1.0}), "loc")
    assert lost.second.isnan().all()
    assert "mean does not exist" in lost.faults[0]


def test_nothing_has_no_share() -> None:
    found = part(CONTINUOUS["normal"], OBJECTIVES["constant"], "pathwise", one_row({"loc": 0.0, "scale": 1.0}), "loc")
    assert (float(found.second), found.faults) == (0.0, [""])
    assert found.share.isnan()
