"""Sampled variances to be laid on the exact curves, every point of an axis from the same noise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators import Choice, Estimator
from explorer.core.exact.gradients import expectations
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.variance_curves import DIMENSION, SAMPLES, Curve, Setting
from explorer.core.families.family import draw_noise
from explorer.core.numerics.isolation import isolated
from explorer.core.randomness import Streams

SAMPLES_A_POINT = 4096
FEW_SAMPLES = 256
"""Where every point has a distribution function of its own to be inverted."""
PLACES = 9
GROUPS = 256
"""The least number of means whose variance is taken."""


@dataclass(frozen=True, eq=False)
class Points:
    """Sampled variances (P,) at the points `at` (P,) of an axis, and their standard errors (P,), all float64."""

    at: Tensor
    variance: Tensor
    standard_error: Tensor


@isolated
def sampled_points(
    setting: Setting, estimators: Iterable[str | Estimator], axis: str, seed: int, device: torch.device
) -> dict[str, Points]:
    """What samples say at a few points of the grid, the same noise feeding all estimators.

    An estimator that cannot be sampled is left out. Where the exact variance is not finite a sampled one still looks
    so: see `on_curves`.
    """
    streams = Streams(seed, device)
    methods = Choice(estimators)
    grid = setting.grid(axis, methods.values())
    at = grid[_places(axis, grid)]
    draw = _draw(setting, axis, at, streams)
    rest = _other_coordinates(setting, at, draw.eps.shape[-1], streams) if axis == DIMENSION.name else None
    found = {}
    for name, method in methods.items():
        try:
            gradient = method(draw, setting.problem.parameter)
            if rest is not None:
                gradient = gradient + _remainder(setting, method, draw, at, rest)
        except QuadratureError:
            continue
        if axis == SAMPLES.name:
            means = [_variance(gradient[0].double().unflatten(0, (-1, int(n))).mean(1)) for n in at.tolist()]
            variance, error = (torch.stack(part) for part in zip(*means, strict=True))
        else:
            # Coupled samples count by the groups' means.
            groups = gradient.double().unflatten(-1, (-1, method.group)).mean(-1)
            variance, error = (method.group * part for part in _variance(groups))
        found[name] = Points(at, variance.cpu().expand_as(at), error.cpu().expand_as(at))
    return found


def on_curves(points: Mapping[str, Points], curves: Mapping[str, Curve]) -> dict[str, Points]:
    """The points of each curve, less those where its exact variance is not finite."""
    found = {}
    for name, sampled in points.items():
        if name in curves:
            curve = curves[name]
            nearest = (curve.at.unsqueeze(0) - sampled.at.unsqueeze(1)).abs().argmin(1)
            held = curve.variance[nearest].isfinite()
            found[name] = Points(sampled.at[held], sampled.variance[held], sampled.standard_error[held])
    return found


def _places(axis: str, at: Tensor) -> Tensor:
    """The indices of the points that are sampled: spread evenly, or by ratio where the axis is drawn so."""
    if axis == DIMENSION.name:
        return (at.unsqueeze(0) - torch.tensor([[1.0], [2], [5], [10], [20], [50], [100]])).abs().argmin(1)
    return torch.arange(len(at)) if axis == SAMPLES.name else torch.linspace(0, len(at) - 1, PLACES).long()


def _draw(setting: Setting, axis: str, at: Tensor, streams: Streams) -> Draw:
    """One noise at every point of a parameter's axis, (P, n); at the setting's own theta else, (1, n)."""
    own = setting.is_own(axis)
    theta, values = setting.rows(axis, at if own else at[:1])
    problem = setting.problem
    inverted = problem.family.route == "implicit" and axis in problem.theta
    n = GROUPS * int(at.max()) if axis == SAMPLES.name else FEW_SAMPLES if inverted else SAMPLES_A_POINT
    eps = draw_noise(problem.family, n, streams.main)
    return Draw(
        problem.family,
        problem.objective.in_rows({name: column.unsqueeze(1).to(eps) for name, column in values.items()}),
        {name: column.unsqueeze(1).to(eps) for name, column in theta.items()},
        eps.expand(len(at) if own else 1, -1),
        streams,
    )


def _other_coordinates(setting: Setting, at: Tensor, n: int, streams: Streams) -> Tensor:
    """The sum of f over the coordinates but the first, for each dimension and sample: (P, n)."""
    problem, others = setting.problem, at.long() - 1
    eps = draw_noise(problem.family, max(1, int(others.max())) * n, streams.named("other coordinates")).view(-1, n)
    sums = problem.draw(eps).f.cumsum(0)
    return torch.cat((torch.zeros_like(sums[:1]), sums))[others.to(eps.device)]


def _remainder(setting: Setting, method: Estimator, draw: Draw, at: Tensor, rest: Tensor) -> Tensor:
    """What the `rest` of f adds to a sample in each dimension: (P, n). See `Setting.curve`.

    Raises QuadratureError where that has no closed form, or the baseline does not exist.
    """
    if method.remainder == "not simple":
        raise QuadratureError(f"{method.title} has no closed form against the dimension")
    if method.remainder == "drops out":
        return torch.zeros_like(rest)
    if method.remainder == "centred":
        found = expectations(setting.problem.family, setting.problem.objective, setting.problem.row)
        if found.faults[0]:
            raise QuadratureError(found.faults[0])
        mean = float(found.value)
        rest = rest - mean * (at - 1).to(rest).unsqueeze(1)
    return rest * draw.score(setting.problem.parameter)


def _variance(values: Tensor) -> tuple[Tensor, Tensor]:
    """The sample variance along the last axis, and its standard error from the fourth moment."""
    n = values.shape[-1]
    squares = (values - values.mean(-1, keepdim=True)).square()
    spread = squares.mean(-1)
    return spread * n / (n - 1), ((squares.square().mean(-1) - spread.square()).clamp(min=0) / n).sqrt()
