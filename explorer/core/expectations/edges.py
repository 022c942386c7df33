"""Where integrals are split: the places at which an integrand is known not to be smooth, carried back to the noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from explorer.core.expectations.space import Rows, Space
from explorer.core.families.noises import Noise

_HALVINGS = 60


def edges_of(space: Space, noise: Noise, fixed: list[Tensor], origin: Tensor) -> Tensor:
    """The ends of the interval in t and, between them, each point where the integrand is not smooth: (M, E)."""
    low, high = noise.interval
    n_rows = len(origin)
    points = [torch.full((n_rows,), kink, dtype=torch.float64) for kink in noise.kinks]
    if len(fixed) < space.family.size:
        theta = {name: value[origin] for name, value in space.theta.items()}
        for each in [theta, *(space.other_thetas(theta) if space.other_thetas else [])]:
            points += _breaks(space, noise, fixed, each, origin)
        if space.mirrored:
            opposite = _breaks(space, noise, [noise.reflect(value) for value in fixed], theta, origin)
            points += [noise.reflect(point) for point in (*opposite, *points[: len(noise.kinks)])]
    elif space.f_points is not None and len(fixed) == len(space.coordinates) - 1:
        points += _extra_crossings(space, noise, fixed, origin)
    if not points:
        return torch.tensor([low, high], dtype=torch.float64).expand(n_rows, 2)
    inner = noise.unstretch(torch.stack(points, dim=1)).nan_to_num(nan=low, posinf=high, neginf=low)
    ends = inner.new_tensor([low, high]).expand(n_rows, 2)
    return torch.cat((ends, inner.clamp(low, high)), dim=1).sort(dim=1).values


def _breaks(space: Space, noise: Noise, fixed: list[Tensor], theta: Rows, origin: Tensor) -> list[Tensor]:
    """The noises at which g jumps, or x passes a jump or kink of f, (M,) each."""
    family = space.family
    if family.jumps is not None:
        return list(family.jumps(theta).unbind(-1))
    found = []
    for at in marks(space, origin):
        if family.inverse is not None and family.size == 1:
            found.append(family.inverse(at, theta))
        else:
            found += _crossings(space, noise, fixed, theta, at)
    return found


def marks(space: Space, origin: Tensor) -> list[Tensor]:
    """The values of x at which an integrand is not smooth: jumps and kinks of f, and further splits, (M,) each."""
    objective = space.objective.in_rows({name: value[origin] for name, value in space.values.items()})
    places = [jump.at for jump in objective.jumps] + list(objective.kinks)
    return [
        place if isinstance(place, Tensor) else torch.full((len(origin),), float(place), dtype=torch.float64)
        for place in places
    ] + [split[origin] for split in space.splits]


def passing(function: Callable[[Tensor], Tensor], at: Tensor, ends: tuple[Any, Any]) -> Tensor:
    """The t at which a monotone function passes `at`, by halving; an end where it does not."""
    left, right = (torch.as_tensor(end, dtype=at.dtype).expand_as(at) for end in ends)
    rising = function(right) > function(left)
    for _ in range(_HALVINGS):
        middle = 0.5 * (left + right)
        beyond = (function(middle) > at) == rising
        left, right = torch.where(beyond, left, middle), torch.where(beyond, middle, right)
    return right


def _extra_crossings(space: Space, noise: Noise, fixed: list[Tensor], origin: Tensor) -> list[Tensor]:
    """Where each of the points at which f is evaluated passes a jump or kink of f as this extra runs."""
    assert space.f_points is not None
    f_points = space.f_points

    def point(i: int, t: Tensor) -> Tensor:
        return f_points(space.draw([*fixed, noise.stretch(t)[0]], origin))[i].expand_as(t)

    passed: list[Tensor] = []
    if at_marks := marks(space, origin):
        somewhere = [*fixed, torch.ones(len(origin), dtype=torch.float64)]
        n_points = len(f_points(space.draw(somewhere, origin)))
        passed = [passing(lambda t, i=i: point(i, t), at, noise.interval) for at in at_marks for i in range(n_points)]  # type: ignore[misc]
    return [noise.stretch(t)[0] for t in passed]


def _crossings(space: Space, noise: Noise, fixed: list[Tensor], theta: Rows, at: Tensor) -> list[Tensor]:
    """Where each coordinate of x that is settled by now passes `at` as this coordinate of the noise runs."""
    family = space.family

    def coordinates(t: Tensor) -> list[Tensor]:
        # Coordinates still to come do not move those that this one settles; any value will do for them.
        rest = [torch.zeros_like(t)] * (family.size - len(fixed) - 1)
        eps = [*fixed, noise.stretch(t)[0], *rest]
        x = family.transform(torch.stack(eps, dim=-1) if family.size > 1 else eps[0], theta)
        return list(x.unbind(-1)) if family.size > 1 else [x]

    everything = len(coordinates(at)) if len(fixed) == family.size - 1 else 1
    passed = [passing(lambda t, i=i: coordinates(t)[i], at, noise.interval) for i in range(everything)]  # type: ignore[misc]
    return [noise.stretch(t)[0] for t in passed]
