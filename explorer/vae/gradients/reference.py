"""Moments of one sample where nothing is exact, as with 50 latents: from many samples, with their standard errors.

Batches of mirrored noise, eps beside -eps: each sample has the law that it has elsewhere, while what is odd in eps
cancels from the mean. What the batches say of a number, which are independent of each other, tells its error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.numerics.interruption import go_on
from explorer.core.numerics.isolation import isolated
from explorer.core.randomness import Streams
from explorer.vae.gradients.contract import ElboEstimator, estimator_for, registry_of
from explorer.vae.gradients.draw import KL
from explorer.vae.gradients.moments import ElboMoments
from explorer.vae.gradients.samples import fresh_draw
from explorer.vae.model import VAE

BATCHES, BATCH = 64, 512
STEADY = ("sticking_the_landing", "pathwise", "enumeration")
"""Unbiased estimators of little variance: the least noisy one at hand gives the mean for all unbiased ones."""


@dataclass(frozen=True)
class ElboReference(ElboMoments):
    """Estimates of the moments, (C,) each, float64 on the CPU, and the standard errors of mean and variance."""

    mean_error: Tensor
    variance_error: Tensor
    n_samples: int


@isolated
def reference(
    vae: VAE, pixels: Tensor, estimators: Sequence[str | ElboEstimator], kl: KL = "analytic", *, seed: int = 0
) -> list[ElboReference]:
    """Moments of one sample of each estimator for flat pixels (1, P), in the model's own coordinates.

    The work is bounded, BATCHES times BATCH samples whatever the error is then, and can be interrupted. Its noise is
    not that of samples with the same seed. Raises ValueError for an unknown estimator or a seed outside [0, 2**63 - 1].
    """
    asked = [estimator_for(vae, each) for each in estimators]
    steady = [entry for name, entry in registry_of(vae).items() if name in STEADY]
    every = list(dict.fromkeys([*asked, *steady]))
    own = Streams(Streams(seed, torch.device("cpu")).named("reference").initial_seed(), vae.device)
    draw = fresh_draw(vae, pixels, BATCH, own, kl, full=False, mirrored=True)
    sums = {entry: _Batches(entry) for entry in every}
    for batch in range(BATCHES):
        go_on()
        draw = draw.again(BATCH, mirrored=True) if batch else draw
        for entry in every:
            sums[entry].add(entry(draw)[:, 0])
    places = tuple(draw.coordinates)
    best = min((sums[entry] for entry in every if not entry.biased), key=lambda each: float(each.mean_error.norm()))
    return [sums[entry].moments(sums[entry] if entry.biased else best, places, draw.known[0]) for entry in asked]


class _Batches:
    """Sums over batches about a pivot near the mean, float64 on the CPU."""

    def __init__(self, entry: ElboEstimator) -> None:
        self.entry = entry
        self._means: list[Tensor] = []
        self._squares: list[Tensor] = []

    def add(self, gradients: Tensor) -> None:
        """One gradient a sample, (BATCH, C)."""
        values = gradients.cpu().double()
        if not self._means:
            self._pivot = values.mean(0)
            self._products = torch.zeros(values.shape[1], values.shape[1], dtype=torch.float64)
        values = values - self._pivot
        products = values.mT @ values / len(values)
        self._means.append(values.mean(0))
        self._squares.append(products.diagonal().clone())
        self._products += products / BATCHES

    @property
    def mean(self) -> Tensor:
        return self._pivot + torch.stack(self._means).mean(0)

    @property
    def mean_error(self) -> Tensor:
        return torch.stack(self._means).std(0) / math.sqrt(BATCHES)

    def moments(self, best: _Batches, places: tuple[tuple[str, tuple[int, ...]], ...], known: Tensor) -> ElboReference:
        """With the mean of `best`, which estimates the same."""
        off = best.mean - self._pivot
        means = torch.stack(self._means)
        # E (g - m)^2 = E (g - p)^2 - 2 (m - p) E (g - p) + (m - p)^2 in each batch, p the pivot and m the mean.
        squares = torch.stack(self._squares) - 2 * off * means + off.square()
        crossed = off[:, None] * means.mean(0)
        covariance = self._products - crossed - crossed.mT + off[:, None] * off
        group = self.entry.group
        coupled = (best.mean - known.cpu().double()).square() / (group - 1) if group > 1 else torch.zeros_like(off)
        return ElboReference(
            mean=best.mean,
            covariance=covariance,
            spread=covariance.diagonal() + coupled,
            coordinates=places,
            mean_error=best.mean_error,
            variance_error=squares.std(0) / math.sqrt(BATCHES),
            n_samples=BATCHES * BATCH,
        )
