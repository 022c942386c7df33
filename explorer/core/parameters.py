"""A named number with its symbol, its valid interval and the range a slider offers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """A parameter of a family or of an objective.

    `name` is torch's name, `symbol` its LaTeX; `valid` is the open interval of allowed values; `slider` the closed
    range and `default` the value a visitor meets.
    """

    name: str
    symbol: str
    default: float
    slider: tuple[float, float]
    valid: tuple[float, float] = (-math.inf, math.inf)

    def check(self, value: object) -> float:
        """The value as a float. Raises ValueError naming the parameter and its range."""
        low, high = self.valid
        fault = f"{self.name} must be a number in ({low:g}, {high:g}), got {value!r}"
        if isinstance(value, (bool, str)):
            raise ValueError(fault)
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(fault) from error
        if not (math.isfinite(number) and low < number < high):
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
