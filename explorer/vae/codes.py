"""Latents that are bits: every code there is. What is an average over the bits is here a sum, and exact.

    p(z) = 1 / 2^D      q(z | x) = prod_d p_d^z_d (1 - p_d)^(1 - z_d),  p = sigmoid(logits(x))
    ELBO(x) = sum_z q(z | x) log p(x | z) - KL(q || p)      log p(x) = log sum_z p(x | z) / 2^D

Shapes: B images, D bits, C = 2^D codes, P pixels. The decoder sees each code once, whatever the number of images: with
its last layer W h + c, the part of log p(x | z) that meets the pixels is the product (x W) h^T of all with all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.numerics.isolation import differentiation, ordinary
from explorer.vae.model import VAE

MOST_BITS = 16
"""Codes are added up for as many bits: 65,536 of them."""
CODES_AT_ONCE = 1024
"""Codes that are decoded at once: 3 MB of MNIST's pixels."""
ENTRIES_AT_ONCE = 2**22
"""Images times codes at once: 16 MB."""


def can_enumerate(vae: VAE) -> bool:
    """Whether the model's latents are bits, and few enough to add up all codes."""
    return vae.has_bits and vae.n_latents <= MOST_BITS


def all_codes(n_bits: int, like: Tensor) -> Tensor:
    """Every code, (C, D) of 0 and 1, in the type and on the device of `like`. Bit d of code c is (c >> d) & 1."""
    numbers = torch.arange(2**n_bits, device=like.device)
    return ((numbers[:, None] >> torch.arange(n_bits, device=like.device)) & 1).to(like.dtype)


def log_probs(vae: VAE, pixels: Tensor, z: Tensor) -> Tensor:
    """log p(x | z) of each image at each z: pixels (B, P), z (C, D) -> (B, C). Differentiable in z and the weights."""
    last = cast(nn.Linear, vae.decoder[-1])
    hidden = vae.decoder[:-1](z)
    towards = (pixels @ last.weight) @ hidden.T + (pixels @ last.bias)[:, None]
    return towards - F.softplus(last(hidden)).sum(-1)


def code_log_probs(vae: VAE, pixels: Tensor) -> Tensor:
    """log p(x | z) of each image at every code, (B, C)."""
    codes = all_codes(vae.n_latents, pixels)
    return torch.cat([log_probs(vae, pixels, part) for part in codes.split(CODES_AT_ONCE)], dim=1)


def code_log_weights(logits: Tensor) -> Tensor:
    """log q(z | x) of every code: logits (B, D) -> (B, C). Differentiable."""
    return logits @ all_codes(logits.shape[-1], logits).T - F.softplus(logits).sum(-1, keepdim=True)


def kl_to_prior(logits: Tensor) -> Tensor:
    """KL(q || p) of bits whose prior is a fair coin's: logits (B, D) -> (B,) nats. Differentiable."""
    one, nought = (torch.sigmoid(each) * F.logsigmoid(each) for each in (logits, -logits))
    return (one + nought + math.log(2)).sum(-1)


def kl_gradient(logits: Tensor) -> Tensor:
    """The gradient of the KL in the logits, (B, D): the logit times p (1 - p)."""
    # 1 - p would be 0 in float32 where p is next to 1.
    return logits * torch.sigmoid(logits) * torch.sigmoid(-logits)


def exact_terms(vae: VAE, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The two terms of the bound, with no draws: pixels (B, P) -> reconstruction (B,), KL (B,). Differentiable."""
    logits = vae.bit_logits(pixels)
    return (code_log_weights(logits).exp() * code_log_probs(vae, pixels)).sum(-1), kl_to_prior(logits)


def exact_bounds(vae: VAE, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The ELBO and log p(x) itself, both exact: pixels (B, P) on the model's device -> (B,) nats each."""
    elbos, log_likelihoods = [], []
    for part in pixels.split(max(1, ENTRIES_AT_ONCE >> vae.n_latents)):
        log_prob, logits = code_log_probs(vae, part), vae.bit_logits(part)
        elbos.append((code_log_weights(logits).exp() * log_prob).sum(-1) - kl_to_prior(logits))
        log_likelihoods.append(log_prob.logsumexp(-1) - vae.n_latents * math.log(2))
    return torch.cat(elbos), torch.cat(log_likelihoods)


@dataclass(frozen=True, eq=False)
class CodeTable:
    """What the decoder says of one image at every code: each computed once. pixels (1, P)."""

    vae: VAE
    pixels: Tensor

    @cached_property
    def codes(self) -> Tensor:
        """(C, D)."""
        return all_codes(self.vae.n_latents, ordinary(self.pixels))

    @cached_property
    def log_prob(self) -> Tensor:
        """log p(x | z), (C,)."""
        return code_log_probs(self.vae, self.pixels)[0]

    @cached_property
    def slope(self) -> Tensor:
        """The gradient of log p(x | z) in z, the decoder's input, (C, D)."""
        parts = []
        for part in self.codes.split(CODES_AT_ONCE):
            leaf = part.clone().requires_grad_()
            with differentiation():
                values = log_probs(self.vae, ordinary(self.pixels), leaf)
                parts.append(torch.autograd.grad(values.sum(), leaf)[0])
        return torch.cat(parts)

    def number(self, z: Tensor) -> Tensor:
        """Which code each z (..., D) is, (...)."""
        return (z.long() << torch.arange(z.shape[-1], device=z.device)).sum(-1)
