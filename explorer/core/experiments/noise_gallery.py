"""Every family of one number at its defaults, small: its curve g and its density."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.experiments.sweep import noise_grid
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated

_CUT = 0.02
_LEVELS = 60


@dataclass(frozen=True)
class Thumbnail:
    """g (G,) at `grid` (G,), and q (Z,) at `levels` (Z,), which hold all but 2 % of the samples at each end."""

    family: Family
    grid: Tensor
    curve: Tensor
    levels: Tensor
    density: Tensor


@isolated
def thumbnails(families: Mapping[str, Family]) -> dict[str, list[Thumbnail]]:
    """Of each route its families, in the registry's order."""
    found: dict[str, list[Thumbnail]] = {}
    for family in families.values():
        found.setdefault(family.route, []).append(_thumbnail(family))
    return found


def _thumbnail(family: Family) -> Thumbnail:
    theta = {each.name: torch.tensor(each.default, dtype=torch.float64) for each in family.parameters}
    grid = noise_grid(family)
    ends = torch.tensor([family.noise.quantile(share) for share in (_CUT, 1 - _CUT)], dtype=torch.float64)
    low, high = sorted(family.transform(ends, theta).tolist())
    if family.discrete:
        levels = torch.tensor([point for point in family.support.points if low <= point <= high], dtype=torch.float64)
    else:
        levels = torch.linspace(low, high, _LEVELS, dtype=torch.float64)
    density = family.log_prob(levels, theta).exp()
    return Thumbnail(family, grid, family.transform(grid, theta), levels, density)
