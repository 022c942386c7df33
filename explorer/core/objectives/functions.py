"""What a formula may call on: its functions and comparisons, each with how it is computed and how it is written.

An argument that is undefined, NaN, makes every value of it NaN: a comparison with it is neither true nor false. What is
constant between its jumps passes no slope on, not even 0, which times an infinite slope would be NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Function(NamedTuple):
    """What a function computes, and its LaTeX with one %s an argument."""

    compute: Callable[..., Tensor]
    latex: str
    arity: int = 1
    jumps: bool = False
    """It may jump, or have a pole, where its argument varies."""


class Comparison(NamedTuple):
    """What a comparison computes, 1 where it holds and 0 elsewhere; its sign as text, as LaTeX, and its contrary's."""

    compute: Callable[[Tensor, Tensor], Tensor]
    text: str
    latex: str
    contrary: str


def _indicator(holds: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda u, v: holds(u, v).to(u.dtype).masked_fill(u.isnan() | v.isnan(), math.nan)


def _step(u: Tensor) -> Tensor:
    return COMPARISONS[">"].compute(u, torch.zeros_like(u))


def _sign(u: Tensor) -> Tensor:
    return u.detach().sign().masked_fill(u.isnan(), math.nan)


def _where(condition: Tensor, chosen: Tensor, other: Tensor) -> Tensor:
    condition = condition.detach()
    return torch.where(condition.isnan(), condition, torch.where(condition != 0, chosen, other))


WHERE = "where"
FUNCTIONS: dict[str, Function] = {
    "exp": Function(torch.exp, r"e^{%s}"),
    "log": Function(torch.log, r"\log\left(%s\right)", jumps=True),
    "sqrt": Function(torch.sqrt, r"\sqrt{%s}"),
    "sin": Function(torch.sin, r"\sin\left(%s\right)"),
    "cos": Function(torch.cos, r"\cos\left(%s\right)"),
    "tan": Function(torch.tan, r"\tan\left(%s\right)", jumps=True),
    "tanh": Function(torch.tanh, r"\tanh\left(%s\right)"),
    "sinh": Function(torch.sinh, r"\sinh\left(%s\right)"),
    "cosh": Function(torch.cosh, r"\cosh\left(%s\right)"),
    "atan": Function(torch.atan, r"\arctan\left(%s\right)"),
    "abs": Function(torch.abs, r"\left|%s\right|"),
    "sigmoid": Function(torch.sigmoid, r"\operatorname{sigmoid}\left(%s\right)"),
    # torch's own softplus leaves out up to 2e-9 beyond its threshold.
    "softplus": Function(lambda u: torch.logaddexp(u, torch.zeros_like(u)), r"\operatorname{softplus}\left(%s\right)"),
    "relu": Function(lambda u: u.clamp(min=0), r"\operatorname{relu}\left(%s\right)"),
    "erf": Function(torch.erf, r"\operatorname{erf}\left(%s\right)"),
    "step": Function(_step, r"\mathbf{1}[%s > 0]", jumps=True),
    "sign": Function(_sign, r"\operatorname{sign}\left(%s\right)", jumps=True),
    "floor": Function(lambda u: u.detach().floor(), r"\left\lfloor %s\right\rfloor", jumps=True),
    "min": Function(torch.minimum, r"\min\left(%s, %s\right)", arity=2),
    "max": Function(torch.maximum, r"\max\left(%s, %s\right)", arity=2),
    # Its LaTeX takes the condition, the first value, the contrary and the second.
    WHERE: Function(_where, r"\begin{cases} %s & %s \\ %s & %s \end{cases}", arity=3, jumps=True),
}
COMPARISONS: dict[str, Comparison] = {
    "<": Comparison(_indicator(torch.lt), "<", "<", r"\ge"),
    ">": Comparison(_indicator(torch.gt), ">", ">", r"\le"),
    "<=": Comparison(_indicator(torch.le), "≤", r"\le", ">"),
    ">=": Comparison(_indicator(torch.ge), "≥", r"\ge", "<"),
}
