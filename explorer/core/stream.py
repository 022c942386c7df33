"""A growing experiment: estimators fed by one stream of noise, with the exact answers beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS, Draw
from explorer.core.exact import TOLERANCE, QuadratureError, exact_gradient, exact_variance, expected_estimate
from explorer.core.families import Family
from explorer.core.objectives import Objective
from explorer.core.sampling import summarise_gradients
from explorer.core.statistics import Summary, Window

LARGEST_ERROR = 1e-8
"""The error that exact answers may have; a bias below it is none."""
SHARE_CUT = 0.01
"""The share of an estimator's samples that may lie beyond each end of the window."""
TRAIL_LENGTH = 240
"""Points kept of each running mean; past that every second one is dropped."""


@dataclass(frozen=True)
class Answers:
    """The exact answers for one parameter: the gradient, and each estimator's expectation and single-sample spread.

    A value that quadrature cannot give is None; it is never replaced by an estimate.
    """

    gradient: float | None
    expectations: Mapping[str, float | None]
    deviations: Mapping[str, float | None]

    @classmethod
    def of(
        cls,
        family: Family,
        objective: Objective,
        theta: Mapping[str, float],
        parameter: str,
        estimators: tuple[str, ...],
    ) -> Answers:
        def attempt(integral: object, *arguments: object) -> float | None:
            try:
                value = float(integral(*arguments, theta)[parameter])  # type: ignore[operator]
            except QuadratureError:
                return None
            return 0.0 if abs(value) < TOLERANCE else value

        variances = {name: attempt(exact_variance, family.name, objective, name) for name in estimators}
        return cls(
            attempt(exact_gradient, family.name, objective),
            {name: attempt(expected_estimate, family.name, objective, name) for name in estimators},
            {name: None if variance is None else math.sqrt(variance) for name, variance in variances.items()},
        )

    def landmarks(self) -> list[float]:
        """Values a picture must hold: the exact gradient and a standard deviation to each side of each mean."""
        points = [] if self.gradient is None else [self.gradient]
        for name, mean in self.expectations.items():
            if mean is not None:
                deviation = self.deviations[name] or 0.0
                points += [mean - deviation, mean + deviation]
        return points


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
        if self.parameter not in self.theta:
            raise ValueError(f"parameter must be one of {', '.join(self.theta)}, got {self.parameter!r}")
        self.answers = Answers.of(self.family, self.objective, self.theta, self.parameter, self.estimators)
        self.window = self._common_window()
        self.restart()

    def _common_window(self) -> Window:
        """One window for all estimators, so that their spreads compare by eye.

        It holds the exact landmarks and all but SHARE_CUT of each estimator's samples at each end.
        """
        t = torch.linspace(*self.family.noise.interval, 4001, dtype=torch.float64)
        eps, stretch = self.family.noise.stretch(t)
        weights = self.family.noise.log_prob(eps).exp() * stretch
        draw = Draw(self.family, self.objective, self.family.tensors(self.theta, eps), eps)
        points = self.answers.landmarks()
        for name in self.estimators:
            values, order = torch.nan_to_num(ESTIMATORS[name](draw, self.parameter)).sort()
            share = weights[order].cumsum(0) / weights.sum()
            ends = torch.searchsorted(share, torch.tensor([SHARE_CUT, 1 - SHARE_CUT], dtype=torch.float64))
            points += values[ends.clamp(max=len(values) - 1)].tolist()
        low, high = min(points), max(points)
        pad = 0.05 * (high - low)
        return Window(low - pad, high + pad) if pad > 1e-9 * max(1.0, abs(low)) else Window(low - 1, high + 1)

    def restart(self) -> None:
        """Back to no samples and to the seed's first draw."""
        self._generator = generator_for(self.seed, self.device)
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
            self.family, self.objective, self.theta, self.parameter, windows, n_samples, self._generator
        )
        for name, summary in fresh.items():
            self.summaries[name] += summary
            moments = self.summaries[name].moments
            steps = self.trail[name]
            steps.append(Step(moments.n, moments.mean, moments.standard_error))
            if len(steps) > TRAIL_LENGTH:
                del steps[1:-1:2]

    def samples_ratio(self, first: str, second: str) -> float | None:
        """How many times the samples `first` needs for the accuracy of `second`: the ratio of exact variances.

        None where a variance is unknown or zero, or where either estimator is biased here.
        """
        one, other = self.answers.deviations[first], self.answers.deviations[second]
        if not one or not other or self.is_biased(first) or self.is_biased(second):
            return None
        return (one / other) ** 2

    def is_biased(self, estimator: str) -> bool:
        """Whether the exact bias for this parameter is known and not zero."""
        return abs(self.bias(estimator) or 0.0) > LARGEST_ERROR

    def bias(self, estimator: str) -> float | None:
        """The estimator's exact bias for this parameter; None where it is not known."""
        mean = self.answers.expectations[estimator]
        return None if mean is None or self.answers.gradient is None else mean - self.answers.gradient

    def errors_away(self, estimator: str) -> float | None:
        """How far the running mean is from the exact gradient, in its own standard errors; None where undefined."""
        moments = self.summaries[estimator].moments
        if self.answers.gradient is None or moments.n < 2 or not moments.standard_error > LARGEST_ERROR:
            return None
        return abs(moments.mean - self.answers.gradient) / moments.standard_error
