"""What samples in float32 can hold of a law, and what cannot be seen of it there: exact answers need none of this.

A `Fault` maps a theta to what keeps float32 samples from showing its law, in words; empty when nothing does. Its bounds
are such that, of 10**5 samples, the share moved by rounding or by the ends of float32 changes the mean of no score by a
standard error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Fault = Callable[[Mapping[str, float]], str]
LEAST, LARGEST = torch.finfo(torch.float32).tiny, torch.finfo(torch.float32).max
"""The smallest number with all its digits, and the largest."""
BELOW_ONE = 1 - 2.0**-24
"""The largest number below 1."""
ROUNDED_TO_ONE = 2.0**-25
"""How near 1 a number is that float32 has no other name for."""
_MOST_AT_ONE = 3e-3
"""The largest share of the samples that may be rounded to 1."""
SMALLEST_SCALE, FARTHEST = 1e-10, 1e5
"""The range of scales and |locs|. Squares of scales, and of samples 10**8 scales out, are numbers in float32; and the
spacing there is below the step of a finite difference."""
NARROWEST = 1e-5
"""The smallest scale as a share of |loc|: there float32 tells 160 numbers a scale."""


def between(**bounds: tuple[float, float]) -> Fault:
    """A fault where a parameter lies outside its closed bounds."""

    def fault(values: Mapping[str, float]) -> str:
        for name, (low, high) in bounds.items():
            if not low <= values[name] <= high:
                return f"{name} must be in [{low:g}, {high:.6g}] for samples in float32, got {values[name]!r}"
        return ""

    return fault


def first_of(*faults: Fault) -> Fault:
    """The first fault that is found."""
    return lambda values: next(filter(None, (fault(values) for fault in faults)), "")


def resolved(*pairs: tuple[tuple[str, ...], str]) -> Fault:
    """A fault where a scale is out of range, or lost in the rounding of what is added to it: ((locs, scale), ...)."""

    def fault(values: Mapping[str, float]) -> str:
        for locs, scale in pairs:
            bounds = {scale: (SMALLEST_SCALE, FARTHEST)} | dict.fromkeys(locs, (-FARTHEST, FARTHEST))
            if found := between(**bounds)(values):
                return found
            least = NARROWEST * sum(abs(values[loc]) for loc in locs)
            if values[scale] < least:
                return f"{scale} must be at least {least:g} for samples in float32 so far out, got {values[scale]:g}"
        return ""

    return fault


def away_from_one(log_mass: Callable[[Mapping[str, float]], float]) -> Fault:
    """A fault where too many samples lie so near 1 that they are rounded to it; `log_mass` as by theta."""

    def fault(values: Mapping[str, float]) -> str:
        share = math.exp(log_mass(values))
        if share <= _MOST_AT_ONE:
            return ""
        named = ", ".join(f"{name}={value:g}" for name, value in values.items())
        return f"{100 * share:.2g} % of float32 samples would be rounded to 1 at {named}: concentration0 must be larger"

    return fault


def kept_inside(x: Tensor, least: float | Tensor, most: float | Tensor = LARGEST) -> Tensor:
    """x, with what float32 has rounded onto an end of the support put on the nearest number inside; derivatives stay.

    Float64 is left alone: integrals know where their ends are.
    """
    if x.dtype != torch.float32:
        return x
    low, high = (torch.as_tensor(end, dtype=x.dtype, device=x.device).detach() for end in (least, most))
    held = x.detach().clamp(low, high)
    return held + (x - x.detach()) if x.requires_grad else held
