"""Random formulas, written by a grammar that builds each one's meaning in numpy beside its text.

A point of X counts where it can tell: where the meaning holds still while each of its steps is wobbled by far more than
rounding, and each 0 off its place.
"""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import special

from explorer.core.objectives.formula import MAX_DEPTH

Floats = NDArray[np.float64]
X = np.linspace(-2.3, 2.9, 9)
GRID = torch.from_numpy(X)

Wobble = Callable[[Any], Any]
Meaning = Callable[[Floats, Wobble], Any]
NUMPY: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh,
    "sinh": np.sinh, "cosh": np.cosh, "atan": np.arctan, "abs": np.abs, "sigmoid": special.expit,
    "softplus": lambda u: np.logaddexp(u, 0), "relu": lambda u: np.maximum(u, 0), "erf": special.erf,
    "min": np.minimum, "max": np.maximum,
}  # fmt: skip
HUGE = 2.0**40
"""Past this, rounding decides whether a number is whole, and even: whether a negative base has such a power."""
NUMBERS = ("0", "1", "2", "3", "7", "0.5", ".25", "1.", "1e-3", "2.5E0", "12", "1e1")


class Writer:
    """Writes formulas by the grammar: each rule gives a text and what it means."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.budget = 0.0
        self.depth = 0
        self.deepest = 0

    def formula(self) -> tuple[str, Meaning]:
        """One of at most 120 characters, so that it stays within bounds written in full."""
        while True:
            self.budget, self.deepest = self.random.uniform(1, 25), 0
            text, meaning = self.sum()
            if len(text) <= 120 and self.deepest <= MAX_DEPTH:
                return text, meaning

    def chance(self, probability: float) -> bool:
        """True less often as the formula grows, so that it ends."""
        self.budget -= 0.3
        return self.budget > 0 and self.random.random() < probability

    def inside(self, rule: Callable[[], tuple[str, Meaning]]) -> tuple[str, Meaning]:
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        written = rule()
        self.depth -= 1
        return written

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def sum(self) -> tuple[str, Meaning]:
        text, meaning = self.product()
        while self.chance(0.4):
            sign, (more, right) = self.pick("+", "-", "−"), self.product()
            text += self.pick("", " ") + sign + self.pick("", " ") + more
            meaning = combined(np.add if sign == "+" else np.subtract, meaning, right)
        return text, meaning

    def product(self) -> tuple[str, Meaning]:
        text, meaning = self.signed()
        clear = "^" not in text and "**" not in text
        while self.chance(0.4):
            if clear and self.chance(0.3):
                more, right = self.group() if self.chance(0.5) else self.call()
                text += (" " if text[-1].isalpha() else self.pick("", " ")) + more
                meaning = combined(np.multiply, meaning, right)
                continue
            sign, (more, right) = self.pick("*", "*", "·", "×", "/"), self.signed()
            text += self.pick("", " ") + sign + self.pick("", " ") + more
            meaning = combined(np.divide if sign == "/" else np.multiply, meaning, right)
            clear = sign != "/" and "^" not in more and "**" not in more
        return text, meaning

    def signed(self) -> tuple[str, Meaning]:
        if not self.chance(0.2):
            return self.power()
        sign, (text, meaning) = self.pick("-", "−", "+"), self.inside(self.signed)
        return sign + text, meaning if sign == "+" else (lambda x, wobble: -meaning(x, wobble))

    def power(self) -> tuple[str, Meaning]:
        text, meaning = self.atom()
        if not self.chance(0.3):
            return text, meaning
        if self.chance(0.3):
            superscript = self.pick("²", "³")
            return text + superscript, combined(np.float_power, meaning, constant({"²": 2.0, "³": 3.0}[superscript]))
        more, right = self.inside(self.signed)
        return text + self.pick("^", "**") + more, combined(np.float_power, meaning, right)

    def atom(self) -> tuple[str, Meaning]:
        if self.chance(0.25):
            return self.group()
        if self.chance(0.5):
            return self.call()
        if self.random.random() < 0.6:
            return "x", lambda x, wobble: x
        if self.random.random() < 0.3:
            name = self.pick("pi", "e", "π")
            return name, constant(np.e if name == "e" else np.pi)
        number = self.pick(*NUMBERS)
        return number, constant(float(number))

    def group(self) -> tuple[str, Meaning]:
        text, meaning = self.inside(self.sum)
        return f"({text})", meaning

    def call(self) -> tuple[str, Meaning]:
        name = self.pick(*NUMPY)
        text, meaning = self.inside(self.sum)
        if name not in ("min", "max"):
            return f"{name}({text})", applied(NUMPY[name], meaning)
        more, right = self.inside(self.sum)
        return f"{name}({text},{self.pick('', ' ')}{more})", combined(NUMPY[name], meaning, right)


def constant(value: float) -> Meaning:
    return lambda x, wobble: np.float64(value)


def applied(function: Callable[[Any], Any], inner: Meaning) -> Meaning:
    return lambda x, wobble: wobble(function(inner(x, wobble)))


def combined(function: Callable[[Any, Any], Any], left: Meaning, right: Meaning) -> Meaning:
    return lambda x, wobble: wobble(function(left(x, wobble), right(x, wobble)))


def understood(meaning: Meaning, noise: random.Random) -> tuple[Floats, NDArray[np.bool_]]:
    """What a formula is worth on X, and at which points that can tell."""

    def wobbling(uneven: bool) -> Wobble:
        def wobble(value: Any) -> Any:
            sign = noise.choice((-1, 1))
            moved = value * (1 + 1e-12 * sign) + 1e-300 * sign
            if not (huge := np.abs(moved) > HUGE).any():
                return moved
            even = 2 * np.round(moved / 2)
            return np.where(huge, even + uneven * np.where(np.abs(moved) < 2.0**52, 0.5, 1.0), moved)

        return wobble

    with np.errstate(all="ignore"):
        expected = np.broadcast_to(meaning(X, lambda value: value), X.shape)
        tells = np.logical_and.reduce([same(meaning(X, wobbling(uneven)), expected) for uneven in (False, True)])
    return expected, tells


def same(value: Any, expected: Floats) -> NDArray[np.bool_]:
    return np.isclose(value, expected, rtol=1e-6, atol=1e-9, equal_nan=True)
