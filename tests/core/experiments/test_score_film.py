"""The film of the score: curves lie where they say, samples and ends belong together."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch

from explorer.core.device import generator_for
from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.score_size import (
    COMPARED,
    CONTINUOUS,
    ScoreFilm,
    noise_ends,
    part,
    score_film,
)
from explorer.core.experiments.sweep import sweep
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import SCIPY, defaults

EVERY = list(CONTINUOUS.values())


@functools.cache
def film_of(family: str, objective: str = "square", name: str | None = None, **theta: float) -> ScoreFilm:
    """Every tenth frame, the start among them."""
    entry = CONTINUOUS[family]
    values = {**defaults(entry), **theta}
    parameter = next(each for each in entry.parameters if name in (None, each.name))
    eps = draw_noise(entry, 200, generator_for(0, torch.device("cpu")))
    at, start = sweep(parameter, values[parameter.name], entry, values)
    return score_film(Problem(entry, OBJECTIVES[objective], values, parameter.name), at[start % 10 :: 10], eps)


@pytest.mark.parametrize("family", EVERY, ids=lambda family: family.name)
def test_curves_lie_where_they_say(family: Family) -> None:
    """Along x: the density is scipy's, the score's and the heights' scales are the exact ones, areas are equal."""
    film = film_of(family.name)
    theta = defaults(family)
    frame = int((film.values - theta[film.parameter.name]).abs().argmin())
    x = film.x[frame].numpy()
    law = SCIPY[family.name](**theta)
    assert (np.diff(x) >= 0).all()
    density = film.density[frame].numpy()
    exact = law.pdf(x)
    seen = exact > 1e-9 * exact.max()
    np.testing.assert_allclose((density / density.max())[seen], (exact / exact[seen].max())[seen], rtol=1e-6)
    width = float(film.ends[frame].diff())
    for name in COMPARED:
        heights = film.heights[name][frame].numpy()
        if film.parts[name].share[frame].isnan():
            assert np.isnan(heights).all()
            continue
        beyond = (x < float(film.ends[frame, 0])) | (x > float(film.ends[frame, 1]))
        shown = np.trapezoid(heights, x) / width
        assert shown <= 1 + 0.02
        inner = np.trapezoid(np.where(beyond, 0, heights), x) / width
        assert inner == pytest.approx(1 - float(film.parts[name].share[frame]), abs=0.04)


def test_scores_scale_is_the_root_of_the_fisher_information() -> None:
    film = film_of("normal", name="scale")
    eps = (film.x - 1) / film.values.unsqueeze(1)
    torch.testing.assert_close(film.score, (eps.square() - 1).abs() / 2**0.5, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("family", EVERY, ids=lambda family: family.name)
def test_stars_are_the_samples_beyond_the_lines(family: Family) -> None:
    """Which samples fall beyond is fixed by the noise, in every frame."""
    film = film_of(family.name)
    eps = draw_noise(family, 200, generator_for(0, torch.device("cpu"))).double()
    low, high = noise_ends(family)
    outer = (eps < low) | (eps > high)
    assert (((film.samples < film.ends[:, :1]) | (film.samples > film.ends[:, 1:])) == outer).all()


def test_samples_reach_the_share() -> None:
    """A million samples: the outer ones carry the exact share, within five standard errors of the ratio."""
    family, theta = CONTINUOUS["normal"], {"loc": 1.0, "scale": 1.0}
    eps = draw_noise(family, 10**6, generator_for(0, torch.device("cpu"))).double()
    draw = Draw(family, OBJECTIVES["square"], family.tensors(theta, eps), eps)
    outer = eps.abs() > noise_ends(family)[1]
    for name in COMPARED:
        share = float(part(family, OBJECTIVES["square"], name, one_row(theta), "loc").share)
        square = ESTIMATORS[name](draw, "loc").square()
        error = float((square * (outer.double() - share)).std()) / 1e3 / float(square.mean())
        assert float((square * outer).sum() / square.sum()) == pytest.approx(share, abs=5 * error)
