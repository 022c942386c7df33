"""A run of estimators of one image's ELBO gradient, fed by one stream of noise, with the exact answers beside them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from explorer.core.experiments.run import AnsweredRun
from explorer.core.numerics.isolation import isolation
from explorer.core.numerics.summaries import Summary, Window
from explorer.core.parameters import MAX_SAMPLES, check_n_samples
from explorer.core.randomness import Streams
from explorer.vae.gradients.answers import ElboAnswers, Example, variance_ratio
from explorer.vae.gradients.contract import ElboEstimator
from explorer.vae.gradients.draw import KL
from explorer.vae.gradients.samples import ElboDraw

PILOT = 1024
"""Samples, apart from the stream's own, from which the windows are read."""
SHARE_CUT = 0.01
"""The share of an estimator's samples that may lie beyond each end of a window."""
SPREADS = 1.05
"""How many standard deviations of the pilot, to each side of its mean, lie in a window."""


@dataclass(frozen=True, eq=False)
class Totals:
    """Running moments of gradients in all coordinates, float64: their number, means (C,), and sums of squares about
    them (C,)."""

    n: int
    mean: Tensor
    m2: Tensor

    @classmethod
    def of(cls, gradients: Tensor) -> Totals:
        """The moments of gradients (n, C), n >= 1."""
        variance, mean = torch.var_mean(gradients.double(), dim=0, correction=0)
        return cls(len(gradients), mean, variance * len(gradients))

    def __add__(self, other: Totals) -> Totals:
        n = self.n + other.n
        shift = other.mean - self.mean
        mean = self.mean + shift * (other.n / n)
        return Totals(n, mean, self.m2 + other.m2 + shift.square() * (self.n * other.n / n))

    @property
    def variance(self) -> Tensor:
        """The unbiased sample variance of each coordinate, (C,); NaN for a single sample."""
        return self.m2 / (self.n - 1) if self.n > 1 else torch.full_like(self.m2, torch.nan)


@dataclass(eq=False)
class ElboStream(AnsweredRun):
    """Successive batches of ELBO gradients, one a sample, of several estimators on the same noise, all from one seed.

    A unit of work is a sample of each estimator; the stream rests at `rest_at` of them. `summaries` has each
    estimator's samples in the chosen coordinate, `totals` their moments in all. `common`: all histograms are over one
    window, so that their spreads compare by eye; else each is over its own. Raises ValueError on no estimator, one that
    is there twice or not for this model's latents, a coordinate that the model does not have, or a wrong seed.
    """

    example: Example
    estimators: tuple[ElboEstimator, ...]
    coordinate: int
    seed: int
    kl: KL = "analytic"
    common: bool = True
    rest_at: int = MAX_SAMPLES
    answers: ElboAnswers | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.example.check(self.estimators)
        if not 0 <= self.coordinate < len(self.example.coordinates):
            raise ValueError(f"coordinate must be in [0, {len(self.example.coordinates) - 1}], got {self.coordinate!r}")
        check_n_samples(self.rest_at)
        self.restart()

    def restart(self) -> None:
        """Back to no samples and to the seed's first draw."""
        self._draw: ElboDraw | None = None
        self._summaries: dict[str, Summary] = {}
        self.totals: dict[str, Totals] = {}

    @property
    def question(self) -> tuple[Hashable, Callable[[], ElboAnswers]]:
        example, estimators, kl = self.example, self.estimators, self.kl
        return ("elbo answers", example, estimators, kl), lambda: ElboAnswers.of_example(example, estimators, kl)

    @cached_property
    def windows(self) -> Mapping[str, Window]:
        """The window of each estimator's histogram, read from a pilot draw, so that no exact answer need be known."""
        streams = Streams(self.seed, self.example.pixels.device)
        streams.main = streams.named("window")
        with isolation():
            pilot = self.example.draw(PILOT, self.kl, streams)
            ends = {each.name: _landmarks(each(pilot)[:, 0, self.coordinate]) for each in self.estimators}
        if self.common:
            everywhere = min(low for low, _ in ends.values()), max(high for _, high in ends.values())
            ends = dict.fromkeys(ends, everywhere)
        return {name: _window(*each) for name, each in ends.items()}

    @property
    def summaries(self) -> Mapping[str, Summary]:
        """What is known of each estimator's samples in the chosen coordinate so far."""
        return self._summaries or {name: Summary.empty(window) for name, window in self.windows.items()}

    def ratios(self, first: str, second: str) -> Tensor:
        """How many samples of `first` match one of `second`, (C,): as the answers know, else by the samples so far."""
        if self.answers is not None:
            return self.answers.ratios(first, second)[0]
        return variance_ratio(self.totals[first].variance, self.totals[second].variance)

    @property
    def n(self) -> int:
        """Samples seen by each estimator."""
        return next(iter(self._summaries.values())).moments.n if self._summaries else 0

    @property
    def share(self) -> float:
        return self.n / self.rest_at

    def advance(self, n: int) -> None:
        """Feeds `n` fresh draws to every estimator, or as many as are left before it rests."""
        n = min(n, self.rest_at - self.n)
        if n < 1:
            return
        before = dict(self.summaries)
        with isolation():
            draw = self._next(n)
            for each in self.estimators:
                gradients = each(draw)[:, 0]
                values = gradients[:, self.coordinate].contiguous()
                self._summaries[each.name] = before[each.name].with_more(values, each.group)
                totals = Totals.of(gradients)
                known = self.totals.get(each.name)
                self.totals[each.name] = totals if known is None else known + totals
            # What is known of the posterior goes on to the next batch; this one's numbers are not kept.
            self._draw = draw.again(0)

    def _next(self, n: int) -> ElboDraw:
        if self._draw is not None:
            return self._draw.again(n)
        return self.example.draw(n, self.kl, Streams(self.seed, self.example.pixels.device))


def _landmarks(values: Tensor) -> tuple[float, float]:
    """The least and the largest value that a picture of one estimator must hold."""
    ends = torch.tensor([SHARE_CUT / 2, 1 - SHARE_CUT / 2], device=values.device)
    low, high = values.quantile(ends).tolist()
    mean, deviation = float(values.double().mean()), float(values.double().std())
    return min(low, mean - SPREADS * deviation), max(high, mean + SPREADS * deviation)


def _window(low: float, high: float) -> Window:
    pad = 0.05 * (high - low)
    if pad > 1e-6 * max(1.0, abs(low)):
        return Window(low - pad, high + pad)
    return Window(low - 1, high + 1)
