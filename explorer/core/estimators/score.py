"""Estimators whose samples stay while their weights change."""

from __future__ import annotations

from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import estimator

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
