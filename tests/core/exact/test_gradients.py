"""Exact answers against closed forms and against scipy's own quadrature."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import integrate, special

from explorer.core.by_name import exact_gradient, exact_value, exact_variance
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from tests.core.cases import SCALAR, SCIPY, Theta, corners, difference, label, moved, variants

Expectation = Callable[..., Any]


def _erf_between(low: Any, high: Any, k: float) -> Any:
    """The integral of exp(-k x**2) from low to high."""
    root = math.sqrt(k)
    return math.sqrt(math.pi) / (2 * root) * (special.erf(root * high) - special.erf(root * low))


CLOSED_FORMS: dict[tuple[str, str], Expectation] = {
    ("normal", "square"): lambda loc, scale: loc**2 + scale**2,
    ("normal", "shifted_square"): lambda loc, scale, k: (loc - k) ** 2 + scale**2,
    ("normal", "squared_exponential"): lambda loc, scale, k: (
        np.exp(-k * loc**2 / (1 + 2 * k * scale**2)) / np.sqrt(1 + 2 * k * scale**2)
    ),
    ("normal", "cosine"): lambda loc, scale, k: np.cos(k * loc) * np.exp(-((k * scale) ** 2) / 2),
    # 0.5 erfc, by way of the Faddeeva function: it takes complex arguments without overflow.
    ("normal", "step"): lambda loc, scale, k: _upper_tail((k - loc) / scale),
    ("laplace", "square"): lambda loc, scale: loc**2 + 2 * scale**2,
    ("laplace", "shifted_square"): lambda loc, scale, k: (loc - k) ** 2 + 2 * scale**2,
    ("laplace", "cosine"): lambda loc, scale, k: np.cos(k * loc) / (1 + (k * scale) ** 2),
    ("laplace", "step"): lambda loc, scale, k: (
        np.exp((loc - k) / scale) / 2 if k >= loc.real else 1 - np.exp((k - loc) / scale) / 2
    ),
    ("exponential", "square"): lambda rate: 2 / rate**2,
    ("exponential", "shifted_square"): lambda rate, k: 2 / rate**2 - 2 * k / rate + k**2,
    ("exponential", "squared_exponential"): lambda rate, k: (
        rate / 2 * math.sqrt(math.pi / k) * special.wofz(1j * rate / (2 * math.sqrt(k)))
    ),
    ("exponential", "cosine"): lambda rate, k: rate**2 / (rate**2 + k**2),
    ("exponential", "step"): lambda rate, k: np.exp(-rate * max(k, 0.0)),
    ("uniform", "square"): lambda low, high: (low**2 + low * high + high**2) / 3,
    ("uniform", "shifted_square"): lambda low, high, k: (
        (high - k) ** 2 / 3 + (high - k) * (low - k) / 3 + (low - k) ** 2 / 3
    ),
    ("uniform", "squared_exponential"): lambda low, high, k: _erf_between(low, high, k) / (high - low),
    ("uniform", "cosine"): lambda low, high, k: (np.sin(k * high) - np.sin(k * low)) / (k * (high - low)),
    ("uniform", "step"): lambda low, high, k: (
        (high - (k if low.real < k else low)) / (high - low) if k < high.real else 0 * high
    ),
    ("log_normal", "square"): lambda loc, scale: np.exp(2 * loc + 2 * scale**2),
    ("log_normal", "shifted_square"): lambda loc, scale, k: (
        np.exp(2 * loc + 2 * scale**2) - 2 * k * np.exp(loc + scale**2 / 2) + k**2
    ),
    ("log_normal", "step"): lambda loc, scale, k: _upper_tail((math.log(k) - loc) / scale) if k > 0 else 1 + 0 * loc,
    ("bernoulli", "square"): lambda probs: probs,
    ("bernoulli", "shifted_square"): lambda probs, k: (1 - probs) * k**2 + probs * (1 - k) ** 2,
    ("bernoulli", "squared_exponential"): lambda probs, k: 1 - probs + probs * math.exp(-k),
    ("bernoulli", "cosine"): lambda probs, k: 1 - probs + probs * math.cos(k),
    ("bernoulli", "step"): lambda probs, k: (1 - probs) * (k < 0) + probs * (k < 1),
}
"""E_q[f(x)] as an analytic function of theta; its gradient is taken with a complex step, so to rounding."""


def _upper_tail(z: Any) -> Any:
    """1 - Phi(z) for complex z, by the Faddeeva function, which does not overflow."""
    z = z / math.sqrt(2)
    if z.real < 0:
        return 1 - 0.5 * np.exp(-(z**2)) * special.wofz(-1j * z)
    return 0.5 * np.exp(-(z**2)) * special.wofz(1j * z)


def closed_gradient(form: Expectation, theta: Theta, objective: Objective) -> dict[str, float]:
    step = 1e-30
    point = {name: complex(value) for name, value in theta.items()}
    return {
        name: float(np.imag(form(**{**point, name: point[name] + 1j * step}, **objective.values)) / step)
        for name in theta
    }


def expectation_by_scipy(family: Family, objective: Objective, theta: Theta) -> float:
    """E_q[f(x)] by scipy's tanh-sinh quadrature between quantiles."""
    law = SCIPY[family.name](**theta)
    points = law.isf([1 - 1e-18, 0.999, 0.9, 0.5, 0.1, 1e-3, 1e-6, 1e-9, 1e-15, 1e-18])
    low = law.ppf(1e-18)
    ends = [low, *sorted({float(point) for point in points[1:] if point > low})]

    def integrand(x: np.ndarray) -> np.ndarray:
        return objective(torch.from_numpy(x)).numpy() * law.pdf(x)

    found = integrate.tanhsinh(integrand, np.array(ends[:-1]), np.array(ends[1:]), atol=1e-14, rtol=1e-13)
    return math.fsum(found.integral)


