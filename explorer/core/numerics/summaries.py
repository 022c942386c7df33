"""Mergeable summaries of a stream of numbers: moments and histograms. Merging two parts equals one pass over both."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

MAX_BINS = 179
"""The most bins for which a pair of bin codes fits int16: (MAX_BINS + 2)**2 < 2**15."""


def _pivot(values: Tensor) -> float:
    """A number near the mean of values (n,), finite whatever they are."""
    mean = float(values[:1024].mean())
    return mean if math.isfinite(mean) else 0.0


@dataclass(frozen=True)
class Moments:
    """Count, mean and sum of squared deviations from the mean (Chan, Golub & LeVeque 1983)."""

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0

    @classmethod
    def of(cls, values: Tensor) -> Moments:
        """The moments of values (n,), n >= 1.

        Raises FloatingPointError when a value is not finite, or too large for its square to be.
        """
        pivot = _pivot(values)
        return cls.about(pivot, values - pivot)

    @classmethod
    def about(cls, pivot: float, centred: Tensor) -> Moments:
        """The moments of values from which a pivot was taken away: any near the mean keeps float32 from cancelling.

        Raises as `of`.
        """
        n = centred.numel()
        # One fast pass each.
        total, squares = float(centred.sum()), float(centred @ centred)
        if not math.isfinite(squares):
            lost = int((~centred.isfinite()).sum())
            fault = f"{lost} of {n} samples are not finite" if lost else "samples are too large to be squared"
            raise FloatingPointError(f"{fault}: f or its slope is undefined, or grows too fast")
        return cls(n, pivot + total / n, max(0.0, squares - total * total / n))

    def __add__(self, other: Moments) -> Moments:
        n = self.n + other.n
        if n == 0:
            return self
        shift = other.mean - self.mean
        return Moments(n, self.mean + shift * other.n / n, self.m2 + other.m2 + shift * shift * self.n * other.n / n)

    @property
    def variance(self) -> float:
        """The unbiased sample variance; NaN below two samples."""
        return self.m2 / (self.n - 1) if self.n > 1 else math.nan

    @property
    def standard_error(self) -> float:
        """The standard error of the mean; NaN below two samples."""
        return math.sqrt(self.variance / self.n) if self.n > 1 else math.nan


@dataclass(frozen=True)
class Window:
    """The interval [low, high) that a histogram shows, cut into `n_bins` equal bins."""

    low: float
    high: float
    n_bins: int = 100

    def __post_init__(self) -> None:
        if isinstance(self.n_bins, bool) or not isinstance(self.n_bins, int) or not 1 <= self.n_bins <= MAX_BINS:
            raise ValueError(f"n_bins must be an integer in [1, {MAX_BINS}], got {self.n_bins!r}")
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"a window needs finite low < high, got [{self.low}, {self.high})")

    @property
    def width(self) -> float:
        """The width of one bin."""
        return (self.high - self.low) / self.n_bins

    @property
    def centres(self) -> Tensor:
        """The middle of each bin, (n_bins,) float64."""
        return self.low + self.width * (torch.arange(self.n_bins, dtype=torch.float64) + 0.5)

    def codes(self, values: Tensor, scratch: Tensor | None = None) -> Tensor:
        """The bin of each value (n,), int16: 0 below the window, 1 … n_bins inside, n_bins + 1 above.

        A value on an edge belongs to the bin above it, to the rounding of float32. Values must not be NaN. `scratch`,
        like values, is written over.
        """
        # Scaled and shifted in one pass, to codes that are positive, since truncation to int16 rounds toward zero.
        shift = torch.tensor(1 - self.low / self.width, dtype=values.dtype)
        scaled = torch.add(shift, values, alpha=1 / self.width, out=scratch)
        return scaled.clamp_(0.5, self.n_bins + 1.5).to(torch.int16)


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts of a stream in a window: (n_bins + 2,) int64, the first below the window and the last above."""

    window: Window
    counts: Tensor

    @classmethod
    def empty(cls, window: Window) -> Histogram:
        return cls(window, torch.zeros(window.n_bins + 2, dtype=torch.int64))

    @classmethod
    def of_codes(cls, window: Window, codes: Tensor) -> Histogram:
        """Counts the codes of `Window.codes`, two samples an increment on a square table summed over rows and columns.

        Half the increments of a plain count: counting is the dearest step of a live frame.
        """
        size = window.n_bins + 2
        half = codes.numel() // 2
        pairs = torch.add(codes[half : 2 * half], codes[:half], alpha=size)
        table = torch.bincount(pairs, minlength=size * size).view(size, size)
        counts = table.sum(0) + table.sum(1)
        if codes.numel() % 2:
            counts[codes[-1].long()] += 1
        return cls(window, counts.cpu())

    def __add__(self, other: Histogram) -> Histogram:
        if self.window != other.window:
            raise ValueError("histograms over different windows cannot be merged")
        return Histogram(self.window, self.counts + other.counts)

    @property
    def n(self) -> int:
        return int(self.counts.sum())

    @property
    def density(self) -> Tensor:
        """The share of samples a unit of length in each bin, (n_bins,) float64; zeros when empty."""
        return self.counts[1:-1].double() / (max(1, self.n) * self.window.width)

    @property
    def share_outside(self) -> float:
        """The share of samples outside the window, in [0, 1]."""
        return float(self.counts[0] + self.counts[-1]) / max(1, self.n)


@dataclass(frozen=True, eq=False)
class Summary:
    """What is kept of one estimator's samples: their moments and their histogram.

    Where samples are coupled in groups, `between` holds the moments of the groups' means; else it is `moments` itself.
    """

    moments: Moments
    histogram: Histogram
    between: Moments

    @classmethod
    def empty(cls, window: Window) -> Summary:
        return cls(Moments(), Histogram.empty(window), Moments())

    @classmethod
    def of(cls, values: Tensor, window: Window, group: int = 1) -> Summary:
        """Summarises values (n,), n >= 1, coupled in groups of `group`. Raises FloatingPointError as `Moments.of`."""
        return cls.empty(window).with_more(values, group)

    def with_more(self, values: Tensor, group: int = 1) -> Summary:
        """This and a summary of further values, as by `of`."""
        pivot = self.moments.mean if self.moments.n else _pivot(values)
        centred = values - pivot
        moments = Moments.about(pivot, centred)
        # A group that is not full says nothing about the spread of full ones.
        full = values[: values.numel() - values.numel() % group]
        between = moments
        if group > 1:
            between = Moments.of(full.view(-1, group).mean(1)) if full.numel() else Moments()
        window = self.histogram.window
        # What has been centred is no longer needed: memory at hand is faster than fresh.
        histogram = Histogram.of_codes(window, window.codes(values, centred))
        return self + Summary(moments, histogram, between)

    @property
    def standard_error(self) -> float:
        """The standard error of the mean, from independent groups; NaN below two of them."""
        return self.between.standard_error

    def __add__(self, other: Summary) -> Summary:
        return Summary(self.moments + other.moments, self.histogram + other.histogram, self.between + other.between)
