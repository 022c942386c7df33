"""Bounds of a value and of its slope on an interval, and what arithmetic does to them (Moore 1966).

Contract of a `Range`: four tensors (P,), one entry an interval of x: value and slope lie in [low, high] and in
[slope_low, slope_high]. Bounds may be wider than need be, never narrower but for rounding; where nothing is known they
are infinite. A slope that jumps has both its values in its bounds; where a value jumps, the slope is unbounded.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Range(NamedTuple):
    """See the module's contract."""

    low: Tensor
    high: Tensor
    slope_low: Tensor
    slope_high: Tensor


Bounds = tuple[Tensor, Tensor]


def times(a: Bounds, b: Bounds) -> Bounds:
    # 0 times an infinite bound is 0: the bound is of finite values.
    products = torch.stack([(x * y).nan_to_num(nan=0.0, posinf=math.inf, neginf=-math.inf) for x in a for y in b])
    return products.amin(0), products.amax(0)


def apply(a: Range, value: Bounds, slope: Bounds) -> Range:
    """The range of a function of a, from the bounds of its value and of its derivative."""
    return Range(*value, *times(slope, a[2:]))


def positive(a: Range) -> Range:
    """Where a function is defined for positive numbers only."""
    return a._replace(low=a.low.clamp(min=0), high=a.high.clamp(min=0))


def power_bounds(a: Range, n: float) -> Bounds:
    """The bounds of a^n for a whole n >= 0, of any sign of a."""
    ends = a.low**n, a.high**n
    low, high = torch.minimum(*ends), torch.maximum(*ends)
    if n % 2 == 0 and n > 0:
        low = torch.where((a.low < 0) & (a.high > 0), 0.0, low)
    return low, high
