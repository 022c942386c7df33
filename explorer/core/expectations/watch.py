"""What keeps quadrature honest where f is a visitor's: each panel asks where it looks at f, and what f may do there."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from explorer.core.expectations.space import Space

MOST_WORK, A_ROW = 3 * 10**6, 3 * 10**5
"""Evaluations of a visitor's f in one expectation, and as many more for each row: about a second of them."""
NEGLIGIBLE = 1e-26
"""A panel of less weight than this hides nothing that counts."""


class TooMuchWork(Exception):
    """A visitor's f asks for more evaluations than are given to one."""


class Work:
    """How many evaluations of f an expectation has left; endless where f needs no watching."""

    def __init__(self, space: Space) -> None:
        self.left = math.inf if space.objective.tame is None else MOST_WORK + A_ROW * space.n_rows

    def spend(self, evaluations: int) -> None:
        """Raises TooMuchWork where there are not so many left."""
        self.left -= evaluations
        if self.left < 0:
            raise TooMuchWork


class Watch:
    """Of one integral: the x at which its last batch of panels looked at f. Idle where f needs no watching."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._seen: list[Tensor] = []
        self._light = torch.empty(0)

    @property
    def is_needed(self) -> bool:
        return self.space.objective.tame is not None

    def begin(self, weight: Tensor) -> None:
        """A batch of panels with these weights at their nodes, (P, nodes)."""
        self._seen, self._light = [], weight.amax(-1) < NEGLIGIBLE

    def look(self, x: Tensor) -> Tensor:
        """Remembers points at which f is evaluated: (P, nodes) or, of a vector, (P, nodes, coordinates)."""
        if self.is_needed and not any(x is seen for seen in self._seen):
            self._seen.append(x)
        return x

    def trust(self) -> Tensor:
        """Between the nodes of which panels f can hide nothing, (P,)."""
        tame = self.space.objective.tame
        assert tame is not None
        trusted = torch.ones_like(self._light)
        for x in self._seen:
            ranges = x.detach()
            fine = tame(ranges.amin(1), ranges.amax(1))
            trusted &= fine.all(-1) if fine.ndim > 1 else fine
        return trusted | self._light


def settled(space: Space, points: list[Tensor], row: Tensor) -> list[Tensor]:
    """The coordinates of each x looked at that are settled by the first coordinates `points` of the noise.

    What is integrated later averages f over the others, so that nothing of it is left to hide.
    """
    size, known = space.family.size, len(points)
    if known > size:
        return []
    draw = space.draw([*points, *[torch.zeros_like(points[-1])] * (len(space.coordinates) - known)], row)
    draws = [draw, *([draw.mirrored] if space.mirrored else [])]
    if space.other_thetas is not None:
        draws += [draw.at(theta) for theta in space.other_thetas(draw.theta)]
    return [each.x if known == size else each.x[..., :known] for each in draws]
