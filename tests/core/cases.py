"""What the registries are tested at, and an independent account of each family by scipy.

Whoever adds a family adds one line to SCIPY; everything else follows from the registries.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from explorer.core.families import FAMILIES, Family
from explorer.core.objectives import Objective

Theta = Mapping[str, float]
Floats = NDArray[np.float64]

SCIPY: dict[str, Callable[..., Any]] = {
    "normal": lambda loc, scale: stats.norm(loc, scale),
    "laplace": lambda loc, scale: stats.laplace(loc, scale),
    "exponential": lambda rate: stats.expon(scale=1 / rate),
    "uniform": lambda low, high: stats.uniform(low, high - low),
    "log_normal": lambda loc, scale: stats.lognorm(scale, scale=np.exp(loc)),
    "bernoulli": lambda probs: stats.bernoulli(probs),
}
"""theta, by torch's names -> the frozen scipy distribution."""

WITH_A_ROUTE = [family for family in FAMILIES.values() if family.route != "none"]
WITHOUT_A_ROUTE = [family for family in FAMILIES.values() if family.route == "none"]


def defaults(family: Family) -> dict[str, float]:
    return {parameter.name: parameter.default for parameter in family.parameters}


def corners(family: Family) -> list[dict[str, float]]:
    """The defaults, and each corner of the sliders' box that the family allows."""
    names = [parameter.name for parameter in family.parameters]
    ends = [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(parameter.slider for parameter in family.parameters))
    ]
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
