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
from explorer.core.expectations.tails import exists, finite_order, full
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

    E[f'(g) dg/dtheta]. Without a route, where f may jump, where it waves under a heavy tail (f' dx/dtheta then cancels
    less well) or where that integral does not exist: E[f d log q / dtheta], plus what a moving end of the support adds,
    by Leibniz's rule.
    """
    space = Space(family, objective, theta, values or {})
    defined = exists(finite_order(space, lambda draw: draw.f), 1)
    by_score = family.route == "none" or bool(objective.jumps) or objective.may_jump or space.has_waves
    found = _by_score(space, name) if by_score else _mean(space, "pathwise", name)
    value, faults = found.value, list(found.faults)
    retry = [row for row, fault in enumerate(faults) if fault]
    if retry and not by_score:
        again = _by_score(
            Space(
                family,
                objective,
                {key: column[retry] for key, column in theta.items()},
                {key: column[retry] for key, column in (values or {}).items()},
            ),
            name,
        )
        value = value.index_put((torch.tensor(retry),), again.value)
        for row, fault in zip(retry, again.faults, strict=True):
            faults[row] = fault
    for row in range(len(faults)):
        if not defined[row]:
            faults[row] = "E[f] does not exist: the tails are too heavy"
    return Values(value.masked_fill(faulty(faults), math.nan), faults)


def _mean(space: Space, estimator: str, name: str) -> Values:
    method = get_estimator(estimator)
    return _expected(space, lambda draw: full(method.function(draw, name), draw))


def _expected(space: Space, integrand: Callable[[Draw], Tensor]) -> Values:
    """E of the integrand at each row; a fault where it does not exist."""
    defined = exists(finite_order(space, integrand), 1)
    if not defined.any():
        return Values(torch.full((space.n_rows,), math.nan, dtype=torch.float64), [NO_MEAN] * space.n_rows)
    found = expect(space, lambda draw: [integrand(draw)])
    faults = [fault if known else NO_MEAN for fault, known in zip(found.faults, defined.tolist(), strict=True)]
    return Values(found.values[0].masked_fill(faulty(faults), math.nan), faults)


def _by_score(space: Space, name: str) -> Values:
    """E[f d log q / dtheta], and f q dx/dtheta at each end of the support that moves with theta."""
    found = _mean(space, "score_function", name)
    if not space.family.support.moves:
        return found
    value = found.value + _flux(space, name)
    faults = [
        fault or ("" if finite else "f is not finite at an end of the support")
        for fault, finite in zip(found.faults, value.isfinite().tolist(), strict=True)
    ]
    return Values(value, faults)


def _flux(space: Space, name: str) -> Tensor:
    """What flows out of the support at its finite ends as theta moves: f(x) q(x) dx/dtheta at each, outward."""
    family = space.family
    objective = space.objective.in_rows(space.values)
    total = torch.zeros(space.n_rows, dtype=torch.float64)
    for end, outward in zip(family.noise.support, (-1, 1), strict=True):
        if math.isfinite(end):
            eps = torch.full_like(total, end)
            x = family.transform(eps, space.theta)
            speed = family.paths(eps, space.theta, name)
            flow = outward * family.log_prob(x, space.theta).exp() * speed
            # Where the end stands still f need not be finite there.
            total += torch.where(flow != 0, objective(x) * flow, 0.0)
    return total


@isolated
def expectations(family: Family, objective: Objective, theta: Rows, values: Rows | None = None) -> Values:
    """E_q[f(x)] at each row."""
    return _expected(Space(family, objective, theta, values or {}), lambda draw: draw.f)
