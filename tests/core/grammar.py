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
    "min": np.minimum, "max": np.maximum, "ln": np.log,
}  # fmt: skip
EXACT: dict[str, Callable[..., Any]] = {
    "step": lambda u: holding(np.greater)(u, 0), "sign": np.sign, "floor": np.floor,
    "where": lambda condition, a, b: np.where(np.isnan(condition), np.nan, np.where(condition != 0, a, b)),
}  # fmt: skip
"""What rounds nothing."""
COMPARED = {">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal}
COMPARED |= {"≥": COMPARED[">="], "≤": COMPARED["<="]}
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
            text, meaning = self.whole()
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

    def whole(self) -> tuple[str, Meaning]:
        text, left = self.sum()
        holds: list[Meaning] = []
        while self.chance(0.15):
            sign, (more, right) = self.pick(*COMPARED), self.sum()
            text += self.pick("", " ") + sign + self.pick("", " ") + more
            holds.append(exactly(holding(COMPARED[sign]), left, right))
            left = right
        return text, exactly(
            lambda *all_hold: np.prod(np.broadcast_arrays(*all_hold), axis=0), *holds
        ) if holds else left

    def sum(self) -> tuple[str, Meaning]:
        text, meaning = self.product()
        while self.chance(0.4):
            sign, (more, right) = self.pick("+", "-", "−"), self.product()
            text += self.pick("", " ") + sign + self.pick("", " ") + more
            meaning = applied(np.add if sign == "+" else np.subtract, meaning, right)
        return text, meaning

    def product(self) -> tuple[str, Meaning]:
        text, meaning = self.signed()
        clear = "^" not in text and "**" not in text
        while self.chance(0.4):
            if clear and self.chance(0.3):
                more, right = self.group() if self.chance(0.5) else self.call()
                text += (" " if text[-1].isalpha() else self.pick("", " ")) + more
                meaning = applied(np.multiply, meaning, right)
                continue
            sign, (more, right) = self.pick("*", "*", "·", "×", "/"), self.signed()
            text += self.pick("", " ") + sign + self.pick("", " ") + more
            meaning = applied(np.divide if sign == "/" else np.multiply, meaning, right)
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
            return text + superscript, applied(np.float_power, meaning, constant({"²": 2.0, "³": 3.0}[superscript]))
        more, right = self.inside(self.signed)
        return text + self.pick("^", "**") + more, applied(np.float_power, meaning, right)

    def atom(self) -> tuple[str, Meaning]:
        if self.chance(0.25):
            return self.group()
        if self.chance(0.5):
            return self.bars() if self.chance(0.1) else self.call()
        if self.random.random() < 0.6:
            return "x", lambda x, wobble: x
        if self.random.random() < 0.3:
            name = self.pick("pi", "e", "π")
            return name, constant(np.e if name == "e" else np.pi)
        number = self.pick(*NUMBERS)
        return number, constant(float(number))

    def group(self) -> tuple[str, Meaning]:
        text, meaning = self.inside(self.whole)
        return f"({text})", meaning

    def bars(self) -> tuple[str, Meaning]:
        text, meaning = self.inside(self.whole)
        return f"|{text}|", applied(np.abs, meaning)

    def call(self) -> tuple[str, Meaning]:
        name = self.pick(*NUMPY, *EXACT)
        count = {"min": 2, "max": 2, "where": 3}.get(name, 1)
        texts, meanings = zip(*(self.inside(self.whole) for _ in range(count)), strict=True)
        written = f"{name}({self.pick(',', ', ').join(texts)})"
        return written, applied(NUMPY[name], *meanings) if name in NUMPY else exactly(EXACT[name], *meanings)


def holding(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """1 or 0, and NaN where an argument is."""
    return lambda u, v: np.where(np.isnan(u) | np.isnan(v), np.nan, compare(u, v))


def constant(value: float) -> Meaning:
    return lambda x, wobble: np.float64(value)


def all_hold(*values: Any) -> Any:
    return np.prod(np.broadcast_arrays(*values), axis=0)


def applied(function: Callable[..., Any], *inner: Meaning) -> Meaning:
    return lambda x, wobble: wobble(function(*(each(x, wobble) for each in inner)))


def exactly(function: Callable[..., Any], *inner: Meaning) -> Meaning:
    return lambda x, wobble: function(*(each(x, wobble) for each in inner))


def understood(meaning: Meaning, noise: random.Random) -> tuple[Floats, NDArray[np.bool_]]:
    """What a formula is worth on X, and at which points that can tell."""

    def wobbled(mirror: int) -> Any:
        steps = random.Random(seed)

        def wobble(value: Any) -> Any:
            # Of no common size: two would cancel where they meet.
            step = mirror * steps.choice((-1, 1)) * steps.uniform(0.5, 1.5)
            moved = value * (1 + 1e-12 * step) + 1e-300 * step
            if not (huge := np.abs(moved) > HUGE).any():
                return moved
            # Once even, once not.
            even = 2 * np.round(moved / 2)
            return np.where(huge, even + (mirror > 0) * np.where(np.abs(moved) < 2.0**52, 0.5, 1.0), moved)

        return meaning(X, wobble)

    seed = noise.random()
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(meaning(X, lambda value: value), X.shape)
        # A wobble and its mirror image: a place at the edge of a jump falls to one side of it, then to the other.
        tells = np.logical_and.reduce([same(wobbled(mirror), expected) for mirror in (-1, 1)])
    return expected, tells


def same(value: Any, expected: Floats) -> NDArray[np.bool_]:
    return np.isclose(value, expected, rtol=1e-6, atol=1e-9, equal_nan=True)