@pytest.mark.parametrize(
    ("family", "objective"),
    [
        pytest.param(FAMILIES[family], variant, id=f"{family}-{objective}-{label(variant.values)}")
        for family, objective in CLOSED_FORMS
        for variant in variants(OBJECTIVES[objective])
    ],
)
def test_gradients_equal_closed_forms(family: Family, objective: Objective) -> None:
    """Every corner of the sliders, to 1e-8; pairs without a closed form are held by the test after this."""
    form = CLOSED_FORMS[family.name, objective.name]
    for theta in corners(family):
        if family.support.moves and any(jump.at in theta.values() for jump in objective.jumps):
            # A jump of f on an end of the support: the expectation has two one-sided derivatives there.
            continue
        exact = exact_gradient(family.name, objective, theta)
        for name, expected in closed_gradient(form, theta, objective).items():
            assert abs(exact[name] - expected) < 1e-8, (theta, name)
        value = float(np.real(form(**{key: complex(at) for key, at in theta.items()}, **objective.values)))
        assert abs(exact_value(family.name, objective, theta) - value) < 1e-8


@pytest.mark.parametrize(
    ("family", "objective"),
    [
        pytest.param(family, objective, id=f"{family.name}-{objective.name}")
        for family in SCALAR
        # Those whose quantiles scipy knows; a Cauchy law's expectation of the second does not exist.
        if not family.discrete and family.name not in ("cauchy", "von_mises", "kumaraswamy", "normal_mixture")
        for objective in (OBJECTIVES["squared_exponential"], OBJECTIVES["log_sum_exp"])
        if (family.name, objective.name) not in CLOSED_FORMS
    ],
)
def test_gradients_equal_differences_of_scipy_quadrature(family: Family, objective: Objective) -> None:
    """For pairs without a closed form: differences of order 8 of scipy's E_q[f(x)], to 1e-8."""
    theta = corners(family)[0]
    exact = exact_gradient(family.name, objective, theta)
    for name in theta:
        expected = difference(
            lambda by, name=name: expectation_by_scipy(family, objective, moved(theta, name, by)), 0.01
        )
        assert abs(exact[name] - expected) < 1e-7


def test_kinks_that_nobody_named_are_found() -> None:
    """|x - 0.3| under N(0, 1): the gradient is 2 Phi(-0.3) - 1."""
    ramp = Objective("ramp", "|x − 0.3|", "", lambda x, values: (x - 0.3).abs(), "a kink")
    exact = exact_gradient("normal", ramp, {"loc": 0.0, "scale": 1.0})
    assert abs(exact["loc"] - (2 * special.ndtr(-0.3) - 1)) < 1e-8
    assert abs(exact["scale"] - 2 * math.exp(-0.045) / math.sqrt(2 * math.pi)) < 1e-8


def test_a_peak_as_narrow_as_is_allowed() -> None:
    sharp = OBJECTIVES["squared_exponential"].at(k=999.0)
    for theta in corners(FAMILIES["normal"]):
        expected = closed_gradient(CLOSED_FORMS["normal", "squared_exponential"], theta, sharp)
        assert exact_gradient("normal", sharp, theta) == pytest.approx(expected, abs=1e-8)


def test_a_cauchy_expectation_that_exists() -> None:
    """P(x > k) = 1/2 - atan((k - loc) / scale) / pi."""
    exact = exact_gradient("cauchy", OBJECTIVES["step"].at(k=2.0), {"loc": 0.0, "scale": 1.0})
    assert exact == pytest.approx({"loc": 1 / (5 * math.pi), "scale": 2 / (5 * math.pi)}, abs=1e-9)


def test_closed_gradients_of_new_families() -> None:
    """Gamma: E x² = a (a + 1) / b². Poisson: rate + rate². Beta: E x = a / (a + b). Dirichlet: sum of x is 1."""
    assert exact_gradient("gamma", "square", {"concentration": 3.0, "rate": 2.0}) == pytest.approx(
        {"concentration": 7 / 4, "rate": -2 * 12 / 8}, abs=1e-8
    )
    assert exact_gradient("poisson", "square", {"rate": 3.0}) == pytest.approx({"rate": 7.0}, abs=1e-8)
    assert exact_gradient("beta", "identity", {"concentration1": 2.0, "concentration0": 3.0}) == pytest.approx(
        {"concentration1": 3 / 25, "concentration0": -2 / 25}, abs=1e-8
    )
    simplex = exact_gradient("dirichlet", "identity", {f"concentration_{i}": float(i + 1) for i in (1, 2, 3)})
    assert simplex == pytest.approx(dict.fromkeys(simplex, 0.0), abs=1e-8)


def test_two_dimensions_equal_the_closed_form() -> None:
    """E[x1² + x2²] = |loc|² + |L|²: the gradient is 2 loc and 2 L."""
    theta = {"loc_1": 1.0, "loc_2": -0.5, "scale_tril_11": 1.2, "scale_tril_21": 0.4, "scale_tril_22": 0.7}
    exact = exact_gradient("multivariate_normal", "square", theta)
    assert exact == pytest.approx({name: 2 * value for name, value in theta.items()}, abs=1e-8)
    variance = exact_variance("multivariate_normal", "square", "pathwise", theta)
    assert variance["loc_1"] == pytest.approx(4 * 1.2**2, rel=1e-9)
    assert variance["loc_2"] == pytest.approx(4 * (0.4**2 + 0.7**2), rel=1e-9)
