"""A narrow bump far from the mass of q: what averages of N draws say of it, over many repetitions.

    q = N(mu, 1) at mu = 0,  f(x) = exp(-(x - c)² / (2 w²)),  w = 0.1: the objective `rare_event` at k = c
    E f = w / sqrt(1 + w²) exp(-c² / (2 (1 + w²))),     d E f / d mu = c / (1 + w²) E f

An average is unbiased however far the bump is, and still almost always wrong: all of E f comes from the few repetitions
in which a draw falls on the bump. Drawing from N(c, 2 w) instead and weighing by q / N(c, 2 w) mends it. The same noise
serves every distance c and both ways of drawing.
Sources: Owen, Monte Carlo theory, methods and examples, Chapter 9; effective sample size: Kong 1992.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.interruption import go_on
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_integer

WHATS = ("value", "score_function", "pathwise")
"""What is averaged: f itself, or one sample of an estimator of d E f / d mu."""
SIZES = (10, 100, 1_000, 10_000)
REPETITIONS = 2_000
WIDTH = 0.1
"""w, that of the objective `rare_event`."""
SHARPNESS = 1 / (2 * WIDTH**2)
AIMED_WIDTH = 2 * WIDTH
"""The standard deviation of the proposal. It must be more than w / sqrt 2, or the weighted terms have no variance."""
DISTANCES = tuple(round(0.5 + 0.1 * step, 1) for step in range(46))
COARSE = DISTANCES[::5]
"""Where what stands beside the film is computed."""
CONFIDENCE, NORMAL_QUANTILE = 0.95, 1.959963984540054
"""Of the interval mean ± quantile s / sqrt N."""
SHOWN = 100
LEAST = -300.0
"""Terms of less than exp(LEAST) of the largest change no digit of a sum; smaller ones would be slow to multiply."""
_CHUNK = 2**15
"""Noise values worked on at a time: they fit a core's cache."""


@dataclass(frozen=True)
class Term:
    """The exact mean and variance of one term of an average."""

    mean: float
    variance: float

    def relative_error(self, n: int) -> float:
        """The standard error of the mean of n terms, in units of the mean."""
        return math.sqrt(self.variance / n) / abs(self.mean)

    def draws_for(self, error: float) -> float:
        """How many draws bring the relative error down to this."""
        return self.variance / (error * self.mean) ** 2


@dataclass(frozen=True, eq=False)
class Averages:
    """R averages of n terms at each of F distances of the bump, (F, R), and what their makers would say of them.

    truth (F,) is exact; covered (F,) is the share of the R intervals mean ± 1.96 s / sqrt n that hold it; effective
    (F,) is the median over the repetitions of (sum f)² / sum f², f weighed where the draws are `aimed`. noise (m,) is
    that of the first average, at most SHOWN of it, the same at each distance.
    """

    what: str
    n: int
    aimed: bool
    distances: Sequence[float]
    truth: Tensor
    estimates: Tensor
    covered: Tensor
    effective: Tensor
    noise: Tensor

    @property
    def repetitions(self) -> int:
        return self.estimates.shape[1]

    @cached_property
    def ratios(self) -> Tensor:
        """The averages in units of the truth, (F, R)."""
        return self.estimates / self.truth.unsqueeze(1)

    @cached_property
    def median(self) -> Tensor:
        """In units of the truth, (F,): the mean of the two in the middle."""
        return self.ratios.quantile(0.5, dim=1)

    @cached_property
    def mean(self) -> Tensor:
        """Of all repetitions, in units of the truth, (F,)."""
        return self.ratios.mean(1)

    @cached_property
    def mean_error(self) -> Tensor:
        """Its standard error, (F,)."""
        return self.ratios.std(1) / math.sqrt(self.repetitions)

    @cached_property
    def covered_error(self) -> Tensor:
        """The binomial standard error of `covered`, (F,)."""
        return (self.covered * (1 - self.covered) / self.repetitions).sqrt()

    def nearest(self, distance: float) -> int:
        """The frame whose distance is nearest."""
        return min(range(len(self.distances)), key=lambda frame: abs(self.distances[frame] - distance))


@isolated
def exact_term(what: str, distance: float) -> Term:
    """One term under q, in closed form: moments of Normals, for f q and f² q are multiples of normal densities.

    Raises ValueError for an unknown `what` or a distance that is not a finite number.
    """
    check_what(what)
    if not math.isfinite(distance):
        raise ValueError(f"distance must be a finite number, got {distance}")
    (first, centre, _), (second, other, spread) = (_bump(distance, WIDTH / root) for root in (1.0, math.sqrt(2)))
    if what == "value":
        mean, square = first, second
    elif what == "score_function":
        mean, square = first * centre, second * (other**2 + spread)
    else:
        mean, square = first * centre, second * ((other - distance) ** 2 + spread) / WIDTH**4
    return Term(mean, square - mean**2)


def _bump(distance: float, width: float) -> tuple[float, float, float]:
    """The integral of a bump of this width times N(0, 1), and the mean and variance of the Normal it is made of."""
    total = 1 + width**2
    return width / math.sqrt(total) * math.exp(-(distance**2) / (2 * total)), distance / total, width**2 / total


def check_what(what: str) -> None:
    """Raises ValueError for what cannot be averaged."""
    if what not in WHATS:
        raise ValueError(f"what must be one of {', '.join(WHATS)}, got {what!r}")


