"""What the registries are tested at, and an independent account of each family by scipy.

Whoever adds a family adds one line to SCIPY, or to SCIPY_VECTORS; everything else follows from the registries.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import special, stats

from explorer.core import families
from explorer.core.device import generator_for
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.objectives.objective import Objective

Theta = Mapping[str, float]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Kumaraswamy:
    """1 - F(x) = (1 - x**a)**b on [0, 1]."""

    a: float
    b: float

    def logpdf(self, x: Any) -> Any:
        log_x = np.log(x)
        return np.log(self.a * self.b) + (self.a - 1) * log_x + (self.b - 1) * np.log(-np.expm1(self.a * log_x))

    def pdf(self, x: Any) -> Any:
        return np.where((x > 0) & (x < 1), np.exp(self.logpdf(np.clip(x, 1e-300, 1 - 2**-53))), 0.0)

    def cdf(self, x: Any) -> Any:
        return -np.expm1(self.b * np.log1p(-(np.clip(x, 0, 1 - 2**-53) ** self.a)))

    def sf(self, x: Any) -> Any:
        return np.exp(self.b * np.log1p(-(np.clip(x, 0, 1 - 2**-53) ** self.a)))

    def support(self) -> tuple[float, float]:
        return 0.0, 1.0


@dataclass(frozen=True)
class _VonMises:
    """On [-pi, pi] whatever the mode, F being measured from -pi: Gauss-Legendre sums of positive terms."""

    loc: float
    kappa: float

    def logpdf(self, x: Any) -> Any:
        return self.kappa * (np.cos(x - self.loc) - 1) - np.log(2 * np.pi * special.ive(0, self.kappa))

    def pdf(self, x: Any) -> Any:
        return np.where(np.abs(x) <= np.pi, np.exp(self.logpdf(x)), 0.0)

    def _between(self, low: Any, high: Any) -> Any:
        nodes, weights = np.polynomial.legendre.leggauss(50)
        half = 0.5 * np.asarray(high - low)[..., None]
        return half[..., 0] * (np.exp(self.logpdf(np.asarray(low)[..., None] + half * (nodes + 1))) @ weights)

    def cdf(self, x: Any) -> Any:
        return self._between(-np.pi, np.clip(x, -np.pi, np.pi))

    def sf(self, x: Any) -> Any:
        return self._between(np.clip(x, -np.pi, np.pi), np.pi)

    def support(self) -> tuple[float, float]:
        return -np.pi, np.pi


class _Mixture:
    """0.4 N(loc_1, scale_1) + 0.6 N(loc_2, scale_2)."""

    def __init__(self, loc_1: float, scale_1: float, loc_2: float, scale_2: float) -> None:
        self.parts = (0.4, stats.norm(loc_1, scale_1)), (0.6, stats.norm(loc_2, scale_2))

    def pdf(self, x: Any) -> Any:
        return sum(weight * part.pdf(x) for weight, part in self.parts)

    def logpdf(self, x: Any) -> Any:
        return np.logaddexp(*(np.log(weight) + part.logpdf(x) for weight, part in self.parts))

    def cdf(self, x: Any) -> Any:
        return sum(weight * part.cdf(x) for weight, part in self.parts)

    def sf(self, x: Any) -> Any:
        return sum(weight * part.sf(x) for weight, part in self.parts)

    def support(self) -> tuple[float, float]:
        return -np.inf, np.inf


def _categorical(**logits: float) -> Any:
    return stats.rv_discrete(values=(np.arange(3), special.softmax([logits[f"logits_{i}"] for i in (1, 2, 3)])))


def _multivariate_normal(
    loc_1: float, loc_2: float, scale_tril_11: float, scale_tril_21: float, scale_tril_22: float
) -> Any:
    lower = np.array([[scale_tril_11, 0.0], [scale_tril_21, scale_tril_22]])
    return stats.multivariate_normal([loc_1, loc_2], lower @ lower.T)


SCIPY: dict[str, Callable[..., Any]] = {
    "normal": lambda loc, scale: stats.norm(loc, scale),
    "laplace": lambda loc, scale: stats.laplace(loc, scale),
    "logistic": lambda loc, scale: stats.logistic(loc, scale),
    "gumbel": lambda loc, scale: stats.gumbel_r(loc, scale),
    "cauchy": lambda loc, scale: stats.cauchy(loc, scale),
    "uniform": lambda low, high: stats.uniform(low, high - low),
    "exponential": lambda rate: stats.expon(scale=1 / rate),
    "weibull": lambda scale, concentration: stats.weibull_min(concentration, scale=scale),
    "pareto": lambda scale, alpha: stats.pareto(alpha, scale=scale),
    "kumaraswamy": lambda concentration1, concentration0: _Kumaraswamy(concentration1, concentration0),
    "log_normal": lambda loc, scale: stats.lognorm(scale, scale=np.exp(loc)),
    "gamma": lambda concentration, rate: stats.gamma(concentration, scale=1 / rate),
    "beta": lambda concentration1, concentration0: stats.beta(concentration1, concentration0),
    "student_t": lambda df, loc, scale: stats.t(df, loc, scale),
    "von_mises": lambda loc, concentration: _VonMises(loc, concentration),
    "normal_mixture": _Mixture,
    "bernoulli": lambda probs: stats.bernoulli(probs),
    "categorical": _categorical,
    "poisson": lambda rate: stats.poisson(rate),
}
"""theta, by torch's names -> the frozen scipy distribution of a scalar family."""

