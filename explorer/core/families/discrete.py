"""Families with no route: a sample of theirs does not move with theta, it jumps."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.core.families import noises
from explorer.core.families.family import Family, Support, Theta, WeakDerivative, inside
from explorer.core.families.float32 import between
from explorer.core.parameters import Parameter

SURVEY = "Mohamed, Rosca, Figurnov & Mnih 2020, Section 4"
_MOST = 63
"""The largest Poisson count listed: at rate 12 one in 10^22 is larger."""

_LARGEST_LOGIT = 15.0
"""exp(-2 * 15) is far below what is ever drawn."""


def _category(eps: Tensor, theta: Theta) -> Tensor:
    """How many of the cumulated masses lie at or below eps: 0, 1 or 2."""
    first, second = _category_jumps(theta).unbind(-1)
    return (eps >= first).to(eps.dtype) + (eps >= second).to(eps.dtype)


def _category_jumps(theta: Theta) -> Tensor:
    return torch.softmax(_category_logits(theta), dim=-1).cumsum(-1)[..., :2]


def _category_logits(theta: Theta) -> Tensor:
    return torch.stack(torch.broadcast_tensors(*(theta[f"logits_{i}"] for i in (1, 2, 3))), dim=-1)


def _category_log_prob(x: Tensor, theta: Theta) -> Tensor:
    log_mass = torch.log_softmax(_category_logits(theta), dim=-1)
    first, second, third = log_mass.unbind(-1)
    known = torch.where(x < 0.5, first, torch.where(x < 1.5, second, third))
    return inside(x, (x == 0) | (x == 1) | (x == 2), known)


def _poisson_log_prob(x: Tensor, theta: Theta) -> Tensor:
    count = x.clamp(min=0)
    return inside(x, (x >= 0) & (x == x.round()), count * theta["rate"].log() - theta["rate"] - torch.lgamma(count + 1))


def _poisson_jumps(theta: Theta) -> Tensor:
    counts = torch.arange(_MOST, dtype=theta["rate"].dtype, device=theta["rate"].device)
    rate = theta["rate"].unsqueeze(-1)
    return torch.exp(counts * rate.log() - rate - torch.lgamma(counts + 1)).cumsum(-1).clamp(max=1)


def _poisson_transform(eps: Tensor, theta: Theta) -> Tensor:
    """How many of the cumulated masses lie at or below eps."""
    jumps = _poisson_jumps({"rate": theta["rate"].detach()})
    if jumps.ndim == 1:
        return torch.searchsorted(jumps, eps.contiguous(), right=True).to(eps.dtype)
    shape = np.broadcast_shapes(eps.shape, theta["rate"].shape)
    if theta["rate"].shape[-1] == 1:
        # A row of samples for each rate.
        found = torch.searchsorted(jumps.squeeze(-2).contiguous(), eps.expand(shape).contiguous(), right=True)
    else:
        # A rate for each sample.
        each = eps.expand(shape).unsqueeze(-1).contiguous()
        found = torch.searchsorted(jumps.expand(*shape, -1).contiguous(), each, right=True).squeeze(-1)
    return found.to(eps.dtype)


DISCRETE = (
    Family(
        name="bernoulli",
        title="Bernoulli",
        latex=r"x = \mathbf{1}[\varepsilon < p],\quad \varepsilon \sim \mathcal{U}(0, 1)",
        parameters=(Parameter("probs", "p", 0.4, (0.02, 0.98), (0.0, 1.0)),),
        support=Support(r"\{0, 1\}", points=(0.0, 1.0)),
        route="none",
        source=SURVEY,
        noise=noises.UNIFORM,
        transform=lambda eps, theta: (eps < theta["probs"]).to(eps.dtype),
        log_prob=lambda x, theta: inside(
            x, (x == 0) | (x == 1), torch.where(x > 0.5, theta["probs"].log(), torch.log1p(-theta["probs"]))
        ),
        # The noise has steps of 2**-24.
        float32_fault=between(probs=(1e-6, 1 - 1e-6)),
        jumps=lambda theta: theta["probs"].unsqueeze(-1),
        logits=lambda theta: torch.stack((torch.log1p(-theta["probs"]), theta["probs"].log()), dim=-1),
        weak={
            "probs": WeakDerivative(
                constant=lambda theta: torch.ones_like(theta["probs"]),
                plus=lambda x, eps, extra, theta: torch.ones_like(x),
                minus=lambda x, eps, extra, theta: torch.zeros_like(x),
            )
        },
    ),
    Family(
        name="categorical",
        title="Categorical",
        latex=r"x = \#\{k : \varepsilon \geq p_1 + \dots + p_k\},\ p = \mathrm{softmax}(\ell),\ "
        r"\varepsilon \sim \mathcal{U}(0, 1)",
        parameters=tuple(
            Parameter(f"logits_{i}", rf"\ell_{i}", default, (-3.0, 3.0))
            for i, default in ((1, 0.0), (2, 1.0), (3, 0.5))
        ),
        support=Support(r"\{0, 1, 2\}", points=(0.0, 1.0, 2.0)),
        route="none",
        source=SURVEY,
        noise=noises.UNIFORM,
        transform=_category,
        log_prob=_category_log_prob,
        float32_fault=between(**{f"logits_{i}": (-_LARGEST_LOGIT, _LARGEST_LOGIT) for i in (1, 2, 3)}),
        jumps=_category_jumps,
        logits=_category_logits,
    ),
    Family(
        name="poisson",
        title="Poisson",
        latex=r"x = F^{-1}(\varepsilon;\, \lambda),\quad \varepsilon \sim \mathcal{U}(0, 1)",
        parameters=(Parameter("rate", r"\lambda", 3.0, (0.5, 10.0), (0.0, 12.0)),),
        support=Support(r"\{0, 1, 2, \dots\}", points=tuple(float(count) for count in range(_MOST + 1))),
        route="none",
        source=SURVEY,
        noise=noises.UNIFORM,
        transform=_poisson_transform,
        log_prob=_poisson_log_prob,
        float32_fault=between(rate=(1e-6, 11.9)),
        jumps=_poisson_jumps,
        weak={
            "rate": WeakDerivative(
                constant=lambda theta: torch.ones_like(theta["rate"]),
                plus=lambda x, eps, extra, theta: x + 1,
                minus=lambda x, eps, extra, theta: x,
            )
        },
    ),
)
