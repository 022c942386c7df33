"""Known factors against the latents that tell most of them: over all sprites, exactly, and along one image's own row.

A latent is told from its posterior mean of the grey image. Of each factor the best latent is the one of the largest
mutual information (`explorer.vae.factors`); the angle is judged over the shapes whose angle can be seen.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_integer
from explorer.vae.factors import Information, encoded_sprites, information_of_encoded
from explorer.vae.latent import MOST_PICTURES
from explorer.vae.model import VAE
from explorer.vae.sprites import FACTORS, SIDE, sprites

SETTINGS = 24
"""So many settings of the other factors have a line of their own."""


@dataclass(frozen=True)
class Recovered:
    """A factor and the latent that tells most of it, counted from 0.

    means: the mean of that latent's posterior mean at each of the factor's V values, over all combinations of the
    others, (V,). lines: the posterior mean over the values at some fixed settings of the others, (L, V).
    """

    latent: int
    means: Tensor
    lines: Tensor


@dataclass(frozen=True)
class Recovery:
    """All factors, in the order of FACTORS, and what every latent tells of each."""

    information: Information
    factors: tuple[Recovered, ...]


@isolated
def recovery(vae: VAE) -> Recovery:
    """How well each known factor of the sprites stands in one latent. Takes seconds: all 53,760 images are encoded.

    Raises ValueError for a model of another data set, or whose latents are bits or full of covariance.
    """
    loc, scale = encoded_sprites(vae)
    found, made = information_of_encoded(loc, scale), sprites()
    parts = []
    for k, factor in enumerate(FACTORS):
        latent = int(found.nats[k].argmax())
        known = made.where_known(k)
        weights = made.counts.double() * known
        at_value = torch.nn.functional.one_hot(made.factors[:, k], len(factor.values)).double() * weights[:, None]
        means = (at_value * loc[:, latent, None].double()).sum(0) / at_value.sum(0)
        rows = _settings(k)
        rows = rows[torch.linspace(0, len(rows) - 1, min(SETTINGS, len(rows))).round().long()]
        parts.append(Recovered(latent, means, loc[rows, latent]))
    return Recovery(found, tuple(parts))


@dataclass(frozen=True)
class TrueRow:
    """One factor over its values, all else as in an image: the true renderings (V, side, side), and decoded pictures.

    decoded (V, side, side): the best latent moved to its mean at each value, the others at the image's. values (V,):
    the factor's, in its unit.
    """

    true: Tensor
    decoded: Tensor
    values: Tensor


@isolated
def true_row(vae: VAE, found: Recovered, factor: int, image: Tensor, loc: Tensor) -> TrueRow:
    """The row of a factor, by its place in FACTORS, through a sprite: image (side, side) in [0, 1], loc (D,).

    Raises ValueError when the image is none of the sprites.
    """
    check_integer("factor", factor, 0, len(FACTORS) - 1)
    made = sprites()
    same = made.factors[number_of(image)].expand_as(made.factors) == made.factors
    same[:, factor] = True
    rows = same.all(1).nonzero()[:, 0]
    rows = rows[made.factors[rows, factor].argsort()]
    values = made.factors[rows, factor]
    points = loc.to(vae.device, torch.float32).repeat(len(rows), 1)
    check_integer("the number of pictures", len(rows), 1, MOST_PICTURES)
    points[:, found.latent] = found.means[values].to(points)
    return TrueRow(
        made.images[rows].float() / 255, vae.decode(points)[:, 0].cpu(), torch.tensor(FACTORS[factor].values)[values]
    )


def number_of(image: Tensor) -> int:
    """Which of the sprites a picture (side, side) in [0, 1] is. Raises ValueError when it is none of them."""
    if image.shape != (SIDE, SIDE):
        raise ValueError(f"image must be ({SIDE}, {SIDE}), got {tuple(image.shape)}")
    pixels = (image.cpu() * 255).round().to(torch.uint8)
    found = (sprites().images == pixels).flatten(1).all(1).nonzero()
    if not len(found):
        raise ValueError("image must be one of the sprites")
    return int(found[0, 0])


@functools.cache
def _settings(factor: int) -> Tensor:
    """The images of each setting of the other factors in which this one takes all its values and is seen: (M, V)."""
    made = sprites()
    sizes = [len(each.values) for each in FACTORS]
    table = torch.full(sizes, -1)
    known = made.where_known(factor)
    table[tuple(made.factors[known].T)] = known.nonzero()[:, 0]
    rows = table.movedim(factor, -1).flatten(0, -2)
    return rows[(rows >= 0).all(1)]
