"""Expectations over the noise, exactly: what an estimator's mean and variance are, for many thetas at once.

    E_q[h] = integral of h(g(eps; theta)) p(eps) d eps

One coordinate of the noise after the other, each by `integrate`, with edges wherever the integrand is known not to be
smooth: kinks of the density, jumps of g, jumps and kinks of f carried back through g. A discrete family is summed over
its atoms instead, unless the integrand looks at g elsewhere. What an estimator draws beside the noise (an exponential
variable, uniforms) is one more coordinate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.expectations import periodic as waves
from explorer.core.families.family import Family, Line
from explorer.core.families.noises import EXPONENTIAL, UNIFORM, Noise
from explorer.core.numerics.panels import Integrals, faulty, integrate
from explorer.core.objectives.objective import Objective

EXTRA_PANELS = 8
_EXTRA_EXPONENTIAL = replace(EXPONENTIAL, interval=(-40.0, 5.5))
"""What is left out holds 1e-17 of the mass; f is asked for near x, never far out where x itself is not."""
_EXTRA_UNIFORM = replace(UNIFORM, interval=(-28.0, 28.0))
"""What is left out holds 1e-12 of the mass; softened samples stay between the atoms, so f is bounded there."""
_HALVINGS = 60
Rows = Mapping[str, Tensor]


class QuadratureError(ArithmeticError):
    """The integral does not converge, or not to the accuracy that is called exact."""


@dataclass(frozen=True)
class Space:
    """What is integrated over: the noise of `family`, and `extras` beside it, for R rows of theta and f's values."""

    family: Family
    objective: Objective
    theta: Rows
    """{name: (R,) float64}."""
    values: Rows = field(default_factory=dict)
    """f's values that differ from row to row, (R,)."""
    extras: tuple[str, ...] = ()
    """Names among "exponential" and uniforms "u1", "u2", ..., in the order in which they are integrated."""
    others: Callable[[Rows], Sequence[Rows]] | None = None
    """Other thetas that the integrand looks at: g and f are then not smooth where they are not smooth there."""
    mirrored: bool = False
    """The integrand looks at the mirror image of the noise too."""
    looks: Callable[[Draw], Sequence[Tensor]] | None = None
    """The points at which the integrand asks for f, where those depend on the extras; each monotone in the last one."""

    @property
    def n_rows(self) -> int:
        return len(next(iter(self.theta.values())))

    @property
    def tails(self) -> Tensor:
        """The family's tail index at each row, (R,)."""
        rows = zip(*(column.tolist() for column in self.theta.values()), strict=True)
        return torch.tensor(
            [self.family.tail(dict(zip(self.theta, numbers, strict=True))) for numbers in rows], dtype=torch.float64
        )

    @property
    def has_waves(self) -> bool:
        """Whether f has waves that a heavy tail carries out to infinity."""
        return self.objective.period is not None and self.family.size == 1 and bool(self.tails.isfinite().any())

    def expect(self, integrand: Callable[[Draw], Sequence[Tensor]]) -> Integrals:
        """E[h] for each h that `integrand` makes of a draw: values (C, R)."""
        rows = torch.arange(self.n_rows)
        if not self.has_waves:
            return _nested(self, integrand, [], rows)
        reach = waves.reach(self.objective.in_rows(self.values), self.theta)
        space = replace(self, values={**self.values, waves.REACH: reach})
        near, far = (_nested(space, part, [], rows) for part in waves.near_and_far(integrand, self.mirrored))
        faults = [one or other for one, other in zip(near.faults, far.faults, strict=True)]
        return Integrals(near.values + far.values, faults)


