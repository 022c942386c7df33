"""A run of estimators fed by one stream of noise: their moments and histograms, with the exact answers beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS, Choice, Estimator
from explorer.core.exact.bias import LARGEST_ERROR
from explorer.core.exact.moments import finite_moments, space_of
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.run import ComparedRun
from explorer.core.families.family import draw_noise
from explorer.core.numerics.isolation import isolated, isolation
from explorer.core.numerics.summaries import Summary, Window
from explorer.core.parameters import MAX_SAMPLES, check_n_samples
from explorer.core.randomness import Streams

SHARE_CUT = 0.01
"""The share of an estimator's samples that may lie beyond each end of the window."""
PILOT = 2**14
"""Samples, apart from the stream's own, from which the window is read."""
SPREADS = 1.05
"""How many standard deviations of the pilot, to each side of its mean, lie in the window: a little more than the exact
one that a picture draws there."""
ERRORS = 5.0
"""How many standard errors about an unbiased pilot's mean lie in the window, where only biased estimators are shown."""
MISSED = 0.25
"""A standard deviation below this share of the exact one comes of samples that have missed what makes it."""
TRAIL_LENGTH = 240
"""Points kept of each running mean; past that every second one is dropped."""


@dataclass(frozen=True)
class Step:
    """A running mean after n samples, with its standard error."""

    n: int
    mean: float
    standard_error: float


