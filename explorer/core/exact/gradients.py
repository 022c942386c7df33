"""Exact answers: E_q[f(x)], its gradient, and by name what one sample of an estimator has for mean and variance.

All are integrals over the noise in float64 (`quadrature`), for many thetas or values of f's parameter at once. One that
does not exist has a reason in place of a value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators import get_estimator
from explorer.core.estimators.contract import NO_MEAN
from explorer.core.expectations.quadrature import expect
from explorer.core.expectations.space import Rows, Space
from explorer.core.expectations.tails import full, growth
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import faulty
from explorer.core.objectives.objective import Objective


@dataclass(frozen=True)
class Values:
    """E f, or a gradient of it, for R rows, (R,): NaN where `faults` gives a reason."""

    value: Tensor
    faults: list[str]


@isolated
def gradients(family: Family, objective: Objective, theta: Rows, name: str, values: Rows | None = None) -> Values:
    """The exact gradient with respect to the parameter `name`, at each row.

    E[f'(g) dg/dtheta], plus what each jump of f adds when the samples carry mass across it (Leibniz's rule):
    height * q(x) dx/dtheta there. Without a route, where f may jump, where it waves under a heavy tail (f' dx/dtheta
    then cancels less well) or where that integral does not exist: E[f d log q / dtheta], as long as the support stands
    still.
    """
    space = Space(family, objective, theta, values or {})
    order, tail = growth(space, lambda draw: draw.f)
    by_score = family.route == "none" or bool(objective.jumps) or objective.may_jump or space.has_waves
    found = _mean(space, "score_function" if by_score and not family.support.moves else "pathwise", name)
    value, faults = found.value, list(found.faults)
    if objective.jumps and family.support.moves:
        value = value + _mass_across_jumps(space, name)
    retry = [row for row, fault in enumerate(faults) if fault]
    if retry and not family.support.moves and not by_score:
        again = _mean(
            Space(
                family,
                objective,
                {key: column[retry] for key, column in theta.items()},
                {key: column[retry] for key, column in (values or {}).items()},
            ),
            "score_function",
            name,
        )
        value = value.index_put((torch.tensor(retry),), again.value)
        for row, fault in zip(retry, again.faults, strict=True):
            faults[row] = fault
    for row in range(len(faults)):
        if not order[row] < tail[row]:
            faults[row] = "E[f] does not exist: the tails are too heavy"
    return Values(value.masked_fill(faulty(faults), math.nan), faults)


def _mean(space: Space, estimator: str, name: str) -> Values:
    method = get_estimator(estimator)
    return _expected(space, lambda draw: full(method.function(draw, name), draw))


def _expected(space: Space, integrand: Callable[[Draw], Tensor]) -> Values:
    """E of the integrand at each row; a fault where it does not exist."""
    order, tail = growth(space, integrand)
    found = expect(space, lambda draw: [integrand(draw)])
    faults = [
        fault if one < other else NO_MEAN
        for fault, one, other in zip(found.faults, order.tolist(), tail.tolist(), strict=True)
    ]
    return Values(found.values[0].masked_fill(faulty(faults), math.nan), faults)


def _mass_across_jumps(space: Space, name: str) -> Tensor:
    family = space.family
    objective = space.objective.in_rows(space.values)
    total = torch.zeros(space.n_rows, dtype=torch.float64)
    for jump in objective.jumps:
        at = torch.as_tensor(jump.at, dtype=torch.float64).expand(space.n_rows)
        density = family.log_prob(at, space.theta).exp()
        assert family.inverse is not None
        speed = family.paths(family.inverse(at, space.theta), space.theta, name)
        total += torch.where(density > 0, jump.height * density * speed, 0.0)
    return total


@isolated
def expectations(family: Family, objective: Objective, theta: Rows, values: Rows | None = None) -> Values:
    """E_q[f(x)] at each row."""
    return _expected(Space(family, objective, theta, values or {}), lambda draw: draw.f)
