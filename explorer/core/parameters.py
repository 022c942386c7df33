"""A named number with its symbol, its valid interval and the range a slider offers."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass

POSITIVE = (0.0, math.inf)
_LETTERS = {
    r"\tau": "τ",
    r"\mu": "μ",
    r"\sigma": "σ",
    r"\lambda": "λ",
    r"\alpha": "α",
    r"\beta": "β",
    r"\gamma": "γ",
    r"\nu": "ν",
    r"\kappa": "κ",
    r"\ell": "ℓ",
    "_1": "₁",
    "_2": "₂",
    "_3": "₃",
    "_{11}": "₁₁",
    "_{21}": "₂₁",
    "_{22}": "₂₂",
    "_m": "ₘ",
}
MAX_SAMPLES = 10**8
"""The most samples one call may ask for: 0.4 GB a tensor."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a family or of an objective, or a setting of an estimator.

    `name` is torch's name, `symbol` its LaTeX; `valid` is the open interval of allowed values; `slider` the closed
    range and `default` the value a visitor meets. Where `choices` are given, they are the only values, and are on the
    slider.
    """

    name: str
    symbol: str
    default: float
    slider: tuple[float, float]
    valid: tuple[float, float] = (-math.inf, math.inf)
    choices: tuple[float, ...] = ()

    @property
    def letter(self) -> str:
        """The symbol as plain text: "μ"."""
        letter = self.symbol
        for latex, plain in _LETTERS.items():
            letter = letter.replace(latex, plain)
        return letter

    @property
    def label(self) -> str:
        """The letter and, where it says more, the name: "μ · loc"."""
        return self.letter if self.letter == self.name else f"{self.letter} · {self.name}"

    @property
    def step(self) -> float:
        """A round slider step, 1, 2 or 5 times a power of ten, that cuts the slider's range into at most 100."""
        smallest = (self.slider[1] - self.slider[0]) / 100
        power = 10.0 ** math.floor(math.log10(smallest))
        return next(round(factor * power, 12) for factor in (1, 2, 5, 10) if factor * power >= smallest * (1 - 1e-9))

    def check(self, value: object) -> float:
        """The value as a float. Raises ValueError naming the parameter and its range."""
        low, high = self.valid
        allowed = f"a number in ({low:g}, {high:g})"
        if self.choices:
            allowed = f"one of {', '.join(f'{choice:g}' for choice in self.choices)}"
        fault = f"{self.name} must be {allowed}, got {value!r}"
        if isinstance(value, (str, bytes, bytearray)) or _is_bool(value) or getattr(value, "ndim", 0) > 0:
            raise ValueError(fault)
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError, RuntimeError) as error:
            raise ValueError(fault) from error
        if not (math.isfinite(number) and low < number < high) or (self.choices and number not in self.choices):
            raise ValueError(fault)
        return number


def check_values(owner: str, parameters: tuple[Parameter, ...], values: Mapping[str, object]) -> dict[str, float]:
    """Every parameter's value as a float, in the parameters' order.

    Raises ValueError when a name is missing or unknown, or a value lies outside its range.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"{owner} takes a mapping of parameter names to numbers, got {type(values).__name__}")
    names = [parameter.name for parameter in parameters]
    wanted = ", ".join(names) or "none"
    for name in values:
        if name not in names:
            raise ValueError(f"{owner} has no parameter {name!r}; its parameters: {wanted}")
    for name in names:
        if name not in values:
            raise ValueError(f"{owner} needs {name}; its parameters: {wanted}")
    return {parameter.name: parameter.check(values[parameter.name]) for parameter in parameters}


def check_n_samples(n_samples: object, most: int = MAX_SAMPLES) -> int:
    """The number of samples. Raises ValueError when it is not an integer in [1, most]."""
    return check_integer("n_samples", n_samples, 1, most)


def check_integer(name: str, value: object, low: int, high: int) -> int:
    """The value as an int. Raises ValueError when it is not an integer in [low, high]."""
    number = as_integer(value)
    if number is None or not low <= number <= high:
        raise ValueError(f"{name} must be an integer in [{low}, {high}], got {value!r}")
    return number


def as_integer(value: object) -> int | None:
    """An integer as Python, numpy or torch has it, as an int; None for anything else, truth values among it."""
    try:
        return None if _is_bool(value) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _is_bool(value: object) -> bool:
    return isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool")
