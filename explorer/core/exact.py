"""Exact answers: expectations over the noise by composite Gauss-Legendre quadrature in float64.

    E_q[h(x)] = integral of h(g(eps; theta)) p(eps) d eps

The line is split at every point where the integrand is not smooth (kinks of the density, jumps of g, jumps of f carried
back through the inverse of g), and the number of panels doubles until two successive answers agree. The variance of one
sample is the quadrature of the estimator's own function, so it is exact for a biased estimator too.
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
FIRST_PANELS = 64
LAST_PANELS = 2**15
TOLERANCE = 1e-11
"""Two successive answers agree when they differ by less than this, absolutely or relative to the integral of |h|."""


class QuadratureError(ArithmeticError):
    """The integral does not converge, or not to the accuracy that is called exact."""


def exact_value(family: str, objective: str | Objective, theta: Mapping[str, object]) -> float:
    """E_q[f(x)]. Raises ValueError on bad arguments, QuadratureError when the integral does not converge."""
    return _expectation(get_family(family), get_objective(objective), theta, lambda draw: draw.f)


def exact_gradient(family: str, objective: str | Objective, theta: Mapping[str, object]) -> dict[str, float]:
    """The gradient of E_q[f(x)] with respect to each parameter, absolute error below 1e-8.

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
        name: _expectation(entry, function, theta, functools.partial(_of_parameter, method, name))
        for name in entry.check(theta)
    }


def exact_variance(
    family: str, objective: str | Objective, estimator: str, theta: Mapping[str, object]
) -> dict[str, float]:
    """The exact variance of one sample of an estimator, for each parameter.

    Raises ValueError on bad arguments, QuadratureError when the integral does not converge.
    """
    entry, function, method = get_family(family), get_objective(objective), get_estimator(estimator)
    means = expected_estimate(family, function, estimator, theta)
    return {
        name: _expectation(entry, function, theta, lambda draw, name=name: (method(draw, name) - means[name]).square())  # type: ignore[misc]
        for name in means
    }


def _of_parameter(method: Callable[[Draw, str], Tensor], name: str, draw: Draw) -> Tensor:
    return method(draw, name)


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
    reference = torch.zeros((), dtype=torch.float64)
    values = family.tensors(theta, reference)
    edges = _edges(family, objective, values)
    previous, panels = math.nan, FIRST_PANELS
    while panels <= LAST_PANELS:
        t, dt = _nodes(edges, panels)
        eps, stretch = family.noise.stretch(t)
        weights = family.noise.log_prob(eps).exp() * stretch * dt
        h = integrand(Draw(family, objective, values, eps))
        # Where the weight has underflowed to zero an infinite h must not turn the sum into NaN.
        terms = torch.where(weights > 0, h * weights, torch.zeros_like(h))
        total, size = float(terms.sum()), float(terms.abs().sum())
        if not math.isfinite(total):
            break
        if abs(total - previous) <= TOLERANCE * max(1.0, size):
            return total
        previous, panels = total, panels * 2
    raise QuadratureError(
        f"the expectation of {objective.title} under {family.title} at "
        f"{', '.join(f'{name}={float(value):g}' for name, value in values.items())} does not converge"
    )


def _edges(family: Family, objective: Objective, theta: dict[str, Tensor]) -> list[float]:
    """The ends of the integration interval in t and, between them, each point where the integrand is not smooth."""
    low, high = family.noise.interval
    points = [torch.tensor(kink, dtype=torch.float64) for kink in family.noise.kinks]
    points += family.jumps(theta)
    if family.inverse is not None:
        points += [family.inverse(torch.tensor(jump.at, dtype=torch.float64), theta) for jump in objective.jumps]
    inner = {float(family.noise.unstretch(point)) for point in points}
    return [low, *sorted(t for t in inner if low < t < high), high]


@functools.cache
def _rule() -> tuple[Tensor, Tensor]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES_A_PANEL)
    return torch.from_numpy(0.5 * (nodes + 1)), torch.from_numpy(0.5 * weights)


def _nodes(edges: list[float], panels: int) -> tuple[Tensor, Tensor]:
    """All quadrature nodes t and their weights: `panels` panels shared among the pieces by length, at least 8 each."""
    nodes, weights = _rule()
    length = edges[-1] - edges[0]
    all_t, all_weights = [], []
    for left, right in itertools.pairwise(edges):
        count = max(8, round(panels * (right - left) / length))
        ends = torch.linspace(left, right, count + 1, dtype=torch.float64)
        widths = ends.diff().unsqueeze(1)
        all_t.append((ends[:-1].unsqueeze(1) + widths * nodes).flatten())
        all_weights.append((widths * weights).flatten())
    return torch.cat(all_t), torch.cat(all_weights)
