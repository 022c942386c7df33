"""Exact answers: E_q[f(x)], its gradient, and by name what one sample of an estimator has for mean and variance.

All are integrals over the noise in float64 (`quadrature`), for many thetas or values of f's parameter at once. One that
does not exist has a reason in place of a value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators import get_estimator
from explorer.core.families import get_family
from explorer.core.family import Family
from explorer.core.integrals import TOLERANCE, faulty
from explorer.core.moments import NO_MEAN, Moments, full, growth, moments
from explorer.core.objectives import Objective, get_objective
from explorer.core.quadrature import QuadratureError, Rows, Space
from explorer.core.rows import one_row

__all__ = ["TOLERANCE", "QuadratureError", "exact_gradient", "exact_value", "exact_variance", "expected_estimate"]


@dataclass(frozen=True)
class Values:
    """E f, or a gradient of it, for R rows, (R,): NaN where `faults` gives a reason."""

    value: Tensor
    faults: list[str]


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
    found = space.expect(lambda draw: [integrand(draw)])
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


@torch.no_grad()
def expectations(family: Family, objective: Objective, theta: Rows, values: Rows | None = None) -> Values:
    """E_q[f(x)] at each row."""
    return _expected(Space(family, objective, theta, values or {}), lambda draw: draw.f)


def _known(value: Tensor, fault: str, objective: Objective, family: Family, theta: Rows) -> float:
    if fault:
        where = ", ".join(f"{name}={float(column):g}" for name, column in theta.items())
        raise QuadratureError(f"no exact value for {objective.title} under {family.title} at {where}: {fault}")
    return float(value)


@torch.no_grad()
def exact_value(family: str, objective: str | Objective, theta: Mapping[str, object]) -> float:
    """E_q[f(x)]. Raises ValueError on bad arguments, QuadratureError when the integral does not converge."""
    entry, function = get_family(family), get_objective(objective)
    rows = one_row(entry.check(theta))
    found = expectations(entry, function, rows)
    return _known(found.value[0], found.faults[0], function, entry, rows)


@torch.no_grad()
def exact_gradient(family: str, objective: str | Objective, theta: Mapping[str, object]) -> dict[str, float]:
    """The gradient of E_q[f(x)] with respect to each parameter; see `gradients`.

    The error is below 1e-8, absolutely or relative to the integral of the integrand's size where that is above 1.
    Raises ValueError on bad arguments, QuadratureError when the integral does not converge.
    """
    entry, function = get_family(family), get_objective(objective)
    rows = one_row(entry.check(theta))
    found = {name: gradients(entry, function, rows, name) for name in rows}
    return {name: _known(each.value[0], each.faults[0], function, entry, rows) for name, each in found.items()}


def _exact_moments(
    family: str, objective: str | Objective, estimator: str, theta: Mapping[str, object]
) -> tuple[Family, Objective, Rows, dict[str, Moments]]:
    entry, function, method = get_family(family), get_objective(objective), get_estimator(estimator)
    rows = one_row(entry.check(theta))
    covered = method.check_covers(entry)
    return entry, function, rows, {name: moments(entry, function, method, rows, name) for name in covered}


@torch.no_grad()
def expected_estimate(
    family: str, objective: str | Objective, estimator: str, theta: Mapping[str, object]
) -> dict[str, float]:
    """The exact expectation of one sample of an estimator, for each parameter that it covers.

    Where it differs from `exact_gradient`, that is its bias. Errors as for `exact_variance`.
    """
    entry, function, rows, found = _exact_moments(family, objective, estimator, theta)
    return {name: _known(each.mean[0], each.faults[0], function, entry, rows) for name, each in found.items()}


@torch.no_grad()
def exact_variance(
    family: str, objective: str | Objective, estimator: str, theta: Mapping[str, object]
) -> dict[str, float]:
    """The exact variance of one sample of an estimator, for each parameter that it covers; inf where it is infinite.

    Raises ValueError on bad arguments or an estimator that is not defined for the family, QuadratureError when the
    estimator has no mean or an integral does not converge.
    """
    entry, function, rows, found = _exact_moments(family, objective, estimator, theta)
    return {name: _known(each.variance[0], each.faults[0], function, entry, rows) for name, each in found.items()}
