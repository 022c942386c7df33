"""A lane of a training race: an estimator at work, the terms it trains on, and the rows of what was measured."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from explorer.core.randomness import Streams
from explorer.vae.gradients import ElboEstimator
from explorer.vae.model import VAE


@dataclass(frozen=True)
class Terms:
    """The terms that all lanes train on: Adam's learning rate, samples an image, images a step, and steps."""

    rate: float = 0.003
    n_samples: int = 4
    batch: int = 20
    n_steps: int = 400


@dataclass(frozen=True)
class Row:
    """A lane after `step` steps. Bounds are in nats an image; `variance` is in nats² times the outputs' own units.

    `elbo` and `held_out` are estimates on fixed noise, with their standard errors, or exact, with errors 0.
    `norm` is that of the gradient in the encoder's weights, root mean square over the steps since the row before; None
    at the start. `variance` is that of the gradient of one image's bound at the encoder's output, as a step takes it
    from all its samples, summed over the coordinates.
    """

    step: int
    elbo: float
    elbo_error: float
    held_out: float
    held_out_error: float
    norm: float | None
    variance: float
    variance_error: float


@dataclass(eq=False)
class Lane:
    """An estimator at work: its own copy of the model, its optimizer, and what was measured."""

    estimator: ElboEstimator
    vae: VAE
    optimizer: torch.optim.Adam
    beside: Streams
    """What the estimator draws beside the common noise: the same whoever else races."""
    rows: list[Row] = field(default_factory=list)
    squares: list[float] = field(default_factory=list)
    """Squared lengths of the encoder's gradient since the last row."""
    stopped: int | None = None
    """The step after which its numbers were no longer finite."""


def mean_over(values: Tensor) -> tuple[float, float]:
    """The mean over samples and images (K, B), and its standard error from the samples; 0 where there is one, exact."""
    K, B = values.shape
    error = 0.0 if K == 1 else float((values.var(0) / K).sum().sqrt()) / B
    return float(values.mean()), error
