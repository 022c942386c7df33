"""How an expression varies in the complex plane: where it is analytic around a point, and how far its values go there.

Gauss's rule is right on a panel to the last digits if f is analytic, and not immense, on a disc a little larger than
the panel (Trefethen 2013, Theorem 19.3): so a disc tells what no set of nodes can, that nothing hides between them.

Contract of a `Disc`: for z with |z - x| <= the radius that was asked about, |f(z) - value| <= spread, value = f(x);
both (P,), one entry a disc. The spread is infinite where f may not be analytic. At a kink or a jump f is taken for the
branch that holds at x: where the branches change is told by `breaks`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.core.objectives.expression import CONSTANTS, NEGATIVE, Expression


class Disc(NamedTuple):
    """See the module's contract."""

    value: Tensor
    spread: Tensor


def disc_of(tree: Expression, x: Tensor, radius: Tensor) -> Disc:
    """f on the discs of these radii around the points x, (P,) each."""
    if tree.head == "x":
        return Disc(x, radius)
    if not tree.arguments:
        return Disc(torch.full_like(x, CONSTANTS.get(tree.head, tree.number)), torch.zeros_like(x))
    parts = [disc_of(argument, x, radius) for argument in tree.arguments]
    if tree.head == "^" and (exponent := tree.arguments[1].literal) is not None:
        found = _power(parts[0], exponent)
    else:
        found = DISCS[tree.head](*parts)
    return Disc(found.value, found.spread.nan_to_num(nan=math.inf, posinf=math.inf))


def _sum(a: Disc, b: Disc) -> Disc:
    return Disc(a.value + b.value, a.spread + b.spread)


def _minus(a: Disc) -> Disc:
    return Disc(-a.value, a.spread)


def _product(a: Disc, b: Disc) -> Disc:
    spread = a.value.abs() * b.spread + b.value.abs() * a.spread + a.spread * b.spread
    # A factor that is 0 throughout leaves nothing of the other, be it ever so wild.
    nothing = ((a.value == 0) & (a.spread == 0)) | ((b.value == 0) & (b.spread == 0))
    return Disc(a.value * b.value, spread.masked_fill(nothing, 0.0))


def _inverse(a: Disc) -> Disc:
    size = a.value.abs()
    return Disc(1 / a.value, _outside(size - a.spread, a.spread / (size * (size - a.spread))))


def _outside(distance: Tensor, spread: Tensor) -> Tensor:
    """The spread where a singularity is farther away than the disc reaches, by `distance`; else infinite."""
    return torch.where(distance > 0, spread, math.inf)


def _from_zero(a: Disc, value: Tensor, spread: Callable[[Tensor], Tensor]) -> Disc:
    """A function with a branch point at 0, where it is analytic: `spread` of the distance of the disc from 0."""
    distance = a.value - a.spread
    return Disc(value, _outside(distance, spread(distance)).masked_fill((a.spread == 0) & (a.value >= 0), 0.0))


def _log(a: Disc) -> Disc:
    return _from_zero(a, a.value.log(), lambda distance: -torch.log1p(-a.spread / a.value))


def _power(a: Disc, exponent: float) -> Disc:
    value = a.value.pow(exponent)
    if exponent != int(exponent):
        far = a.value + a.spread
        return _from_zero(
            a,
            value,
            lambda near: abs(exponent) * a.spread * (far if exponent >= 1 else near).pow(exponent - 1),
        )
    if exponent < 0:
        return _inverse(_power(a, -exponent))
    size = a.value.abs()
    return Disc(value, (size + a.spread).pow(exponent) - size.pow(exponent))


def _any_power(a: Disc, b: Disc) -> Disc:
    found = _exp(_product(b, _log(a)))
    return Disc(a.value.pow(b.value), found.spread)


def _exp(a: Disc) -> Disc:
    # Not exp(value) expm1(spread): of a huge spread around a tiny value this overflows later.
    return Disc(a.value.exp(), (a.value + a.spread).exp() - a.value.exp())


def _wave(function: Callable[[Tensor], Tensor]) -> Callable[[Disc], Disc]:
    # |cos| is at most cosh of the imaginary part.
    return lambda a: Disc(function(a.value), a.spread.sinh())


