"""The exact excess kurtosis of one sample of an estimator: how well a sample variance of it can be known."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from explorer.core.estimators import Estimator
from explorer.core.exact.moments import finite_moments, space_of
from explorer.core.expectations.quadrature import QuadratureError, expect
from explorer.core.expectations.space import Rows
from explorer.core.expectations.tails import exists, full
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import faulty
from explorer.core.objectives.objective import Objective


@isolated
def excess_kurtosis(
    family: Family, objective: Objective, method: Estimator, theta: Rows, name: str, values: Rows | None = None
) -> Tensor:
    """For the parameter `name`, at each row of theta and of f's `values`: (R,) float64.

    inf where the fourth moment is infinite, NaN where it is not known: for coupled samples, too. 0 where all samples
    are the same.
    """
    space = space_of(family, objective, method, theta, name, values)
    unknown = torch.full((space.n_rows,), math.nan, dtype=torch.float64)
    if method.integration.coupling is not None:
        return unknown
    infinite = ~exists(finite_moments(method, space, name), 4)
    variance, fourth = torch.zeros_like(unknown), torch.zeros_like(unknown)
    try:
        for part in method.parts:
            mean = expect(space, lambda draw, part=part: [full(part(draw, name), draw)])  # type: ignore[misc]
            centre = mean.values[0].nan_to_num()
            found = expect(
                space,
                lambda draw, part=part, centre=centre: [  # type: ignore[misc]
                    (full(part(draw, name), draw) - draw.of_row(centre)).square(),
                    (full(part(draw, name), draw) - draw.of_row(centre)).square().square(),
                ],
            )
            lost = faulty(mean.faults) | faulty(found.faults)
            square, power = found.values.masked_fill(lost, math.nan)
            # The fourth cumulants of independent parts add up.
            variance, fourth = variance + square, fourth + power - 3 * square.square()
    except QuadratureError:
        return torch.where(infinite, math.inf, unknown)
    kurtosis = torch.where(variance == 0, 0.0, fourth / variance.square())
    return torch.where(infinite, math.inf, kurtosis)
