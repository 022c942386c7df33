"""Test scores of a model: its bound, its importance-weighted likelihood and its active units, with standard errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolated
from explorer.vae.codes import can_enumerate, exact_bounds
from explorer.vae.datasets import binarize, images_sha256
from explorer.vae.elbo import Bounds, bounds
from explorer.vae.factors import information_on_sprites
from explorer.vae.latent import active_units
from explorer.vae.model import VAE
from explorer.vae.quadrature import log_likelihood_on_plane

Likelihood = Literal["integrated", "importance weighted", "enumerated"]
CODED_AT_ONCE = 500
"""Images at once of a model of bits: all its codes are decoded for each batch."""


@dataclass(frozen=True)
class Scores:
    """Means over test images in nats an image; a standard error is that of the mean over images.

    `squared_error` is that of grey images in [0, 1] and what their posterior means decode to, summed over pixels; None
    of bits. `mutual_information_gap` is over all sprites (`explorer.vae.factors`), None of other data sets.
    `elbo` comes from `n_samples` draws an image. `negative_log_likelihood` is integrated over the plane of two latents;
    of more it is importance weighted by the same draws (Burda et al. 2016, Eq. 8), too large in expectation by a bias
    that its standard error does not hold. Of few enough bits both are sums over all codes, and `n_samples` is 0.
    """

    elbo: float
    elbo_standard_error: float
    negative_log_likelihood: float
    negative_log_likelihood_standard_error: float
    n_samples: int
    active_units: int
    n_images: int
    seed: int
    binarization: Literal["stochastic"]
    images_sha256: str
    likelihood: Likelihood
    squared_error: float | None
    squared_error_standard_error: float | None
    mutual_information_gap: float | None
    command: str
    """What made them; empty when that was no command."""


@isolated
def evaluate(
    vae: VAE,
    images: Tensor,
    n_samples: int,
    *,
    seed: int,
    batch_size: int = 16,
    command: str = "",
    report: Callable[[int], None] = lambda n_done: None,
) -> Scores:
    """Scores on images (N, side, side) uint8, N >= 2, each binarized once; `report` hears how many are done.

    One generator gives the binary images first, then the draws, image after image: no two images share noise, so their
    scores are independent and the standard errors honest. Raises ValueError when `n_samples` or `batch_size` is below
    1, there are fewer than two images, or the seed is outside [0, 2**63 - 1].
    """
    for name, value, least in (
        ("n_samples", n_samples, 1),
        ("batch_size", batch_size, 1),
        ("n_images", len(images), 2),
    ):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    generator = generator_for(seed, vae.device)
    binary = binarize(images[:, None].to(vae.device).float() / 255, generator)
    elbos, log_likelihoods = [], []
    n_done = 0
    is_exact = can_enumerate(vae)
    for batch in binary.flatten(1).split(max(batch_size, CODED_AT_ONCE) if is_exact else batch_size):
        found = Bounds(*exact_bounds(vae, batch)) if is_exact else bounds(vae, batch, n_samples, generator)
        elbos.append(found.elbo.double().cpu())
        log_likelihoods.append(found.log_likelihood.double().cpu())
        n_done += len(batch)
        report(n_done)
    elbo, log_likelihood = torch.cat(elbos), torch.cat(log_likelihoods)
    likelihood: Likelihood = "enumerated" if is_exact else "integrated" if vae.is_plane else "importance weighted"
    if vae.is_plane:
        log_likelihood = log_likelihood_on_plane(vae, binary.flatten(1)).double().cpu()
    squared = None if vae.has_bits else _squared_errors(vae, images)
    return Scores(
        elbo=float(elbo.mean()),
        elbo_standard_error=_standard_error(elbo),
        negative_log_likelihood=-float(log_likelihood.mean()),
        negative_log_likelihood_standard_error=_standard_error(log_likelihood),
        n_samples=0 if is_exact else n_samples,
        active_units=int(active_units(vae, binary).active.sum()),
        n_images=len(images),
        seed=seed,
        binarization="stochastic",
        images_sha256=images_sha256(images),
        likelihood=likelihood,
        squared_error=None if squared is None else float(squared.mean()),
        squared_error_standard_error=None if squared is None else _standard_error(squared),
        mutual_information_gap=information_on_sprites(vae).gap if vae.dataset.has_factors else None,
        command=command,
    )


def _squared_errors(vae: VAE, images: Tensor) -> Tensor:
    """Of each grey image (N, side, side) uint8 and what its posterior mean decodes to, summed over pixels: (N,)."""
    parts = []
    for batch in images.split(1024):
        pixels = batch.flatten(1).to(vae.device).float() / 255
        decoded = torch.sigmoid(vae.decode_logits(vae.posterior(pixels).loc))
        parts.append((decoded - pixels).square().sum(1).double().cpu())
    return torch.cat(parts)


def _standard_error(values: Tensor) -> float:
    return float(values.std()) / math.sqrt(len(values))
