"""Traversals: one latent moved while the others stay, and what each latent is used for over images.

The centre is an image's posterior mean. A row's columns reach REACH standard deviations either way: of the prior, about
0, or of the image's own posterior in that latent, about its mean. All rows are decoded in one batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_integer
from explorer.vae.latent import ACTIVE, MOST_PICTURES
from explorer.vae.model import VAE, check_vae

Unit = Literal["prior", "posterior"]
UNITS: tuple[Unit, ...] = ("prior", "posterior")
REACH, COLUMNS = 3.5, 15
"""Half a row in standard deviations, and its columns: one every half of a standard deviation."""


@dataclass(frozen=True)
class Use:
    """What each latent is used for over `n_images` images: means and variances over these images, all (D,).

    kl: the mean of KL(q(z_d | x) || N(0, 1)) in nats, of that latent by itself. With a diagonal posterior they add up
    to the bound's KL term; with a full one to less, since they leave out what its latents say of each other.
    variance: of the posterior mean.
    """

    kl: Tensor
    variance: Tensor
    n_images: int

    @property
    def active(self) -> Tensor:
        """Latents whose posterior mean varies by more than 0.01 (Burda et al. 2016, Section 5), bool (D,)."""
        return self.variance > ACTIVE

    @property
    def ranking(self) -> list[int]:
        """Every latent, the one of the largest KL first."""
        return self.kl.argsort(descending=True, stable=True).tolist()


@dataclass(frozen=True)
class Centre:
    """The posterior of one image, a latent at a time: its mean and its standard deviation, both (D,) on the CPU."""

    loc: Tensor
    scale: Tensor


@isolated
def use_of_latents(vae: VAE, images: Tensor) -> Use:
    """What each Gaussian latent is used for over images (B, 1, side, side), B >= 2.

    Raises ValueError for bits, images outside [0, 1] or fewer than two.
    """
    _check_gaussian(vae)
    pixels = vae.pixels_of(images)
    if len(pixels) < 2:
        raise ValueError("images must be at least two: a variance over one image is not defined")
    kl, loc = [], []
    for batch in pixels.split(1024):
        posterior = vae.posterior(batch)
        kl.append(posterior.marginal_kl())
        loc.append(posterior.loc.double())
    return Use(torch.cat(kl).mean(0).cpu(), torch.cat(loc).var(0).cpu(), len(pixels))


@isolated
def centre_of(vae: VAE, image: Tensor) -> Centre:
    """The posterior of one image (1, 1, side, side), each latent by itself. Raises ValueError for bits."""
    _check_gaussian(vae)
    pixels = vae.pixels_of(image)
    if len(pixels) != 1:
        raise ValueError(f"image must be one image, got {len(pixels)}")
    posterior = vae.posterior(pixels)
    return Centre(posterior.loc[0].cpu(), posterior.variances[0].sqrt().float().cpu())


def columns_of(centre: Centre, unit: Unit) -> Tensor:
    """The values of each latent over the columns of its row, the lowest first: (D, COLUMNS).

    Raises ValueError for an unknown unit.
    """
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {', '.join(UNITS)}, got {unit!r}")
    steps = torch.linspace(-REACH, REACH, COLUMNS)
    if unit == "prior":
        return steps.expand(len(centre.loc), COLUMNS)
    return centre.loc[:, None] + centre.scale[:, None] * steps


@isolated
def traversals(vae: VAE, loc: Tensor, values: Tensor) -> Tensor:
    """Pictures along every latent through the point loc (D,): values (D, F) -> (D, F, side, side), in one batch.

    Row d has entry d of `loc` replaced by values[d], one after the other. Raises ValueError for other shapes, values
    that are not finite or more than 16,384 pictures.
    """
    check_vae(vae)
    n = vae.n_latents
    if loc.shape != (n,):
        raise ValueError(f"loc must have shape ({n},), got {tuple(loc.shape)}")
    if values.ndim != 2 or len(values) != n:
        raise ValueError(f"values must have shape ({n}, F), got {tuple(values.shape)}")
    check_integer("the number of pictures", values.numel(), 1, MOST_PICTURES)
    points = loc.to(vae.device, torch.float32).repeat(n, values.shape[1], 1)
    rows = torch.arange(n, device=vae.device)
    points[rows, :, rows] = values.to(points)
    return vae.decode(points.flatten(0, 1)).view(n, values.shape[1], vae.dataset.side, vae.dataset.side)


def changes(pictures: Tensor) -> Tensor:
    """The most that any pixel differs between two columns of a row: pictures (D, F, side, side) -> (D,) in [0, 1]."""
    return (pictures.amax(1) - pictures.amin(1)).flatten(1).amax(1)


def _check_gaussian(vae: VAE) -> None:
    check_vae(vae)
    if vae.has_bits:
        raise ValueError(f"vae must have Gaussian latents for a traversal, it has {vae.kind_of_latents}")