SCIPY_VECTORS: dict[str, Callable[..., Any]] = {
    "multivariate_normal": _multivariate_normal,
    "dirichlet": lambda **theta: stats.dirichlet([theta[f"concentration_{i}"] for i in (1, 2, 3)]),
}

EVERY = list(FAMILIES.values())
SCALAR = list(families.SCALAR.values())
VECTORS = [family for family in EVERY if family.size > 1]
WITH_A_ROUTE = [family for family in EVERY if family.route != "none"]
WITHOUT_A_ROUTE = [family for family in EVERY if family.route == "none"]


def defaults(family: Family) -> dict[str, float]:
    return {parameter.name: parameter.default for parameter in family.parameters}


def corners(family: Family) -> list[dict[str, float]]:
    """The defaults, and corners of the sliders' box that the family allows.

    Of one or two parameters every corner; of more, all low, all high, and low and high by turns.
    """
    names = [parameter.name for parameter in family.parameters]
    sliders = [parameter.slider for parameter in family.parameters]
    chosen = list(itertools.product(*sliders))
    if len(names) > 2:
        by_turns = tuple(slider[i % 2] for i, slider in enumerate(sliders))
        chosen = [chosen[0], chosen[-1], by_turns]
    ends = [dict(zip(names, values, strict=True)) for values in chosen]
    return [defaults(family), *(theta for theta in ends if not family.fault(theta))]


def variants(objective: Objective) -> list[Objective]:
    """The objective at its defaults and at both ends of each slider."""
    ends = [
        objective.at(**{**objective.values, parameter.name: value})
        for parameter in objective.parameters
        for value in parameter.slider
    ]
    return [objective, *ends]


def label(theta: Theta) -> str:
    return ",".join(f"{name}={value:g}" for name, value in theta.items())


def at_corners(families: list[Family]) -> Any:
    """Parametrises a test by (family, theta)."""
    return pytest.mark.parametrize(
        ("family", "theta"),
        [
            pytest.param(family, theta, id=f"{family.name}-{label(theta)}")
            for family in families
            for theta in corners(family)
        ],
    )


def draws(
    family: Family, theta: Theta, n: int, seed: int
) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    """eps, x and theta in float64; eps from the family's own noise."""
    eps = draw_noise(family, n, generator_for(seed, torch.device("cpu"))).double()
    values = family.tensors(theta, eps)
    return eps, family.transform(eps, values), values


def moved(theta: Theta, name: str, by: float) -> dict[str, float]:
    return {**theta, name: theta[name] + by}


_STENCIL = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
"""Central difference of order 8: derivative = sum of c_j (f(+j h) - f(-j h)) / h, truncation error h**8 f⁽⁹⁾ / 630."""


def difference(function: Callable[[float], Any], step: float) -> Any:
    """The derivative of `function` at 0 by central differences of order 8."""
    terms: Iterator[Any] = (
        weight * (function(j * step) - function(-j * step)) for j, weight in enumerate(_STENCIL, start=1)
    )
    return sum(terms) / step
