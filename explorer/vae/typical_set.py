"""Samples of the prior N(0, I) at given radii and truncated; the law of |z| is in `core.numerics.radius`.

Truncation: entries beyond a threshold are drawn again, never clipped (Brock, Donahue & Simonyan
2019, Section 3.1), so that each is of N(0, 1) given that it lies within.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_integer
from explorer.vae.latent import MOST_PICTURES
from explorer.vae.model import VAE

LEAST_THRESHOLD = 0.01


@isolated
def encoded_radii(vae: VAE, images: Tensor, *, seed: int) -> tuple[Tensor, Tensor]:
    """For each image (B, 1, side, side) |mean of q(z|x)|, and |z| of one draw of q(z|x): (B,) float64 each.

    Raises ValueError for a model of bits, images not in [0, 1] or a seed outside [0, 2**63 - 1].
    """
    _check_gaussian(vae)
    posterior = vae.posterior(vae.pixels_of(images))
    eps = torch.randn(posterior.loc.shape, device=vae.device, generator=generator_for(seed, vae.device))
    drawn = posterior.transform(eps[None])[0]
    return posterior.loc.double().norm(dim=1).cpu(), drawn.double().norm(dim=1).cpu()


@isolated
def at_radii(vae: VAE, radii: Tensor, n: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Points r u for radii r (R,) and n directions u, uniform on the sphere, the same at every radius, and pictures.

    z (R, n, D), pixels (R, n, side, side). Raises ValueError for a model of bits, radii negative or not finite, R n
    outside [1, 16384] or a seed outside [0, 2**63 - 1].
    """
    _check_gaussian(vae)
    if radii.ndim != 1 or not bool((radii.isfinite() & (radii >= 0)).all()):
        raise ValueError("radii must be finite numbers from 0 on, of shape (R,)")
    check_integer("the number of pictures", len(radii) * n, 1, MOST_PICTURES)
    noise = torch.randn(n, vae.n_latents, device=vae.device, generator=generator_for(seed, vae.device))
    z = radii.to(noise)[:, None, None] * (noise / noise.norm(dim=1, keepdim=True))
    return z, vae.decode(z.flatten(0, 1)).view(len(radii), n, *[vae.dataset.side] * 2)


@dataclass(frozen=True)
class Truncated:
    """Samples of a truncated prior: z (n, D), pixels (n, 1, side, side), how many entries were drawn anew."""

    z: Tensor
    pixels: Tensor
    redrawn: int


@isolated
def truncated_samples(vae: VAE, n: int, threshold: float, *, seed: int) -> Truncated:
    """z ~ N(0, I), each entry beyond ±threshold drawn again until it lies within; an infinite threshold keeps all.

    Entries that lie within are those of the same seed without truncation, so that a picture moves only as far as it
    must. Raises ValueError for a model of bits, n outside [1, 16384], a threshold below 0.01 or NaN, a seed outside
    [0, 2**63 - 1].
    """
    _check_gaussian(vae)
    check_integer("n", n, 1, MOST_PICTURES)
    if not threshold >= LEAST_THRESHOLD:
        raise ValueError(f"threshold must be at least {LEAST_THRESHOLD}, got {threshold}")
    generator = generator_for(seed, vae.device)
    z = torch.randn(n, vae.n_latents, device=vae.device, generator=generator)
    beyond = z.abs() > threshold
    redrawn = int(beyond.sum())
    while (left := int(beyond.sum())) > 0:
        z[beyond] = torch.randn(left, device=vae.device, generator=generator)
        beyond = z.abs() > threshold
    return Truncated(z, vae.decode(z), redrawn)


def truncated_variance(threshold: float) -> float:
    """The variance of N(0, 1) given that it lies within ±threshold: 1 - 2 c phi(c) / (2 Phi(c) - 1)."""
    if math.isinf(threshold):
        return 1.0
    density = math.exp(-(threshold**2) / 2) / math.sqrt(2 * math.pi)
    return 1 - 2 * threshold * density / math.erf(threshold / math.sqrt(2))


def share_beyond(threshold: float) -> float:
    """P(|z_i| > threshold) for z_i ~ N(0, 1)."""
    return math.erfc(threshold / math.sqrt(2))


def _check_gaussian(vae: VAE) -> None:
    if vae.has_bits:
        raise ValueError(f"vae must have Gaussian latents, it has {vae.kind_of_latents}")
