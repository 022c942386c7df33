"""What is asked: the gradient of E f(x) in one parameter of q_theta, at one theta."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.families.family import Family
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.objective import Objective
from explorer.core.randomness import Streams


@dataclass(frozen=True, eq=False)
class Problem:
    """A family, an objective f, theta in the parameters' order, and the `parameter` whose gradient is asked for.

    Checked once, here: raises ValueError on a theta outside its range or an unknown parameter. Two problems are equal,
    and share a hash, when their `identity` is: a family is told by its name, whatever defaults a page gave it.
    """

    family: Family
    objective: Objective
    theta: Mapping[str, float]
    parameter: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "theta", MappingProxyType(self.family.check(self.theta)))
        self.family.check_parameter(self.parameter)

    @property
    def identity(self) -> Hashable:
        """What tells this problem from any other."""
        return self.family.name, self.objective.identity, tuple(self.theta.items()), self.parameter

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)

    @property
    def row(self) -> dict[str, Tensor]:
        """theta as a batch of one, for exact answers: {name: (1,) float64}."""
        return one_row(self.theta)

    def tensors(self, like: Tensor) -> dict[str, Tensor]:
        """theta as scalar tensors with the dtype and device of `like`."""
        return {name: torch.tensor(value, dtype=like.dtype, device=like.device) for name, value in self.theta.items()}

    def draw(self, eps: Tensor, streams: Streams | None = None) -> Draw:
        """What all estimators make of some noise eps of this problem; see `Draw`."""
        return Draw(self.family, self.objective, self.tensors(eps), eps, streams)
