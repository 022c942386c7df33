"""Heavy tails: variances in closed form, where they become finite, running means against plain ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from explorer.core.device import generator_for
from explorer.core.experiments.heavy_tail import REPETITIONS, SAMPLES, SIZES
from explorer.core.families.family import draw_noise
from tests.core.failing import heavy, runs


def test_variance_in_closed_form() -> None:
    """Pathwise is 2 t²: E t² = ν / (ν - 2), E t⁴ = 3 ν² / ((ν - 2)(ν - 4)). Up to ν = 4 it is infinite."""
    film = heavy("square", "pathwise")
    assert float(film.values[0]) == 2.5, "at ν = 2 there is no gradient"
    for nu, gradient, variance in zip(
        film.values.tolist(), film.gradient.tolist(), film.variance.tolist(), strict=True
    ):
        assert gradient == pytest.approx(2 * nu / (nu - 2))
        fourth = 3 * nu**2 / ((nu - 2) * (nu - 4)) if nu > 4 else math.inf
        assert variance == pytest.approx(4 * (fourth - (nu / (nu - 2)) ** 2))


@pytest.mark.parametrize(
    ("objective", "estimator", "second", "fourth"),
    [
        ("square", "pathwise", 4.0, 8.0),
        ("square", "score_function", 4.0, 8.0),
        ("absolute", "pathwise", 2.0, 4.0),
        ("absolute", "score_function", 2.0, 4.0),
    ],
)
def test_the_end_of_infinite_variance(objective: str, estimator: str, second: float, fourth: float) -> None:
    film = heavy(objective, estimator)
    assert film.ends == pytest.approx((second, second), abs=2e-3)
    assert film.fourth_ends == pytest.approx((fourth, fourth), abs=2e-3)
    assert film.variance.isinf().tolist() == [nu <= second for nu in film.values.tolist()]


def test_on_a_wave_pathwise_alone_has_infinite_variance() -> None:
    """Between two values: the engine reads the growth of a wave too roughly to say where."""
    film = heavy("cosine", "pathwise")
    assert film.ends == (2.0, 2.5)
    assert film.fourth_ends is None
    score = heavy("cosine", "score_function")
    assert score.ends is None
    assert bool(score.variance.isfinite().all())


def test_running_means_and_variances_are_plain_ones() -> None:
    film, found = heavy("square", "pathwise"), runs("square", "pathwise")
    family, problem = film.problem.family, film.problem
    eps = (
        draw_noise(family, REPETITIONS * SAMPLES, generator_for(0, torch.device("cpu"))).double().view(REPETITIONS, -1)
    )
    for frame in (0, len(film.values) - 1):
        theta = {**problem.tensors(eps), "df": film.values[frame]}
        samples = 2 * family.transform(eps, theta).square().numpy()
        for place in (0, 30, len(SIZES) - 1):
            n = int(SIZES[place])
            np.testing.assert_allclose(found.mean[frame, :, place], samples[:, :n].mean(-1), rtol=1e-10)
            np.testing.assert_allclose(found.variance[frame, :, place], samples[:, :n].var(-1, ddof=1), rtol=1e-6)


def test_a_sample_variance_grows_where_there_is_none() -> None:
    film, found = heavy("square", "pathwise"), runs("square", "pathwise")
    middle = found.variance.median(1).values
    early, late = middle[:, int((SIZES >= 200).nonzero()[0, 0])], middle[:, -1]
    assert float(late[0] / early[0]) > 2
    assert float(late[-1] / film.variance[-1]) == pytest.approx(1, abs=0.2)
