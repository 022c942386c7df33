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
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

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
    jumps_at: Callable[[Values], tuple[Jump, ...]] = lambda values: ()
    kinks_at: Callable[[Values], tuple[Any, ...]] = lambda values: ()
    derivative: Callable[[Tensor, Values], Tensor] | None = None
    """Closed form of f', of x's shape."""
    joint: bool = False
    may_jump: bool = False
    """f may jump at places that are not listed; exact answers then avoid the pathwise form."""
    period: Callable[[Values], Any] | None = None
    """The period in x of a periodic f, infinite where f is constant: heavy tails need it for exact answers."""

    def __call__(self, x: Tensor) -> Tensor:
        return self.total(x, 1)

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
    def smooth(self) -> bool:
        return not self.jumps

    def total(self, x: Tensor, size: int) -> Tensor:
        """f of x: of shape S for x of shape S (size 1) or S + (size,)."""
        if self.joint:
            return self.function(x if size > 1 else x.unsqueeze(-1), self.values)
        values = self.values if size == 1 else {name: _column(value) for name, value in self.values.items()}
        return self.function(x, values) if size == 1 else self.function(x, values).sum(-1)

    def slope(self, x: Tensor, size: int = 1) -> Tensor:
        """The gradient of f, of x's shape: the closed form, else autograd; zero where f is locally constant."""
        if self.derivative is not None:
            if self.joint and size == 1:
                return self.derivative(x.unsqueeze(-1), self.values).squeeze(-1)
            apart = size > 1 and not self.joint
            values = {name: _column(value) for name, value in self.values.items()} if apart else self.values
            return self.derivative(x, values)
        leaf = x.detach().requires_grad_()
        with torch.enable_grad():
            total = self.total(leaf, size).sum()
        return torch.autograd.grad(total, leaf)[0] if total.requires_grad else torch.zeros_like(x)

    def at(self, **values: object) -> Objective:
        """The same objective at other parameter values. Raises ValueError naming the parameter and its range."""
        return dataclasses.replace(self, values=check_values(self.name, self.parameters, values))

    def in_rows(self, values: Mapping[str, Tensor]) -> Objective:
        """The same objective with a tensor of values, already checked, for some parameters."""
        return dataclasses.replace(self, values={**self.values, **values})


def _column(value: Any) -> Any:
    """A value that broadcasts against S as one that broadcasts against S + (size,)."""
    return value.unsqueeze(-1) if isinstance(value, Tensor) and value.ndim else value


def _log_sum_exp(x: Tensor, values: Values) -> Tensor:
    k = _column(values["k"])
    return torch.logsumexp(torch.cat((torch.zeros_like(x[..., :1]), k * x), dim=-1), dim=-1)


def _log_sum_exp_slope(x: Tensor, values: Values) -> Tensor:
    k = _column(values["k"])
    return k * torch.softmax(torch.cat((torch.zeros_like(x[..., :1]), k * x), dim=-1), dim=-1)[..., 1:]


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
            name="constant",
            title="1",
            latex="1",
            function=lambda x, values: torch.ones_like(x),
            derivative=lambda x, values: torch.zeros_like(x),
            source="its gradient is 0: what is left is an estimator's own noise",
        ),
        Objective(
            name="identity",
            title="x",
            latex="x",
            function=lambda x, values: x,
            derivative=lambda x, values: torch.ones_like(x),
            source="the gradient of the mean",
        ),
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
            name="absolute",
            title="|x − k|",
            latex=r"\lvert x - k \rvert",
            function=lambda x, values: (x - values["k"]).abs(),
            derivative=lambda x, values: (x - values["k"]).sign(),
            kinks_at=lambda values: (values["k"],),
            parameters=_k(0.5, (-3.0, 3.0)),
            source="continuous, with a kink: the pathwise estimator still holds (Mohamed et al. 2020, Section 5)",
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
            period=lambda values: 2 * math.pi / torch.as_tensor(values["k"], dtype=torch.float64).abs(),
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
        Objective(
            name="rare_event",
            title="rare bump at k",
            latex=r"e^{-50 (x - k)^2}",
            function=lambda x, values: (-50 * (x - values["k"]).square()).exp(),
            derivative=lambda x, values: -100 * (x - values["k"]) * (-50 * (x - values["k"]).square()).exp(),
            parameters=_k(3.0, (-6.0, 6.0)),
            source="a bump of width 0.1 where few samples fall: the keys away from the street lamp",
        ),
        Objective(
            name="log_sum_exp",
            title="log(1 + Σ exp(k x))",
            latex=r"\log\left(1 + \textstyle\sum_d e^{k x_d}\right)",
            function=_log_sum_exp,
            derivative=_log_sum_exp_slope,
            joint=True,
            parameters=_k(2.0, (0.1, 5.0), (-_SHARPEST, _SHARPEST)),
            source="the log-normaliser of a softmax; for one coordinate the softplus",
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
