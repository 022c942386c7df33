"""The evidence lower bound and the importance-weighted estimate of log p(x).

    log p(x) >= ELBO(x) = E_{q(z|x)}[log p(x|z)] - KL(q(z|x) || p(z))           Kingma & Welling 2013, Section 2.2
    log p(x) ~ log (1/K) sum_k p(x, z_k) / q(z_k | x),  z_k ~ q(z | x)          Burda, Grosse & Salakhutdinov 2016

Two latents are integrated over instead (`explorer.vae.quadrature`), and of bits every code is added up
(`explorer.vae.codes`). All are in nats. Pixels are Bernoulli: for a binary
image these are a bound on and an estimate of its log likelihood. A grey pixel enters the same, linear, expression
x * logit - softplus(logit); the result is then a cross entropy, not a likelihood. `explorer.vae.datasets.binarize`
makes a binary image by stochastic binarization.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.device import generator_for
from explorer.core.numerics.interruption import go_on
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_n_samples
from explorer.vae.codes import can_enumerate, exact_bounds, kl_to_prior
from explorer.vae.model import VAE, check_vae
from explorer.vae.quadrature import log_likelihood_on_plane

DECODES_ON_CPU = 1024
"""Decoder rows worked on at once on a CPU: 3 MB of MNIST's logits, which fit its caches; more are no faster."""

DECODES_ON_ACCELERATOR = 2**16
"""Decoder rows at once elsewhere: 200 MB of MNIST's logits, enough to fill the device."""


@dataclass(frozen=True)
class Bounds:
    """Two lower bounds of log p(x) from the same draws, one value an image: both (B,) nats."""

    elbo: Tensor
    log_likelihood: Tensor


def pixel_log_prob(logits: Tensor, pixels: Tensor) -> Tensor:
    """log p(x | z) for logits (..., P) and pixels broadcastable to them, summed over pixels -> (...)."""
    return (logits * pixels).sum(-1) - F.softplus(logits).sum(-1)


def decoded_log_prob(vae: VAE, z: Tensor, pixels: Tensor) -> Tensor:
    """log p(x | z) for z (K, B, D) and pixels (B, P) -> (K, B). Differentiable with respect to z.

    The same number as `pixel_log_prob(vae.decode_logits(z), pixels)`. With logits = W h + c, the sum over pixels of
    x * logit is h . (W^T x) + c . x: a product over the hidden units, so that only softplus passes over the logits.
    """
    hidden = vae.decoder[:-1](z)
    return log_prob_of(vae, hidden, vae.decoder[-1](hidden), pixels)


def log_prob_of(vae: VAE, hidden: Tensor, logits: Tensor, pixels: Tensor) -> Tensor:
    """`decoded_log_prob` from the last hidden units (K, B, H) and the logits (K, B, P) that they give."""
    last = cast(nn.Linear, vae.decoder[-1])
    linear = torch.einsum("kbh,bh->kb", hidden, pixels @ last.weight) + pixels @ last.bias
    return linear - F.softplus(logits).sum(-1)


def elbo_terms(vae: VAE, pixels: Tensor, eps: Tensor) -> tuple[Tensor, Tensor]:
    """The two terms of the bound: pixels (B, P), eps (K, B, D) -> reconstruction (K, B), KL (B,). Differentiable."""
    posterior = vae.posterior(pixels)
    logits = vae.decode_logits(posterior.transform(eps))
    return pixel_log_prob(logits, pixels), posterior.kl_to_prior()


@isolated
def elbo(vae: VAE, images: Tensor | np.ndarray, n_samples: int = 1, *, seed: int = 0) -> Tensor:
    """The bound of each image, its expectation averaged over `n_samples` draws: images (B, 1, side, side) -> (B,) nats.

    Of at most 16 bits it is exact, the sum over all codes; `n_samples` and `seed` then change nothing.
    Raises ValueError when the images are not in [0, 1], `n_samples` is below 1 or `seed` is not in [0, 2**63 - 1].
    """
    check_vae(vae)
    pixels, n_samples = vae.pixels_of(images), check_n_samples(n_samples)
    generator = generator_for(seed, vae.device)
    return exact_bounds(vae, pixels)[0] if can_enumerate(vae) else bounds(vae, pixels, n_samples, generator).elbo


