"""Views of latents that are bits: every code's picture on one grid, and where an image lies among them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.vae.codes import CODES_AT_ONCE, CodeTable, all_codes, code_log_weights
from explorer.vae.model import VAE

MOST_ON_GRID = 12
"""Bits whose codes are shown at once: 4,096 pictures."""


@dataclass(frozen=True)
class Codebook:
    """pictures (R, C, side, side), pixel probabilities in [0, 1], and the code's number at each place, (R, C)."""

    pictures: Tensor
    numbers: Tensor


@isolated
def codebook(vae: VAE) -> Codebook:
    """Every code decoded, in Gray's order along rows and columns: neighbours differ in one bit.

    The first half of the bits changes along a column, the rest along a row. Raises ValueError for a model without bits,
    or with more than 12 of them.
    """
    if not vae.has_bits or vae.n_latents > MOST_ON_GRID:
        raise ValueError(f"vae must have at most {MOST_ON_GRID} bits for a codebook, it has {vae.kind_of_latents}")
    first = vae.n_latents // 2
    numbers = _gray(first)[:, None] + (_gray(vae.n_latents - first) << first)
    codes = all_codes(vae.n_latents, torch.empty((), device=vae.device))
    pictures = torch.cat([vae.decode(part) for part in codes.split(CODES_AT_ONCE)])[:, 0]
    return Codebook(pictures[numbers.to(vae.device)], numbers)


def _gray(n_bits: int) -> Tensor:
    number = torch.arange(2**n_bits)
    return number ^ (number >> 1)


@dataclass(frozen=True)
class Beliefs:
    """Probabilities of every code, (C,) float64 on the CPU: the encoder's q(z | x) and the true p(z | x)."""

    encoder: Tensor
    posterior: Tensor


@isolated
def beliefs(vae: VAE, image: Tensor) -> Beliefs:
    """Of one image (1, 1, side, side), by sums over all codes. Raises ValueError for another shape or range."""
    pixels = vae.pixels_of(image)
    log_prob = CodeTable(vae, pixels).log_prob.double().cpu()
    encoder = code_log_weights(vae.bit_logits(pixels).double().cpu())[0].exp()
    return Beliefs(encoder, log_prob.softmax(0))