def _nested(
    space: Space, integrand: Callable[[Draw], Sequence[Tensor]], fixed: list[Tensor], origin: Tensor
) -> Integrals:
    """Integrates over the coordinates that are not yet `fixed`; rows (M,) come from the rows `origin` of the space."""
    level = len(fixed)
    if level == 0 and _by_atoms(space):
        return _over_atoms(space, integrand, origin)
    if space.family.line is not None and not (space.extras or space.others or space.mirrored):
        return _along_line(space, space.family.line, integrand, origin)
    noise = _coordinates(space)[level]
    last = level == len(_coordinates(space)) - 1

    def function(t: Tensor, row: Tensor) -> Tensor:
        point, stretch = noise.stretch(t)
        weight = noise.log_prob(point).exp() * stretch
        held = [value[row].unsqueeze(1) for value in fixed]
        if last:
            h = torch.stack(list(integrand(_draw(space, [*held, point], origin[row].unsqueeze(1)))))
        else:
            inner_origin = origin[row].repeat_interleave(t.shape[1])
            flat = [value.expand_as(t).flatten() for value in held]
            inner = _nested(space, integrand, [*flat, point.flatten()], inner_origin)
            h = inner.values.view(-1, *t.shape)
            lost = faulty(inner.faults).view(t.shape)
            h = torch.where(lost & (weight > 1e-30), torch.nan, h)
        # Where the weight has underflowed to zero an infinite h must not turn the sum into NaN.
        return torch.where(weight > 0, h * weight, 0.0)

    # Nested, the work multiplies, and the first coordinate meets what the others have smoothed.
    panels = noise.panels if last and level == 0 else min(noise.panels, EXTRA_PANELS if level else 2 * EXTRA_PANELS)
    return integrate(function, _edges(space, noise, fixed, origin), panels, tail=level == 0)


def _by_atoms(space: Space) -> bool:
    return space.family.discrete and space.others is None and not space.mirrored


def _along_line(space: Space, line: Line, integrand: Callable[[Draw], Sequence[Tensor]], origin: Tensor) -> Integrals:
    """The integral over a line of the family's own, where x is not the solution of an equation."""
    on_line = replace(space, family=space.family.on_line())
    theta = {name: value[origin].unsqueeze(1) for name, value in space.theta.items()}
    ends = line.ends(theta)

    def function(t: Tensor, row: Tensor) -> Tensor:
        draw = _draw(on_line, [t], origin[row].unsqueeze(1))
        weight = line.log_density(t, draw.theta).exp()
        return torch.where(weight > 0, torch.stack(list(integrand(draw))) * weight, 0.0)

    passed = [_passing(lambda t: line.transform(t, theta), at.unsqueeze(1), ends) for at in _marks(space, origin)]
    edges = torch.cat([*ends, *passed], dim=1).sort(dim=1).values
    return integrate(function, edges, space.family.noise.panels)


def _over_atoms(space: Space, integrand: Callable[[Draw], Sequence[Tensor]], origin: Tensor) -> Integrals:
    """The sum over a discrete family's atoms, each stood for by the middle of its stretch of noise."""
    family = space.family
    points = torch.tensor(family.support.points, dtype=torch.float64)
    theta = {name: value[origin].unsqueeze(1) for name, value in space.theta.items()}
    mass = family.log_prob(points.expand(len(origin), -1), theta).exp()
    rows = origin.repeat_interleave(len(points))
    atoms = points.repeat(len(origin))
    if space.extras:
        inner = _nested(space, integrand, [atoms], rows)
        values, faults = inner.values, inner.faults
    else:
        values = torch.stack(list(integrand(_draw(space, [atoms], rows))))
        faults = [""] * len(rows)
    values = values.view(-1, len(origin), len(points))
    total = torch.where(mass > 0, values * mass, 0.0).sum(-1)
    by_row = [next(filter(None, faults[i : i + len(points)]), "") for i in range(0, len(faults), len(points))]
    finite = total.isfinite().all(0).tolist()
    return Integrals(
        total, [fault or ("" if ok else "a term is not finite") for fault, ok in zip(by_row, finite, strict=True)]
    )


def _coordinates(space: Space) -> list[Noise]:
    """The noise of each coordinate: the family's own, then the extras'."""
    return [space.family.noise] * space.family.size + [
        _EXTRA_EXPONENTIAL if name == "exponential" else _EXTRA_UNIFORM for name in space.extras
    ]


