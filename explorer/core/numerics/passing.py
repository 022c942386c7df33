"""Where monotone functions pass a value, many at once: by halving where they bend, else by inverse quadratic steps.

Source: Chandrupatla 1997, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

_MOST_STEPS = 100
_NEAR = 1e-13
"""A place is known when it lies in an interval this short, relative to itself or to 1."""


def passing(function: Callable[[Tensor], Tensor], at: Tensor, ends: tuple[Any, Any]) -> Tensor:
    """The t between two ends at which a function passes `at`, elementwise; the second end where it does not."""
    b, a = (torch.as_tensor(end, dtype=at.dtype).expand_as(at) for end in ends)
    last = a
    if not at.numel():
        return last
    fb, fa = function(b) - at, function(a) - at
    passes = fa.sign() * fb.sign() < 0
    c, fc = a, fa
    part = torch.full_like(at, 0.5)
    for _ in range(_MOST_STEPS):
        t = a + part * (b - a)
        ft = function(t) - at
        same = ft.sign() == fa.sign()
        c, fc = torch.where(same, a, b), torch.where(same, fa, fb)
        b, fb = torch.where(same, b, a), torch.where(same, fb, fa)
        a, fa = t, ft
        best = torch.where(fa.abs() < fb.abs(), a, b)
        least = _NEAR * best.abs().clamp(min=1) / (b - a).abs()
        if bool(((least > 0.5) | (fa == 0) | ~passes).all()):
            break
        part = _part(a, b, c, fa, fb, fc).clamp(least.clamp(max=0.5), (1 - least).clamp(min=0.5))
    return torch.where(passes, torch.where(fa == 0, a, best), last)


def _part(a: Tensor, b: Tensor, c: Tensor, fa: Tensor, fb: Tensor, fc: Tensor) -> Tensor:
    """Which part of the way from a to b to go: by inverse quadratic interpolation where that is safe, else half."""
    xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    safe = (phi.square() < xi) & ((1 - phi).square() < 1 - xi)
    quadratic = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return torch.where(safe & quadratic.isfinite(), quadratic, 0.5)
