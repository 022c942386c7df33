"""Merging equals one pass, the rounding of float32 is held, and nothing that is not finite passes unseen."""

import itertools
import math

import numpy as np
import pytest
import torch

from explorer.core.numerics.summaries import MAX_BINS, Histogram, Moments, Summary, Window


def normals(n: int, mean: float = 0.0, deviation: float = 1.0, seed: int = 21) -> torch.Tensor:
    """Float32 draws; their own mean and variance are taken in float64 below."""
    generator = torch.Generator().manual_seed(seed)
    return (mean + deviation * torch.randn(n, generator=generator, dtype=torch.float64)).float()


@pytest.mark.parametrize("mean", [0.0, 1.0, -1e3, 1e6])
@pytest.mark.parametrize("n", [1, 2, 3, 1000, 131_071, 131_072])
def test_moments_equal_one_pass_in_float64(n: int, mean: float) -> None:
    values = normals(n, mean)
    moments = Moments.of(values)
    exact = values.double().numpy()
    assert moments.n == n
    # A float32 sum of n centred values of size 1: the rounding of each partial sum, added up at random.
    assert abs(moments.mean - exact.mean()) < 2**-24 * 8 * max(1.0, exact.std())
    if n > 1:
        assert moments.variance == pytest.approx(exact.var(ddof=1), rel=1e-5)
        assert moments.standard_error == pytest.approx(exact.std(ddof=1) / math.sqrt(n), rel=1e-5)


def test_moments_of_a_constant() -> None:
    """A pathwise gradient can be constant; its variance is then 0, not rounding."""
    moments = Moments.of(torch.full((5000,), 1234.567))
    assert moments.m2 == 0.0
    assert moments.mean == pytest.approx(1234.567, rel=1e-7)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 999), (500, 500), (3, 7, 2000, 1)])
def test_merging_moments_equals_one_pass(sizes: tuple[int, ...]) -> None:
    values = normals(sum(sizes), 50.0, 3.0)
    merged = Moments()
    for part in values.split(sizes):
        merged += Moments.of(part)
    exact = values.double().numpy()
    assert merged.n == len(values)
    assert merged.mean == pytest.approx(exact.mean(), rel=1e-7)
    assert merged.m2 == pytest.approx(exact.var() * len(values), rel=1e-5)


def test_nothing_merges_with_anything() -> None:
    some = Moments.of(normals(10))
    assert Moments() + Moments() == Moments()
    assert (Moments() + some).mean == pytest.approx(some.mean)
    assert some + Moments() == some


def test_too_few_samples_have_no_variance() -> None:
    for moments in (Moments(), Moments.of(torch.ones(1))):
        assert math.isnan(moments.variance)
        assert math.isnan(moments.standard_error)


@pytest.mark.parametrize("at", [0, 1023, 1024, 4999])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_counted_and_named(bad: float, at: int) -> None:
    values = normals(5000)
    values[at] = bad
    with pytest.raises(FloatingPointError, match=r"^1 of 5000 samples are not finite: f or its slope is undefined"):
        Summary.of(values, Window(-5, 5))


def test_squares_that_overflow_are_named() -> None:
    with pytest.raises(FloatingPointError, match="samples are too large to be squared"):
        Moments.of(torch.tensor([1e30, -1e30]))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 1001, 100_000])
@pytest.mark.parametrize("window", [Window(-3, 3), Window(-1, 0.5, 7), Window(2, 9, 1), Window(-3, 3, MAX_BINS)])
def test_histogram_equals_numpy(window: Window, n: int) -> None:
    """Values are multiples of 2**-10 away from the edges, so that rounding cannot move one across."""
    values = (normals(n) * 2**10).round() / 2**10 + 2.0**-12
    histogram = Histogram.of_codes(window, window.codes(values))
    edges = np.linspace(window.low, window.high, window.n_bins + 1)
    inside, _ = np.histogram(values.double().numpy(), edges)
    assert histogram.n == n
    assert histogram.counts.tolist() == [
        int((values < window.low).sum()),
        *inside.tolist(),
        int((values >= window.high).sum()),
    ]


