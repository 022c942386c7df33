"""The variance of a gradient estimate against the number of its samples, measured by repeating it.

At each sample size N, R repetitions of the same estimate: the mean of N samples of an estimator, on fresh noise that
all estimators share. The sample variance of the R means stands beside the exact v / N, v being that of one sample.

Sample i of repetition r takes place i R + r in the noise of its size, so that the numbers depend neither on how it is
cut into chunks nor on how often a caller looks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.moments import finite_moments, space_of
from explorer.core.expectations.tails import exists
from explorer.core.experiments.gradient_stream import CHUNK
from explorer.core.experiments.run import ComparedRun
from explorer.core.families.family import draw_noise
from explorer.core.numerics.isolation import isolated, isolation
from explorer.core.numerics.sample_variance import (
    ENOUGH_MOMENTS,
    PowerSums,
    Spread,
    believed,
    degrees_of_freedom,
    intervals,
)
from explorer.core.randomness import Streams

SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
REPETITIONS = 100
_CHUNK_ON_GPU = 2**24
_ROUNDING = 2.0**-40
"""Means that differ by less than this share of their size are equal but for rounding."""
INDEPENDENT = tuple(name for name, entry in ESTIMATORS.items() if entry.integration.coupling is None)
"""Estimators whose samples are independent: only the variance of their means is v / N at every N."""


@dataclass(eq=False)
class RepeatedMeans(ComparedRun):
    """R = `repetitions` means of each estimator in INDEPENDENT at each size, for one parameter, all from one seed.

    A unit of work is a chunk of samples. Everything may be asked for at any time, and speaks of the sizes that are
    `reached`.

    Raises ValueError on an estimator that is coupled or not defined here.
    """

    sizes: tuple[int, ...] = SIZES
    repetitions: int = REPETITIONS

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.estimators:
            if name not in INDEPENDENT:
                raise ValueError(f"{name} cannot be repeated: its samples are coupled")
        self._streams = Streams(self.seed, self.device)
        self._done = 0
        # For each size, how many samples each mean has so far and their sums, (R,) float64 an estimator.
        self._counts: list[int] = []
        self._sums: list[dict[str, Tensor]] = []
        self._powers: dict[str, PowerSums] = {}
        # What was measured since the last chunk.
        self._spreads: dict[str, list[Spread]] = {}

    @cached_property
    def _finite_moments(self) -> dict[str, Tensor]:
        """The order below which a sample's moments are finite, for each estimator, (1,)."""
        problem = self.problem
        with isolation():
            spaces = {
                name: space_of(problem.family, problem.objective, method, problem.row, problem.parameter)
                for name, method in self.estimators.items()
            }
            return {
                name: finite_moments(method, spaces[name], problem.parameter)
                for name, method in self.estimators.items()
            }

    def is_tame(self, estimator: str) -> bool:
        """Whether a sample's fourth moment is finite: without it nothing bounds the error of a sample variance."""
        return bool(exists(self._finite_moments[estimator], ENOUGH_MOMENTS))

    @property
    def share(self) -> float:
        """The share of all samples that are drawn, from 0 to 1."""
        return self._done / sum(self.sizes)

    @property
    def samples(self) -> int:
        """How many samples each estimator has had."""
        return self._done * self.repetitions

    @isolated
    def advance(self, n: int) -> None:
        """Draws at most `n` more chunks for every estimator, none once all is drawn.

        Raises FloatingPointError when a sample is not finite, QuadratureError where a baseline does not exist.
        """
        for _ in range(n):
            if self.share < 1:
                self._draw_chunk()

    def _draw_chunk(self) -> None:
        if not self._counts or self._counts[-1] == self.sizes[len(self._counts) - 1]:
            zeros = torch.zeros(self.repetitions, dtype=torch.float64, device=self.device)
            self._counts.append(0)
            self._sums.append({name: zeros.clone() for name in self.estimators})
        missing = self.sizes[len(self._counts) - 1] - self._counts[-1]
        rows = min(missing, self._rows_of_a_chunk())
        eps = draw_noise(self.problem.family, rows * self.repetitions, self._streams.main).unflatten(0, (rows, -1))
        draw = self.problem.draw(eps, self._streams)
        for name, method in self.estimators.items():
            samples = method(draw, self.problem.parameter).to(torch.float64)
            sums = samples.sum(0)
            if not sums.isfinite().all():
                lost = int((~samples.isfinite()).sum())
                raise FloatingPointError(
                    f"{lost} of {samples.numel()} samples are not finite: f or its slope overflows"
                )
            self._sums[-1][name] += sums
            powers = self._powers.get(name) or PowerSums(float(sums.mean()) / rows)
            self._powers[name] = powers.add(samples.flatten())
        self._counts[-1] += rows
        self._done += rows
        self._spreads.clear()

    def _rows_of_a_chunk(self) -> int:
        samples = CHUNK if self.device.type == "cpu" else _CHUNK_ON_GPU
        # Batches are multiples of 16: so cut, torch's normal draws are the same numbers as in one call.
        return max(16, samples // self.repetitions // 16 * 16)

    @property
    def reached(self) -> list[int]:
        """Samples a mean at each size so far, increasing: the sizes that are done, and how far the next one is.

        That one is left out until it is past the one before.
        """
        counts = self._counts
        return counts[:-1] if len(counts) > 1 and counts[-1] <= counts[-2] else list(counts)

    def estimates(self, estimator: str, index: int) -> Tensor:
        """The means at the reached size of this index, (R,) float64 on the CPU."""
        return (self._sums[index][estimator] / self._counts[index]).cpu()

    def spreads(self, estimator: str) -> list[Spread]:
        """The measured variance of the estimator's means at each reached size.

        A mean of n samples has 1 / n times their excess kurtosis. That is taken from all samples of every size, so that
        the intervals know nothing of the exact answers.
        """
        if estimator not in self._spreads:
            self._spreads[estimator] = self._measure(estimator, self.reached) if self.reached else []
        return self._spreads[estimator]

    def _measure(self, estimator: str, reached: list[int]) -> list[Spread]:
        means = torch.stack([self.estimates(estimator, index) for index in range(len(reached))])
        centres, variances = means.mean(1), means.var(1)
        variances = torch.where(variances > (_ROUNDING * centres).square(), variances, 0.0)
        powers = self._powers[estimator]
        kurtosis = believed(powers.kurtosis, powers.n) if self.is_tame(estimator) else math.nan
        freedom = [degrees_of_freedom(self.repetitions, kurtosis / n) for n in reached]
        low, high = intervals(variances, torch.tensor(freedom, dtype=torch.float64))
        columns = (part.tolist() for part in (centres, variances, low, high))
        return [
            Spread(n, centre, variance, nu, *((None, None) if math.isnan(down) else (down, up)))
            for n, nu, centre, variance, down, up in zip(reached, freedom, *columns, strict=True)
        ]

    def exact_variance(self, estimator: str, n: int) -> float | None:
        """Of the mean of n samples; infinite where that of one sample is, None where it is not known."""
        if not exists(self._finite_moments[estimator], 2):
            return math.inf
        deviation = None if self.answers is None else self.answers.deviations[estimator]
        return None if deviation is None else deviation**2 / n
