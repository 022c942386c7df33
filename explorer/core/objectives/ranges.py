"""Between what bounds an expression and its slope lie on an interval: interval arithmetic (Moore 1966), in one pass.

Contract of a `Range`: four tensors (P,), one entry an interval of x: value and slope lie in [low, high] and in
[slope_low, slope_high]. Bounds may be wider than need be, never narrower but for rounding; where nothing is known they
are infinite. A slope that jumps has both its values in its bounds; where a value jumps, the slope is unbounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.core.objectives.expression import CONSTANTS, NEGATIVE, Expression
from explorer.core.objectives.functions import FUNCTIONS


class Range(NamedTuple):
    """Bounds of a value and of its slope in x. See the module's contract."""

    low: Tensor
    high: Tensor
    slope_low: Tensor
    slope_high: Tensor


Bounds = tuple[Tensor, Tensor]


def range_of(tree: Expression, low: Tensor, high: Tensor) -> Range:
    """The bounds of f and of its slope for x in [low, high], (P,) each."""
    if tree.head == "x":
        one = torch.ones_like(low)
        return Range(low, high, one, one)
    if not tree.arguments:
        return _constant(torch.full_like(low, CONSTANTS.get(tree.head, tree.number)))
    parts = [range_of(argument, low, high) for argument in tree.arguments]
    return _known(_rule(tree)(*parts))


def _rule(tree: Expression) -> Callable[..., Range]:
    if tree.head == "^" and (exponent := tree.arguments[1].literal) is not None:
        return lambda base, power: _power(base, exponent)
    if tree.head in RANGES:
        return RANGES[tree.head]
    return _of_function(*FUNCTION_RANGES[tree.head])


def _constant(value: Tensor) -> Range:
    zero = torch.zeros_like(value)
    return Range(value, value, zero, zero)


def _known(found: Range) -> Range:
    """NaN, as of inf - inf, tells nothing."""
    return Range(*(bound.nan_to_num(nan=sign * math.inf, posinf=math.inf, neginf=-math.inf)
                   for bound, sign in zip(found, (-1, 1, -1, 1), strict=True)))  # fmt: skip


def _times(a: Bounds, b: Bounds) -> Bounds:
    # 0 times an infinite bound is 0: the bound is of finite values.
    products = torch.stack([(x * y).nan_to_num(nan=0.0, posinf=math.inf, neginf=-math.inf) for x in a for y in b])
    return products.amin(0), products.amax(0)


def _sum(a: Range, b: Range) -> Range:
    return Range(*(x + y for x, y in zip(a, b, strict=True)))


def _minus(a: Range) -> Range:
    return Range(-a.high, -a.low, -a.slope_high, -a.slope_low)


def _product(a: Range, b: Range) -> Range:
    value = _times(a[:2], b[:2])
    first, second = _times(a[2:], b[:2]), _times(a[:2], b[2:])
    return Range(*value, first[0] + second[0], first[1] + second[1])


def _apply(a: Range, value: Bounds, slope: Bounds) -> Range:
    """The range of a function of a, from the bounds of its value and of its derivative."""
    return Range(*value, *_times(slope, a[2:]))


def _inverse(a: Range) -> Range:
    apart = (a.low > 0) | (a.high < 0)
    ends = 1 / a.high, 1 / a.low
    squares = _power_bounds(a, 2)
    return _apply(
        a,
        (torch.where(apart, ends[0], -math.inf), torch.where(apart, ends[1], math.inf)),
        (torch.where(apart, -1 / squares[0], -math.inf), torch.where(apart, -1 / squares[1], math.inf)),
    )


def _power_bounds(a: Range, n: float) -> Bounds:
    """The bounds of a^n for a whole n >= 0, of any sign of a."""
    ends = a.low**n, a.high**n
    low, high = torch.minimum(*ends), torch.maximum(*ends)
    if n % 2 == 0 and n > 0:
        low = torch.where((a.low < 0) & (a.high > 0), 0.0, low)
    return low, high


def _power(a: Range, exponent: float) -> Range:
    if exponent == int(exponent):
        if exponent < 0:
            return _inverse(_power(a, -exponent))
        if exponent == 0:
            return _constant(torch.ones_like(a.low))
        below = _power_bounds(a, exponent - 1)
        return _apply(a, _power_bounds(a, exponent), (exponent * below[0], exponent * below[1]))
    base = _positive(a)
    ends = base.low**exponent, base.high**exponent
    slopes = exponent * base.low ** (exponent - 1), exponent * base.high ** (exponent - 1)
    return _apply(base, _ordered(*ends), _ordered(*slopes))


def _any_power(a: Range, b: Range) -> Range:
    """a^b = exp(b log a) where a > 0; elsewhere nothing is said."""
    found = _of_function(*FUNCTION_RANGES["exp"])(_product(b, _of_function(*FUNCTION_RANGES["log"])(a)))
    return Range(*(torch.where(a.low > 0, bound, side) for bound, side in zip(found, _NOTHING, strict=True)))


_NOTHING = (-math.inf, math.inf, -math.inf, math.inf)


def _ordered(a: Tensor, b: Tensor) -> Bounds:
    return torch.minimum(a, b), torch.maximum(a, b)


def _positive(a: Range) -> Range:
    """Where a function is defined for positive numbers only."""
    return a._replace(low=a.low.clamp(min=0), high=a.high.clamp(min=0))