@dataclass(eq=False)
class GradientStream(ComparedRun):
    """Successive batches of gradient samples of several estimators for one parameter, all from one seed.

    A unit of work is a sample of each estimator, at least 2 at a time; the stream rests at `rest_at` of them.
    `summaries` and `trail` map each estimator to what is known so far. The same seed and batch sizes give the same
    numbers.
    """

    rest_at: int = MAX_SAMPLES

    def __post_init__(self) -> None:
        super().__post_init__()
        check_n_samples(self.rest_at)
        self.restart()

    def restart(self) -> None:
        """Back to no samples and to the seed's first draw."""
        self._streams = Streams(self.seed, self.device)
        self._summaries: dict[str, Summary] = {}
        self.trail: dict[str, list[Step]] = {name: [] for name in self.estimators}

    @cached_property
    def window(self) -> Window:
        """One window for all estimators, so that their spreads compare by eye.

        It holds all but SHARE_CUT of each estimator's samples at each end, and the mean and a standard deviation to
        each side of it where there is one: all read from a pilot draw, so that no exact answer need be known.
        """
        points: list[float] = []
        with isolation():
            streams = Streams(self.seed, self.device)
            draw = self.problem.draw(draw_noise(self.problem.family, PILOT, streams.named("window")), streams)
            for method in self.estimators.values():
                points += self._landmarks(method, draw)
            points += self._about_the_gradient(draw)
        low, high = min(points, default=0.0), max(points, default=0.0)
        pad = 0.05 * (high - low)
        return Window(low - pad, high + pad) if pad > 1e-9 * max(1.0, abs(low)) else Window(low - 1, high + 1)

    def _landmarks(self, method: Estimator, draw: Draw) -> list[float]:
        """The values that a picture of one estimator must hold, from its finite samples."""
        values = method(draw, self.problem.parameter)
        values = values[values.isfinite()]
        if not len(values):
            return []
        ends = torch.tensor([SHARE_CUT / 2, 1 - SHARE_CUT / 2], dtype=values.dtype, device=values.device)
        points: list[float] = values.quantile(ends).tolist()
        problem = self.problem
        space = space_of(problem.family, problem.objective, method, problem.row, problem.parameter)
        # Where the variance is infinite, the pilot's is only the square of its largest sample.
        if float(finite_moments(method, space, self.problem.parameter)) > 2:
            mean, deviation = float(values.double().mean()), float(values.double().std())
            points += [mean - SPREADS * deviation, mean + SPREADS * deviation]
        return points

    def _about_the_gradient(self, draw: Draw) -> list[float]:
        """Where the exact gradient lies, if the estimators' own landmarks need not hold it: when all may be biased."""
        family, objective, parameter = self.problem.family, self.problem.objective, self.problem.parameter
        unbiased = [
            name
            for name, method in ESTIMATORS.items()
            if parameter in method.covers(family) and not method.warning(family, objective)
        ]
        if set(unbiased) & set(self.estimators):
            return []
        # Where no estimator is unbiased, a finite difference is nearly so.
        values = ESTIMATORS[unbiased[0] if unbiased else "finite_differences"](draw, parameter).double()
        mean, error = float(values.mean()), float(values.std()) / PILOT**0.5
        points = [mean - ERRORS * error, mean + ERRORS * error]
        return points if all(map(math.isfinite, points)) else []

    @property
    def summaries(self) -> Mapping[str, Summary]:
        """What is known of each estimator's samples so far."""
        return self._summaries or {name: Summary.empty(self.window) for name in self.estimators}

    @property
    def n(self) -> int:
        """Samples seen by each estimator."""
        return next(iter(self._summaries.values())).moments.n if self._summaries else 0

    @property
    def share(self) -> float:
        return self.n / self.rest_at

    def advance(self, n: int) -> None:
        """Feeds `n` fresh draws (at least 2) to every estimator, or as many as are left before it rests."""
        n = min(n, self.rest_at - self.n)
        if not n:
            return
        windows = dict.fromkeys(self.estimators.values(), self.window)
        fresh = summarise_gradients(self.problem, windows, n, self._streams)
        self._summaries = {name: known + fresh[name] for name, known in self.summaries.items()}
        for name, total in self._summaries.items():
            steps = self.trail[name]
            steps.append(Step(total.moments.n, total.moments.mean, total.standard_error))
            if len(steps) > TRAIL_LENGTH:
                del steps[1:-1:2]

    def errors_away(self, estimator: str) -> float | None:
        """How far the running mean is from the exact gradient, in its own standard errors.

        None where undefined, or where both are below the error that exact answers may have.
        """
        summary = self.summaries[estimator]
        gradient = None if self.answers is None else self.answers.gradient
        error = summary.standard_error
        if gradient is None or not error > 0:
            return None
        gap = abs(summary.moments.mean - gradient)
        return None if max(gap, error) <= LARGEST_ERROR * max(1.0, abs(gradient)) else gap / error

    def has_missed(self, estimator: str) -> bool:
        """Whether the samples have not met the rare large ones that make the exact variance: their own is far less."""
        exact = None if self.answers is None else self.answers.deviations[estimator]
        moments = self.summaries[estimator].moments
        if exact is None or math.isinf(exact) or moments.n < 2:
            return False
        return math.sqrt(moments.variance) < MISSED * exact


CHUNK = 2**18
"""Samples worked on at once on a CPU: half as many cost more calls, twice as many leave its cache."""


@isolated
def summarise_gradients(
    problem: Problem, windows: Mapping[Any, Window], n_samples: int, streams: Streams
) -> dict[str, Summary]:
    """Fresh samples of each estimator in `windows`, a name or an Estimator, on the same noise: {name: Summary}.

    Goes on from the streams' state, so that successive calls are one stream. Raises ValueError on an unknown
    estimator or n_samples < 1, FloatingPointError when a sample is not finite.
    """
    methods = Choice(windows)
    totals = {name: Summary.empty(window) for name, window in zip(methods, windows.values(), strict=True)}
    remaining = check_n_samples(n_samples)
    chunk = CHUNK if streams.device.type == "cpu" else n_samples
    while remaining:
        eps = draw_noise(problem.family, min(chunk, remaining), streams.main)
        draw = problem.draw(eps, streams)
        for name, method in methods.items():
            totals[name] = totals[name].with_more(method(draw, problem.parameter), method.group)
        remaining -= len(eps)
    return totals
