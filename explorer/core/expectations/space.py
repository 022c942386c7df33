"""What an expectation is taken over: noise, what is drawn beside it, and rows of theta; and draws at points of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from explorer.core.draw import Draw, Extras, itself
from explorer.core.families.family import Family
from explorer.core.families.noises import EXPONENTIAL, UNIFORM, Noise
from explorer.core.objectives.objective import Objective

_EXTRA_EXPONENTIAL = replace(EXPONENTIAL, interval=(-40.0, 100.0))
"""What is left out holds 1e-17 of the mass; f is asked for near x, never far out where x itself is not."""
_EXTRA_UNIFORM = replace(UNIFORM, interval=(-28.0, 28.0))
"""What is left out holds 1e-12 of the mass; softened samples stay between the atoms, so f is bounded there."""
Rows = Mapping[str, Tensor]
"""Many values of some parameters, worked on in one batch: {name: (R,) float64}."""


@dataclass(frozen=True)
class Space:
    """What is integrated over: the noise of `family`, and `extras` beside it, for R rows of theta and f's values.

    The other fields tell where an integrand is not smooth, so that integrals are split there.
    """

    family: Family
    objective: Objective
    theta: Rows
    values: Rows = field(default_factory=dict)
    """f's values that differ from row to row, (R,)."""
    extras: tuple[str, ...] = ()
    """Names among "exponential" and uniforms "u1", "u2", ..., in the order in which they are integrated."""
    other_thetas: Callable[[Rows], Sequence[Rows]] | None = None
    """Other thetas that the integrand looks at: g and f are then not smooth where they are not smooth there."""
    mirrored: bool = False
    """The integrand looks at the mirror image of the noise too."""
    f_points: Callable[[Draw], Sequence[Tensor]] | None = None
    """The points at which the integrand evaluates f, where they depend on the extras; each monotone in the last one."""
    splits: tuple[Tensor, ...] = ()
    """More values of x at which the integrand is not smooth, (R,) each."""

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

    @property
    def by_atoms(self) -> bool:
        """Whether the noise is summed over a discrete family's atoms, in place of an integral."""
        return self.family.discrete and self.other_thetas is None and not self.mirrored

    @property
    def coordinates(self) -> list[Noise]:
        """The noise of each coordinate: the family's own, then the extras'."""
        return [self.family.noise] * self.family.size + [
            _EXTRA_EXPONENTIAL if name == "exponential" else _EXTRA_UNIFORM for name in self.extras
        ]

    def draw(self, points: list[Tensor], row: Tensor, argument: Callable[[Tensor], Tensor] = itself) -> Draw:
        """A draw at these coordinates, for these rows: they broadcast against each other.

        In a sum over atoms the first coordinate is the atom itself. `argument` as for a `Draw`.
        """
        points = list(torch.broadcast_tensors(*points, row)[:-1])
        # With a single row theta stays a number, so that families with tables need not find each sample's row.
        pick: Tensor | int = 0 if self.n_rows == 1 else row
        theta = {name: value[pick] for name, value in self.theta.items()}
        objective = self.objective.in_rows({name: value[pick] for name, value in self.values.items()})
        size = self.family.size
        extras = dict(zip(self.extras, points[size:], strict=True))
        uniforms = [value for name, value in extras.items() if name != "exponential"]
        return Draw(
            self.family,
            objective,
            theta,
            eps=torch.stack(points[:size], dim=-1) if size > 1 else points[0],
            extras=Extras(extras.get("exponential"), torch.stack(uniforms, dim=-1) if uniforms else None),
            known_x=points[0] if self.by_atoms else None,
            row=pick,
            argument=argument,
        )
