"""The values that a film visits, and an axis that suits them all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.families.family import Family
from explorer.core.parameters import Parameter

CURVE_POINTS = 161


CUT = 0.03


FEW_ATOMS = 8
"""So many atoms are shown all; of more, those that hold samples."""


def visited(parameter: Parameter, current: float) -> list[float]:
    """The slider's steps in order, with `current` in the place of the one it falls on, if it falls on one."""
    low, high = parameter.slider
    steps = [low + i * parameter.step for i in range(round((high - low) / parameter.step) + 1)]
    return sorted([value for value in steps if abs(value - current) > 0.01 * parameter.step] + [current])


def sweep(parameter: Parameter, current: float, family: Family, theta: Mapping[str, float]) -> tuple[Tensor, int]:
    """The values a film visits, (F,) float64, and the index of `current`, which is always one of them.

    Values that the family forbids beside the other parameters are left out.
    """
    allowed = [value for value in visited(parameter, current) if not family.fault({**theta, parameter.name: value})]
    return torch.tensor(allowed, dtype=torch.float64), allowed.index(current)


def noise_grid(family: Family) -> Tensor:
    """The noises at which g is drawn, (G,): half a step off the window's ends, where g may be infinite."""
    low, high = family.noise.window
    inset = 0.5 * (high - low) / CURVE_POINTS
    return torch.linspace(low + inset, high - inset, CURVE_POINTS, dtype=torch.float64)


def in_frames(theta: Mapping[str, float], parameter: Parameter, values: Tensor) -> dict[str, Tensor]:
    """theta as tensors, with the swept parameter's values (F,) as a column: every frame in one batch."""
    tensors = {name: torch.tensor(value, dtype=torch.float64) for name, value in theta.items()}
    return tensors | {parameter.name: values.unsqueeze(1)}


def sample_axis(family: Family) -> tuple[float, float]:
    """A range for the sample axis that does not move with theta.

    It holds all but the outer CUT of the noise at each end while any one parameter sweeps its slider, the others at
    their defaults.
    """
    if 0 < len(family.support.points) <= FEW_ATOMS:
        return min(family.support.points) - 0.25, max(family.support.points) + 0.25
    grid = noise_grid(family)
    density = family.noise.log_prob(grid).exp()
    share = density.cumsum(0) / density.sum()
    middle = grid[(share > CUT) & (share < 1 - CUT)]
    defaults = {parameter.name: parameter.default for parameter in family.parameters}
    curves = []
    for parameter in family.parameters:
        values, _ = sweep(parameter, parameter.default, family, defaults)
        curves.append(family.transform(middle, in_frames(defaults, parameter, values)))
    low, high = min(float(curve.min()) for curve in curves), max(float(curve.max()) for curve in curves)
    pad = 0.06 * (high - low)
    return low - pad, high + pad


@dataclass(frozen=True, eq=False)
class Estimates:
    """Means of n numbers for each of F values of a parameter, with their standard errors: (F,) each."""

    mean: Tensor
    standard_error: Tensor

    @classmethod
    def of(cls, terms: Tensor) -> Estimates:
        """From terms (F, n); NaN in a frame in which a term is not finite."""
        return cls(terms.mean(-1), terms.std(-1) / math.sqrt(terms.shape[-1]))
