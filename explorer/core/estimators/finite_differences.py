"""Finite differences in theta: they tend to the pathwise estimator, or explode."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import Integration, estimator
from explorer.core.expectations.space import Rows
from explorer.core.families.family import Family, Theta

STEP = 0.05
"""Half the distance of a finite difference; less where a parameter's range ends."""


def _step(family: Family, theta: Theta, name: str) -> Tensor:
    """Half the distance of the difference at each theta: STEP, or half the way to the end of the valid range."""
    low, high = family.parameter(name).valid
    room = 0.5 * torch.minimum(theta[name] - low, high - theta[name])
    return room.clamp(max=STEP)


def _shifted(family: Family, theta: Theta, name: str) -> tuple[Theta, Theta]:
    step = _step(family, theta, name)
    return {**theta, name: theta[name] - step}, {**theta, name: theta[name] + step}


def _both_sides(family: Family, theta: Rows, name: str) -> Sequence[Rows]:
    return _shifted(family, theta, name)


def _below(draw: Draw, name: str) -> Tensor:
    low, high = _shifted(draw.family, draw.theta, name)
    return -draw.at(low).f / (high[name] - low[name])


def _above(draw: Draw, name: str) -> Tensor:
    low, high = _shifted(draw.family, draw.theta, name)
    return draw.at(high).f / (high[name] - low[name])


@estimator(
    "finite_differences",
    "Finite differences, common noise",
    latex=r"\frac{f(g(\varepsilon; \theta + h)) - f(g(\varepsilon; \theta - h))}{2h}",
    source="Glasserman 2003, Chapter 7",
    biased=True,
    evaluations=2,
    integration=Integration(other_thetas=_both_sides),
    remainder="drops out",
)
def finite_differences(draw: Draw, name: str) -> Tensor:
    """A central difference on the same noise: tends to the pathwise estimator where there is one."""
    return _below(draw, name) + _above(draw, name)


@estimator(
    "finite_differences_independent",
    "Finite differences, independent noise",
    latex=r"\frac{f(g(\varepsilon; \theta + h)) - f(g(\varepsilon'; \theta - h))}{2h}",
    source="Glasserman 2003, Chapter 7",
    biased=True,
    evaluations=2,
    integration=Integration(other_thetas=_both_sides, halves=(_above, _below)),
)
def finite_differences_independent(draw: Draw, name: str) -> Tensor:
    """A central difference on two independent noises: its variance grows as 1/h²."""
    return _above(draw, name) + _below(draw.second, name)
