"""The evidence lower bound and the importance-weighted estimate of log p(x).

    log p(x) >= ELBO(x) = E_{q(z|x)}[log p(x|z)] - KL(q(z|x) || p(z))           Kingma & Welling 2013, Section 2.2
    log p(x) ~ log (1/K) sum_k p(x, z_k) / q(z_k | x),  z_k ~ q(z | x)          Burda, Grosse & Salakhutdinov 2016

Both are in nats. Pixels are Bernoulli: for a binary image these are a bound on and an estimate of its log likelihood.
A grey pixel enters the same, linear, expression x * logit - softplus(logit); the result is then a cross entropy,
not a likelihood. `explorer.vae.data.binarize` makes a binary image by stochastic binarization.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.device import generator_for
from explorer.vae.model import VAE, check_images

DECODES_AT_ONCE = 8192
"""Decoder rows a batch in `log_likelihood`: 26 MB of logits, large enough to keep the processor busy."""


def pixel_log_prob(logits: Tensor, pixels: Tensor) -> Tensor:
    """log p(x | z) for logits (..., 784) and pixels broadcastable to them, summed over pixels -> (...)."""
    return (logits * pixels).sum(-1) - F.softplus(logits).sum(-1)


def elbo_terms(vae: VAE, pixels: Tensor, eps: Tensor) -> tuple[Tensor, Tensor]:
    """The two terms of the bound: pixels (B, 784), eps (K, B, D) -> reconstruction (K, B), KL (B,). Differentiable."""
    posterior = vae.posterior(pixels)
    logits = vae.decode_logits(posterior.transform(eps))
    return pixel_log_prob(logits, pixels), posterior.kl_to_prior()


@torch.inference_mode()
def elbo(vae: VAE, images: Tensor, n_samples: int = 1, *, seed: int = 0) -> Tensor:
    """The bound of each image, its expectation averaged over `n_samples` draws: images (B, 1, 28, 28) -> (B,) nats.

    Raises ValueError when the images are not in [0, 1] or `n_samples` is below 1.
    """
    pixels, generator = _prepare(vae, images, n_samples, seed)
    posterior = vae.posterior(pixels)
    total = torch.zeros(len(pixels), device=pixels.device)
    for size in _chunks(n_samples, len(pixels)):
        eps = torch.randn(size, *posterior.loc.shape, device=pixels.device, generator=generator)
        total += pixel_log_prob(vae.decode_logits(posterior.transform(eps)), pixels).sum(0)
    return total / n_samples - posterior.kl_to_prior()


@torch.inference_mode()
def log_likelihood(vae: VAE, images: Tensor, n_samples: int = 5000, *, seed: int = 0) -> Tensor:
    """The importance-weighted estimate of log p(x) with `n_samples` draws: images (B, 1, 28, 28) -> (B,) nats.

    Its expectation is a lower bound that rises to log p(x) with `n_samples` (Burda et al. 2016, Theorem 1).
    Raises ValueError when the images are not in [0, 1] or `n_samples` is below 1.
    """
    pixels, generator = _prepare(vae, images, n_samples, seed)
    posterior = vae.posterior(pixels)
    log_sum = torch.full((len(pixels),), -math.inf, device=pixels.device)
    for size in _chunks(n_samples, len(pixels)):
        eps = torch.randn(size, *posterior.loc.shape, device=pixels.device, generator=generator)
        z = posterior.transform(eps)
        # log p(z) - log q(z | x): the constants (2 pi)^(D/2) cancel.
        log_ratio = posterior.log_det + 0.5 * (eps.square().sum(-1) - z.square().sum(-1))
        log_weight = pixel_log_prob(vae.decode_logits(z), pixels) + log_ratio
        log_sum = torch.logaddexp(log_sum, log_weight.logsumexp(0))
    return log_sum - math.log(n_samples)


def _prepare(vae: VAE, images: Tensor, n_samples: int, seed: int) -> tuple[Tensor, torch.Generator]:
    check_images(images)
    if isinstance(n_samples, bool) or not isinstance(n_samples, int) or n_samples < 1:
        raise ValueError(f"n_samples must be an integer of at least 1, got {n_samples!r}")
    return images.flatten(1).to(vae.device, torch.float32), generator_for(seed, vae.device)


def _chunks(n_samples: int, n_images: int) -> list[int]:
    """Splits `n_samples` so that a chunk decodes about DECODES_AT_ONCE rows."""
    size = max(1, DECODES_AT_ONCE // n_images)
    return [size] * (n_samples // size) + ([n_samples % size] if n_samples % size else [])
