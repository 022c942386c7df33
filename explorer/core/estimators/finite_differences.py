"""Finite differences in theta: they tend to the pathwise estimator, or explode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import Integration, estimator
from explorer.core.expectations.space import Rows
from explorer.core.families.family import Family, Theta
from explorer.core.parameters import Parameter

_STEP = Parameter("step", "h", 0.05, (0.02, 0.5), (0.0, 10.0))


def _room(family: Family, theta: Theta, name: str, step: float) -> Tensor:
    """h at each theta: `step`, or half the way to the end of the valid range where that is less."""
    low, high = family.parameter(name).valid
    room = 0.5 * torch.minimum(theta[name] - low, high - theta[name])
    return room.clamp(max=step)


def _shifted(family: Family, theta: Theta, name: str, step: float) -> tuple[Theta, Theta]:
    h = _room(family, theta, name, step)
    return {**theta, name: theta[name] - h}, {**theta, name: theta[name] + h}


def _below(draw: Draw, name: str, step: float) -> Tensor:
    low, high = _shifted(draw.family, draw.theta, name, step)
    return -draw.at(low).f / (high[name] - low[name])


def _above(draw: Draw, name: str, step: float) -> Tensor:
    low, high = _shifted(draw.family, draw.theta, name, step)
    return draw.at(high).f / (high[name] - low[name])


def _on_common_noise(step: float) -> Integration:
    def both_sides(family: Family, theta: Rows, name: str) -> Sequence[Rows]:
        return _shifted(family, theta, name, step)

    return Integration(other_thetas=both_sides)


def _on_two_noises(step: float) -> Integration:
    return replace(_on_common_noise(step), halves=(partial(_above, step=step), partial(_below, step=step)))


@estimator(
    "finite_differences",
    "Finite differences, common noise, step {step}",
    latex=r"\frac{f(g(\varepsilon; \theta + h)) - f(g(\varepsilon; \theta - h))}{2h}",
    source="Glasserman 2003, Chapter 7",
    biased=True,
    evaluations=2,
    settings=(_STEP,),
    integration_at=_on_common_noise,
    remainder="drops out",
)
def finite_differences(draw: Draw, name: str, step: float) -> Tensor:
    """A central difference on the same noise: tends to the pathwise estimator where there is one."""
    return _below(draw, name, step) + _above(draw, name, step)


@estimator(
    "finite_differences_independent",
    "Finite differences, independent noise, step {step}",
    latex=r"\frac{f(g(\varepsilon; \theta + h)) - f(g(\varepsilon'; \theta - h))}{2h}",
    source="Glasserman 2003, Chapter 7",
    biased=True,
    evaluations=2,
    settings=(_STEP,),
    integration_at=_on_two_noises,
)
def finite_differences_independent(draw: Draw, name: str, step: float) -> Tensor:
    """A central difference on two independent noises: its variance grows as 1/h²."""
    return _above(draw, name, step) + _below(draw.second, name, step)
