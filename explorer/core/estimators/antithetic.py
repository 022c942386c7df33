"""Antithetic pairs: a gradient at a noise and at its mirror image."""

from __future__ import annotations

from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import Integration, estimator
from explorer.core.estimators.pathwise import pathwise
from explorer.core.estimators.score import score_function


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
