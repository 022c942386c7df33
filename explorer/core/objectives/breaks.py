"""Where an expression is not smooth, solved for: the roots of the argument of each abs, relu, step, denominator, ...

Such a root is found by halving intervals of x until its argument is known to have none there, or to be monotone
(Moore 1966; branch and prune), so none is missed. The line is gone through decade by decade, out to 1e30; where an
expression has more roots in a decade than can be told, as abs(sin(x)) far out, all that lies beyond is not known.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.core.objectives.discs import disc_of
from explorer.core.objectives.expression import Expression
from explorer.core.objectives.functions import COMPARISONS, WHERE
from explorer.core.objectives.objective import Jump
from explorer.core.objectives.ranges import range_of

DECADES = 30
MOST_CELLS = 8000
"""Intervals a decade past which its roots are given up."""
NARROW = 1e-12
"""The width, relative to x or to a thousandth, at which an interval that may hold a root is taken for one."""
WIDER = 1.5
"""How much larger than a panel the disc is on which f must be analytic."""
WILD = 1e6
"""How much larger than on the panel f may be there."""
SMALLEST_RISE = 1e-9
"""Relative to f: what rises by less at a point is taken to be continuous there."""
_REACH = 40
"""Limits are taken at distances down to 2^-40 from a break."""
_NODES_ALONE = 0.8
"""For limits: of six nodes between 0 and 7 steps, the disc that holds them and not the break."""
_EXTRAPOLATION = (6.0, -15.0, 20.0, -15.0, 6.0, -1.0)
"""From values at 1, ..., 6 steps to that at 0: exact for polynomials of degree 5."""


@dataclass(frozen=True, eq=False)
class Breaks:
    """Of one expression: where it is not smooth within |x| < `known`, increasing (K,), and what it does there."""

    tree: Expression
    points: Tensor
    heights: Tensor
    """By how much f rises at each point: 0 at a kink, NaN at a pole, (K,)."""
    known: float

    @cached_property
    def jumps(self) -> tuple[Jump, ...]:
        rises = self.heights.isfinite() & (self.heights != 0)
        pairs = zip(self.points[rises].tolist(), self.heights[rises].tolist(), strict=True)
        return tuple(Jump(at, height) for at, height in pairs)

    @cached_property
    def kinks(self) -> tuple[float, ...]:
        """The other points."""
        return tuple(self.points[~self.heights.isfinite() | (self.heights == 0)].tolist())

    @property
    def are_all(self) -> bool:
        """Whether each jump is known, and f has no pole."""
        return math.isinf(self.known) and bool(self.heights.isfinite().all())

    def tame(self, low: Tensor, high: Tensor) -> Tensor:
        """Whether f is so smooth between low and high, of one shape S, that nothing hides between quadrature nodes."""
        within = (low >= -self.known) & (high <= self.known)
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        return (within & _tame(self.tree, self.points, middle, half, WIDER)) | (half <= _rounding(middle, half))


def _tame(tree: Expression, points: Tensor, middle: Tensor, half: Tensor, wider: float) -> Tensor:
    """Whether no break lies within `half` of `middle`, and f varies mildly on a disc so many times wider."""
    inner = half - _rounding(middle, half)
    first, last = (torch.searchsorted(points, middle + side * inner) for side in (-1, 1))
    disc = disc_of(tree, middle, wider * half)
    return (first >= last) & (disc.value.abs() + disc.spread <= WILD * disc.value.abs().clamp(min=1))


def _rounding(middle: Tensor, half: Tensor) -> Tensor:
    return NARROW * torch.maximum(half, middle.abs().clamp(min=1e-3))


@functools.lru_cache(maxsize=256)
@isolated
def breaks_of(tree: Expression) -> Breaks:
    """All of an expression's breaks."""
    found, known = [torch.empty(0, dtype=torch.float64)], 0.0 if _is_lost(tree) else math.inf
    for switch in dict.fromkeys(_switches(tree)):
        points, reach = _roots(switch)
        found.append(points)
        known = min(known, reach)
    points = torch.cat(found).sort().values
    points = points[points.abs() < known]
    apart = points.diff(prepend=points.new_tensor([-math.inf])) > NARROW * points.abs().clamp(min=1e-3)
    points = points[apart]
    return Breaks(tree, points, _rises(tree, points) if tree.may_jump else torch.zeros_like(points), known)


def _is_lost(tree: Expression) -> bool:
    """Whether an infinite or undefined constant occurs, of which anything may come: atan(x exp(1000)) is a step."""
    if any(map(_is_lost, tree.arguments)):
        return True
    if not tree.varies:
        return not bool(_value(tree, torch.zeros(1, dtype=torch.float64)).isfinite())
    if tree.head not in ("/", "^"):
        return False
    constant = tree.arguments[0 if tree.head == "^" else 1]
    return (
        not constant.varies
        and not bool(_value(constant, torch.zeros(1, dtype=torch.float64)) > 0)
        and (tree.head == "^" or str(constant) == "0")
    )


def _switches(tree: Expression) -> Iterator[Expression]:
    """Expressions at whose roots the tree may not be smooth."""
    for argument in tree.arguments:
        yield from _switches(argument)
    if tree.varies and (switch := _switch(tree.head, tree.arguments)) is not None and switch.varies:
        yield switch


