"""An expression in x: a tree that computes itself on tensors and writes itself as text and as LaTeX.

Contract of an `Expression`: called with x (any shape, floating) it returns f(x) elementwise, in x's shape, dtype and
device. Overflow and places where f is undefined give inf and nan, never an exception: each number enters as a tensor,
so no Python arithmetic is done. `str` is the canonical text: `formula` reads it back to an equal tree. Trees of equal
shape are equal and hash alike, so an objective made of one can be a cache's key.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor


class Function(NamedTuple):
    """What a function computes, and its LaTeX with one %s an argument."""

    compute: Callable[..., Tensor]
    latex: str
    arity: int = 1


FUNCTIONS: dict[str, Function] = {
    "exp": Function(torch.exp, r"e^{%s}"),
    "log": Function(torch.log, r"\log\left(%s\right)"),
    "sqrt": Function(torch.sqrt, r"\sqrt{%s}"),
    "sin": Function(torch.sin, r"\sin\left(%s\right)"),
    "cos": Function(torch.cos, r"\cos\left(%s\right)"),
    "tan": Function(torch.tan, r"\tan\left(%s\right)"),
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
    "min": Function(torch.minimum, r"\min\left(%s, %s\right)", arity=2),
    "max": Function(torch.maximum, r"\max\left(%s, %s\right)", arity=2),
}
CONSTANTS = {"pi": math.pi, "e": math.e}
SUPERSCRIPTS = {"²": 2.0, "³": 3.0}

NEGATIVE = "negative"
SUM, PRODUCT, MINUS, POWER, ATOM = range(1, 6)
LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, NEGATIVE: MINUS, "^": POWER}
"""How tightly a sign binds, as in Python: −x² is −(x²), and 2^−x needs no parentheses."""

_COMPUTE: dict[str, Callable[..., Tensor]] = {
    "+": torch.add,
    "-": torch.sub,
    "*": torch.mul,
    "/": torch.true_divide,
    NEGATIVE: torch.neg,
    "^": torch.pow,
    **{name: function.compute for name, function in FUNCTIONS.items()},
}
_SIGNS = {"+": "+", "-": "−", "*": "·", "/": "/", "^": "^"}


@dataclass(frozen=True)
class Expression:
    """A node. `head` is "number", "x", a key of CONSTANTS, of LEVELS or of FUNCTIONS; a number is never negative."""

    head: str
    arguments: tuple[Expression, ...] = ()
    number: float = 0.0

    def __call__(self, x: Tensor, values: Mapping[str, float]) -> Tensor:
        """f(x). A formula has no parameters, so `values` is empty."""
        # Contiguous: a constant spread over x would share one number's memory, and fail under whoever writes to it.
        return self._compute(x).expand_as(x).contiguous()

    def _compute(self, x: Tensor) -> Tensor:
        if self.head == "x":
            return x
        if not self.arguments:
            return torch.full((), CONSTANTS.get(self.head, self.number), dtype=x.dtype, device=x.device)
        if self.head == "^" and (exponent := self.arguments[1].literal) is not None:
            return torch.pow(self.arguments[0]._compute(x), exponent)
        return _COMPUTE[self.head](*[argument._compute(x) for argument in self.arguments])

    @property
    def literal(self) -> float | None:
        """The value of a number or of minus a number, else None."""
        if self.head == NEGATIVE and self.arguments[0].head == "number":
            return -self.arguments[0].number
        return self.number if self.head == "number" else None

    @cached_property
    def varies(self) -> bool:
        """Whether x occurs."""
        return self.head == "x" or any(argument.varies for argument in self.arguments)

    @cached_property
    def may_jump(self) -> bool:
        """Whether f may jump or have a pole somewhere on the line: asked of the signs, not proved, so True is cautious.

        sqrt and fractional powers end where they are undefined, but are continuous where they are defined.
        """
        if any(argument.may_jump for argument in self.arguments):
            return True
        if not self.varies:
            # Of an infinite constant anything may come: atan(x exp(1000)) is a step.
            return not math.isfinite(self._constant())
        if self.head == "/":
            return self.arguments[1].varies or self.arguments[1]._constant() == 0
        if self.head == "^":
            base, exponent = self.arguments
            if exponent.varies:
                return base.varies or base._constant() <= 0
            return exponent._constant() < 0
        return self.head in ("tan", "log")

    def _constant(self) -> float:
        return float(self._compute(torch.zeros((), dtype=torch.float64, device="cpu")))

    def __str__(self) -> str:
        """The canonical text, free of what Markdown could take for its own: "exp(−10·x²)"."""
        if not self.arguments:
            return self._atom("π")
        if self.head in FUNCTIONS:
            return f"{self.head}({', '.join(map(str, self.arguments))})"
        if self.head == NEGATIVE:
            return "−" + self.arguments[0]._text(MINUS)
        left, right = self.arguments
        if self.head == "^":
            for superscript, number in SUPERSCRIPTS.items():
                if right.literal == number:
                    return left._text(ATOM) + superscript
            return left._text(ATOM) + "^" + right._text(MINUS)
        level = LEVELS[self.head]
        return left._text(level) + _SIGNS[self.head] + right._text(level + 1)

    def _atom(self, pi: str) -> str:
        if self.head == "number":
            return f"{Decimal(repr(self.number)):f}".removesuffix(".0")
        return pi if self.head == "pi" else self.head

    def _text(self, least: int) -> str:
        return str(self) if LEVELS.get(self.head, ATOM) >= least else f"({self})"

    @cached_property
    def latex(self) -> str:
        """The expression as LaTeX: "e^{-10 x^{2}}"."""
        if not self.arguments:
            return self._atom(r"\pi")
        if self.head in FUNCTIONS:
            return FUNCTIONS[self.head].latex % tuple(argument.latex for argument in self.arguments)
        if self.head == NEGATIVE:
            return "-" + self.arguments[0]._latex(PRODUCT, after_sign=True)
        left, right = self.arguments
        if self.head == "/":
            return rf"\frac{{{left.latex}}}{{{right.latex}}}"
        if self.head == "^":
            return f"{left._latex(ATOM)}^{{{right.latex}}}"
        level = LEVELS[self.head]
        second = right._latex(level + 1, after_sign=True)
        if self.head != "*":
            return f"{left._latex(level)} {self.head} {second}"
        # Side by side, 2 3 would read as 23, 2 before a fraction as a mixed number, x (−2) as a function of −2.
        times = r" \cdot " if second[0].isdigit() or second.startswith((r"\frac", r"\left(-")) else " "
        return left._latex(level) + times + second

    def _latex(self, least: int, after_sign: bool = False) -> str:
        # As a base, e^{x} and a fraction are no atoms; elsewhere a fraction's bar is its parentheses.
        level = {"exp": POWER, "/": MINUS}.get(self.head, LEVELS.get(self.head, ATOM))
        bare = level >= least and not (after_sign and self.latex.startswith("-"))
        return self.latex if bare else rf"\left({self.latex}\right)"
