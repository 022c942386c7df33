"""A sample variance with an interval for the true one that knows about heavy tails.

For R independent values of excess kurtosis k the sample variance V has the relative variance 2 / (R - 1) + k / R. It is
taken for a chi-square variable of the degrees of freedom that have the same, 2 / (2 / (R - 1) + k / R), over that
number: exact for normal values, where k = 0 (Box 1953; O'Neill 2014, "Some useful moment results in sampling problems",
The American Statistician 68, Section 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

LEVEL = 0.95
ENOUGH_MOMENTS = 4
"""Moments of every order up to this, and a little above, must be finite: else nothing bounds the error of V."""
FEW_MAKE_IT = 50
"""So many times as many values as their kurtosis must be there, or a handful of them make it."""
LEAST_FREEDOM = 10.0
"""Below, the standard error of V is more than 45 % of it, and its law is no longer near a chi-square's."""


@dataclass(frozen=True)
class PowerSums:
    """Sums of the first four powers of values about a pivot near their mean, in float64: their kurtosis."""

    pivot: float
    n: int = 0
    sums: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    def add(self, values: Tensor) -> PowerSums:
        """With more values (n,), float64."""
        d = values - self.pivot
        squares = d * d
        fresh = (float(d.sum()), float(d @ d), float(squares @ d), float(squares @ squares))
        sums = tuple(old + new for old, new in zip(self.sums, fresh, strict=True))
        return PowerSums(self.pivot, self.n + values.numel(), sums)  # type: ignore[arg-type]

    @property
    def kurtosis(self) -> float:
        """The excess kurtosis, at least -2; 0 where all values are equal."""
        a, b, c, d = (total / max(1, self.n) for total in self.sums)
        variance = b - a * a
        if not variance > 0:
            return 0.0
        return max(-2.0, (d - 4 * a * c + 6 * a * a * b - 3 * a**4) / variance**2 - 3)


@dataclass(frozen=True)
class Spread:
    """R independent means of n samples each: their mean, their sample variance and how well that is known.

    `freedom` is the number of degrees of freedom that the variance counts for; [low, high] holds the true variance
    with probability LEVEL, both None where there is no honest interval.
    """

    n: int
    mean: float
    variance: float
    freedom: float
    low: float | None
    high: float | None

    def holds(self, variance: float) -> bool | None:
        """Whether the interval holds this variance; None where there is none."""
        return None if self.low is None or self.high is None else self.low <= variance <= self.high


def believed(kurtosis: float, n: int) -> float:
    """A sample kurtosis of n values; NaN where it is so large that a few of them made it, and the next ones will not.

    It is at most about n, when one value outweighs all others.
    """
    return kurtosis if kurtosis * FEW_MAKE_IT < n else math.nan


def degrees_of_freedom(repetitions: int, kurtosis: float) -> float:
    """Of the sample variance of `repetitions` values with this excess kurtosis; see the module."""
    return 2 / (2 / (repetitions - 1) + kurtosis / repetitions)


def chi_square_ends(freedom: Tensor) -> tuple[Tensor, Tensor]:
    """The quantiles (1 - LEVEL) / 2 and (1 + LEVEL) / 2 of chi-square laws, of freedom's shape (float64).

    Newton steps from the cube of a normal variable (Wilson & Hilferty 1931); the relative error is below 1e-9 from
    LEAST_FREEDOM up.
    """
    share = torch.tensor([(1 - LEVEL) / 2, (1 + LEVEL) / 2], dtype=torch.float64).view(2, *[1] * freedom.ndim)
    part = 2 / (9 * freedom)
    half, x = (
        (freedom / 2).expand(2, *freedom.shape),
        freedom * (1 - part + torch.special.ndtri(share) * part.sqrt()) ** 3,
    )
    for _ in range(4):
        log_density = (half - 1) * (x / 2).log() - x / 2 - torch.lgamma(half) - math.log(2)
        x = x - (torch.special.gammainc(half, x / 2) - share) * (-log_density).exp()
    return x[0], x[1]


def intervals(variance: Tensor, freedom: Tensor) -> tuple[Tensor, Tensor]:
    """The ends of the intervals for the true variances, of the arguments' shape, float64.

    NaN where there is no honest one: below LEAST_FREEDOM degrees of freedom, or where freedom is NaN because a sample's
    fourth moment is infinite.
    """
    freedom = freedom.double()
    lower, upper = chi_square_ends(freedom.nan_to_num(nan=LEAST_FREEDOM).clamp(min=LEAST_FREEDOM))
    honest = freedom >= LEAST_FREEDOM
    low, high = (torch.where(honest, freedom * variance / end, math.nan) for end in (upper, lower))
    return low, high


def slope(spreads: list[Spread]) -> tuple[float, float] | None:
    """The slope of log variance against log n and its standard error, by weighted least squares.

    The log of a variance of `freedom` degrees has the variance 2 / freedom. None below two that have intervals.
    """
    kept = [spread for spread in spreads if spread.low is not None and spread.variance > 0]
    if len(kept) < 2:
        return None
    weights = [spread.freedom / 2 for spread in kept]
    x, y = [math.log(spread.n) for spread in kept], [math.log(spread.variance) for spread in kept]
    total = sum(weights)
    centre = sum(w * each for w, each in zip(weights, x, strict=True)) / total
    across = sum(w * (each - centre) ** 2 for w, each in zip(weights, x, strict=True))
    rise = sum(w * (one - centre) * other for w, one, other in zip(weights, x, y, strict=True))
    return rise / across, across**-0.5
