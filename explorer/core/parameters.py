"""A named number with its symbol, its valid interval and the range a slider offers."""

from __future__ import annotations

import math
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
        if isinstance(value, (bool, str, bytes, bytearray)):
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


def check_n_samples(n_samples: object) -> int:
    """The number of samples. Raises ValueError when it is not an integer in [1, MAX_SAMPLES]."""
    if isinstance(n_samples, bool) or not isinstance(n_samples, int) or not 1 <= n_samples <= MAX_SAMPLES:
        raise ValueError(f"n_samples must be an integer in [1, {MAX_SAMPLES}], got {n_samples!r}")
    return n_samples
