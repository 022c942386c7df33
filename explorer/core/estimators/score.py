"""Estimators whose samples stay while their weights change."""

from __future__ import annotations

from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import Integration, estimator

SURVEY = "Mohamed, Rosca, Figurnov & Mnih 2020, Section 4"


@estimator(
    "score_function",
    "Score function (REINFORCE, likelihood ratio)",
    latex=r"f(x)\,\nabla_\theta \log q_\theta(x)",
    source=f"Williams 1992; {SURVEY}",
    needs_fixed_support=True,
    remainder="weighted",
)
def score_function(draw: Draw, name: str) -> Tensor:
    """f(x) d log q(x) / d theta: weights change, samples stay."""
    return draw.f * draw.score(name)


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
