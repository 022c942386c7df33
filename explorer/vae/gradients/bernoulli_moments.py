"""Exact moments of one sample of the estimators of bits, as sums over all codes, for a draw of each code once.

Each function takes that draw and the codes' probabilities (C,), and gives moments of E[inner]'s gradient alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from explorer.vae.gradients.moments import Sums, weighted

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
    p, q = draw.p[0], draw.q[0]
    least, likelier = torch.minimum(p, q), (p > q).to(p)
    outcomes = torch.cartesian_prod(*[torch.arange(3, device=p.device)] * D).view(-1, D)
    first = torch.where(outcomes == 2, likelier, (outcomes == 0).to(p))
    second = torch.where(outcomes == 2, likelier, (outcomes == 1).to(p))
    probability = torch.where(outcomes == 2, 1 - 2 * least, least).prod(-1)
    assert draw.table is not None
    f = draw.inner[:, 0]
    difference = f[draw.table.number(first)] - f[draw.table.number(second)]
    gradients = 0.5 * difference[:, None] * (first - second) * torch.maximum(p, q)
    return weighted(gradients, probability)


PANELS, NODES, FAR = 24, 16, 40.0
"""Gauss-Legendre panels and nodes in each, over as many e-folds of what fades first."""


def straight_through(draw: BernoulliDraw, weights: Tensor, temperature: float) -> Sums:
    """Given the code, the slopes are known and the paths sigmoid'((l + g) / tau) / tau of the bits independent.

    The two first moments of a path, given its bit, are integrals over the one noise g.
    """
    first, second = _path_moments(draw.logits[0], temperature)
    z, slope = draw.z[:, 0].long(), draw.slope[:, 0]
    each = torch.arange(z.shape[-1], device=z.device)
    gradients = slope * first[z, each]
    found = weighted(gradients, weights)
    spare = weights @ (slope.square() * (second[z, each] - first[z, each].square()))
    covariance = found.covariance + torch.diag(spare)
    return Sums(found.mean, covariance, covariance.diagonal())


def _path_moments(logits: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """E[r | z] and E[r^2 | z] of r = sigmoid'(t / tau) / tau, t = l + g: logits (D,) -> (2, D) each, by z = 0, 1.

    t is logistic about l, and z = 1[t > 0]. By symmetry both halves are integrals over t > 0, with l and -l.
    """
    centre = torch.stack([-logits, logits])
    # r fades as exp(-t / tau) and the density beyond l as exp(-t): what is left past the sooner end is nothing.
    end = torch.clamp(centre.clamp(min=0) + FAR, max=FAR * temperature)
    points, shares = (torch.from_numpy(part).to(logits) for part in np.polynomial.legendre.leggauss(NODES))
    # Panels grow with t: short where r may be narrow.
    edges = torch.linspace(0, 1, PANELS + 1).to(logits).square()
    middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    place = (middle[:, None] + half[:, None] * points).flatten()
    share = (half[:, None] * shares).flatten()
    t = end[..., None] * place
    mass = _bump(t - centre[..., None]) * end[..., None] * share / torch.sigmoid(centre)[..., None]
    r = _bump(t / temperature) / temperature
    return (mass * r).sum(-1), (mass * r.square()).sum(-1)


def _bump(t: Tensor) -> Tensor:
    """The slope of the sigmoid, which is the logistic density."""
    return torch.sigmoid(t) * torch.sigmoid(-t)
