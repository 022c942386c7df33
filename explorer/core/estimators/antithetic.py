"""Antithetic pairs: a gradient at a noise and at its mirror image."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import Integration, all_parameters, estimator
from explorer.core.estimators.pathwise import pathwise
from explorer.core.estimators.score import score_function
from explorer.core.families.family import Family


@estimator(
    "antithetic_score",
    "Score function, antithetic pairs",
    latex=r"\tfrac12\left(f(x)\,\nabla_\theta \log q_\theta(x) + f(x')\,\nabla_\theta \log q_\theta(x')\right)",
    source="Hammersley & Morton 1956; Mohamed et al. 2020, Section 7",
    needs_fixed_support=True,
    evaluations=2,
    integration=Integration(mirrored=True),
)
def antithetic_score(draw: Draw, name: str) -> Tensor:
    """The mean of the score-function gradients of a noise and of its mirror image."""
    return 0.5 * (score_function(draw, name) + score_function(draw.mirrored, name))


@estimator(
    "antithetic_pathwise",
    "Pathwise, antithetic pairs",
    latex=r"\tfrac12\left(f'(x)\,\nabla_\theta\, x + f'(x')\,\nabla_\theta\, x'\right)",
    source="Hammersley & Morton 1956; Mohamed et al. 2020, Section 7",
    needs_pathwise=True,
    needs_smooth=True,
    remainder="drops out",
    evaluations=2,
    integration=Integration(mirrored=True),
)
def antithetic_pathwise(draw: Draw, name: str) -> Tensor:
    """The mean of the pathwise gradients of a noise and of its mirror image."""
    return 0.5 * (pathwise(draw, name) + pathwise(draw.mirrored, name))


def _of_two_atoms(family: Family) -> tuple[str, ...]:
    return all_parameters(family) if family.logits is not None and len(family.support.points) == 2 else ()


@estimator(
    "disarm",
    "DisARM (U2G), antithetic in the uniform",
    latex=r"\tfrac12\left(f(x) - f(x')\right)\left(s(x) - s(x')\right)\max(p, 1 - p),"
    r"\quad s = \nabla_\theta \log q_\theta",
    source="Dong, Mnih & Tucker 2020; Yin, Ho, Yan, Qian & Zhou 2020",
    evaluations=2,
    covers=_of_two_atoms,
    integration=Integration(mirrored=True),
)
def disarm(draw: Draw, name: str) -> Tensor:
    """What is left of an antithetic pair of binary samples once the part that is only noise is integrated out.

    A pair that agrees says nothing and gives 0. With l the logit, s(1) - s(0) is d l / d theta, and max(p, 1 - p) is
    the papers' sigmoid(|l|).
    """
    assert draw.family.logits is not None
    largest = torch.softmax(draw.family.logits(draw.theta), dim=-1).amax(-1)
    other = draw.mirrored
    return 0.5 * (draw.f - other.f) * (draw.score(name) - other.score(name)) * largest
