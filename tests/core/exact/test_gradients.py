"""Exact answers against closed forms and against scipy's own quadrature."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import integrate, special

from explorer.core.by_name import exact_gradient, exact_value, exact_variance
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import moments
from explorer.core.expectations.quadrature import QuadratureError
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


def _objective(function: Callable[[torch.Tensor], torch.Tensor]) -> Objective:
    return Objective("made_up", "made up", "", lambda x, values: function(x), "a test")


@pytest.mark.parametrize(
    ("family", "objective", "theta", "why"),
    [
        ("normal", _objective(lambda x: 1 / x), {"loc": 0.0, "scale": 1.0}, "does not converge"),
        ("normal", _objective(lambda x: (0.6 * x.square()).exp()), {"loc": 0.0, "scale": 1.0}, "far tails"),
        ("normal", _objective(lambda x: x.square().exp()), {"loc": 0.0, "scale": 1.0}, "not finite"),
        ("normal", _objective(torch.log), {"loc": 0.0, "scale": 1.0}, "not finite"),
        ("log_normal", OBJECTIVES["square"], {"loc": 0.0, "scale": 50.0}, "not finite"),
    ],
)
def test_what_has_no_exact_value_says_so(family: str, objective: Objective, theta: Theta, why: str) -> None:
    with pytest.raises(QuadratureError, match=f"no exact value for .* under .* at loc=0, scale=.*: .*{why}"):
        exact_value(family, objective, theta)


def test_bad_arguments() -> None:
    theta = {"loc": 0.0, "scale": 1.0}
    with pytest.raises(ValueError, match="family must be one of"):
        exact_gradient("nonsense", "square", theta)
    with pytest.raises(ValueError, match="objective must be"):
        exact_gradient("normal", "nonsense", theta)
    with pytest.raises(ValueError, match="estimator must be one of"):
        exact_variance("normal", "square", "nonsense", theta)
    with pytest.raises(ValueError, match=r"scale must be a number in \(0, inf\)"):
        exact_variance("normal", "square", "pathwise", {"loc": 0.0, "scale": 0.0})
    with pytest.raises(ValueError, match=r"scale must be a number in \(0, inf\)"):
        exact_value("normal", "square", {"loc": 0.0, "scale": math.nan})


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


@pytest.mark.parametrize("objective", ["identity", "square", "absolute"])
def test_a_cauchy_expectation_that_does_not_exist(objective: str) -> None:
    with pytest.raises(QuadratureError, match="does not exist"):
        exact_gradient("cauchy", objective, {"loc": 0.0, "scale": 1.0})


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


def test_an_estimator_that_is_not_defined_is_refused() -> None:
    with pytest.raises(ValueError, match="rebar is not defined for normal"):
        exact_variance("normal", "square", "rebar", {"loc": 0.0, "scale": 1.0})
