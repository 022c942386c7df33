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

import torch
from torch import Tensor

from explorer.core.objectives.functions import COMPARISONS, FUNCTIONS, WHERE

CONSTANTS = {"pi": math.pi, "e": math.e}
SUPERSCRIPTS = {"²": 2.0, "³": 3.0}

NEGATIVE = "negative"
COMPARISON, SUM, PRODUCT, MINUS, POWER, ATOM = range(6)
LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, NEGATIVE: MINUS, "^": POWER}
"""How tightly a sign binds, as in Python: −x² is −(x²), and 2^−x needs no parentheses. Comparisons bind least."""

_COMPUTE: dict[str, Callable[..., Tensor]] = {
    "+": torch.add,
    "-": torch.sub,
    "*": torch.mul,
    "/": torch.true_divide,
    NEGATIVE: torch.neg,
    "^": torch.pow,
    **{name: function.compute for name, function in FUNCTIONS.items()},
    **{sign: comparison.compute for sign, comparison in COMPARISONS.items()},
}
_SIGNS = {"+": "+", "-": "−", "*": "·", "/": "/", "^": "^"}


@dataclass(frozen=True)
class Expression:
    """A node. `head` is "number", "x", a key of CONSTANTS, LEVELS, COMPARISONS or FUNCTIONS; no number is negative."""

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
        if self.head == WHERE:
            return self._piece(x)
        return _COMPUTE[self.head](*[argument._compute(x) for argument in self.arguments])

    def _piece(self, x: Tensor) -> Tensor:
        condition, chosen, other = self.arguments
        held = condition._compute(x.detach())
        # Elsewhere a piece's slope may be NaN, which survives being multiplied by 0: there x is cut off from it.
        inside = torch.where(held != 0, x, x.detach())
        outside = torch.where(held == 0, x, x.detach())
        return FUNCTIONS[WHERE].compute(held, chosen._compute(inside), other._compute(outside))

    @property
    def literal(self) -> float | None:
        """The value of a number or of minus a number, else None."""
        if self.head == NEGATIVE and self.arguments[0].head == "number":
            return -self.arguments[0].number
        return self.number if self.head == "number" else None

    @cached_property
    def size(self) -> int:
        """How many nodes there are, each as often as it occurs."""
        return 1 + sum(argument.size for argument in self.arguments)

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
        if self.head == WHERE:
            return self.arguments[0].varies
        return self.head in COMPARISONS or (self.head in FUNCTIONS and FUNCTIONS[self.head].jumps)

    def _constant(self) -> float:
        return float(self._compute(torch.zeros((), dtype=torch.float64, device="cpu")))

    @cached_property
    def _chain(self) -> tuple[Expression, ...]:
        """The comparisons of u < v < w, which is (u < v)·(v < w); one comparison is a chain too. Else empty."""
        if self.head in COMPARISONS:
            return (self,)
        if self.head == "*":
            left, right = self.arguments
            if right.head in COMPARISONS and left._chain and left._chain[-1].arguments[1] == right.arguments[0]:
                return (*left._chain, right)
        return ()

    def __str__(self) -> str:
        """The canonical text, free of what Markdown could take for its own: "exp(−10·x²)", "0 < x ≤ 1"."""
        if not self.arguments:
            return self._atom("π")
        if self._chain:
            first = self._chain[0].arguments[0]._text(SUM)
            # With a space after it, < opens no tag.
            return first + "".join(
                f" {COMPARISONS[each.head].text} {each.arguments[1]._text(SUM)}" for each in self._chain
            )
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
        level = COMPARISON if self._chain else LEVELS.get(self.head, ATOM)
        return str(self) if level >= least else f"({self})"

    @cached_property
    def latex(self) -> str:
        """The expression as LaTeX: "e^{-10 x^{2}}"."""
        if not self.arguments:
            return self._atom(r"\pi")
        if self._chain:
            return rf"\mathbf{{1}}[{self._said()[0]}]"
        if self.head == WHERE:
            condition, chosen, other = self.arguments
            said, contrary = condition._said()
            return FUNCTIONS[WHERE].latex % (chosen.latex, said, other.latex, contrary)
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
        dotted = second[0].isdigit() or second.startswith((r"\frac", r"\left(-", r"\mathbf{1}"))
        return left._latex(level) + (r" \cdot " if dotted else " ") + second

    def _said(self) -> tuple[str, str]:
        """The condition that the expression is not 0, and its contrary, as LaTeX."""
        if len(self._chain) == 1:
            sign, (left, right) = COMPARISONS[self.head], self.arguments
            return f"{left.latex} {sign.latex} {right.latex}", f"{left.latex} {sign.contrary} {right.latex}"
        if self._chain:
            first = self._chain[0].arguments[0].latex
            said = first + "".join(f" {COMPARISONS[each.head].latex} {each.arguments[1].latex}" for each in self._chain)
            return said, rf"\neg\left({said}\right)"
        if self.head == "step":
            return f"{self.arguments[0].latex} > 0", rf"{self.arguments[0].latex} \le 0"
        return rf"{self.latex} \ne 0", f"{self.latex} = 0"

    def _latex(self, least: int, after_sign: bool = False) -> str:
        # As a base, e^{x} and a fraction are no atoms; elsewhere a fraction's bar is its parentheses. 1[] has its own.
        if self._chain:
            level = ATOM
        else:
            level = {"exp": POWER, "/": MINUS, WHERE: COMPARISON}.get(self.head, LEVELS.get(self.head, ATOM))
        bare = level >= least and not (after_sign and self.latex.startswith("-"))
        return self.latex if bare else rf"\left({self.latex}\right)"
