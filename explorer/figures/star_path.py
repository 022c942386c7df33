"""The star of *Noise, then transform*: what moves with it, whether theta moves or the star itself does.

Each function gives rows for K places; what is the same at all of them has one row.
"""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.experiments.noise_transform import Scene
from explorer.core.experiments.star_path import Speeds, StarPath

REACH = 0.12
"""The share of a parameter's slider that the arrow on the star, and half the tangent, look ahead."""
_HEAD = 0.03
"""The arrow's head, of the panel's width and height."""
_SHADE_POINTS = 81


def share_of_slider(path: StarPath, values: Tensor) -> Tensor:
    """Where values of the path's parameter stand on its slider, in [0, 1]."""
    low, high = path.parameter.slider
    return (values - low) / (high - low)


def shade(levels: Tensor, density: Tensor, x: Tensor, at_x: Tensor) -> tuple[Tensor, Tensor]:
    """The part of q below x (K, 1) on the sample axis: density and level, (K, Z) each; density (K or 1, Z)."""
    below = levels <= x
    return torch.where(below, density, at_x), torch.minimum(levels, x)


def noise_shade(scene: Scene, eps: Tensor) -> tuple[Tensor, Tensor]:
    """The part of p below eps (K, 1): noise and density, (K, G) each."""
    low = scene.films[0].grid[0]
    noise = low + (eps - low) * torch.linspace(0, 1, _SHADE_POINTS, dtype=torch.float64)
    return noise, scene.family.noise.log_prob(noise).exp()


def guide(scene: Scene, eps: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """From eps (K, 1) up to the curve, and at the height of x (K, 1) across to both neighbours, (K, 6)."""
    left, right = scene.films[0].grid[[0, -1]] + torch.tensor([-1.0, 1.0], dtype=torch.float64)
    gap = torch.full_like(eps, torch.nan)
    across = torch.cat((eps, eps, left.expand_as(eps), gap, eps, right.expand_as(eps)), 1)
    floor, gap = torch.full_like(x, scene.axis[0]), torch.full_like(x, torch.nan)
    return across, torch.cat((floor, x, x, gap, x, x), 1)


def arrow(scene: Scene, path: StarPath, speeds: Speeds, eps: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """How far the star slides while theta moves by REACH at this speed: (K, 5), an arrow with its head."""
    speed = speeds.slope if speeds.slope is not None else speeds.formula
    rise = torch.zeros_like(x) if speed is None else speed.unsqueeze(1) * _reach(path)
    low, high = scene.axis
    head = torch.minimum(rise.abs(), torch.tensor(_HEAD * (high - low))) * rise.sign()
    first, last = scene.films[0].grid[[0, -1]]
    half = 0.4 * _HEAD * (last - first)
    tip, barb = x + rise, x + rise - head
    return torch.cat((eps, eps, eps - half, eps, eps + half), 1), torch.cat((x, tip, barb, tip, barb), 1)


def tangent(path: StarPath, speeds: Speeds, share: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """The line through the star with the slope that F and q say, (K, 2); flat where they say nothing."""
    formula = speeds.formula
    rise = torch.zeros_like(x) if formula is None else formula.unsqueeze(1) * _reach(path)
    return torch.cat((share - REACH, share + REACH), 1), torch.cat((x - rise, x + rise), 1)


def along(scene: Scene, path: StarPath, y: Tensor) -> tuple[Tensor, Tensor]:
    """y (K, F) along a path's slider, each line as long as the longest of any parameter: the last point repeated."""
    longest = max(len(each.values) for each in scene.paths)
    index = torch.arange(longest).clamp(max=len(path.values) - 1)
    return share_of_slider(path, path.values)[index].unsqueeze(0), y[:, index]


def _reach(path: StarPath) -> float:
    low, high = path.parameter.slider
    return REACH * (high - low)
