"""The exact mean and variance of one sample of any estimator, for many thetas at once.

Both are integrals over the noise in float64 (`quadrature`); the variance is the integral of the estimator's own
function, so it is exact for a biased estimator too. Where an integral does not exist, that is decided first (`tails`),
and the answer is infinite.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from explorer.core.estimators import Estimator
from explorer.core.estimators.contract import NO_MEAN, GradientFunction, Moments
from explorer.core.expectations.quadrature import QuadratureError, expect
from explorer.core.expectations.space import Rows, Space
from explorer.core.expectations.tails import exists, finite_order, full
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import Integrals, faulty
from explorer.core.objectives.objective import Objective


@isolated
def moments(
    family: Family, objective: Objective, method: Estimator, theta: Rows, name: str, values: Rows | None = None
) -> Moments:
    """Exact moments of one sample for the parameter `name`, at each row of theta and of f's `values`, (R,) each."""
    space = space_of(family, objective, method, theta, name, values)
    if space.mirrored and method.needs_pathwise and family.steep is not None and bool(family.steep(theta).any()):
        raise QuadratureError(f"the variance of pairs of paths is not known: {family.title} is too steep in its noise")
    if method.integration.coupling is not None:
        return method.integration.coupling.moments(space, name)
    found = [_moments_of(space, part, name) for part in method.parts]
    mean, variance = sum(part.mean for part in found), sum(part.variance for part in found)
    faults = [next(filter(None, reasons), "") for reasons in zip(*(part.faults for part in found), strict=True)]
    return Moments(torch.as_tensor(mean), torch.as_tensor(variance), torch.as_tensor(variance), faults)


def space_of(
    family: Family, objective: Objective, method: Estimator, theta: Rows, name: str, values: Rows | None = None
) -> Space:
    """What an estimator's samples for the parameter `name` are integrated over."""
    integration = method.integration
    other_thetas, f_points, extras = integration.other_thetas, integration.f_points, integration.extras(family)
    return Space(
        family,
        objective,
        theta,
        values or {},
        extras,
        other_thetas=None if other_thetas is None else lambda rows: other_thetas(family, rows, name),
        mirrored=integration.mirrored,
        f_points=None if f_points is None or not extras else lambda draw: f_points(draw, name),
    )


def finite_moments(method: Estimator, space: Space, name: str) -> Tensor:
    """The order below which the moments of one sample, for the parameter `name`, are finite: (R,)."""
    orders = [finite_order(space, lambda draw, part=part: part(draw, name)) for part in method.parts]  # type: ignore[misc]
    return torch.stack(orders).amin(0)


def _moments_of(space: Space, function: GradientFunction, name: str) -> Moments:
    order = finite_order(space, lambda draw: function(draw, name))
    has_mean, has_variance = exists(order, 1), exists(order, 2)
    if not has_mean.any():
        lost = torch.full_like(order, math.nan)
        return Moments(lost, lost, lost, [NO_MEAN] * len(order))
    try:
        found = expect(space, lambda draw: [full(function(draw, name), draw)])
        centre = found.values[0]
        faults = list(found.faults)
        squares = _squares(space, function, name, centre)
    except QuadratureError as error:
        lost = torch.full_like(order, math.nan)
        return Moments(lost, lost, lost, [str(error)] * len(order))
    # The rounding of the mean alone leaves up to this much: below it the variance is 0.
    least = (64 * torch.finfo(torch.float64).eps * centre).square()
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


def _squares(space: Space, function: GradientFunction, name: str, centre: Tensor) -> Integrals:
    """E of the squared deviation from each row's mean."""
    known = centre.nan_to_num()
    return expect(space, lambda draw: [(full(function(draw, name), draw) - draw.of_row(known)).square()])
