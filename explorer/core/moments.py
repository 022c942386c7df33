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
from explorer.core.family import Family
from explorer.core.integrals import faulty
from explorer.core.objectives import Objective
from explorer.core.quadrature import QuadratureError, Rows, Space

NO_MEAN = "its mean does not exist: the tails are too heavy"
_FAR = (0.6, 0.85)
"""Where in the noise's interval the growth of an integrand is read off."""
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


def full(gradient: Tensor, draw: Draw) -> Tensor:
    """A gradient for each sample of the draw, of its shape S, also where it does not depend on the noise."""
    return gradient.expand(draw.shape)


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


def growth(space: Space, integrand: Callable[[Draw], Tensor]) -> tuple[Tensor, Tensor]:
    """The power of |x| with which an integrand grows far out, to two decimals, and the family's tail index: (R,) each.

    E|h|^r is finite exactly if r times the power lies below the index. 0 and inf for a family whose moments all exist.
    """
    tail = space.tails
    if not tail.isfinite().any():
        return torch.zeros_like(tail), tail
    theta = {name: value.unsqueeze(1) for name, value in space.theta.items()}
    family, stretch = space.family, space.family.noise.stretch
    ends: tuple[Any, Any] = space.family.noise.interval
    if family.line is not None:
        ends = family.line.ends(theta)
        family, stretch = family.on_line(), _as_it_is
    objective = space.objective.in_rows({name: value.unsqueeze(1) for name, value in space.values.items()})
    power = torch.full_like(tail, -math.inf)
    for end in ends:
        sizes = []
        for share in _FAR:
            # A few points near by, so that a wave of f is not met at a zero.
            t = end * share + torch.linspace(-0.05, 0.05, 31, dtype=torch.float64)
            draw = Draw(family, objective, theta, stretch(t)[0].expand(len(tail), -1))
            h = full(integrand(draw), draw).abs().nan_to_num(nan=math.inf).max(-1).values
            sizes.append((h, draw.x.abs().median(-1).values))
        (near_h, near_x), (far_h, far_x) = sizes
        ratio = (far_h / near_h).log() / (far_x / near_x).log()
        ratio = ratio.nan_to_num(nan=math.inf, posinf=math.inf)
        # Zero throughout does not grow at all; and at an end where x does not grow there is no tail.
        ratio = torch.where((far_h == 0) | (far_x < 2 * near_x), -math.inf, ratio)
        power = torch.maximum(power, ratio)
    return torch.where(tail.isfinite(), (100 * power).round() / 100, 0.0), tail


def _as_it_is(t: Tensor) -> tuple[Tensor, Tensor]:
    return t, torch.ones_like(t)
