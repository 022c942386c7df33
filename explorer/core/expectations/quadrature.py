"""Expectations over the noise, exactly: what an estimator's mean and variance are, for many thetas at once.

    E_q[h] = integral of h(g(eps; theta)) p(eps) d eps

One coordinate of the noise after the other, each by `integrate`, with edges wherever the integrand is known not to be
smooth: kinks of the density, jumps of g, jumps and kinks of f carried back through g. A discrete family is summed over
its atoms instead, unless the integrand looks at g elsewhere. What an estimator draws beside the noise (an exponential
variable, uniforms) is one more coordinate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.expectations import periodic
from explorer.core.expectations.edges import edges_of, line_edges, marks
from explorer.core.expectations.space import Space
from explorer.core.expectations.watch import TooMuchWork, Watch, Work, settled
from explorer.core.families.family import Line
from explorer.core.numerics.panels import Integrals, faulty, integrate

EXTRA_PANELS = 8
TOO_MUCH = "the integral takes too much work: f has too many kinks, jumps or steep parts"


class QuadratureError(ArithmeticError):
    """The integral does not converge, or not to the accuracy that is called exact.

    `known` holds what the same call does know: the answers for other parameters.
    """

    def __init__(self, message: str, known: Mapping[str, float] | None = None) -> None:
        super().__init__(message)
        self.known = dict(known or {})


def expect(space: Space, integrand: Callable[[Draw], Sequence[Tensor]]) -> Integrals:
    """E[h] over a space, for each h that `integrand` makes of a draw: values (C, R)."""
    rows, work = torch.arange(space.n_rows), Work(space)
    if not space.has_waves:
        try:
            return _nested(space, integrand, [], rows, work)
        except TooMuchWork:
            middle = [noise.stretch(torch.zeros(1, 1, dtype=torch.float64))[0] for noise in space.coordinates]
            count = len(integrand(space.draw(middle, rows[:1].unsqueeze(1))))
            lost = torch.full((count, space.n_rows), torch.nan, dtype=torch.float64)
            return Integrals(lost, [TOO_MUCH] * space.n_rows)
    cut = periodic.cut(space.objective.in_rows(space.values), space.theta)
    near, far = (_nested(space, part, [], rows, work) for part in periodic.near_and_far(integrand, space.mirrored, cut))
    faults = [one or other for one, other in zip(near.faults, far.faults, strict=True)]
    return Integrals(near.values + far.values, faults)


def _nested(
    space: Space, integrand: Callable[[Draw], Sequence[Tensor]], fixed: list[Tensor], origin: Tensor, work: Work
) -> Integrals:
    """Integrates over the coordinates that are not yet `fixed`; rows (M,) come from the rows `origin` of the space."""
    level = len(fixed)
    if level == 0 and space.by_atoms:
        return _over_atoms(space, integrand, origin, work)
    if space.family.line is not None and not (space.extras or space.other_thetas or space.mirrored):
        return _along_line(space, space.family.line, integrand, origin, work)
    noise = space.coordinates[level]
    last = level == len(space.coordinates) - 1
    watch = Watch(space)

    def function(t: Tensor, row: Tensor) -> Tensor:
        point, stretch = noise.stretch(t)
        weight = noise.log_prob(point).exp() * stretch
        held = [value[row].unsqueeze(1) for value in fixed]
        watch.begin(weight)
        if last:
            work.spend(t.numel())
            h = torch.stack(list(integrand(space.draw([*held, point], origin[row].unsqueeze(1), watch.look))))
        else:
            if watch.is_needed:
                for x in settled(space, [*held, point], origin[row].unsqueeze(1)):
                    watch.look(x)
            inner_origin = origin[row].repeat_interleave(t.shape[1])
            flat = [value.expand_as(t).flatten() for value in held]
            inner = _nested(space, integrand, [*flat, point.flatten()], inner_origin, work)
            h = inner.values.view(-1, *t.shape)
            lost = faulty(inner.faults).view(t.shape)
            h = torch.where(lost & (weight > 1e-30), torch.nan, h)
        # Where the weight has underflowed to zero an infinite h must not turn the sum into NaN.
        return torch.where(weight > 0, h * weight, 0.0)

    # In nested integrals the numbers of panels multiply, so each starts with fewer; and the outer integrand, being an
    # integral over the inner coordinates, is smoother than theirs.
    panels = noise.panels if last and level == 0 else min(noise.panels, EXTRA_PANELS if level else 2 * EXTRA_PANELS)
    work.spend(len(origin) * marks(space, origin[:1]).shape[1])
    edges = edges_of(space, noise, fixed, origin)
    return integrate(function, edges, panels, tail=level == 0, trust=watch.trust if watch.is_needed else None)


def _along_line(
    space: Space, line: Line, integrand: Callable[[Draw], Sequence[Tensor]], origin: Tensor, work: Work
) -> Integrals:
    """The integral over a line of the family's own, where x is not the solution of an equation."""
    on_line = replace(space, family=space.family.on_line())
    watch = Watch(space)

    def function(t: Tensor, row: Tensor) -> Tensor:
        draw = on_line.draw([t], origin[row].unsqueeze(1), watch.look)
        weight = line.log_density(t, draw.theta).exp()
        watch.begin(weight)
        work.spend(t.numel())
        return torch.where(weight > 0, torch.stack(list(integrand(draw))) * weight, 0.0)

    edges = line_edges(space, line, origin)
    return integrate(function, edges, space.family.noise.panels, trust=watch.trust if watch.is_needed else None)


def _over_atoms(space: Space, integrand: Callable[[Draw], Sequence[Tensor]], origin: Tensor, work: Work) -> Integrals:
    """The sum over a discrete family's atoms, each stood for by the middle of its stretch of noise."""
    family = space.family
    points = torch.tensor(family.support.points, dtype=torch.float64)
    theta = {name: value[origin].unsqueeze(1) for name, value in space.theta.items()}
    mass = family.log_prob(points.expand(len(origin), -1), theta).exp()
    rows = origin.repeat_interleave(len(points))
    atoms = points.repeat(len(origin))
    if space.extras:
        inner = _nested(space, integrand, [atoms], rows, work)
        values, faults = inner.values, inner.faults
    else:
        values = torch.stack(list(integrand(space.draw([atoms], rows))))
        faults = [""] * len(rows)
    values = values.view(-1, len(origin), len(points))
    total = torch.where(mass > 0, values * mass, 0.0).sum(-1)
    by_row = [next(filter(None, faults[i : i + len(points)]), "") for i in range(0, len(faults), len(points))]
    finite = total.isfinite().all(0).tolist()
    return Integrals(
        total, [fault or ("" if ok else "a term is not finite") for fault, ok in zip(by_row, finite, strict=True)]
    )
