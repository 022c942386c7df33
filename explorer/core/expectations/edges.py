"""Where integrals are split: the places at which an integrand is known not to be smooth, carried back to the noise."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from explorer.core.expectations.space import Rows, Space
from explorer.core.families.family import Line
from explorer.core.families.noises import Noise
from explorer.core.numerics.passing import passing

_LIGHT = -80.0
"""The log weight from which on nothing counts, so that integrals need not be split there."""


def edges_of(space: Space, noise: Noise, fixed: list[Tensor], origin: Tensor) -> Tensor:
    """The ends of the interval in t and, between them, each point where the integrand is not smooth: (M, E)."""
    low, high = noise.interval
    n_rows = len(origin)
    kinks = torch.tensor(noise.kinks, dtype=torch.float64).expand(n_rows, -1)
    points = [kinks]
    if len(fixed) < space.family.size:
        # With a single row theta stays a number, so that families with tables need not find each sample's row.
        pick = 0 if space.n_rows == 1 else origin
        theta = {name: value[pick] for name, value in space.theta.items()}
        for each in [theta, *(space.other_thetas(theta) if space.other_thetas else [])]:
            points.append(_breaks(space, noise, fixed, each, origin))
        if space.mirrored:
            opposite = _breaks(space, noise, [noise.reflect(value) for value in fixed], theta, origin)
            points += [noise.reflect(opposite), noise.reflect(kinks)]
    elif space.f_points is not None and len(fixed) == len(space.coordinates) - 1:
        points.append(_extra_crossings(space, noise, fixed, origin))
    inner = noise.unstretch(torch.cat(points, dim=1)).nan_to_num(nan=low, posinf=high, neginf=low).clamp(low, high)
    point, stretch = noise.stretch(inner)
    light = noise.log_prob(point) + stretch.log() < _LIGHT
    inner = torch.where(light, low, inner)
    inner = inner[:, (inner > low).any(0)]
    ends = inner.new_tensor([low, high]).expand(n_rows, 2)
    return torch.cat((ends, inner), dim=1).sort(dim=1).values


def line_edges(space: Space, line: Line, origin: Tensor) -> Tensor:
    """The same on a family's own line, between its ends: (M, E)."""
    theta = {name: value[origin].unsqueeze(1) for name, value in space.theta.items()}
    ends = line.ends(theta)
    passed = passing(lambda t: line.transform(t, theta), marks(space, origin), ends)
    return torch.cat([*ends, passed], dim=1).sort(dim=1).values


def _breaks(space: Space, noise: Noise, fixed: list[Tensor], theta: Rows, origin: Tensor) -> Tensor:
    """The noises at which g jumps, or x passes a jump or kink of f, (M, K); theta's entries are () or (M,)."""
    family = space.family
    if family.jumps is not None:
        return family.jumps(theta).expand(len(origin), -1)
    at = marks(space, origin)
    columns = {name: value.unsqueeze(1) if value.ndim else value for name, value in theta.items()}
    if family.inverse is not None and family.size == 1:
        return family.inverse(at, columns)
    return _crossings(space, noise, [value.unsqueeze(1) for value in fixed], columns, at)


def marks(space: Space, origin: Tensor) -> Tensor:
    """The values of x at which an integrand is not smooth: jumps and kinks of f, and further splits, (M, K)."""
    objective = space.objective.in_rows({name: value[origin] for name, value in space.values.items()})
    n_rows = len(origin)
    places = [*(jump.at for jump in objective.jumps), *objective.kinks]
    fixed = torch.tensor([at for at in places if not isinstance(at, Tensor)], dtype=torch.float64).expand(n_rows, -1)
    of_rows = [at.expand(n_rows) for at in places if isinstance(at, Tensor)] + [each[origin] for each in space.splits]
    return torch.cat((fixed, *(at.unsqueeze(1) for at in of_rows)), dim=1)


def _extra_crossings(space: Space, noise: Noise, fixed: list[Tensor], origin: Tensor) -> Tensor:
    """Where each of the points at which f is evaluated passes a jump or kink of f as this extra runs, (M, K)."""
    assert space.f_points is not None
    f_points = space.f_points
    held, row = [value.unsqueeze(1) for value in fixed], origin.unsqueeze(1)

    def points(t: Tensor) -> list[Tensor]:
        return [point.expand_as(t) for point in f_points(space.draw([*held, noise.stretch(t)[0]], row))]

    return noise.stretch(_all_passing(points, marks(space, origin), noise))[0]


def _crossings(space: Space, noise: Noise, fixed: list[Tensor], theta: Rows, at: Tensor) -> Tensor:
    """Where each coordinate of x that is settled by now passes `at` (M, K) as this coordinate of the noise runs."""
    family = space.family

    def coordinates(t: Tensor) -> list[Tensor]:
        # Coordinates still to come do not move those that this one settles; any value will do for them.
        rest = [torch.zeros_like(t)] * (family.size - len(fixed) - 1)
        eps = torch.broadcast_tensors(*fixed, noise.stretch(t)[0], *rest)
        x = family.transform(torch.stack(eps, dim=-1) if family.size > 1 else eps[0], theta)
        return list(x.unbind(-1)) if family.size > 1 else [x]

    def settled(t: Tensor) -> list[Tensor]:
        return coordinates(t) if len(fixed) == family.size - 1 else coordinates(t)[:1]

    return noise.stretch(_all_passing(settled, at, noise))[0]


def _all_passing(functions: Callable[[Tensor], list[Tensor]], at: Tensor, noise: Noise) -> Tensor:
    """The t at which each of several functions of it passes each of `at` (M, K): (M, K times as many)."""
    if not at.shape[1]:
        return at
    low, high = (torch.cat(functions(torch.full_like(at[:, :1], end)), dim=1) for end in noise.interval)
    count = low.shape[1]
    at, low, high = at.repeat(1, count), *(ends.repeat_interleave(at.shape[1], dim=1) for ends in (low, high))
    # Most marks lie where no x is: only those that some row passes are looked for.
    passed = ((at > torch.minimum(low, high)) & (at < torch.maximum(low, high))).any(0)
    which = torch.arange(count).repeat_interleave(len(passed) // count)[passed]

    def each(t: Tensor) -> Tensor:
        # One call for all of them: each column is for one of the functions.
        return torch.stack(functions(t)).gather(0, which.expand(1, *t.shape)).squeeze(0)

    return passing(each, at[:, passed], noise.interval)
