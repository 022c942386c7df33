"""Gradients of one image's ELBO with respect to the parameters of its posterior, one a sample, by name.

Sources: Rezende, Mohamed & Wierstra 2014, Section 4; Kingma & Welling 2013, Sections 2.3 and 2.4;
Mohamed, Rosca, Figurnov & Mnih 2020, Sections 4 and 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast, get_args

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_n_samples
from explorer.core.randomness import Streams
from explorer.vae.gradients.bernoulli_draw import BernoulliDraw
from explorer.vae.gradients.contract import ElboEstimator, estimator_for
from explorer.vae.gradients.draw import KL, NormalDraw
from explorer.vae.model import VAE, check_vae

ElboDraw: TypeAlias = NormalDraw | BernoulliDraw
DECODES_AT_ONCE = 2048
"""Samples whose decoder activations are kept for the backward pass at once: about 25 MB."""

MOST_ENTRIES = 2**28
"""Largest n_samples * D * D: one gibibyte of float32, the size of the answer itself."""


@isolated
def elbo_gradient_samples(
    vae: VAE,
    image: Tensor | np.ndarray,
    estimator: str | ElboEstimator,
    n_samples: int,
    *,
    seed: int = 0,
    kl: KL = "analytic",
) -> dict[str, Tensor]:
    """One gradient of the ELBO a sample: {"loc": (n_samples, D), "scale_tril": (n_samples, D, D) lower triangle}.

    Of bits {"logits": (n_samples, D)}. image: (1, side, side) or (1, 1, side, side), float in [0, 1]. estimator: a name
    of `NORMAL` or, for bits, of `BERNOULLI`, or an entry of it at other settings. kl: "analytic" where the KL term is
    known exactly, "sampled" where it is part of what is sampled.
    Raises ValueError for another image, an unknown estimator or kl, n_samples below 1 or so large that the answer would
    pass a gibibyte (n_samples * D * D > 2**28), or a seed outside [0, 2**63 - 1].
    """
    check_vae(vae)
    pixels, method, kl = pixels_of_one(vae, image), estimator_for(vae, estimator), check_kl(kl)
    D = vae.n_latents
    n_samples, streams = check_n_samples(n_samples, MOST_ENTRIES // D**2), Streams(seed, vae.device)
    draw = fresh_draw(vae, pixels, min(DECODES_AT_ONCE, n_samples), streams, kl)
    shapes = {name: (D,) * len(index) for name, index in draw.coordinates}
    gradients = {name: torch.empty(n_samples, *shape, device=vae.device) for name, shape in shapes.items()}
    columns = {name: _columns(draw.coordinates, name, shape).to(vae.device) for name, shape in shapes.items()}
    for start in range(0, n_samples, DECODES_AT_ONCE):
        if start:
            draw = draw.again(min(DECODES_AT_ONCE, n_samples - start))
        padded = F.pad(method(draw)[:, 0], (0, 1))
        for name, gradient in gradients.items():
            gradient[start : start + len(padded)] = padded.index_select(1, columns[name]).view(-1, *shapes[name])
    return gradients


def _columns(coordinates: Sequence[tuple[str, tuple[int, ...]]], name: str, shape: tuple[int, ...]) -> Tensor:
    """Which coordinate stands at each place of a parameter; the one past the last where none does."""
    found = torch.full(shape, len(coordinates))
    own = [column for column, (each, _) in enumerate(coordinates) if each == name]
    found[*torch.tensor([coordinates[column][1] for column in own]).T] = torch.tensor(own)
    return found.flatten()


def fresh_draw(
    vae: VAE, pixels: Tensor, n: int, streams: Streams, kl: KL, *, full: bool = True, mirrored: bool = False
) -> ElboDraw:
    """A draw of n samples an image, pixels (B, P), for the model's kind of latents; `again` makes the next."""
    if vae.has_bits:
        return BernoulliDraw.fresh(vae, pixels, n, streams, kl=kl, mirrored=mirrored)
    return NormalDraw.fresh(vae, pixels, n, streams, kl=kl, full=full, mirrored=mirrored)


def pixels_of_one(vae: VAE, image: Tensor | np.ndarray) -> Tensor:
    """Flat pixels (1, P) of one image (1, side, side) or (1, 1, side, side). Raises ValueError for anything else."""
    pixels = vae.pixels_of(image[None] if getattr(image, "ndim", 0) == 3 else image)
    if len(pixels) != 1:
        raise ValueError(f"image must be a single one, got {tuple(image.shape)}")
    return pixels


def check_kl(kl: object) -> KL:
    """How the KL term is taken. Raises ValueError unless it is "analytic" or "sampled"."""
    if isinstance(kl, str) and kl in get_args(KL):
        return cast(KL, kl)
    raise ValueError(f"kl must be 'analytic' or 'sampled', got {kl!r}")
