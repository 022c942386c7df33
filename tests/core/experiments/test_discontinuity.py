"""Boundary terms: they fill the gap exactly, closed forms agree, and samples stay within their standard errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from explorer.core.device import generator_for
from explorer.core.experiments import discontinuity as engine
from explorer.core.experiments.discontinuity import ENDING, JUMPING, PAIR, REPAIRED, Discontinuity
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.sweep import Estimates
from explorer.core.families import FAMILIES
from explorer.core.families.family import draw_noise
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.failing import boundary

PROBLEMS = {name: engine.jump_at(name) for name in JUMPING} | {name: engine.moving_end(name) for name in ENDING}


@pytest.fixture(scope="module")
def films() -> dict[str, Discontinuity]:
    return {name: boundary(problem) for name, problem in PROBLEMS.items()}


def samples_of(film: Discontinuity, n: int) -> dict[str, Estimates]:
    eps = draw_noise(film.problem.family, n, generator_for(0, torch.device("cpu")))
    return engine.sampled_slopes(film, eps)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_boundary_term_fills_the_gap_exactly(films: dict[str, Discontinuity], name: str) -> None:
    film = films[name]
    torch.testing.assert_close(film.expected[REPAIRED], film.slope, rtol=0, atol=1e-8)
    other = next(each for each in PAIR if each != film.lacking)
    torch.testing.assert_close(film.means[other], film.slope, rtol=0, atol=1e-8)
    gap = film.slope - film.means[film.lacking]
    assert (gap.abs() > 1e-3).any() == (name not in ("kink",))


def test_slopes_in_closed_form(films: dict[str, Discontinuity]) -> None:
    loc = films["step"].values.numpy()
    density = stats.norm.pdf(1 - loc)
    np.testing.assert_allclose(films["step"].slope, density, atol=1e-10)
    np.testing.assert_allclose(films["ramp"].slope, 0.5 + density, atol=1e-8)
    np.testing.assert_allclose(films["stairs"].boundary, sum(stats.norm.pdf(k - loc) for k in (-1, 0, 1)), atol=1e-10)
    np.testing.assert_allclose(films["step"].value, stats.norm.cdf(loc - 1), atol=1e-10)
    high = films["identity"].values.numpy()
    np.testing.assert_allclose(films["identity"].means["score_function"], np.full_like(high, -0.5), atol=1e-10)
    np.testing.assert_allclose(films["square"].slope, 2 * high / 3, atol=1e-10)
    np.testing.assert_allclose(films["cosine"].boundary, np.cos(high) / high, atol=1e-10)
    np.testing.assert_allclose(films["constant"].means["score_function"], -1 / high, atol=1e-10)


@pytest.mark.parametrize("name", PROBLEMS)
def test_samples_lie_within_their_errors_of_what_is_expected(films: dict[str, Discontinuity], name: str) -> None:
    film, n = films[name], 2000
    for row, sampled in samples_of(film, n).items():
        deviation = film.deviations[film.lacking if row == REPAIRED else row]
        # Where next to no sample crosses the jump, so few say nothing of their own error.
        told = deviation >= 0.5 * deviation.max()
        error = deviation[told] / math.sqrt(n)
        assert bool(((sampled.mean - film.expected[row])[told].abs() <= 4 * error + 1e-8).all())
        torch.testing.assert_close(sampled.standard_error[told], error, rtol=0.2, atol=1e-10)


def test_pathwise_is_sure_of_a_wrong_answer(films: dict[str, Discontinuity]) -> None:
    sampled = samples_of(films["step"], 10)["pathwise"]
    assert not sampled.mean.any()
    assert not sampled.standard_error.any()


def test_a_lower_end_flows_the_other_way() -> None:
    film = engine.discontinuity(Problem(FAMILIES["uniform"], OBJECTIVES["square"], {"low": 0.0, "high": 2.0}, "low"))
    assert film.boundary[film.now] == pytest.approx(0.0)
    torch.testing.assert_close(film.expected[REPAIRED], film.slope, rtol=0, atol=1e-8)


def test_the_nearest_frame_is_shown(films: dict[str, Discontinuity]) -> None:
    film = films["step"].at(1.234)
    assert float(film.values[film.now]) == pytest.approx(1.2)
    assert float(films["step"].values[films["step"].now]) == 1.0
