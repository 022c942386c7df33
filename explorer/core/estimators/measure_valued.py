"""Measure-valued estimators: the derivative of q as a difference of two laws; f is asked for at two points."""

from __future__ import annotations

from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import Integration, estimator
from explorer.core.families.family import Family

_SURVEY = "Pflug 1989; Mohamed, Rosca, Figurnov & Mnih 2020, Section 6"


def _parameters(family: Family) -> tuple[str, ...]:
    return tuple(family.weak)


def _extras(family: Family) -> tuple[str, ...]:
    return () if family.discrete else ("exponential",)


def _points(draw: Draw, name: str) -> tuple[Tensor, Tensor]:
    """x_plus and x_minus, coupled."""
    weak = draw.family.weak[name]
    # The discrete decompositions need nothing beside x.
    extra = draw.x if draw.family.discrete else draw.exponential
    return (
        weak.plus(draw.x, draw.eps, extra, draw.theta),
        weak.minus(draw.x, draw.eps, extra, draw.theta),
    )


def _plus(draw: Draw, name: str) -> Tensor:
    return draw.family.weak[name].constant(draw.theta) * draw.value_at(_points(draw, name)[0])


def _minus(draw: Draw, name: str) -> Tensor:
    return -draw.family.weak[name].constant(draw.theta) * draw.value_at(_points(draw, name)[1])


@estimator(
    "measure_valued",
    "Measure-valued, coupled",
    latex=r"c_\theta\left(f(x^+) - f(x^-)\right)",
    source=_SURVEY,
    evaluations=2,
    covers=_parameters,
    integration=Integration(_extras, f_points=_points),
    remainder="drops out",
)
def measure_valued(draw: Draw, name: str) -> Tensor:
    """c (f(x+) - f(x-)) with x+ and x- made of the same random numbers. Needs no derivative of f."""
    return _plus(draw, name) + _minus(draw, name)


@estimator(
    "measure_valued_independent",
    "Measure-valued, independent",
    latex=r"c_\theta\left(f(x^+) - f(\tilde x^-)\right)",
    source=_SURVEY,
    evaluations=2,
    covers=_parameters,
    integration=Integration(_extras, f_points=_points, halves=(_plus, _minus)),
)
def measure_valued_independent(draw: Draw, name: str) -> Tensor:
    """The same difference with x+ and x- drawn apart: what the coupling is worth."""
    return _plus(draw, name) + _minus(draw.second, name)
