"""Exact answers: expectations over the noise by adaptive Gauss-Legendre quadrature in float64.

    E_q[h(x)] = integral of h(g(eps; theta)) p(eps) d eps

The line is split at every point where the integrand is known not to be smooth (kinks of the density, jumps of g, jumps
of f carried back through the inverse of g); panels are then halved until each agrees with its two halves, which also
finds kinks that nobody named. The variance of one sample is the quadrature of the estimator's own function, so it is
exact for a biased estimator too.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from explorer.core.estimators import Draw, get_estimator
from explorer.core.families import Family, get_family
from explorer.core.objectives import Objective, get_objective

NODES_A_PANEL = 16
FIRST_PANELS = 128
LAST_PANELS = 2**14
MAX_HALVINGS = 50
TOLERANCE = 1e-11
"""A panel agrees with its halves when they differ by less than this, absolutely or relative to the integral of |h|."""
TAIL = 1e-8
"""The largest share of the integral of |h| that the panels at the two ends may hold: beyond them the line is cut."""


class QuadratureError(ArithmeticError):
    """The integral does not converge, or not to the accuracy that is called exact."""


def exact_value(family: str, objective: str | Objective, theta: Mapping[str, object]) -> float:
    """E_q[f(x)]. Raises ValueError on bad arguments, QuadratureError when the integral does not converge."""
    return _expectation(get_family(family), get_objective(objective), theta, lambda draw: draw.f)


def exact_gradient(family: str, objective: str | Objective, theta: Mapping[str, object]) -> dict[str, float]:
    """The gradient of E_q[f(x)] with respect to each parameter.

    The error is below 1e-8, absolutely or relative to the integral of |f'(g) dg/dtheta| where that is above 1.

    For a family with a route: E[f'(g) dg/dtheta], plus what each jump of f adds when the samples carry mass across it
    (Leibniz's rule): height * q(x) dx/dtheta there. Without a route: E[f d log q / dtheta].
    Raises ValueError on bad arguments, QuadratureError when the integral does not converge.
    """
    entry, function = get_family(family), get_objective(objective)
    if entry.route == "none":
        return {name: expected_estimate(family, function, "score_function", theta)[name] for name in entry.check(theta)}
    smooth_part = expected_estimate(family, function, "pathwise", theta)
    return {name: value + _mass_across_jumps(entry, function, theta, name) for name, value in smooth_part.items()}


def expected_estimate(
    family: str, objective: str | Objective, estimator: str, theta: Mapping[str, object]
) -> dict[str, float]:
    """The exact expectation of one sample of an estimator; where it differs from `exact_gradient` that is its bias."""
    entry, function, method = get_family(family), get_objective(objective), get_estimator(estimator)
    return {
        name: _expectation(entry, function, theta, functools.partial(method, name=name)) for name in entry.check(theta)
    }


def exact_variance(
    family: str, objective: str | Objective, estimator: str, theta: Mapping[str, object]
) -> dict[str, float]:
    """The exact variance of one sample of an estimator, for each parameter.

    Raises ValueError on bad arguments, QuadratureError when the integral does not converge.
    """
    entry, function, method = get_family(family), get_objective(objective), get_estimator(estimator)

    def squared_deviation(draw: Draw, name: str, mean: float) -> Tensor:
        return (method(draw, name) - mean).square()

    return {
        name: _expectation(entry, function, theta, functools.partial(squared_deviation, name=name, mean=mean))
        for name, mean in expected_estimate(family, function, estimator, theta).items()
    }


def _mass_across_jumps(family: Family, objective: Objective, theta: Mapping[str, object], name: str) -> float:
    total = 0.0
    for jump in objective.jumps:
        x = torch.tensor([jump.at], dtype=torch.float64)
        values = family.tensors(theta, x)
        density = family.log_prob(x, values).exp()
        if float(density) > 0 and family.inverse is not None:
            speed = family.paths(family.inverse(x, values), values, name)
            total += jump.height * float(density * speed)
    return total


def _expectation(
    family: Family, objective: Objective, theta: Mapping[str, object], integrand: Callable[[Draw], Tensor]
) -> float:
    """The integral of integrand(draw) p(eps) over the noise."""
    values = family.tensors(theta, torch.zeros((), dtype=torch.float64))

    def over_line(t: Tensor) -> Tensor:
        eps, stretch = family.noise.stretch(t)
        weights = family.noise.log_prob(eps).exp() * stretch
        h = integrand(Draw(family, objective, values, eps))
        # Where the weight has underflowed to zero an infinite h must not turn the sum into NaN.
        return torch.where(weights > 0, h * weights, torch.zeros_like(h))

    try:
        return _integral(over_line, _edges(family, objective, values))
    except QuadratureError as error:
        where = ", ".join(f"{name}={float(value):g}" for name, value in values.items())
        raise QuadratureError(
            f"no exact value for {objective.title} under {family.title} at {where}: {error}"
        ) from None


def _edges(family: Family, objective: Objective, theta: dict[str, Tensor]) -> list[float]:
    """The ends of the integration interval in t and, between them, each point where the integrand is not smooth."""
    low, high = family.noise.interval
    points = [torch.tensor(kink, dtype=torch.float64) for kink in family.noise.kinks]
    points += family.jumps(theta)
    if family.inverse is not None:
        points += [family.inverse(torch.tensor(jump.at, dtype=torch.float64), theta) for jump in objective.jumps]
    inner = {float(family.noise.unstretch(point)) for point in points}
    return [low, *sorted(t for t in inner if low < t < high), high]


def _integral(function: Callable[[Tensor], Tensor], edges: list[float]) -> float:
    """The integral of `function` from the first to the last edge, smooth between the edges but for a few points."""
    left, right = _panels(edges)
    whole, sizes = _over_panels(function, left, right)
    size = float(sizes.sum())
    if not math.isfinite(size):
        raise QuadratureError("the integrand is not finite")
    tolerance = TOLERANCE * max(1.0, size)
    if float(sizes[0] + sizes[-1]) > TAIL * max(1.0, size):
        raise QuadratureError("too much of the integral lies in the far tails")
    total = 0.0
    for _ in range(MAX_HALVINGS):
        middle = 0.5 * (left + right)
        first, _ = _over_panels(function, left, middle)
        second, _ = _over_panels(function, middle, right)
        # Written so that a NaN counts as disagreement.
        again = ~((first + second - whole).abs() <= tolerance)
        total += float((first + second)[~again].sum())
        if not again.any():
            return total
        left, right = torch.cat((left[again], middle[again])), torch.cat((middle[again], right[again]))
        whole = torch.cat((first[again], second[again]))
        if len(left) > LAST_PANELS:
            break
    raise QuadratureError("the integral does not converge")


def _over_panels(function: Callable[[Tensor], Tensor], left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """The integrals of `function` and of its absolute value over each panel [left, right], (n_panels,) each."""
    nodes, weights = _rule()
    widths = (right - left).unsqueeze(1)
    terms = function((left.unsqueeze(1) + widths * nodes).flatten()).view(len(left), -1) * (widths * weights)
    return terms.sum(1), terms.abs().sum(1)


def _panels(edges: list[float]) -> tuple[Tensor, Tensor]:
    """The ends (n_panels,) of the first panels: shared among the pieces by length, at least 8 each."""
    length = edges[-1] - edges[0]
    left, right = [], []
    for start, end in itertools.pairwise(edges):
        ends = torch.linspace(start, end, max(8, round(FIRST_PANELS * (end - start) / length)) + 1, dtype=torch.float64)
        left.append(ends[:-1])
        right.append(ends[1:])
    return torch.cat(left), torch.cat(right)


@functools.cache
def _rule() -> tuple[Tensor, Tensor]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES_A_PANEL)
    return torch.from_numpy(0.5 * (nodes + 1)), torch.from_numpy(0.5 * weights)
