"""How fast an integrand grows far out, against how fast the tail of the family falls: which moments exist."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.expectations.space import Space

_FAR = (0.6, 0.85)
"""Where in the noise's interval the growth of an integrand is read off."""


def full(gradient: Tensor, draw: Draw) -> Tensor:
    """A gradient for each sample of the draw, of its shape S, also where it does not depend on the noise."""
    return gradient.expand(draw.shape)


def growth(space: Space, integrand: Callable[[Draw], Tensor]) -> tuple[Tensor, Tensor]:
    """The power of |x| with which an integrand grows far out, to two decimals, and the family's tail index: (R,) each.

    E|h|^r is finite exactly if r times the power lies below the index. 0 and inf for a family whose moments all exist.
    """
    tail = space.tails
    if not tail.isfinite().any():
        return torch.zeros_like(tail), tail
    theta = {name: value.unsqueeze(1) for name, value in space.theta.items()}
    row = torch.arange(space.n_rows).unsqueeze(1)
    family, stretch = space.family, space.family.noise.stretch
    ends: tuple[Any, Any] = space.family.noise.interval
    if family.line is not None:
        ends = family.line.ends(theta)
        family, stretch = family.on_line(), _as_it_is
    objective = space.objective.in_rows({name: value.unsqueeze(1) for name, value in space.values.items()})
    power = torch.full_like(tail, -math.inf)
    for end in ends:
        sizes = []
        for share in _FAR:
            # The largest of a few points near by: a single one might be a zero of a wave of f.
            t = end * share + torch.linspace(-0.05, 0.05, 31, dtype=torch.float64)
            draw = Draw(family, objective, theta, stretch(t)[0].expand(len(tail), -1), row=row)
            h = full(integrand(draw), draw).abs().nan_to_num(nan=math.inf).max(-1).values
            sizes.append((h, draw.x.abs().median(-1).values))
        (near_h, near_x), (far_h, far_x) = sizes
        ratio = (far_h / near_h).log() / (far_x / near_x).log()
        ratio = ratio.nan_to_num(nan=math.inf, posinf=math.inf)
        # An integrand that is zero far out does not grow, and where x itself stays bounded there is no tail.
        ratio = torch.where((far_h == 0) | (far_x < 2 * near_x), -math.inf, ratio)
        power = torch.maximum(power, ratio)
    return torch.where(tail.isfinite(), (100 * power).round() / 100, 0.0), tail


def _as_it_is(t: Tensor) -> tuple[Tensor, Tensor]:
    return t, torch.ones_like(t)
