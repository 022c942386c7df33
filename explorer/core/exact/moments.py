"""The exact mean and variance of one sample of any estimator, for many thetas at once.

Both are integrals over the noise in float64 (`quadrature`); the variance is the integral of the estimator's own
function, so it is exact for a biased estimator too. Where a tail is too heavy for an integral to exist, that is decided
first, from how fast the integrand grows against how fast the tail falls, and the answer is infinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators import Estimator
from explorer.core.exact.tails import full, growth
from explorer.core.expectations.quadrature import QuadratureError, Rows, Space
from explorer.core.families.family import Family
from explorer.core.numerics.panels import faulty
from explorer.core.objectives.objective import Objective

NO_MEAN = "its mean does not exist: the tails are too heavy"
_CENTRE = "mean of the row"
"""Rides along with f's own values, so that each row of a batch is squared about its own mean."""


@dataclass(frozen=True)
class Moments:
    """Of one sample of an estimator, for R rows, (R,) each. NaN where `faults` gives a reason; variance may be inf.

    `spread` is n times the variance of the mean of n samples: the variance, but for samples that are coupled.
    """

    mean: Tensor
    variance: Tensor
    spread: Tensor
    faults: list[str]


def moments(
    family: Family, objective: Objective, method: Estimator, theta: Rows, name: str, values: Rows | None = None
) -> Moments:
    """Exact moments of one sample for the parameter `name`, at each row of theta and of f's `values`, (R,) each."""
    if method.group > 1:
        return _leave_one_out(Space(family, objective, theta, values or {}), name, method.group)
    parts: Sequence[Callable[[Draw, str], Tensor]] = method.halves or (method.function,)
    found = [_moments_of(family, objective, method, part, theta, name, values or {}) for part in parts]
    mean, variance = sum(part.mean for part in found), sum(part.variance for part in found)
    faults = [next(filter(None, reasons), "") for reasons in zip(*(part.faults for part in found), strict=True)]
    return Moments(torch.as_tensor(mean), torch.as_tensor(variance), torch.as_tensor(variance), faults)


def space_of(
    family: Family, objective: Objective, method: Estimator, theta: Rows, name: str, values: Rows | None = None
) -> Space:
    """What an estimator's samples for the parameter `name` are integrated over."""
    others, looks, extras = method.others, method.looks, method.extras(family)
    return Space(
        family,
        objective,
        theta,
        values or {},
        extras,
        others=None if others is None else lambda rows: others(family, rows, name),
        mirrored=method.mirrored,
        looks=None if looks is None or not extras else lambda draw: looks(draw, name),
    )


def _moments_of(
    family: Family,
    objective: Objective,
    method: Estimator,
    function: Callable[[Draw, str], Tensor],
    theta: Rows,
    name: str,
    values: Rows,
) -> Moments:
    space = space_of(family, objective, method, theta, name, values)
    order, tail = growth(space, lambda draw: function(draw, name))
    has_mean, has_variance = order < tail, 2 * order < tail
    try:
        found = space.expect(lambda draw: [full(function(draw, name), draw)])
        centre = found.values[0]
        faults = list(found.faults)
        squares = _squares(space, function, name, centre)
    except QuadratureError as error:
        lost = torch.full_like(order, math.nan)
        return Moments(lost, lost, lost, [str(error)] * len(order))
    # What the rounding of the mean leaves, to either side of nought, is no variance.
    least = (4 * torch.finfo(torch.float64).eps * centre).square()
    variance = squares.values[0].masked_fill(squares.values[0] <= least, 0.0)
    variance = torch.where(has_variance, variance, math.inf)
    for row, (mean_exists, finite) in enumerate(zip(has_mean.tolist(), has_variance.tolist(), strict=True)):
        if not mean_exists:
            faults[row] = NO_MEAN
        elif finite:
            faults[row] = faults[row] or squares.faults[row]
    lost = faulty(faults)
    mean, variance = centre.masked_fill(lost, math.nan), variance.masked_fill(lost, math.nan)
    return Moments(mean, variance, variance, faults)


def _squares(space: Space, function: Callable[[Draw, str], Tensor], name: str, centre: Tensor) -> Any:
    """E of the squared deviation from each row's mean."""

    def deviation(draw: Draw) -> list[Tensor]:
        return [(full(function(draw, name), draw) - draw.objective.values[_CENTRE]).square()]

    return _about(space, centre).expect(deviation)


def _about(space: Space, centre: Tensor) -> Space:
    """The space with each row's mean beside f's values."""
    return replace(space, values={**space.values, _CENTRE: centre.nan_to_num()})


def _leave_one_out(space: Space, name: str, group: int) -> Moments:
    """A sample's baseline is independent of it, so E[(f - mean of others)² s²] splits.

    With m = E f: E[(f - m)² s²] + Var f / (group - 1) E[s²]. Two samples of a group have the covariance
    E[f s]² / (group - 1)², from the terms in which each enters the other's baseline.
    """
    faults = [""] * space.n_rows
    order, tail = growth(space, lambda draw: draw.f * draw.score(name))
    of_f, _ = growth(space, lambda draw: draw.f)
    first = space.expect(lambda draw: [draw.f, draw.f * draw.score(name), draw.score(name)])
    mean_f, mean_fs, mean_s = first.values

    def integrands(draw: Draw) -> list[Tensor]:
        deviation, score = draw.f - draw.objective.values[_CENTRE], draw.score(name)
        return [(deviation * score).square(), deviation.square(), score.square(), deviation * score.square()]

    second = _about(space, mean_f).expect(integrands)
    centred, variance_f, score_squared, _ = second.values
    mean = mean_fs - mean_f * mean_s
    variance = (centred + variance_f * score_squared / (group - 1) - mean.square()).clamp(min=0)
    finite = (2 * order < tail) & (2 * of_f < tail)
    for row, fault in enumerate(first.faults):
        faults[row] = fault or (second.faults[row] if finite[row] else "")
        if not order[row] < tail[row]:
            faults[row] = NO_MEAN
    variance = torch.where(finite, variance, math.inf)
    lost = faulty(faults)
    mean, variance = mean.masked_fill(lost, math.nan), variance.masked_fill(lost, math.nan)
    return Moments(mean, variance, variance + mean_fs.square() / (group - 1), faults)
