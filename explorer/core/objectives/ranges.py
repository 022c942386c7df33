"""Between what bounds an expression and its slope lie on an interval: interval arithmetic (Moore 1966), in one pass."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from explorer.core.objectives.expression import CONSTANTS, NEGATIVE, Expression
from explorer.core.objectives.function_ranges import FUNCTION_RANGES
from explorer.core.objectives.interval import Bounds, Range, apply, positive, power_bounds, times


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
    return RANGES[tree.head]


def _constant(value: Tensor) -> Range:
    zero = torch.zeros_like(value)
    return Range(value, value, zero, zero)


def _known(found: Range) -> Range:
    """NaN, as of inf - inf, tells nothing."""
    return Range(*(bound.nan_to_num(nan=sign * math.inf, posinf=math.inf, neginf=-math.inf)
                   for bound, sign in zip(found, (-1, 1, -1, 1), strict=True)))  # fmt: skip


def _sum(a: Range, b: Range) -> Range:
    return Range(*(x + y for x, y in zip(a, b, strict=True)))


def _minus(a: Range) -> Range:
    return Range(-a.high, -a.low, -a.slope_high, -a.slope_low)


def _product(a: Range, b: Range) -> Range:
    value = times(a[:2], b[:2])
    first, second = times(a[2:], b[:2]), times(a[:2], b[2:])
    return Range(*value, first[0] + second[0], first[1] + second[1])


def _inverse(a: Range) -> Range:
    apart = (a.low > 0) | (a.high < 0)
    ends = 1 / a.high, 1 / a.low
    squares = power_bounds(a, 2)
    return apply(
        a,
        (torch.where(apart, ends[0], -math.inf), torch.where(apart, ends[1], math.inf)),
        (torch.where(apart, -1 / squares[0], -math.inf), torch.where(apart, -1 / squares[1], math.inf)),
    )


def _power(a: Range, exponent: float) -> Range:
    if exponent == int(exponent):
        if exponent < 0:
            return _inverse(_power(a, -exponent))
        if exponent == 0:
            return _constant(torch.ones_like(a.low))
        below = power_bounds(a, exponent - 1)
        return apply(a, power_bounds(a, exponent), (exponent * below[0], exponent * below[1]))
    base = positive(a)
    ends = base.low**exponent, base.high**exponent
    slopes = exponent * base.low ** (exponent - 1), exponent * base.high ** (exponent - 1)
    return apply(base, _ordered(*ends), _ordered(*slopes))


def _any_power(a: Range, b: Range) -> Range:
    """a^b = exp(b log a) where a > 0; elsewhere nothing is said."""
    found = FUNCTION_RANGES["exp"](_product(b, FUNCTION_RANGES["log"](a)))
    return Range(*(torch.where(a.low > 0, bound, side) for bound, side in zip(found, _NOTHING, strict=True)))


_NOTHING = (-math.inf, math.inf, -math.inf, math.inf)


def _ordered(a: Tensor, b: Tensor) -> Bounds:
    return torch.minimum(a, b), torch.maximum(a, b)


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


RANGES: dict[str, Callable[..., Range]] = {
    "+": _sum,
    "-": lambda a, b: _sum(a, _minus(b)),
    NEGATIVE: _minus,
    "*": _product,
    "/": lambda a, b: _product(a, _inverse(b)),
    "^": _any_power,
    **FUNCTION_RANGES,
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
