"""Exact moments of one sample of the estimators of bits, as sums over all codes, for a draw of each code once.

Each function takes that draw and the codes' probabilities (C,), and gives moments of E[inner]'s gradient alone.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from explorer.core.numerics.panels import gauss_legendre
from explorer.vae.gradients.moments import Sums

if TYPE_CHECKING:
    from explorer.vae.gradients.bernoulli_draw import BernoulliDraw

MOST_PAIRED = 12
"""Bits whose antithetic pairs are added up: 3^12 outcomes."""


def refused(draw: BernoulliDraw, weights: Tensor, temperature: float) -> Sums:
    """Raises ValueError: the relaxed bits are not codes."""
    raise ValueError(
        f"the moments of an estimator whose decoder sees relaxed bits are an integral over {draw.logits.shape[-1]} "
        "dimensions, not a sum over codes: they are not known exactly"
    )


def enumeration(draw: BernoulliDraw, weights: Tensor) -> Sums:
    """The gradient itself, without variance."""
    nothing = torch.zeros_like(draw.exact[0])
    return Sums(draw.exact[0], torch.zeros(len(nothing), len(nothing)).to(nothing), nothing)


def disarm(draw: BernoulliDraw, weights: Tensor) -> Sums:
    """Over all pairs of codes that u and 1 - u give: in each bit 10, 01, or twice the likelier value.

    With m = min(p, 1 - p) these have probability m, m and 1 - 2m. Raises ValueError past MOST_PAIRED bits.
    """
    D = draw.logits.shape[-1]
    if D > MOST_PAIRED:
        raise ValueError(f"the pairs of codes of {D} bits are too many to add up: at most {MOST_PAIRED} bits")
    p = draw.p[0]
    least, likelier = torch.minimum(p, 1 - p), (p > 0.5).to(p)
    outcomes = torch.cartesian_prod(*[torch.arange(3, device=p.device)] * D).view(-1, D)
    first = torch.where(outcomes == 2, likelier, (outcomes == 0).to(p))
    second = torch.where(outcomes == 2, likelier, (outcomes == 1).to(p))
    probability = torch.where(outcomes == 2, 1 - 2 * least, least).prod(-1)
    assert draw.table is not None
    f = draw.inner[:, 0]
    difference = f[draw.table.number(first)] - f[draw.table.number(second)]
    gradients = 0.5 * difference[:, None] * (first - second) * torch.maximum(p, 1 - p)
    return weighted(gradients, probability)
