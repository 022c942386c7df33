"""How each shipped model is made: its data, shape and schedule."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from explorer.vae.model import Architecture


@dataclass(frozen=True)
class Refinement:
    """More epochs by the bound of `n_samples` draws an image, with a fresh optimizer and generator."""

    epochs: int
    n_samples: int
    learning_rate: float


@dataclass(frozen=True)
class Recipe:
    """Everything that fixes a shipped model: data, shape, schedule. The manifest repeats it.

    The learning rate rises linearly over the first 500 steps and then follows half a cosine to zero. The KL term's
    weight rises linearly from 0 to `beta` over `warmup_epochs` (Bowman et al. 2016); with 1 the objective is the ELBO.
    """

    dataset: str
    architecture: Architecture
    epochs: int
    warmup_epochs: int = 0
    batch_size: int = 256
    learning_rate: float = 1e-3
    gradient: Literal["pathwise", "exact"] = "pathwise"
    """Of the ELBO: one draw an image through its path, or the sum over the codes of bits."""
    beta: float = 1.0
    refinement: Refinement | None = None

    @property
    def all_epochs(self) -> int:
        """Those of the refinement among them."""
        return self.epochs + (0 if self.refinement is None else self.refinement.epochs)

    def __post_init__(self) -> None:
        if self.refinement is not None and self.gradient == "exact":
            raise ValueError("a refinement is not for a bernoulli posterior: its bound is exact already")
        if (self.gradient == "exact") != (self.architecture.posterior == "bernoulli"):
            raise ValueError(f"gradient {self.gradient!r} is not for a {self.architecture.posterior} posterior")


RECIPES: dict[str, Recipe] = {
    "mnist-2d": Recipe(
        "mnist", Architecture(n_latents=2, n_hidden=400, posterior="full"), epochs=200, learning_rate=3e-3
    ),
    "fashion-2d": Recipe(
        "fashion_mnist", Architecture(n_latents=2, n_hidden=400, posterior="full"), epochs=120, learning_rate=3e-3
    ),
    "sprites-6d": Recipe(
        "sprites",
        Architecture(n_latents=6, n_hidden=400, posterior="diagonal"),
        epochs=60,
        learning_rate=2e-3,
        beta=2.0,
    ),
    "mnist-50d": Recipe(
        "mnist",
        Architecture(n_latents=50, n_hidden=400, posterior="diagonal"),
        epochs=500,
        warmup_epochs=20,
        refinement=Refinement(epochs=20, n_samples=10, learning_rate=1e-3),
    ),
    "mnist-10bit": Recipe(
        "mnist",
        Architecture(n_latents=10, n_hidden=400, posterior="bernoulli", largest_logit=7.0),
        epochs=70,
        warmup_epochs=4,
        batch_size=512,
        learning_rate=2e-3,
        gradient="exact",
    ),
}


def learning_rate(stage: Recipe | Refinement, step: int, n_steps: int) -> float:
    """The rate of a step in [0, n_steps) of a stage."""
    return stage.learning_rate * min(1.0, (step + 1) / 500) * 0.5 * (1 + math.cos(math.pi * step / n_steps))
