"""Objectives f: the function whose expectation E_q[f(x)] is wanted.

Contract of an `Objective`: calling it maps x (n,) to f(x) (n,) elementwise; `slope` is f' where it exists; `jumps`
lists where f jumps and by how much; `smooth` says that f is continuous and differentiable almost everywhere, which is
what the pathwise estimator needs. Where a `derivative` is given in closed form, it equals what autograd finds. An
objective with parameters starts at their defaults; `at(k=2.0)` gives it at other values.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from explorer.core.parameters import Parameter, check_values

Values = Mapping[str, float]


@dataclass(frozen=True)
class Jump:
    """f rises by `height` as x passes `at`."""

    at: float
    height: float


@dataclass(frozen=True)
class Objective:
    """A function of x with its mathematical properties. See the module's contract."""

    name: str
    title: str
    latex: str
    function: Callable[[Tensor, Values], Tensor]
    source: str
    parameters: tuple[Parameter, ...] = ()
    values: Values = field(default_factory=dict, hash=False)
    jumps_at: Callable[[Values], tuple[Jump, ...]] = lambda values: ()
    derivative: Callable[[Tensor, Values], Tensor] | None = None
    """Closed form of f'."""

    def __call__(self, x: Tensor) -> Tensor:
        return self.function(x, self.values)

    @property
    def jumps(self) -> tuple[Jump, ...]:
        return self.jumps_at(self.values)

    @property
    def smooth(self) -> bool:
        return not self.jumps

    def slope(self, x: Tensor) -> Tensor:
        """f'(x), (n,): the closed form, else autograd; zero where f is locally constant."""
        if self.derivative is not None:
            return self.derivative(x, self.values)
        leaf = x.detach().requires_grad_()
        with torch.enable_grad():
            total = self(leaf).sum()
        return torch.autograd.grad(total, leaf)[0] if total.requires_grad else torch.zeros_like(x)

    def at(self, **values: object) -> Objective:
        """The same objective at other parameter values. Raises ValueError naming the parameter and its range."""
        return dataclasses.replace(self, values=check_values(self.name, self.parameters, values))


_TEST_BED = "Mohamed, Rosca, Figurnov & Mnih 2020, Section 3"


_SHARPEST = 1000.0
"""The largest k: quadrature could step over what is narrower."""


def _k(
    default: float, slider: tuple[float, float], valid: tuple[float, float] = (-math.inf, math.inf)
) -> tuple[Parameter, ...]:
    return (Parameter("k", "k", default, slider, valid),)


OBJECTIVES: dict[str, Objective] = {
    objective.name: objective.at(**{parameter.name: parameter.default for parameter in objective.parameters})
    for objective in (
        Objective(
            name="square",
            title="x²",
            latex="x^2",
            function=lambda x, values: x * x,
            derivative=lambda x, values: 2 * x,
            source="the toy problem: minimise E[x²] under N(θ, 1)",
        ),
        Objective(
            name="shifted_square",
            title="(x − k)²",
            latex="(x - k)^2",
            function=lambda x, values: (x - values["k"]).square(),
            derivative=lambda x, values: 2 * (x - values["k"]),
            parameters=_k(2.0, (-3.0, 3.0)),
            source=_TEST_BED,
        ),
        Objective(
            name="squared_exponential",
            title="exp(−k x²)",
            latex="e^{-k x^2}",
            function=lambda x, values: (-values["k"] * x.square()).exp(),
            parameters=_k(1.0, (0.1, 20.0), (0.0, _SHARPEST)),
            source=_TEST_BED,
        ),
        Objective(
            name="cosine",
            title="cos(k x)",
            latex=r"\cos(k x)",
            function=lambda x, values: (values["k"] * x).cos(),
            derivative=lambda x, values: -values["k"] * (values["k"] * x).sin(),
            parameters=_k(1.0, (0.1, 10.0), (-_SHARPEST, _SHARPEST)),
            source=_TEST_BED,
        ),
        Objective(
            name="step",
            title="step at k",
            latex=r"\mathbf{1}[x > k]",
            function=lambda x, values: (x > values["k"]).to(x.dtype),
            parameters=_k(1.0, (-3.0, 3.0)),
            jumps_at=lambda values: (Jump(values["k"], 1.0),),
            source="Mohamed, Rosca, Figurnov & Mnih 2020, Section 5",
        ),
    )
}


def get_objective(objective: object) -> Objective:
    """The entry of OBJECTIVES for a name; an Objective is returned as it is. Raises ValueError with the known names."""
    if isinstance(objective, Objective):
        return objective
    if not isinstance(objective, str) or objective not in OBJECTIVES:
        raise ValueError(f"objective must be an Objective or one of {', '.join(OBJECTIVES)}, got {objective!r}")
    return OBJECTIVES[objective]
