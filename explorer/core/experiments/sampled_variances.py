"""Sampled variances to be laid on the exact curves, every point of an axis from the same noise."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators import Choice, Estimator
from explorer.core.exact.gradients import expectations
from explorer.core.exact.kurtosis import excess_kurtosis
from explorer.core.exact.moments import finite_moments, space_of
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.expectations.space import Space
from explorer.core.expectations.tails import exists, finite_order
from explorer.core.experiments.variance_curves import DIMENSION, SAMPLES, Curve, Setting
from explorer.core.families.family import draw_noise
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.sample_variance import ENOUGH_MOMENTS, believed, degrees_of_freedom, intervals
from explorer.core.randomness import Streams

SAMPLES_A_POINT = 4096
FEW_SAMPLES = 256
"""Where every point has a distribution function of its own to be inverted."""
PLACES = 9
GROUPS = 256
"""The least number of means whose variance is taken."""


@dataclass(frozen=True, eq=False)
class Points:
    """Sampled variances (P,) at the points `at` (P,) of an axis, all float64.

    `freedom` (P,) is the number of degrees of freedom that each counts for, NaN where no interval is honest.
    """

    at: Tensor
    variance: Tensor
    freedom: Tensor

    @property
    def interval(self) -> tuple[Tensor, Tensor]:
        """The ends of the 95 % intervals, (P,) each, NaN where there is none: see `sample_variance`."""
        return intervals(self.variance, self.freedom)


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
        # Coupled samples count by the groups' means.
        groups = gradient.double().unflatten(-1, (-1, method.group)).mean(-1)
        kurtosis = _kurtosis(groups).cpu().expand_as(at)
        if axis == SAMPLES.name:
            means = [groups[0].unflatten(0, (-1, int(n) // method.group)).mean(1) for n in at.tolist()]
            variance = torch.stack([each.var() for each in means]).cpu()
        else:
            variance = method.group * groups.var(-1).cpu().expand_as(at)
        tame = _tame(setting, method, axis, at)
        found[name] = Points(at, variance, _freedom(axis, at, kurtosis, method.group, groups.shape[-1]))
        found[name].freedom[~tame] = math.nan
    return found


@isolated
def exact_freedom(
    setting: Setting, estimators: Iterable[str | Estimator], axis: str, grid: Tensor
) -> dict[str, Tensor]:
    """The degrees of freedom of each estimator's sampled points, (P,), from its exact kurtosis where that is known.

    Samples that never met what makes the variance know nothing of it. NaN where no interval is honest. Estimators
    without an exact kurtosis are left out, and all are against the dimension. `grid` is that of the curves.
    """
    if axis == DIMENSION.name:
        return {}
    at = grid[_places(axis, grid)]
    problem = setting.problem
    theta, values = setting.rows(axis, at if setting.is_own(axis) else at[:1])
    n = _n_samples(setting, axis, at)
    found = {}
    for name, method in Choice(estimators).items():
        if method.integration.coupling is None:
            kurtosis = excess_kurtosis(problem.family, problem.objective, method, theta, problem.parameter, values)
            found[name] = _freedom(axis, at, kurtosis.expand_as(at), 1, n)
    return found


def _freedom(axis: str, at: Tensor, kurtosis: Tensor, group: int, n: int) -> Tensor:
    """What a variance from n groups counts for, along an axis: (P,), from the kurtosis of one group's mean, (P,)."""
    found = []
    for point, known in zip(at.tolist(), kurtosis.tolist(), strict=True):
        of_a_mean = point / group if axis == SAMPLES.name else 1.0
        found.append(degrees_of_freedom(int(n / of_a_mean), believed(known, n) / of_a_mean))
    return torch.tensor(found, dtype=torch.float64)


def _tame(setting: Setting, method: Estimator, axis: str, at: Tensor) -> Tensor:
    """Where a sample has enough finite moments for an interval: (P,)."""
    problem = setting.problem
    theta, values = setting.rows(axis, at if setting.is_own(axis) else at[:1])
    space = space_of(problem.family, problem.objective, method, theta, problem.parameter, values)
    orders = finite_moments(method, space, problem.parameter)
    if axis == DIMENSION.name and method.remainder != "drops out":
        # The other coordinates bring f alone.
        space = Space(problem.family, problem.objective, theta, values)
        orders = torch.minimum(orders, finite_order(space, lambda draw: draw.f))
    return exists(orders, ENOUGH_MOMENTS).expand_as(at)


def on_curves(
    points: Mapping[str, Points], curves: Mapping[str, Curve], freedom: Mapping[str, Tensor]
) -> dict[str, Points]:
    """The points of each curve, less those where its exact variance is not finite, with `exact_freedom` where known."""
    found = {}
    for name, sampled in points.items():
        if name in curves:
            curve = curves[name]
            nearest = (curve.at.unsqueeze(0) - sampled.at.unsqueeze(1)).abs().argmin(1)
            held = curve.variance[nearest].isfinite()
            parts = sampled.at, sampled.variance, freedom.get(name, sampled.freedom)
            found[name] = Points(*(part[held] for part in parts))
    return found


def without_intervals(points: Mapping[str, Points]) -> dict[str, Points]:
    """The points before anything exact is known: samples that never met what makes the variance know nothing of it."""
    return {name: replace(each, freedom=torch.full_like(each.freedom, math.nan)) for name, each in points.items()}


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
    n = _n_samples(setting, axis, at)
    eps = draw_noise(problem.family, n, streams.main)
    return Draw(
        problem.family,
        problem.objective.in_rows({name: column.unsqueeze(1).to(eps) for name, column in values.items()}),
        {name: column.unsqueeze(1).to(eps) for name, column in theta.items()},
        eps.expand(len(at) if own else 1, -1),
        streams,
    )


def _n_samples(setting: Setting, axis: str, at: Tensor) -> int:
    inverted = setting.problem.family.route == "implicit" and axis in setting.problem.theta
    return GROUPS * int(at.max()) if axis == SAMPLES.name else FEW_SAMPLES if inverted else SAMPLES_A_POINT


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


def _kurtosis(values: Tensor) -> Tensor:
    """The excess kurtosis along the last axis, 0 where all values are equal."""
    squares = (values - values.mean(-1, keepdim=True)).square()
    spread = squares.mean(-1)
    return torch.where(spread > 0, squares.square().mean(-1) / spread.square() - 3, 0.0)