def _draw(space: Space, points: list[Tensor], row: Tensor) -> Draw:
    """A draw at these coordinates (they broadcast), for the space's rows `row`."""
    points = list(torch.broadcast_tensors(*points, row)[:-1])
    # A single row stays a number: families that keep tables need not look which row is whose.
    pick = 0 if space.n_rows == 1 else row
    theta = {name: value[pick] for name, value in space.theta.items()}
    objective = space.objective.in_rows({name: value[pick] for name, value in space.values.items()})
    size = space.family.size
    given: dict[str, Any] = {}
    extras = dict(zip(space.extras, points[size:], strict=True))
    if "exponential" in extras:
        given["exponential"] = extras["exponential"]
    if uniforms := [value for name, value in extras.items() if name != "exponential"]:
        given["uniforms"] = torch.stack(uniforms, dim=-1)
    eps = torch.stack(points[:size], dim=-1) if size > 1 else points[0]
    draw = Draw(space.family, objective, theta, eps, given=given)
    if _by_atoms(space):
        # The first coordinate is the atom itself.
        draw.__dict__["x"] = points[0]
    return draw


def _edges(space: Space, noise: Noise, fixed: list[Tensor], origin: Tensor) -> Tensor:
    """The ends of the interval in t and, between them, each point where the integrand is not smooth: (M, E)."""
    low, high = noise.interval
    n_rows = len(origin)
    points = [torch.full((n_rows,), kink, dtype=torch.float64) for kink in noise.kinks]
    if len(fixed) < space.family.size:
        theta = {name: value[origin] for name, value in space.theta.items()}
        for each in [theta, *(space.others(theta) if space.others else [])]:
            points += _breaks(space, noise, fixed, each, origin)
        if space.mirrored:
            opposite = _breaks(space, noise, [noise.reflect(value) for value in fixed], theta, origin)
            points += [noise.reflect(point) for point in (*opposite, *points[: len(noise.kinks)])]
    elif space.looks is not None and len(fixed) == len(_coordinates(space)) - 1:
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
    for at in _marks(space, origin):
        if family.inverse is not None and family.size == 1:
            found.append(family.inverse(at, theta))
        else:
            found += _crossings(space, noise, fixed, theta, at)
    return found


def _marks(space: Space, origin: Tensor) -> list[Tensor]:
    """The jumps and kinks of f, (M,) each."""
    objective = space.objective.in_rows({name: value[origin] for name, value in space.values.items()})
    marks = [jump.at for jump in objective.jumps] + list(objective.kinks)
    return [
        mark if isinstance(mark, Tensor) else torch.full((len(origin),), float(mark), dtype=torch.float64)
        for mark in marks
    ]


def _passing(function: Callable[[Tensor], Tensor], at: Tensor, ends: tuple[Any, Any]) -> Tensor:
    """The t at which a monotone function passes `at`, by halving; an end where it does not."""
    left, right = (torch.as_tensor(end, dtype=at.dtype).expand_as(at) for end in ends)
    rising = function(right) > function(left)
    for _ in range(_HALVINGS):
        middle = 0.5 * (left + right)
        beyond = (function(middle) > at) == rising
        left, right = torch.where(beyond, left, middle), torch.where(beyond, middle, right)
    return right


def _extra_crossings(space: Space, noise: Noise, fixed: list[Tensor], origin: Tensor) -> list[Tensor]:
    """Where each of the points that the integrand looks at passes a jump or kink of f as this extra runs."""
    assert space.looks is not None
    looks = space.looks

    def look(i: int, t: Tensor) -> Tensor:
        return looks(_draw(space, [*fixed, noise.stretch(t)[0]], origin))[i].expand_as(t)

    marks = _marks(space, origin)
    n_looks = len(looks(_draw(space, [*fixed, torch.ones(len(origin), dtype=torch.float64)], origin))) if marks else 0
    passed = [_passing(lambda t, i=i: look(i, t), at, noise.interval) for at in marks for i in range(n_looks)]  # type: ignore[misc]
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
    passed = [_passing(lambda t, i=i: coordinates(t)[i], at, noise.interval) for i in range(everything)]  # type: ignore[misc]
    return [noise.stretch(t)[0] for t in passed]
