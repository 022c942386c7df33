"""Which moments of an integrand exist: how fast it grows, against how fast the law falls, where either has no bound.

    E|h|^r is finite exactly for r below the order at each end of the noise's line, and at each pole of f.

Along such a way the log of the weight falls as a t, and log |h| rises as b t + k log t + ..., so that the order is a/b.
Both are read off at four distances, each twice the one before, from which the terms in log t and 1/t drop out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.expectations.edges import edges_of, line_edges
from explorer.core.expectations.space import Space

EXACT = 1e-4
"""An order this near a moment's, relative to it, is taken for equal: the moment is then infinite."""
_NEARER, _FARTHER = 8, 6
"""Doublings of the distances tried, up to the end of a noise's interval and beyond it: the farthest at which h does not
overflow count. A family's own line is not left."""
_UP_TO = torch.linspace(0.7, 1.0, 31, dtype=torch.float64)
"""Shares of a distance of which the largest h counts, since at the distance itself there might be a zero of a wave."""
_NEAR_A_HALF = 2e-3
_MANY = 20.0
"""Of more moments than this nobody asks."""
_FELT = 20.0
"""By how much log |h| must rise over the last doubling to stand against a weight that falls ever faster."""
_OUT_OF_DIGITS = -300.0
"""The log weight below which densities underflow."""
_NEAR_A_POLE = (3.0, 6.0, 12.0, 24.0)
"""-log of the distances from a pole."""
_MOST_POLES = 200
Integrand = Callable[[Draw], Tensor]


class _Way(NamedTuple):
    """Distances (R, n), doubling, with the log weight and log |h| there."""

    distance: Tensor
    log_weight: Tensor
    log_size: Tensor


def full(gradient: Tensor, draw: Draw) -> Tensor:
    """A gradient for each sample of the draw, of its shape S, also where it does not depend on the noise."""
    return gradient.expand(draw.shape)


def finite_order(space: Space, integrand: Integrand) -> Tensor:
    """The order below which the moments E|h|^r are finite, (R,); inf where all are."""
    order = torch.full((space.n_rows,), math.inf, dtype=torch.float64)
    if not space.by_atoms and not space.family.discrete:
        for way in _outward(space, integrand):
            order = torch.minimum(order, _order(way))
        order = _of_half_powers(order, space.tails)
        if (poles := _to_poles(space, integrand)) is not None:
            order = torch.minimum(order, _order(poles).view(space.n_rows, -1).amin(1))
    return order


def _of_half_powers(order: Tensor, tail: Tensor) -> Tensor:
    """Under a law of a known tail index |h| grows as a power of x, most often half a whole number: then exactly so."""
    power = tail / order
    half = (2 * power).round() / 2
    return torch.where(tail.isfinite() & ((power - half).abs() < _NEAR_A_HALF), tail / half, order)


def exists(order: Tensor, moment: int) -> Tensor:
    """Whether the moments E|h|^moment are finite, given the order from `finite_order`."""
    return order > moment * (1 + EXACT)


def _outward(space: Space, integrand: Integrand) -> Iterator[_Way]:
    """To both ends of each coordinate that is not bounded, the others in the middle."""
    row = torch.arange(space.n_rows).unsqueeze(1)
    coordinates, as_seen = space.coordinates, _as_seen(space)
    middles = [noise.stretch(torch.zeros(1, 1, dtype=torch.float64))[0] for noise in coordinates]
    for place, noise in enumerate(coordinates):
        if place >= space.family.size and space.extras[place - space.family.size] != "exponential":
            continue
        ends, at, log_density = _line(space, place)
        on_line = space.family.line is not None and len(coordinates) == 1
        start = torch.where((ends[0] < 0) & (ends[1] > 0), 0.0, 0.5 * (ends[0] + ends[1]))
        for side, end in enumerate(ends):
            # Next to a finite upper end, as 1 - u, x has lost its digits.
            farthest = 0 if on_line else _FARTHER if math.isinf(noise.support[side]) or side == 0 else -1
            shares = 2.0 ** torch.arange(-_NEARER, farthest + 1, dtype=torch.float64)
            # At the very end of a line the sums over the law have run out.
            t = start + (end - start) * shares * (0.9 if on_line else 1.0)
            near = (start.unsqueeze(-1) + (t - start).unsqueeze(-1) * _UP_TO).flatten(1)
            points = [at(near) if i == place else value for i, value in enumerate(middles)]
            draw = as_seen.draw(points, row)
            sizes = (
                full(integrand(draw), draw)
                .abs()
                .view(len(t), len(shares), -1)
                .nan_to_num(nan=math.inf, posinf=math.inf)
            )
            yield _Way((t - start).abs(), log_density(t), sizes.amax(-1).log())