@isolated
def averages(
    what: str,
    n: int,
    distances: Sequence[float] = DISTANCES,
    *,
    seed: int,
    aimed: bool = False,
    repetitions: int = REPETITIONS,
) -> Averages:
    """Averages of n >= 2 terms, `repetitions` times over; `aimed` draws from N(c, AIMED_WIDTH) in place of q.

    Raises ValueError for an unknown `what`, n outside [2, 10**6], fewer than 2 or more than 10**5 repetitions, or a
    seed outside [0, 2**63 - 1].
    """
    check_what(what)
    n = check_integer("n", n, 2, 10**6)
    repetitions = check_integer("repetitions", repetitions, 2, 10**5)
    generator, rows = generator_for(seed, torch.device("cpu")), max(1, _CHUNK // n)
    truth = torch.tensor([exact_term(what, each).mean for each in distances], dtype=torch.float64)
    noise = torch.empty(0)
    estimates, errors, effective = (torch.empty(len(truth), repetitions, dtype=torch.float64) for _ in range(3))
    for first in range(0, repetitions, rows):
        part = slice(first, min(repetitions, first + rows))
        eps = torch.randn(part.stop - first, n, dtype=torch.float64, generator=generator)
        noise = noise if first else eps[0, :SHOWN].clone()
        for frame, distance in enumerate(distances):
            go_on()
            found = _of_terms(what, eps, distance, aimed)
            estimates[frame, part], errors[frame, part], effective[frame, part] = found
    holds = (estimates - truth.unsqueeze(1)).abs() <= NORMAL_QUANTILE * errors
    covered = holds.double().mean(1)
    return Averages(what, n, aimed, tuple(distances), truth, estimates, covered, effective.quantile(0.5, dim=1), noise)


def _of_terms(what: str, eps: Tensor, distance: float, aimed: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Means (R,) of the terms of noise eps (R, n), their standard errors, and (sum f)² / sum f²."""
    n = eps.shape[1]
    log_f, x = log_terms(eps, distance, aimed)
    # Relative to the largest of each repetition: far from the bump f itself is less than the least float64.
    top = log_f.amax(1, keepdim=True)
    f = log_f.sub_(top).clamp_(min=LEAST).exp_()
    total, square = f.sum(1), torch.linalg.vecdot(f, f)
    effective = total.square() / square
    if what != "value":
        f = f.mul_(x if what == "score_function" else x.sub(distance).mul_(-2 * SHARPNESS))
        total, square = f.sum(1), torch.linalg.vecdot(f, f)
    mean, scale = total / n, top.squeeze(1).exp()
    variance = ((square - total * mean) / (n - 1)).clamp(min=0.0)
    return mean * scale, (variance / n).sqrt() * scale, effective


def log_terms(eps: Tensor, distance: float, aimed: bool) -> tuple[Tensor, Tensor]:
    """log of f, or with aimed draws of f q / N(c, AIMED_WIDTH), at the draw x of each eps; and x."""
    if not aimed:
        return eps.sub(distance).square_().mul_(-SHARPNESS), eps
    x = eps.mul(AIMED_WIDTH).add_(distance)
    log_f = eps.square().mul_(0.5 - SHARPNESS * AIMED_WIDTH**2).add_(math.log(AIMED_WIDTH))
    return log_f.addcmul_(x, x, value=-0.5), x


@dataclass(frozen=True)
class Decades:
    """Bins for numbers over many powers of ten: BINS a decade from 10^low to 10^high, all that is smaller in one bin.

    With `signed` as many on the other side of it, for negative numbers.
    """

    low: int
    high: int
    signed: bool

    @property
    def edges(self) -> list[float]:
        """Of the bins on the line of `places`, increasing; the one of what is small is from -HALF to HALF."""
        positive = [2 * HALF + step / BINS for step in range((self.high - self.low) * BINS + 1)]
        return [*(-edge for edge in reversed(positive) if self.signed), -HALF, HALF, *positive]

    def places(self, numbers: Tensor) -> Tensor:
        """Where numbers stand on a line: 0 for what is small, else by decades; those beyond the ends at the ends."""
        decades = numbers.abs().log10().sub_(self.low)
        reach = self.high - self.low
        return torch.where(decades < 0, 0.0, numbers.sign() * (decades.clamp_(0, reach - 1e-9) + 2 * HALF))

    def shares(self, numbers: Tensor) -> Tensor:
        """The share of each row of numbers (F, R) in each bin, (F, bins), empty gaps among them."""
        edges = torch.tensor(self.edges, dtype=torch.float64)
        places = self.places(numbers)
        # A negative number has no bin of its own where none is expected.
        places = places if self.signed else places.clamp(min=0.0)
        index = torch.bucketize(places, edges, right=True) - 1
        counts = torch.zeros(len(numbers), len(edges) - 1, dtype=torch.float64)
        return counts.scatter_add_(1, index, torch.ones_like(places)) / numbers.shape[1]


BINS, HALF = 4, 0.25


def decades_of(what: str) -> Decades:
    """The bins in which ratios to the truth are counted: averages of a gradient may have either sign."""
    return Decades(-6, 6, signed=False) if what == "value" else Decades(-2, 6, signed=True)
