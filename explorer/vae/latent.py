"""Views of the latent space: an atlas of decoded pictures, samples of the prior, active units.

Everything is decoded in one batch, in inference mode. Pictures are pixel probabilities in [0, 1].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_integer
from explorer.vae.model import VAE

LARGEST_ATLAS = 128
"""Pictures along a side: 16,384 in all, 51 MB of MNIST's."""

MOST_PICTURES = 16_384
"""Pictures decoded at once by the other views."""

ACTIVE = 1e-2
"""A unit is active when the variance of its posterior mean over images exceeds this (Burda et al. 2016, Section 5)."""


@isolated
def atlas(vae: VAE, extent: float, n: int) -> Tensor:
    """The plane [-extent, extent]^2 of a model with two latents, decoded on a grid -> (n, n, side, side).

    Row i is z_2 = -extent + 2 extent i / (n - 1), column j is z_1 = -extent + 2 extent j / (n - 1).
    Raises ValueError for a model without two latents, extent outside (0, 100] or n outside [2, 128].
    """
    _check_plane(vae, extent)
    check_integer("n", n, 2, LARGEST_ATLAS)
    axis = torch.linspace(-extent, extent, n, device=vae.device)
    return vae.decode(_plane(axis)).view(n, n, vae.dataset.side, vae.dataset.side)


@isolated
def prior_samples(vae: VAE, n: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Draws of z ~ N(0, I), or of fair bits, and what they decode to: z (n, D), pixels (n, 1, side, side).

    Raises ValueError for n outside [1, 16384] or a seed outside [0, 2**63 - 1].
    """
    check_integer("n", n, 1, MOST_PICTURES)
    generator, shape = generator_for(seed, vae.device), (n, vae.n_latents)
    if vae.has_bits:
        z = torch.randint(2, shape, device=vae.device, generator=generator).float()
    else:
        z = torch.randn(shape, device=vae.device, generator=generator)
    return z, vae.decode(z)


@dataclass(frozen=True)
class Activity:
    """How much each latent unit's posterior mean varies over images: variance (D,)."""

    variance: Tensor

    @property
    def active(self) -> Tensor:
        """Units whose variance exceeds 0.01, bool (D,)."""
        return self.variance > ACTIVE


@isolated
def active_units(vae: VAE, images: Tensor) -> Activity:
    """Cov_x(E_{q(z|x)}[z_i]) of each latent unit over images (B, 1, side, side), B >= 2 (Burda et al. 2016, Section 5).

    The mean of a bit is its probability of being 1, whose variance is at most 1/4.
    Raises ValueError when the images are not in [0, 1] or fewer than two.
    """
    pixels = vae.pixels_of(images)
    if len(pixels) < 2:
        raise ValueError("images must be at least two: a variance over one image is not defined")
    return Activity(torch.cat([_posterior_mean(vae, batch) for batch in pixels.split(1024)]).var(0))


def _posterior_mean(vae: VAE, pixels: Tensor) -> Tensor:
    return torch.sigmoid(vae.bit_logits(pixels)) if vae.has_bits else vae.posterior(pixels).loc


def _plane(axis: Tensor) -> Tensor:
    """Points (z_1, z_2) of the grid axis x axis, row by row with z_2 constant along a row: (n * n, 2)."""
    z2, z1 = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([z1.flatten(), z2.flatten()], dim=1)


def _check_plane(vae: VAE, extent: float) -> None:
    if not vae.is_plane:
        raise ValueError(f"vae must have 2 Gaussian latent dimensions for an atlas, it has {vae.kind_of_latents}")
    if isinstance(extent, bool) or not isinstance(extent, int | float) or not math.isfinite(extent):
        raise ValueError(f"extent must be a number in (0, 100], got {extent!r}")
    if not 0 < extent <= 100:
        raise ValueError(f"extent must be in (0, 100], got {extent}")