def test_a_value_on_an_edge_belongs_to_the_bin_above() -> None:
    window = Window(-50, 50)
    edges = torch.arange(-50.0, 51.0)
    assert window.codes(edges).tolist() == list(range(1, 102))
    just_below = torch.nextafter(edges, torch.tensor(-math.inf))
    # One float32 spacing below an edge may round up to it, half a bin below may not.
    assert window.codes(edges - 0.5).tolist() == list(range(101))
    assert all(code in (k, k + 1) for k, code in enumerate(window.codes(just_below).tolist()))


def test_the_bin_of_a_value_does_not_depend_on_its_company() -> None:
    """An atom, as discrete families give, stays in one bin from batch to batch."""
    window = Window(-1.3, 2.1)
    atom = torch.full((1,), 0.4)
    codes = {int(window.codes(torch.cat((normals(n), atom)))[-1]) for n in (1, 2, 7, 64, 999)}
    assert len(codes) == 1


def test_infinite_values_are_outside() -> None:
    window = Window(0, 1, 4)
    assert window.codes(torch.tensor([-math.inf, math.inf, -1e38, 1e38])).tolist() == [0, 5, 0, 5]


def test_merging_histograms_equals_one_pass() -> None:
    window, values = Window(-2, 2), normals(10_001)
    merged = Histogram.empty(window)
    for part in values.split(777):
        merged += Histogram.of_codes(window, window.codes(part))
    assert torch.equal(merged.counts, Histogram.of_codes(window, window.codes(values)).counts)


def test_different_windows_do_not_merge() -> None:
    with pytest.raises(ValueError, match="different windows"):
        Histogram.empty(Window(0, 1)) + Histogram.empty(Window(0, 2))


def test_density_and_share_outside() -> None:
    window = Window(0, 2, 4)
    values = torch.tensor([-1.0, 0.25, 0.3, 0.75, 1.9, 2.0, 5.0, 7.0])
    histogram = Histogram.of_codes(window, window.codes(values))
    assert histogram.counts.tolist() == [1, 2, 1, 0, 1, 3]
    assert histogram.density.tolist() == [0.5, 0.25, 0.0, 0.25]
    assert histogram.share_outside == 0.5
    assert float(histogram.density.sum()) * window.width == 1 - histogram.share_outside
    assert window.centres.tolist() == [0.25, 0.75, 1.25, 1.75]
    empty = Histogram.empty(window)
    assert empty.n == 0
    assert empty.density.tolist() == [0.0] * 4
    assert empty.share_outside == 0.0


def test_summaries_merge_both_parts() -> None:
    window, values = Window(-2, 2), normals(5000, 0.5)
    merged = sum((Summary.of(part, window) for part in values.split(1700)), Summary.empty(window))
    whole = Summary.of(values, window)
    assert merged.moments.n == merged.histogram.n == 5000
    assert merged.moments.mean == pytest.approx(whole.moments.mean, rel=1e-6)
    assert merged.moments.m2 == pytest.approx(whole.moments.m2, rel=1e-5)
    assert torch.equal(merged.histogram.counts, whole.histogram.counts)


def test_summarising_leaves_the_values_alone() -> None:
    values = normals(100)
    before = values.clone()
    Summary.of(values, Window(-1, 1))
    assert torch.equal(values, before)


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (math.nan, 1), (0, math.inf), (-math.inf, 0)])
def test_bad_windows(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="a window needs finite low < high"):
        Window(low, high)


@pytest.mark.parametrize("n_bins", [0, -1, MAX_BINS + 1, 10.0, True, None])
def test_bad_bins(n_bins: object) -> None:
    with pytest.raises(ValueError, match=rf"n_bins must be an integer in \[1, {MAX_BINS}\]"):
        Window(0, 1, n_bins)  # type: ignore[arg-type]


def test_the_most_bins_fit_the_code_of_a_pair() -> None:
    window = Window(0, 1, MAX_BINS)
    corners = torch.tensor([value for pair in itertools.product((-9.0, 0.5, 9.0), repeat=2) for value in pair])
    assert Histogram.of_codes(window, window.codes(corners.repeat(1))).n == len(corners)
    assert (MAX_BINS + 2) ** 2 <= torch.iinfo(torch.int16).max + 1 < (MAX_BINS + 3) ** 2
