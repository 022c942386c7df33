"""Averages over many repetitions: against closed forms, the exact answers, numpy, and what theory says of a miss."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.gradients import expectations, gradients
from explorer.core.exact.moments import moments
from explorer.core.experiments.rare_events import (
    AIMED_WIDTH,
    DISTANCES,
    WHATS,
    Averages,
    Decades,
    averages,
    decades_of,
    exact_term,
)
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES

NORMAL, BUMP = FAMILIES["normal"], OBJECTIVES["rare_event"]
ROW = {"loc": torch.zeros(1, dtype=torch.float64), "scale": torch.ones(1, dtype=torch.float64)}
found = functools.cache(averages)


def terms(what: str, eps: torch.Tensor, distance: float) -> torch.Tensor:
    """By the registries: f itself, or one sample of the estimator in the mean."""
    theta = {"loc": torch.tensor(0.0).double(), "scale": torch.tensor(1.0).double()}
    draw = Draw(NORMAL, BUMP.at(k=distance), theta, eps)
    return draw.f if what == "value" else ESTIMATORS[what](draw, "loc")


@pytest.mark.parametrize("distance", [0.5, 3.0, 5.0])
@pytest.mark.parametrize("what", WHATS)
def test_one_term_is_the_laboratorys(what: str, distance: float) -> None:
    bump, term = BUMP.at(k=distance), exact_term(what, distance)
    if what == "value":
        square = integrate.quad(
            lambda x: math.exp(-100 * (x - distance) ** 2) * stats.norm.pdf(x), distance - 2, distance + 2
        )[0]
        assert term.mean == pytest.approx(float(expectations(NORMAL, bump, ROW).value), rel=1e-6)
        assert term.variance == pytest.approx(square - term.mean**2, rel=1e-6)
    else:
        exact = moments(NORMAL, bump, ESTIMATORS[what], ROW, "loc")
        assert term.mean == pytest.approx(float(gradients(NORMAL, bump, ROW, "loc").value), rel=1e-4)
        assert term.variance == pytest.approx(float(exact.variance), rel=1e-4)
    assert term.relative_error(100) == pytest.approx(math.sqrt(term.variance) / (10 * term.mean))
    assert term.draws_for(0.1) == pytest.approx((term.relative_error(1) / 0.1) ** 2)


@pytest.mark.parametrize("aimed", [False, True])
@pytest.mark.parametrize("what", WHATS)
def test_each_average_is_that_of_its_draws(what: str, aimed: bool) -> None:
    """Means, intervals and effective samples by hand, on the same noise."""
    n, repetitions, distance = 40, 60, 1.5
    part = averages(what, n, [distance], seed=3, aimed=aimed, repetitions=repetitions)
    eps = torch.randn(repetitions, n, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    x = distance + AIMED_WIDTH * eps if aimed else eps
    q, r = (torch.from_numpy(stats.norm.pdf(x.numpy(), *at)) for at in ((0, 1), (distance, AIMED_WIDTH)))
    weights = q / r if aimed else torch.ones_like(q)
    each = (terms(what, x, distance) * weights).numpy()
    f = (terms("value", x, distance) * weights).numpy()
    np.testing.assert_allclose(part.estimates[0], each.mean(1), rtol=1e-9, atol=1e-300)
    error = each.std(1, ddof=1) / math.sqrt(n)
    assert float(part.covered) == (np.abs(each.mean(1) - exact_term(what, distance).mean) <= 1.959964 * error).mean()
    assert float(part.effective) == pytest.approx(np.median(f.sum(1) ** 2 / (f**2).sum(1)))
    assert torch.equal(part.noise, eps[0])
    assert float(part.median) == pytest.approx(np.median(each.mean(1)) / exact_term(what, distance).mean)


@pytest.mark.parametrize(("what", "aimed"), [(what, aimed) for what in WHATS for aimed in (False, True)])
def test_averages_are_unbiased(what: str, aimed: bool) -> None:
    for n, distance in ((10, 1.0), (100, 2.0)):
        part = found(what, n, (distance,), seed=1, aimed=aimed)
        assert abs(float(part.mean) - 1) < 4.5 * float(part.mean_error)
        # The standard error is that of theory.
        if not aimed:
            error = exact_term(what, distance).relative_error(n) / math.sqrt(part.repetitions)
            assert float(part.mean_error) == pytest.approx(error, rel=0.35)


def test_coverage_is_that_of_another_program() -> None:
    n, distance, repetitions = 100, 2.0, 4000
    x = np.random.default_rng(5).standard_normal((repetitions, n))
    f = np.exp(-50 * (x - distance) ** 2)
    low, high = (f.mean(1) + sign * 1.96 * f.std(1, ddof=1) / math.sqrt(n) for sign in (-1, 1))
    exact = 0.1 / math.sqrt(1.01) * math.exp(-(distance**2) / 2.02)
    other = ((low <= exact) & (exact <= high)).mean()
    part = found("value", n, (distance,), seed=0)
    assert abs(float(part.covered) - other) < 4.5 * math.hypot(
        float(part.covered_error), math.sqrt(other * (1 - other) / repetitions)
    )


@pytest.mark.parametrize(("n", "distance", "near"), [(100, 3.0, 0.3), (1000, 4.0, 0.4), (100, 2.5, 0.2)])
def test_an_average_is_next_to_nothing_as_often_as_no_draw_is_near(n: int, distance: float, near: float) -> None:
    """Where no draw is within `near`, the average is at most f there; where it is below f there over n, none is."""
    part = found("value", n, (distance,), seed=0)
    hit = stats.norm.cdf(distance + near) - stats.norm.cdf(distance - near)
    miss, edge = (1 - hit) ** n, math.exp(-50 * near**2)
    at_least, at_most = (float((part.estimates < bound).double().mean()) for bound in (edge / n, edge))
    slack = 4.5 * math.sqrt(miss * (1 - miss) / part.repetitions)
    assert at_least - slack < miss < at_most + slack
    if miss > 0.55:
        assert float(part.median) * exact_term("value", distance).mean < edge


def test_every_distance_has_the_same_noise() -> None:
    whole = found("value", 10, DISTANCES, seed=2)
    frame = whole.nearest(3.04)
    assert whole.distances[frame] == 3.0
    alone = averages("value", 10, [3.0], seed=2)
    assert torch.equal(whole.estimates[frame], alone.estimates[0])
    assert torch.equal(whole.noise, alone.noise)
    assert not torch.equal(whole.noise, averages("value", 10, [3.0], seed=1, repetitions=2).noise)


def test_far_away_nothing_is_no_number() -> None:
    for what in WHATS:
        part = found(what, 10, (0.5, 5.0), seed=0)
        for each in (part.median, part.mean, part.mean_error, part.covered, part.covered_error, part.effective):
            assert each.isfinite().all()
        assert 1 <= float(part.effective[1]) < 1.5
        assert float(part.covered[1]) < 0.01


def test_aimed_draws_mend_it() -> None:
    for what in WHATS:
        for distance in (0.5, 3.0, 5.0):
            part = found(what, 100, (distance,), seed=0, aimed=True)
            assert float(part.covered) == pytest.approx(0.95, abs=0.025)
            assert float(part.effective) > 60


def test_decades_count_every_number_once() -> None:
    bins = Decades(-2, 2, signed=True)
    numbers = torch.tensor([[1e9, 50.0, 1.0, 0.02, 1e-3, 0.0, -1e-3, -0.02, -1.0, -1e9]], dtype=torch.float64)
    places = bins.places(numbers)[0].tolist()
    assert places[4:7] == [0, 0, 0]
    assert places == sorted(places, reverse=True)
    assert places[2] == pytest.approx(2.5)
    assert places[3] - places[7] == pytest.approx(2 * places[3])
    shares = bins.shares(numbers)
    assert float(shares.sum()) == pytest.approx(1)
    middle = bins.edges.index(-0.25)
    assert float(shares[0, middle]) == pytest.approx(0.3)
    assert float(shares[0, 0]) == float(shares[0, -1]) == pytest.approx(0.1)


@pytest.mark.parametrize("what", WHATS)
def test_a_histogram_holds_all_averages(what: str) -> None:
    part: Averages = found(what, 10, (0.5, 5.0), seed=0)
    bins = decades_of(what)
    shares = bins.shares(part.ratios)
    torch.testing.assert_close(shares.sum(1), torch.ones(2, dtype=torch.float64))
    assert shares.shape == (2, len(bins.edges) - 1)
    for row, ratios in zip(shares, part.ratios, strict=True):
        small = (ratios.abs() < 10.0**bins.low) | ((ratios < 0) & (not bins.signed))
        assert float(row[bins.edges.index(-0.25)]) == pytest.approx(float(small.double().mean()))


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="what must be one of value, score_function, pathwise"):
        averages("median", 10, seed=0)
    with pytest.raises(ValueError, match="n must be an integer"):
        averages("value", 1, seed=0)
    with pytest.raises(ValueError, match="repetitions"):
        averages("value", 10, seed=0, repetitions=1)
    with pytest.raises(ValueError, match="seed"):
        averages("value", 10, seed=-1)
    for distance in (math.nan, math.inf):
        with pytest.raises(ValueError, match="distance must be a finite number"):
            exact_term("value", distance)
