"""What n draws reach in D dimensions: against scipy's chi law, numpy's averages, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from explorer.core.experiments.rare_events import SIZES
from explorer.core.experiments.reach import (
    DIMENSIONS,
    SAMPLED,
    TILTS,
    bands,
    frames,
    log_draws_for_half,
    medians,
    ratios_of,
    reach,
    share_reached,
    upper_radius,
)
from explorer.core.numerics.radius import Radius

EVERY = torch.tensor(DIMENSIONS)


@pytest.mark.parametrize("share", [0.999, 0.5, 1e-3, 1e-9])
def test_a_radius_is_scipys(share: float) -> None:
    found = upper_radius(torch.full(EVERY.shape, share, dtype=torch.float64), EVERY)
    assert found.numpy() == pytest.approx(stats.chi(np.array(DIMENSIONS)).isf(share), rel=1e-9)


def test_bands_are_those_of_the_law() -> None:
    for dimension, band in zip(DIMENSIONS[::6], bands(EVERY[::6]).tolist(), strict=True):
        assert band == pytest.approx(Radius(dimension).band, rel=1e-9)


@pytest.mark.parametrize("n", [10, 10_000])
def test_the_largest_of_n_lies_beyond_reach_in_half_of_all_cases(n: int) -> None:
    within = stats.chi(np.array(DIMENSIONS)).cdf(reach(n, EVERY).numpy())
    assert within**n == pytest.approx(np.full(len(DIMENSIONS), 0.5), abs=1e-7)


@pytest.mark.parametrize(("dimension", "tilt"), [(1, 0.8), (10, 0.4), (200, 0.1)])
def test_the_share_within_reach_is_an_integral(dimension: int, tilt: float) -> None:
    """Of f and of t |z|² f over the density of |z|."""
    density, far = stats.chi(dimension).pdf, float(reach(100, torch.tensor([dimension])))
    exact = {"value": (1 - tilt) ** (-dimension / 2), "pathwise": tilt * dimension * (1 - tilt) ** (-dimension / 2 - 1)}
    for name, power in (("value", 0), ("pathwise", 2)):
        front = tilt if power else 1.0

        def integrand(r: float, power: int = power, front: float = front) -> float:
            return float(front * r**power * math.exp(tilt * r**2 / 2) * density(r))

        part = integrate.quad(integrand, 0, far, limit=200, points=[max(0.0, far - 3)])[0]
        found = share_reached(name, 100, torch.tensor([dimension]), tilt)
        assert float(found) == pytest.approx(part / exact[name], rel=1e-7)


@pytest.mark.parametrize(("dimension", "tilt"), [(1, 0.05), (20, 0.3), (100, 0.5), (500, 0.8)])
def test_draws_for_half_are_scipys(dimension: int, tilt: float) -> None:
    law = stats.chi(dimension)
    # Within reach of that n lies half of E f: n log P(|z| < r) = log 1/2 at the median r of the wider Normal.
    beyond = law.logsf(law.ppf(0.5) / math.sqrt(1 - tilt))
    one = math.log(-math.log1p(-math.exp(beyond))) if beyond > -30 else beyond
    assert log_draws_for_half(dimension, tilt) == pytest.approx((math.log(math.log(2)) - one) / math.log(10), rel=1e-9)
    if 1 < (decades := log_draws_for_half(dimension, tilt)) < 4:
        share = share_reached("value", round(10**decades), torch.tensor([dimension]), tilt)
        assert float(share) == pytest.approx(0.5, abs=0.01)


def test_an_average_is_that_of_its_draws() -> None:
    squares = torch.from_numpy(np.random.default_rng(0).chisquare(7, (5, 30)))
    value, slope = ratios_of(squares, 7)
    for place, tilt in enumerate(TILTS):
        f = torch.exp(tilt * squares / 2)
        torch.testing.assert_close(value[place], f.mean(1) * (1 - tilt) ** 3.5)
        exact = tilt * 7 * (1 - tilt) ** -4.5
        torch.testing.assert_close(slope[place], (tilt * squares * f).mean(1) / exact)


def test_medians_are_those_of_numpys_draws() -> None:
    n, repetitions = 100, 3000
    found = medians(n, seed=0)
    assert found.repetitions == 2000
    generator = np.random.default_rng(1)
    for dimension, tilt in ((1, 0.5), (50, 0.3), (200, 0.2)):
        at = SAMPLED.index(dimension), TILTS.index(tilt)
        s = generator.chisquare(dimension, (repetitions, n))
        f = np.exp(tilt * s / 2)
        exact = (1 - tilt) ** (-dimension / 2)
        others = {"value": f.mean(1) / exact, "pathwise": (s * f).mean(1) * (1 - tilt) / dimension / exact}
        for name, other in others.items():
            low, middle, high = (float(part[name][at]) for part in (found.low, found.median, found.high))
            assert low <= middle <= high
            # Twice as wide: both medians vary.
            assert middle + 2 * (low - middle) < np.median(other) < middle + 2 * (high - middle)
            assert middle < 1


def test_medians_fall_where_the_share_within_reach_falls() -> None:
    found = medians(10, seed=4)
    for name in ("value", "pathwise"):
        column = TILTS.index(0.4)
        line = share_reached(name, 10, torch.tensor(SAMPLED), 0.4)
        ratio = found.median[name][:, column]
        assert (ratio[-4:].diff() < 0).all()
        assert float(ratio[-1]) < 1e-3
        assert float(line[-1]) < 1e-3


def test_frames_are_densities_and_their_shares() -> None:
    radii = torch.linspace(0, 60, 6001, dtype=torch.float64)
    film = frames(100, [5, 100, 500], [0.1, 0.5, 0.8], radii)
    for density in (film.drawn, film.source):
        torch.testing.assert_close(
            torch.trapezoid(density, radii), torch.ones(3, dtype=torch.float64), atol=1e-5, rtol=0
        )
    wide = stats.chi(100, scale=math.sqrt(2))
    assert film.source[1, ::500].numpy() == pytest.approx(wide.pdf(radii[::500].numpy()), abs=1e-9)
    place = DIMENSIONS.index(100)
    assert film.bands[1, place].tolist() == pytest.approx(wide.ppf([0.025, 0.975]).tolist())
    assert float(film.shares["value"][1, place]) == pytest.approx(wide.cdf(float(film.reach[1])))
    assert film.at_sizes.shape == (3, len(SIZES), len(DIMENSIONS))
    assert torch.equal(film.at_sizes[1, SIZES.index(100)], film.shares["value"][1])
    assert (film.at_sizes.diff(dim=1) >= 0).all()
    assert film.band[1].tolist() == pytest.approx(Radius(100).band)


def test_arguments_are_checked() -> None:
    for n in (0, 10**6):
        with pytest.raises(ValueError, match="n must be an integer"):
            medians(n, seed=0)
    with pytest.raises(ValueError, match="seed"):
        medians(10, seed=-1)