def _switch(head: str, arguments: tuple[Expression, ...]) -> Expression | None:
    """What is 0 where a node itself is not smooth in its arguments; None where it is."""
    if head in ("min", "max", *COMPARISONS):
        return Expression("-", arguments) if arguments[0] != arguments[1] else None
    if head in ("abs", "relu", "step", "sign", "log", "sqrt"):
        return arguments[0]
    if head == "/":
        return arguments[1]
    if head == "^":
        exponent = arguments[1].literal
        return None if exponent is not None and exponent >= 0 and exponent == int(exponent) else arguments[0]
    if head == "tan":
        return Expression("cos", arguments)
    if head == "floor":
        return Expression("sin", (Expression("*", (Expression("pi"), arguments[0])),))
    if head == WHERE and arguments[0].head not in COMPARISONS:
        return arguments[0]
    return None


def _roots(tree: Expression) -> tuple[Tensor, float]:
    """The roots of an expression, (K,), and the |x| up to which they are all of them."""
    ends = torch.cat((torch.zeros(1), 10.0 ** torch.arange(DECADES + 1))).double()
    part = torch.linspace(0, 1, 9, dtype=torch.float64)
    starts = (ends[:-1, None] + ends.diff()[:, None] * part[:-1]).flatten()
    stops = (ends[:-1, None] + ends.diff()[:, None] * part[1:]).flatten()
    low, high = torch.cat((starts, -stops)), torch.cat((stops, -starts))
    decade = torch.arange(DECADES + 1).repeat_interleave(8).repeat(2)
    lost = torch.zeros(DECADES + 1, dtype=torch.bool)
    rising, touching = [], []
    while len(low):
        middle, width = 0.5 * (low + high), high - low
        bounds = range_of(tree, low, high)
        steepest = torch.maximum(bounds.slope_low.abs(), bounds.slope_high.abs())
        # What rounding does to f itself, and to f by way of x.
        rounding = 1e-14 * (torch.maximum(bounds.low.abs(), bounds.high.abs()) + middle.abs() * steepest)
        rounding = rounding.nan_to_num(nan=math.inf, posinf=math.inf)
        near = ~(_value(tree, middle).abs() > 0.5 * (1 + 1e-9) * width * steepest + rounding)
        # What is 0 throughout has no root where anything changes.
        flat = (bounds.low == 0) & (bounds.high == 0)
        possible = near & ~flat & (bounds.low <= rounding) & (bounds.high >= -rounding)
        monotone = (bounds.slope_low > 0) | (bounds.slope_high < 0)
        narrow = width <= NARROW * middle.abs().clamp(min=1e-3)
        done = possible & (monotone | narrow)
        changes = done & ~(_value(tree, low).sign() * _value(tree, high).sign() > 0)
        rising.append(torch.stack((low[changes], high[changes])))
        touching.append(middle[done & ~monotone & ~changes])
        again = possible & ~done
        lost |= decade[again].bincount(minlength=DECADES + 1) > MOST_CELLS
        again &= ~lost[decade]
        low, middle, high, decade = low[again], middle[again], high[again], decade[again].repeat(2)
        low, high = torch.cat((low, middle)), torch.cat((middle, high))
    points = torch.cat((_halved(tree, *torch.cat(rising, dim=1)), *touching))
    known = float(ends[:-1][lost].min()) if lost.any() else math.inf
    return points, known


def _value(tree: Expression, x: Tensor) -> Tensor:
    return tree(x, {})


def _halved(tree: Expression, low: Tensor, high: Tensor) -> Tensor:
    """The place between low and high at which the sign changes."""
    start = _value(tree, low).sign()
    for _ in range(80):
        middle = 0.5 * (low + high)
        same = _value(tree, middle).sign() == start
        low, high = torch.where(same, middle, low), torch.where(same, high, middle)
    return torch.where(start == 0, low, high)


def _rises(tree: Expression, points: Tensor) -> Tensor:
    """By how much f rises at each point, (K,); NaN where it has no limit on a side on which it is defined."""
    (left, left_error), (right, right_error) = (_limit(tree, points, side) for side in (-1.0, 1.0))
    rise = right - left
    scale = torch.maximum(left.abs(), right.abs()).clamp(min=1)
    rise = rise.masked_fill(rise.abs() <= 10 * (left_error + right_error) + SMALLEST_RISE * scale, 0.0)
    no_limit = [~(error <= 1e-4 * value.abs().clamp(min=1))
                for value, error in ((left, left_error), (right, right_error))]  # fmt: skip
    # Where f ends it is not defined on one side, and does not jump.
    ends = torch.stack([_value(tree, points + side * 1e-9 * points.abs().clamp(min=1)).isnan() for side in (-1, 1)])
    return rise.masked_fill((no_limit[0] & ~ends[0]) | (no_limit[1] & ~ends[1]), math.nan).masked_fill(ends.any(0), 0.0)


def _limit(tree: Expression, points: Tensor, side: float) -> tuple[Tensor, Tensor]:
    """The limit of f at each point from one side, and its error, (K,) each."""
    steps = points.abs().clamp(min=1).unsqueeze(1) * 2.0 ** -torch.arange(3, _REACH, 2, dtype=torch.float64)
    nodes = torch.arange(1, 7, dtype=torch.float64)
    values = _value(tree, points[:, None, None] + side * steps.unsqueeze(-1) * nodes)
    limits = values @ torch.tensor(_EXTRAPOLATION, dtype=torch.float64)
    half = 3.5 * steps
    tame = _tame(tree, points, points.unsqueeze(1) + side * half, half, _NODES_ALONE)
    error = limits.diff(dim=1).abs().nan_to_num(nan=math.inf, posinf=math.inf).masked_fill(~tame[:, :-1], math.inf)
    error, best = error.min(dim=1)
    return limits[:, 1:].gather(1, best.unsqueeze(1)).squeeze(1), error
