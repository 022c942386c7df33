"""The size of the score: updates fit the traces they move, and frame `start` is the figure itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.core.device import generator_for
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.score_size import COMPARED, CONTINUOUS, noise_ends, score_film
from explorer.core.experiments.sweep import sweep
from explorer.core.families.family import draw_noise
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.figures import score_size as module
from explorer.figures import theme
from explorer.figures.score_size import score_size, updates
from explorer.text import short
from tests.core.cases import defaults
from tests.figures.cases import figure_of

START = 3


class Case:
    def __init__(self, family: str) -> None:
        entry = CONTINUOUS[family]
        eps = draw_noise(entry, 40, generator_for(0, torch.device("cpu")))
        low, high = noise_ends(entry)
        self.outer = (eps < low) | (eps > high)
        parameter = entry.parameters[0]
        values, _ = sweep(parameter, parameter.default, entry, defaults(entry))
        self.film = score_film(Problem(entry, OBJECTIVES["square"], defaults(entry), parameter.name), values[::10], eps)
        self.figure = figure_of(score_size(self.film, START, self.outer))
        self.updates = updates(self.film, self.outer)


@pytest.fixture(params=["normal", "cauchy", "student_t", "uniform"], scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def test_the_figure_is_the_frame_at_the_start(case: Case) -> None:
    assert {trace for trace, _, _ in case.updates} == set(range(len(case.figure.data)))
    assert len({(trace, name) for trace, name, _ in case.updates}) == len(case.updates)
    for trace, attribute, values in case.updates:
        drawn = case.figure.data[trace]
        assert attribute in ("x", "y")
        assert values.shape == (len(case.film.values), len(drawn["x"])) == (len(case.film.values), len(drawn["y"]))
        np.testing.assert_allclose(np.asarray(drawn[attribute], dtype=float), values[START].numpy())


def test_panels_share_their_x_axis_and_the_axes_stand_still(case: Case) -> None:
    layout = case.figure.layout
    assert tuple(layout.xaxis.range) == tuple(layout.xaxis2.range) == case.film.axis
    for axis in (layout.yaxis, layout.yaxis2, layout.yaxis3):
        assert np.isfinite(axis.range).all()
    below, above = layout.yaxis.range
    score_below, score_above = layout.yaxis2.range
    assert score_below / score_above == pytest.approx(below / above), "nought is at one height on both axes"


def test_estimators_look_as_everywhere(case: Case) -> None:
    for trace, name in zip((module.FIRST, module.SECOND), COMPARED, strict=True):
        drawn = case.figure.data[trace]
        assert drawn.line.color == theme.ESTIMATOR_COLOURS[name]
        assert drawn.line.dash == theme.ESTIMATOR_DASHES[name]
        assert drawn.name == short(name)


def test_lines_stand_at_the_ends_of_the_middle_and_stars_beyond(case: Case) -> None:
    low, high = case.film.ends[START].tolist()
    for trace in (module.ENDS, module.ENDS_BELOW):
        np.testing.assert_array_equal(np.asarray(case.figure.data[trace].x, float), [low, low, np.nan, high, high])
    stars, dots = (np.asarray(case.figure.data[trace].x, float) for trace in (module.OUTER, module.INNER))
    assert ((stars < low) | (stars > high)).all()
    assert ((dots >= low) & (dots <= high)).all()
    assert len(stars) + len(dots) == 40
