"""Objectives f: the function whose expectation E_q[f(x)] is wanted.

Contract of an `Objective`: calling it maps x of shape S to f(x) of shape S elementwise. For a vector x, S + (size,), f
is summed over the coordinates, or is a `joint` function of them: `total` and `slope` take either, by `size`. `jumps`
lists where f jumps and by how much, `kinks` where its slope does; `smooth` says that f is continuous and
differentiable almost everywhere, which is what the pathwise estimator needs. Where a `derivative` is given in closed
form, it equals what autograd finds. An objective with parameters starts at their defaults; `at(k=2.0)` gives it at
other values. The values may be tensors that broadcast against x: many objectives worked on in one batch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.numerics.isolation import differentiation, ordinary
from explorer.core.parameters import Parameter, check_values

Values = Mapping[str, Any]
"""A number, or a tensor, a parameter."""


@dataclass(frozen=True)
class Jump:
    """f rises by `height` as x passes `at`."""

    at: Any
    height: float


@dataclass(frozen=True)
class Objective:
    """A function of x with its mathematical properties. See the module's contract."""

    name: str
    title: str
    latex: str
    function: Callable[[Tensor, Values], Tensor]
    """(x, values) -> f elementwise; for a joint objective x's last axis holds the coordinates and is summed away."""
    source: str
    parameters: tuple[Parameter, ...] = ()
    values: Values = field(default_factory=dict, hash=False)
    jumps_at: Callable[[Values], tuple[Jump, ...]] = field(default=lambda values: (), compare=False)
    kinks_at: Callable[[Values], tuple[Any, ...]] = field(default=lambda values: (), compare=False)
    derivative: Callable[[Tensor, Values], Tensor] | None = None
    """Closed form of f', of x's shape."""
    joint: bool = False
    unlisted: Callable[[], bool] = field(default=lambda: False, compare=False)
    """Whether f may jump at places that are not listed; exact answers then avoid the pathwise form."""
    tame: Callable[[Tensor, Tensor], Tensor] | None = field(default=None, compare=False)
    """(low, high) -> whether f varies so mildly from x = low to high that quadrature nodes see all of it; any shape.

    None where the lists above and the bounds of f's parameters say as much.
    """
    period: Callable[[Values], Any] | None = None
    """The period in x of a periodic f, infinite where f is constant: heavy tails need it for exact answers."""

    def __call__(self, x: object) -> Tensor:
        """f(x), of x's shape. Raises ValueError as `as_points` does."""
        return self.total(as_points(x), 1)

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells this objective from any other, its values included."""
        return self.name, self.title, tuple(self.values.items())

    @property
    def jumps(self) -> tuple[Jump, ...]:
        return self.jumps_at(self.values)

    @property
    def kinks(self) -> tuple[Any, ...]:
        return self.kinks_at(self.values)

    @property
    def may_jump(self) -> bool:
        """Whether f may jump at places that `jumps` does not list, or have a pole."""
        return self.unlisted()

    @property
    def smooth(self) -> bool:
        return not self.jumps

    def total(self, x: Tensor, size: int) -> Tensor:
        """f of x: of shape S for x of shape S (size 1) or S + (size,)."""
        if self.joint:
            return self.function(x if size > 1 else x.unsqueeze(-1), self.values)
        values = self.values if size == 1 else {name: per_coordinate(value) for name, value in self.values.items()}
        return self.function(x, values) if size == 1 else self.function(x, values).sum(-1)

    def slope(self, x: Tensor, size: int = 1) -> Tensor:
        """The gradient of f, of x's shape: the closed form, else autograd; zero where f is locally constant.

        Raises ValueError as `as_points` does.
        """
        x = as_points(x)
        if self.derivative is not None:
            if self.joint and size == 1:
                return self.derivative(x.unsqueeze(-1), self.values).squeeze(-1)
            apart = size > 1 and not self.joint
            values = {name: per_coordinate(value) for name, value in self.values.items()} if apart else self.values
            return self.derivative(x, values)
        with differentiation():
            leaf = ordinary(x).detach().requires_grad_()
            total = self.total(leaf, size).sum()
            return torch.autograd.grad(total, leaf)[0] if total.requires_grad else torch.zeros_like(leaf)

    def at(self, **values: object) -> Objective:
        """The same objective at other parameter values. Raises ValueError naming the parameter and its range."""
        return dataclasses.replace(self, values=check_values(self.name, self.parameters, values))

    def in_rows(self, values: Mapping[str, Tensor]) -> Objective:
        """The same objective with a tensor of values, already checked, for some parameters."""
        return dataclasses.replace(self, values={**self.values, **values})


NO_OBJECTIVE = Objective("none", "0", "0", lambda x, values: torch.zeros_like(x), source="")
"""f = 0, for expectations in which no f appears, such as that of the squared score."""


def as_points(x: object) -> Tensor:
    """Where f is asked for: floating-point tensors as they are; integers, numbers and numpy's arrays in float64.

    Raises ValueError for anything else: text, truth values, complex numbers.
    """
    if isinstance(x, Tensor):
        if x.is_floating_point():
            return x
        if x.dtype != torch.bool and not x.is_complex():
            return x.double()
        raise ValueError(f"x must be real numbers, got a tensor of {x.dtype}")
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError("x must be numbers in the shape of an array") from error
    if array.dtype.kind not in "iuf":
        raise ValueError(f"x must be a number or an array of real numbers, got {type(x).__name__}")
    return torch.from_numpy(array.astype(np.float64))


def per_coordinate(value: Any) -> Any:
    """A value that broadcasts against S as one that broadcasts against S + (size,)."""
    return value.unsqueeze(-1) if isinstance(value, Tensor) and value.ndim else value
