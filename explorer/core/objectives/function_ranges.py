"""The bounds of functions of one value, from those of the value: most rise, fall, or have one peak."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from explorer.core.objectives.functions import FUNCTIONS
from explorer.core.objectives.interval import Bounds, Range, apply, positive, power_bounds


def _wave(u: Range, function: Callable[[Tensor], Tensor], top: float) -> Bounds:
    """The bounds of sin or cos, which has a top at `top`."""
    turns = [((bound - top) / math.pi) for bound in (u.low, u.high)]
    tops, bottoms = ((turns[1] + shift).div(2).floor() >= (turns[0] + shift).div(2).ceil() for shift in (0, 1))
    wide = ~(u.high - u.low < 2 * math.pi)
    ends = function(u.low), function(u.high)
    return (
        torch.where(bottoms | wide, -1.0, torch.minimum(*ends)),
        torch.where(tops | wide, 1.0, torch.maximum(*ends)),
    )


def _sin(u: Range) -> Bounds:
    return _wave(u, torch.sin, math.pi / 2)


def _cos(u: Range) -> Bounds:
    return _wave(u, torch.cos, 0.0)


def _minus_sin(u: Range) -> Bounds:
    low, high = _sin(u)
    return -high, -low


def _tan(u: Range) -> Range:
    # A pole lies where cos is 0: between them tan rises.
    cosine = _cos(u)
    whole = (cosine[0] > 0) | (cosine[1] < 0)
    value = torch.where(whole, u.low.tan(), -math.inf), torch.where(whole, u.high.tan(), math.inf)
    squares = power_bounds(Range(*value, *value), 2)
    return apply(u, value, (1 + squares[0], 1 + squares[1]))


Slope = Callable[[Tensor, Tensor], Bounds]


def _rising(function: Callable[[Tensor], Tensor]) -> Slope:
    return lambda low, high: (function(low), function(high))


def _falling(function: Callable[[Tensor], Tensor]) -> Slope:
    return lambda low, high: (function(high), function(low))


def _peaked(function: Callable[[Tensor], Tensor]) -> Slope:
    """A function that falls on both sides of 0."""

    def bounds(low: Tensor, high: Tensor) -> Bounds:
        nearest = low.clamp(min=0) + high.clamp(max=0)
        return torch.minimum(function(low), function(high)), function(nearest)

    return bounds


def _valley(function: Callable[[Tensor], Tensor]) -> Slope:
    """A function that rises on both sides of 0."""
    peak = _peaked(lambda u: -function(u))

    def bounds(low: Tensor, high: Tensor) -> Bounds:
        down, up = peak(low, high)
        return -up, -down

    return bounds


def _of_function(value: Slope, slope: Slope, is_positive: bool = False) -> Callable[[Range], Range]:
    def rule(a: Range) -> Range:
        inside = positive(a) if is_positive else a
        return apply(inside, value(inside.low, inside.high), slope(inside.low, inside.high))

    return rule


def _sigmoid_slope(u: Tensor) -> Tensor:
    return u.sigmoid() * (-u).sigmoid()


FUNCTION_RANGES: dict[str, Callable[[Range], Range]] = {
    "exp": _of_function(_rising(torch.exp), _rising(torch.exp)),
    "log": _of_function(_rising(torch.log), _falling(torch.reciprocal), True),
    "sqrt": _of_function(_rising(torch.sqrt), _falling(lambda u: 0.5 * u.rsqrt()), True),
    "tanh": _of_function(_rising(torch.tanh), _peaked(lambda u: 1 / u.cosh().square())),
    "sinh": _of_function(_rising(torch.sinh), _valley(torch.cosh)),
    "cosh": _of_function(_valley(torch.cosh), _rising(torch.sinh)),
    "atan": _of_function(_rising(torch.atan), _peaked(lambda u: 1 / (1 + u.square()))),
    "abs": _of_function(_valley(torch.abs), _rising(torch.sign)),
    "sigmoid": _of_function(_rising(torch.sigmoid), _peaked(_sigmoid_slope)),
    "softplus": _of_function(_rising(FUNCTIONS["softplus"].compute), _rising(torch.sigmoid)),
    "relu": _of_function(_rising(torch.relu), lambda low, high: ((low > 0).to(low.dtype), (high > 0).to(low.dtype))),
    "erf": _of_function(_rising(torch.erf), _peaked(lambda u: 2 / math.sqrt(math.pi) * (-u.square()).exp())),
    "sin": lambda u: apply(u, _sin(u), _cos(u)),
    "cos": lambda u: apply(u, _cos(u), _minus_sin(u)),
    "tan": _tan,
}
