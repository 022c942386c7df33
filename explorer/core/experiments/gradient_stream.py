"""A growing experiment: estimators fed by one stream of noise, with the exact answers beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS, get_estimator
from explorer.core.experiments.answers import LARGEST_ERROR, Answers
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.summaries import Summary, Window
from explorer.core.objectives.objective import Objective
from explorer.core.parameters import check_n_samples
from explorer.core.randomness import Streams

SHARE_CUT = 0.01
"""The share of an estimator's samples that may lie beyond each end of the window."""
PILOT = 2**14
"""Samples, apart from the stream's own, from which the window is read."""
TRAIL_LENGTH = 240
"""Points kept of each running mean; past that every second one is dropped."""


@dataclass(frozen=True)
class Step:
    """A running mean after n samples, with its standard error."""

    n: int
    mean: float
    standard_error: float


@dataclass
class GradientStream:
    """Successive batches of gradient samples of several estimators for one parameter, all from one seed.

    `summaries` and `trail` map each estimator to what is known so far. The same seed and batch sizes give the same
    numbers.
    """

    family: Family
    objective: Objective
    theta: Mapping[str, float]
    parameter: str
    estimators: tuple[str, ...]
    seed: int
    device: torch.device
    answers: Answers = field(init=False)
    summaries: dict[str, Summary] = field(init=False)
    trail: dict[str, list[Step]] = field(init=False)

    def __post_init__(self) -> None:
        self.theta = self.family.check(self.theta)
        self.family.check_parameter(self.parameter)
        for name in self.estimators:
            if self.parameter not in ESTIMATORS[name].covers(self.family):
                raise ValueError(f"{name} is not defined for {self.family.name}'s {self.parameter}")
        self.answers = Answers.of(self.family, self.objective, self.theta, self.parameter, self.estimators)
        self.window = self._common_window()
        self.restart()

    @torch.no_grad()
    def _common_window(self) -> Window:
        """One window for all estimators, so that their spreads compare by eye.

        It holds the exact landmarks and all but SHARE_CUT of each estimator's samples at each end.
        """
        streams = Streams(self.seed, self.device)
        eps = draw_noise(self.family, PILOT, streams.named("window"))
        draw = Draw(self.family, self.objective, self.family.tensors(self.theta, eps), eps, streams)
        ends = torch.tensor([SHARE_CUT / 2, 1 - SHARE_CUT / 2], dtype=eps.dtype, device=eps.device)
        points = self.answers.landmarks()
        for name in self.estimators:
            values = ESTIMATORS[name](draw, self.parameter)
            points += values[values.isfinite()].quantile(ends).tolist() if values.isfinite().any() else []
        low, high = min(points, default=0.0), max(points, default=0.0)
        pad = 0.05 * (high - low)
        return Window(low - pad, high + pad) if pad > 1e-9 * max(1.0, abs(low)) else Window(low - 1, high + 1)

    def restart(self) -> None:
        """Back to no samples and to the seed's first draw."""
        self._streams = Streams(self.seed, self.device)
        self.summaries = {name: Summary.empty(self.window) for name in self.estimators}
        self.trail = {name: [] for name in self.estimators}

    @property
    def n(self) -> int:
        """Samples seen by each estimator."""
        return next(iter(self.summaries.values())).moments.n

    def advance(self, n_samples: int) -> None:
        """Feeds `n_samples` (at least 2) fresh draws to every estimator."""
        windows = dict.fromkeys(self.estimators, self.window)
        fresh = summarise_gradients(
            self.family, self.objective, self.theta, self.parameter, windows, n_samples, self._streams
        )
        for name, summary in fresh.items():
            self.summaries[name] += summary
            total = self.summaries[name]
            steps = self.trail[name]
            steps.append(Step(total.moments.n, total.moments.mean, total.standard_error))
            if len(steps) > TRAIL_LENGTH:
                del steps[1:-1:2]

    def samples_ratio(self, first: str, second: str) -> float | None:
        """How many times the samples `first` needs for the accuracy of `second`: the ratio of exact variances.

        None where a variance is unknown or zero, or where either estimator is biased here.
        """
        one, other = self.answers.errors[first], self.answers.errors[second]
        if not one or not other or self.is_biased(first) or self.is_biased(second):
            return None
        return None if math.isinf(one + other) else (one / other) ** 2

    def samples_for(self, share: float, estimator: str) -> float | None:
        """How many samples make the standard error this share of the exact gradient; inf where the variance is.

        None where the gradient or the variance is unknown or the gradient is 0, or where the estimator is biased.
        """
        gradient, deviation = self.answers.gradient, self.answers.errors[estimator]
        if not gradient or deviation is None or self.is_biased(estimator):
            return None
        return (deviation / (share * gradient)) ** 2

    def is_biased(self, estimator: str) -> bool:
        """Whether the exact bias for this parameter is known and not zero."""
        return abs(self.bias(estimator) or 0.0) > LARGEST_ERROR

    def bias(self, estimator: str) -> float | None:
        """The estimator's exact bias for this parameter; None where it is not known."""
        mean = self.answers.expectations[estimator]
        return None if mean is None or self.answers.gradient is None else mean - self.answers.gradient

    def errors_away(self, estimator: str) -> float | None:
        """How far the running mean is from the exact gradient, in its own standard errors; None where undefined."""
        summary = self.summaries[estimator]
        if self.answers.gradient is None or not summary.standard_error > LARGEST_ERROR:
            return None
        return abs(summary.moments.mean - self.answers.gradient) / summary.standard_error


CHUNK = 2**18
"""Samples worked on at once on a CPU: half as many cost more calls, twice as many leave its cache."""


@torch.no_grad()
def summarise_gradients(
    family: Family,
    objective: Objective,
    theta: Mapping[str, object],
    parameter: str,
    windows: Mapping[str, Window],
    n_samples: int,
    streams: Streams,
) -> dict[str, Summary]:
    """Fresh samples of each estimator in `windows` on the same noise, for one parameter: {estimator: Summary}.

    Goes on from the streams' state, so that successive calls are one stream. Raises ValueError on an unknown
    estimator or parameter, a theta outside its range or n_samples < 1, FloatingPointError when a sample is not finite.
    """
    methods = {name: get_estimator(name) for name in windows}
    values = family.tensors(theta, torch.empty((), device=streams.device))
    family.check_parameter(parameter)
    totals = {name: Summary.empty(window) for name, window in windows.items()}
    remaining = check_n_samples(n_samples)
    chunk = CHUNK if streams.device.type == "cpu" else n_samples
    while remaining:
        eps = draw_noise(family, min(chunk, remaining), streams.main)
        draw = Draw(family, objective, values, eps, streams)
        for name, method in methods.items():
            totals[name] = totals[name].with_more(method(draw, parameter), method.group)
        remaining -= len(eps)
    return totals