@isolated
def log_likelihood(vae: VAE, images: Tensor | np.ndarray, n_samples: int = 5000, *, seed: int = 0) -> Tensor:
    """log p(x) of each image: images (B, 1, side, side) -> (B,) nats.

    For a model with two Gaussian latents it is the integral over the plane, to 0.01 nats, for one with at most 16 bits
    the sum over all codes; `n_samples` and `seed` then change nothing. For any other it is the importance-weighted
    estimate with `n_samples` draws of q(z | x): in expectation a lower bound, which rises to log p(x) with `n_samples`
    (Burda et al. 2016, Theorem 1). Where the posterior has modes that q misses, it is too low by nats for every seed
    alike, and their standard error does not tell.
    Raises ValueError when the images are not in [0, 1], `n_samples` is below 1 or `seed` is not in [0, 2**63 - 1].
    """
    check_vae(vae)
    pixels, n_samples, generator = vae.pixels_of(images), check_n_samples(n_samples), generator_for(seed, vae.device)
    if can_enumerate(vae):
        return exact_bounds(vae, pixels)[1]
    if vae.is_plane:
        return log_likelihood_on_plane(vae, pixels)
    return bounds(vae, pixels, n_samples, generator).log_likelihood


@isolated
def bounds(vae: VAE, pixels: Tensor, n_samples: int, generator: torch.Generator) -> Bounds:
    """Both bounds for flat pixels (B, P) on the model's device, unchecked. Goes on from the generator's state."""
    rows = DECODES_ON_CPU if pixels.device.type == "cpu" else DECODES_ON_ACCELERATOR
    parts = [
        _bounds_of_group(vae, group, n_samples, rows, generator) for group in pixels.split(max(1, rows // n_samples))
    ]
    return Bounds(torch.cat([part.elbo for part in parts]), torch.cat([part.log_likelihood for part in parts]))


def _bounds_of_group(vae: VAE, pixels: Tensor, n_samples: int, rows: int, generator: torch.Generator) -> Bounds:
    sampler = _of_bits(vae, pixels) if vae.has_bits else _of_gaussians(vae, pixels)
    total = torch.zeros(len(pixels), device=pixels.device)
    log_sum = torch.full_like(total, -math.inf)
    at_once = max(1, rows // len(pixels))
    for done in range(0, n_samples, at_once):
        z, log_ratio = sampler.draw(min(at_once, n_samples - done), generator)
        log_prob = decoded_log_prob(vae, z, pixels)
        total += log_prob.sum(0)
        log_sum = torch.logaddexp(log_sum, (log_prob + log_ratio).logsumexp(0))
    return Bounds(total / n_samples - sampler.kl, log_sum - math.log(n_samples))


@isolated
def weighed_draws(vae: VAE, pixels: Tensor, n_samples: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """For one image's flat pixels (1, P) on the model's device and z of q(z | x), as many as `n_samples`.

    Returns log p(x | z) and the log weight log p(x, z) - log q(z | x), both (n_samples,) float64 on the CPU, in nats.
    Goes on from the generator's state.
    """
    sampler = _of_bits(vae, pixels) if vae.has_bits else _of_gaussians(vae, pixels)
    rows = DECODES_ON_CPU if pixels.device.type == "cpu" else DECODES_ON_ACCELERATOR
    found = []
    for done in range(0, n_samples, rows):
        go_on()
        z, log_ratio = sampler.draw(min(rows, n_samples - done), generator)
        log_prob = decoded_log_prob(vae, z, pixels)
        found.append(torch.cat([log_prob, log_prob + log_ratio], dim=1).double().cpu())
    log_prob, log_weights = torch.cat(found).unbind(1)
    return log_prob, log_weights


@dataclass(frozen=True)
class _Sampler:
    """Draws of q(z | x): `draw(k, generator)` gives z (k, B, D) and log p(z) - log q(z | x), (k, B); `kl` (B,)."""

    draw: Callable[[int, torch.Generator], tuple[Tensor, Tensor]]
    kl: Tensor


def _of_gaussians(vae: VAE, pixels: Tensor) -> _Sampler:
    posterior = vae.posterior(pixels)

    def draw(k: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        eps = torch.randn(k, *posterior.loc.shape, device=pixels.device, generator=generator)
        z = posterior.transform(eps)
        # The constants (2 pi)^(D/2) cancel.
        return z, posterior.log_det + 0.5 * (eps.square().sum(-1) - z.square().sum(-1))

    return _Sampler(draw, posterior.kl_to_prior())


def _of_bits(vae: VAE, pixels: Tensor) -> _Sampler:
    logits = vae.bit_logits(pixels)

    def draw(k: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        u = torch.rand(k, *logits.shape, device=pixels.device, generator=generator)
        z = (u < torch.sigmoid(logits)).to(logits.dtype)
        return z, -(logits * z - F.softplus(logits) + math.log(2)).sum(-1)

    return _Sampler(draw, kl_to_prior(logits))
