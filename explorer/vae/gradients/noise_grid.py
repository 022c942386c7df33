"""A grid of noise that stands for all of it, where there are few latents: expectations become sums."""

from __future__ import annotations

import torch
from torch import Tensor

GRIDDED = 2
"""The most latents for which there is a grid: its nodes grow as a power of them."""
HALF_WIDTH = 7.0
"""Beyond it the Normal density has fallen to 2e-11 of its peak."""


def noise_grid(n_latents: int, nodes: int, *, like: Tensor) -> tuple[Tensor, Tensor]:
    """Noise (nodes^D, D) of N(0, I) and its weights (nodes^D,), which sum to 1; type and device as `like`.

    The trapezoidal rule on [-HALF_WIDTH, HALF_WIDTH]: of what is smooth and fades on all sides it errs by less than any
    power of the step. An odd number of nodes has every second one in common with the grid of half as many.
    """
    axis = torch.linspace(-HALF_WIDTH, HALF_WIDTH, nodes, dtype=torch.float64)
    eps = torch.cartesian_prod(*[axis] * n_latents).view(-1, n_latents)
    weights = torch.softmax(-0.5 * eps.square().sum(-1), dim=0)
    return eps.to(like.dtype).to(like.device), weights.to(like.dtype).to(like.device)
