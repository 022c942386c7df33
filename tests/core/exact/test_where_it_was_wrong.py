"""Answers that were once wrong, or refused without need, kind by kind: against closed forms."""

import math
from collections.abc import Mapping

import pytest
from scipy import special, stats

import explorer
from explorer.core.expectations.quadrature import QuadratureError

Theta = Mapping[str, float]


def at(loc: float, scale: float) -> Theta:
    return {"loc": loc, "scale": scale}


def density(x: float) -> float:
    return float(stats.norm.pdf(x))


GRADIENTS: tuple[tuple[str, str, Theta, str, float], ...] = (
    # Kinks and ramps that nobody lists.
    ("normal", "relu(x+0.4032)", at(1, 3), "loc", float(stats.norm.cdf(1.4032 / 3))),
    ("normal", "min(1, max(0, 50*(x-1.13)))", at(1, 1), "loc", 50 * float(stats.norm.cdf(0.15) - stats.norm.cdf(0.13))),
    (
        "exponential", "min(1, max(0, 100*(x-1.0833)))", {"rate": 1.0}, "rate",
        -100 * ((1.0833 + 1) * math.exp(-1.0833) - (1.0933 + 1) * math.exp(-1.0933)),
    ),
    ("multivariate_normal", "relu(x-0.3)",
     {"loc_1": 1.0, "loc_2": 0.5, "scale_tril_11": 1.0, "scale_tril_21": 0.5, "scale_tril_22": 0.8},
     "scale_tril_11", density(-0.7)),
    # Narrower than the nodes.
    ("normal", "sigmoid(100000*(x-0.3))", at(1, 1), "loc", density(0.7)),
    ("normal", "tanh(100000*(x-0.3))", at(1, 1), "loc", 2 * density(0.7)),
    ("normal", "erf(100000*(x-0.3))", at(1, 1), "loc", 2 * density(0.7)),
    ("normal", "exp(-(1000*(x-2))^2)", at(1, 1), "loc", math.sqrt(math.pi) / 1000 * density(1.0)),
    # Jumps under a support that moves.
    ("uniform", "0.5+0.5*abs(x-1)/(x-1)", {"low": 0.0, "high": 3.0}, "low", 2 / 9),
    ("uniform", "0.5+0.5*abs(x-1)/(x-1)", {"low": 0.0, "high": 3.0}, "high", 1 / 9),
    ("pareto", "x > 2", {"scale": 1.0, "alpha": 3.0}, "scale", 3 / 8),
    # Near the threshold of a tail.
    ("pareto", "x^2", {"scale": 1.0, "alpha": 2.05}, "scale", 82.0),
    ("pareto", "x^2", {"scale": 1.0, "alpha": 2.05}, "alpha", -800.0),
    ("student_t", "x^2", {"df": 2.05, "loc": 0.0, "scale": 1.0}, "df", -800.0),
    ("student_t", "x^2", {"df": 2.05, "loc": 0.0, "scale": 1.0}, "scale", 82.0),
    ("normal", "floor(x)", at(0.3, 1), "loc", 1 + 2 * sum(
        math.cos(2 * math.pi * k * 0.3) * math.exp(-2 * (math.pi * k) ** 2) for k in (1, 2))),
)  # fmt: skip


@pytest.mark.parametrize(("family", "text", "theta", "name", "right"), GRADIENTS)
def test_gradients(family: str, text: str, theta: Theta, name: str, right: float) -> None:
    assert explorer.exact_gradient(family, explorer.formula(text), theta)[name] == pytest.approx(
        right, abs=1e-8, rel=1e-8
    )


def _pareto_square(alpha: float) -> float:
    """Var of x² (1/alpha - log x) under Pareto(1, alpha), from E[x^4 log^i x] = i! alpha / (alpha - 4)^(i + 1)."""
    moments = [math.factorial(i) * alpha / (alpha - 4) ** (i + 1) for i in range(3)]
    mean = alpha * (1 / (alpha * (alpha - 2)) - 1 / (alpha - 2) ** 2)
    return moments[0] / alpha**2 - 2 * moments[1] / alpha + moments[2] - mean**2


VARIANCES: tuple[tuple[str, str, Theta, str, str, float], ...] = (
    ("pareto", "x^2", {"scale": 1.0, "alpha": 4.05}, "score_function", "alpha", _pareto_square(4.05)),
    ("gamma", "1/x", {"concentration": 1.5, "rate": 1.0}, "pathwise", "rate", math.inf),
    ("gamma", "1/x", {"concentration": 1.5, "rate": 1.0}, "score_function", "rate", math.inf),
    ("laplace", "exp(x)", {"loc": 0.0, "scale": 0.6}, "pathwise", "loc", math.inf),
    ("laplace", "exp(x)", {"loc": 0.0, "scale": 0.4}, "pathwise", "loc", 1 / 0.36 - 1 / 0.84**2),
    ("exponential", "exp(0.6*x)", {"rate": 1.0}, "pathwise", "rate", math.inf),
    ("student_t", "x^2", {"df": 4.0, "loc": 0.0, "scale": 1.0}, "pathwise", "df", math.inf),
    ("student_t", "x^2", {"df": 4.0, "loc": 0.0, "scale": 1.0}, "pathwise", "loc", 8.0),
    ("normal", "exp(x^2/4)", at(0, 1), "score_function", "loc", math.inf),
    ("normal", "sqrt(abs(x))", at(0, 1), "pathwise", "loc", math.inf),
    ("normal", "log(abs(x))", at(0, 1), "score_function", "loc",
     (2 * (special.digamma(1.5) + math.log(2)) ** 2 + 2 * special.polygamma(1, 1.5)) / 8),
    # A logistic slope: k² σ'(k u)² holds k/6, and its mean's square is taken off.
    ("normal", "sigmoid(100000*(x-0.3))", at(1, 1), "pathwise", "loc", 1e5 / 6 * density(0.7) - density(0.7) ** 2),
)  # fmt: skip


@pytest.mark.parametrize(("family", "text", "theta", "estimator", "name", "right"), VARIANCES)
def test_variances(family: str, text: str, theta: Theta, estimator: str, name: str, right: float) -> None:
    found = explorer.exact_variance(family, explorer.formula(text), estimator, theta)
    assert found[name] == pytest.approx(right, abs=1e-8, rel=1e-8)


@pytest.mark.parametrize(("family", "text"), [("normal", "1/x"), ("normal", "tan(x)"), ("cauchy", "abs(sin(x))")])
def test_what_is_not_known_is_refused_in_words(family: str, text: str) -> None:
    with pytest.raises(QuadratureError, match=r"does not (exist|converge)"):
        explorer.exact_gradient(family, explorer.formula(text), at(1, 1))


def test_one_fault_does_not_hide_another_answer() -> None:
    """The mean of log x under U(low, high) has no slope in low at 0."""
    said = r"low: f is not finite at an end of the support; high: 0\.333333"
    with pytest.raises(QuadratureError, match=said) as error:
        explorer.exact_gradient("uniform", explorer.formula("log(x)"), {"low": 0.0, "high": 3.0})
    assert error.value.known == {"high": pytest.approx(1 / 3)}