def _pick(a: Range, b: Range, least: Callable[[Tensor, Tensor], Tensor]) -> Range:
    """The smaller or the larger of two: where it is not known which, the slope is one of both."""
    first = (a.high <= b.low) if least is torch.minimum else (a.low >= b.high)
    second = (b.high <= a.low) if least is torch.minimum else (b.low >= a.high)
    slopes = (
        torch.where(first, a.slope_low, torch.where(second, b.slope_low, torch.minimum(a.slope_low, b.slope_low))),
        torch.where(first, a.slope_high, torch.where(second, b.slope_high, torch.maximum(a.slope_high, b.slope_high))),
    )
    return Range(least(a.low, b.low), least(a.high, b.high), *slopes)


def _stepwise(value: Callable[[Tensor], Tensor]) -> Callable[[Range], Range]:
    """A function that is constant but for jumps: its slope is 0 where it does not jump."""

    def rule(a: Range) -> Range:
        low, high = value(a.low), value(a.high)
        still = low == high
        return Range(low, high, torch.where(still, 0.0, -math.inf), torch.where(still, 0.0, math.inf))

    return rule


def _step(u: Tensor) -> Tensor:
    return (u > 0).to(u.dtype)


def _step_up_to(u: Tensor) -> Tensor:
    return (u >= 0).to(u.dtype)


def _compared(value: Callable[[Tensor], Tensor]) -> Callable[[Range, Range], Range]:
    return lambda a, b: _stepwise(value)(_sum(a, _minus(b)))


def _chosen(condition: Range, a: Range, b: Range) -> Range:
    yes = (condition.low > 0) | (condition.high < 0)
    no = (condition.low == 0) & (condition.high == 0)
    low, high = torch.minimum(a.low, b.low), torch.maximum(a.high, b.high)
    either = Range(low, high, torch.full_like(low, -math.inf), torch.full_like(low, math.inf))
    return Range(*(torch.where(yes, x, torch.where(no, y, z)) for x, y, z in zip(a, b, either, strict=True)))


def _wave(u: Range, shift: float) -> Bounds:
    """The bounds of cos(u + shift)."""
    low, high = u.low + shift, u.high + shift
    ends = low.cos(), high.cos()
    top = (high / (2 * math.pi)).floor() >= (low / (2 * math.pi)).ceil()
    bottom = ((high - math.pi) / (2 * math.pi)).floor() >= ((low - math.pi) / (2 * math.pi)).ceil()
    wide = ~(high - low < 2 * math.pi)
    return (
        torch.where(bottom | wide, -1.0, torch.minimum(*ends)),
        torch.where(top | wide, 1.0, torch.maximum(*ends)),
    )


def _tan(u: Range) -> Range:
    # A pole lies where cos is 0: between them tan rises.
    cosine = _wave(u, 0.0)
    whole = (cosine[0] > 0) | (cosine[1] < 0)
    value = torch.where(whole, u.low.tan(), -math.inf), torch.where(whole, u.high.tan(), math.inf)
    squares = _power_bounds(Range(*value, *value), 2)
    return _apply(u, value, (1 + squares[0], 1 + squares[1]))


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
        inside = _positive(a) if is_positive else a
        return _apply(inside, value(inside.low, inside.high), slope(inside.low, inside.high))

    return rule


def _sigmoid_slope(u: Tensor) -> Tensor:
    return u.sigmoid() * (-u).sigmoid()


FUNCTION_RANGES: dict[str, tuple[Slope, Slope] | tuple[Slope, Slope, bool]] = {
    "exp": (_rising(torch.exp), _rising(torch.exp)),
    "log": (_rising(torch.log), _falling(torch.reciprocal), True),
    "sqrt": (_rising(torch.sqrt), _falling(lambda u: 0.5 * u.rsqrt()), True),
    "tanh": (_rising(torch.tanh), _peaked(lambda u: 1 / u.cosh().square())),
    "sinh": (_rising(torch.sinh), _valley(torch.cosh)),
    "cosh": (_valley(torch.cosh), _rising(torch.sinh)),
    "atan": (_rising(torch.atan), _peaked(lambda u: 1 / (1 + u.square()))),
    "abs": (_valley(torch.abs), _rising(torch.sign)),
    "sigmoid": (_rising(torch.sigmoid), _peaked(_sigmoid_slope)),
    "softplus": (_rising(FUNCTIONS["softplus"].compute), _rising(torch.sigmoid)),
    "relu": (_rising(torch.relu), lambda low, high: (_step(low), _step(high))),
    "erf": (_rising(torch.erf), _peaked(lambda u: 2 / math.sqrt(math.pi) * (-u.square()).exp())),
}
RANGES: dict[str, Callable[..., Range]] = {
    "+": _sum,
    "-": lambda a, b: _sum(a, _minus(b)),
    NEGATIVE: _minus,
    "*": _product,
    "/": lambda a, b: _product(a, _inverse(b)),
    "^": _any_power,
    "sin": lambda u: _apply(u, _wave(u, -math.pi / 2), _wave(u, 0.0)),
    "cos": lambda u: _apply(u, _wave(u, 0.0), _wave(u, math.pi / 2)),
    "tan": _tan,
    "min": lambda a, b: _pick(a, b, torch.minimum),
    "max": lambda a, b: _pick(a, b, torch.maximum),
    "step": _stepwise(_step),
    "sign": _stepwise(torch.sign),
    "floor": _stepwise(torch.floor),
    ">": _compared(_step),
    ">=": _compared(_step_up_to),
    "<": lambda a, b: _compared(_step)(b, a),
    "<=": lambda a, b: _compared(_step_up_to)(b, a),
    "where": _chosen,
}