def _as_seen(space: Space) -> Space:
    """The space with the family's own line in the place of its noise, where integrals are taken on it."""
    on_line = space.family.line is not None and len(space.coordinates) == 1
    return replace(space, family=space.family.on_line()) if on_line else space


def _line(
    space: Space, place: int
) -> tuple[tuple[Tensor, Tensor], Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
    """Of one coordinate: the ends of its line (R, 1), its noise at t, and the log density of t."""
    line, noise = space.family.line, space.coordinates[place]
    theta = {name: value.unsqueeze(1) for name, value in space.theta.items()}
    if line is not None and len(space.coordinates) == 1:
        return line.ends(theta), lambda t: t, lambda t: line.log_density(t, theta)

    def log_density(t: Tensor) -> Tensor:
        point, stretch = noise.stretch(t)
        return noise.log_prob(point) + stretch.log()

    low, high = (torch.full((space.n_rows, 1), end, dtype=torch.float64) for end in noise.interval)
    return (low, high), lambda t: noise.stretch(t)[0], log_density


def _to_poles(space: Space, integrand: Integrand) -> _Way | None:
    """From both sides to each point at which a visitor's f may have a pole, row after row; None where there is none."""
    if space.objective.tame is None or len(space.coordinates) > 1:
        return None
    row, line = torch.arange(space.n_rows), space.family.line
    edges = edges_of(space, space.coordinates[0], [], row) if line is None else line_edges(space, line, row)
    _, at, _ = _line(space, 0)
    s = torch.tensor(_NEAR_A_POLE, dtype=torch.float64)
    places = edges[:, 1:-1][:, :_MOST_POLES]
    if not places.numel():
        return None
    # All of them at once: (R, places, sides, distances).
    t = places[:, :, None, None] + torch.tensor([-1.0, 1.0], dtype=torch.float64)[:, None] * (-s).exp()
    draw = _as_seen(space).draw([at(t.flatten(1))], row.unsqueeze(1))
    size = full(integrand(draw), draw).abs().log().view(-1, len(s))
    return _Way(s.expand_as(size), -s.expand_as(size), size)


def _order(way: _Way) -> Tensor:
    """The order at the end of a way, (R,)."""
    last = _last_four(way)
    distance, weight, size = (each.gather(1, last) for each in way)
    fall, rise = -weight.diff(dim=1), size.diff(dim=1)
    a, b = (_slope(each, distance[:, 0]) for each in (fall, rise))
    # What grows slower and slower has not come to a power yet: what it still rises by is all.
    still_rising = rise[:, -1] / (distance[:, -1] - distance[:, -2])
    b = torch.where(b > 2 * still_rising, still_rising, b)
    local = fall / rise
    # Against a weight that falls ever faster h has all its moments, unless it rises as fast; none if it rises faster.
    steep = fall[:, -1] > 2.5 * fall[:, -2]
    trend = local[:, -1] / local[:, -2]
    against = torch.where(trend < 0.7, 0.0, torch.where((trend > 1.3) | (local[:, -2] < 0), math.inf, local[:, -1]))
    order = torch.where(steep, against, a / b)
    # What hardly rises, or only as a power of the distance, has all its moments.
    still = ~(rise[:, -1] > 1e-3 * (distance[:, -1] - distance[:, -2])) | (~steep & ~(b > 1e-3))
    still |= steep & ~(rise[:, -1] > _FELT)
    still |= (order > _MANY) | ~_in_a_row(way).any(1)
    return order.masked_fill(still | _ends(way, last), math.inf).nan_to_num(nan=math.inf, posinf=math.inf).clamp(min=0)


def _last_four(way: _Way) -> Tensor:
    """The indices (R, 4) of the farthest distances in a row at which h neither overflows nor is 0; else the first."""
    usable = _in_a_row(way)
    place = torch.arange(usable.shape[1]).expand_as(usable).masked_fill(~usable, 0).amax(1, keepdim=True)
    return place + torch.arange(4)


def _in_a_row(way: _Way) -> Tensor:
    """From which distances on four in a row can be used, (R, n - 3)."""
    return (way.log_size.isfinite() & way.log_weight.isfinite()).unfold(1, 4, 1).all(-1)


def _ends(way: _Way, last: Tensor) -> Tensor:
    """Whether h is 0 farther out, (R,): not where it has only run out of digits, far outside the law."""
    farther = torch.arange(way.log_size.shape[1]) > last[:, -1:]
    return (farther & (way.log_size == -math.inf) & (way.log_weight > _OUT_OF_DIGITS)).any(1)


def _slope(differences: Tensor, first: Tensor) -> Tensor:
    """b from the differences (R, 3) of b t + k log t + m / t between t, 2t, 4t and 8t; t = `first` (R,)."""
    second = differences.diff(dim=1)
    return (second[:, 1] - 0.5 * second[:, 0]) / (1.5 * first)