def _hyperbolic(function: Callable[[Tensor], Tensor], growth: Callable[[Tensor], Tensor]) -> Callable[[Disc], Disc]:
    def rule(a: Disc) -> Disc:
        size = a.value.abs()
        return Disc(function(a.value), growth(size + a.spread) - growth(size))

    return rule


def _tan(a: Disc) -> Disc:
    # |cos z| is at least 2/pi of the distance from its nearest zero.
    distance = (a.value.remainder(math.pi) - math.pi / 2).abs() - a.spread
    return Disc(a.value.tan(), _outside(distance, a.spread * (math.pi / 2 / distance).square()))


def _steepest_tanh(a: Disc) -> Tensor:
    """The largest of |1 / cosh²| on a disc: |cosh z| is at least sinh |Re z|, and at least cos(Im z)."""
    nearest = (a.value.abs() - a.spread).clamp(min=0)
    by_height = torch.where(a.spread < math.pi / 2, 1 / a.spread.cos().square(), math.inf)
    return torch.minimum(1 / nearest.sinh().square(), by_height)


def _tanh(a: Disc) -> Disc:
    return Disc(a.value.tanh(), a.spread * _steepest_tanh(a))


def _sigmoid(a: Disc) -> Disc:
    half = Disc(a.value / 2, a.spread / 2)
    return Disc(a.value.sigmoid(), half.spread * _steepest_tanh(half) / 2)


def _softplus(a: Disc) -> Disc:
    slope = _sigmoid(a)
    value = torch.logaddexp(a.value, torch.zeros_like(a.value))
    return Disc(value, a.spread * (slope.value + slope.spread))


def _atan(a: Disc) -> Disc:
    distance = (1 + a.value.square()).sqrt() - a.spread
    return Disc(a.value.atan(), _outside(distance, a.spread / distance.square()))


def _erf(a: Disc) -> Disc:
    # The largest of |exp(-z²)|, exp(y² - x²), lies at half the value's height or at the disc's end next to 0.
    size = a.value.abs()
    nearest = size - a.spread
    exponent = torch.where(size <= 2 * a.spread, a.spread.square() - size.square() / 2, -nearest.square())
    return Disc(a.value.erf(), a.spread * (2 / math.sqrt(math.pi)) * exponent.exp())


def _choose(first: Tensor, a: Disc, b: Disc) -> Disc:
    return Disc(torch.where(first, a.value, b.value), torch.where(first, a.spread, b.spread))


def _stepwise(value: Callable[..., Tensor]) -> Callable[..., Disc]:
    def rule(*parts: Disc) -> Disc:
        found = value(*(part.value for part in parts)).to(parts[0].value.dtype)
        return Disc(found, torch.zeros_like(found))

    return rule


DISCS: dict[str, Callable[..., Disc]] = {
    "+": _sum,
    "-": lambda a, b: _sum(a, _minus(b)),
    NEGATIVE: _minus,
    "*": _product,
    "/": lambda a, b: _product(a, _inverse(b)),
    "^": _any_power,
    "exp": _exp,
    "log": _log,
    "sqrt": lambda a: _power(a, 0.5),
    "sin": _wave(torch.sin),
    "cos": _wave(torch.cos),
    "tan": _tan,
    "tanh": _tanh,
    "sinh": _hyperbolic(torch.sinh, torch.sinh),
    "cosh": _hyperbolic(torch.cosh, torch.cosh),
    "atan": _atan,
    "abs": lambda a: Disc(a.value.abs(), a.spread),
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "relu": lambda a: Disc(a.value.relu(), a.spread.masked_fill(a.value <= 0, 0.0)),
    "erf": _erf,
    "min": lambda a, b: _choose(a.value <= b.value, a, b),
    "max": lambda a, b: _choose(a.value >= b.value, a, b),
    "step": _stepwise(lambda u: u > 0),
    "sign": _stepwise(torch.sign),
    "floor": _stepwise(torch.floor),
    ">": _stepwise(torch.gt),
    ">=": _stepwise(torch.ge),
    "<": _stepwise(torch.lt),
    "<=": _stepwise(torch.le),
    "where": lambda condition, a, b: _choose(condition.value != 0, a, b),
}
