"""Noise, then transform: a film's updates fit the traces they move, and frame `start` is the figure itself."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from explorer.core.device import generator_for
from explorer.core.experiments.noise_transform import TransformFilm, transform_films
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.figures import noise_transform as module
from explorer.figures.noise_transform import noise_transform, updates
from tests.core.cases import SCALAR, defaults
from tests.figures.cases import figure_of

N, MARKED = 30, 7
CONSTANTS = ("CURVE", "ELBOWS", "DOTS", "MARKED", "DENSITY", "SAMPLES", "MARKED_SAMPLE")


class Case:
    """A family's figure and its films at the defaults."""

    def __init__(self, family: Family) -> None:
        self.eps = draw_noise(family, N, generator_for(0, torch.device("cpu")))
        self.axis, self.films = transform_films(family, defaults(family), self.eps)
        self.figure = figure_of(noise_transform(family, self.films[0], self.axis, self.eps, MARKED))

    def updates(self, film: TransformFilm) -> dict[int, tuple[str, np.ndarray]]:
        return {trace: (name, values.numpy()) for trace, name, values in updates(film, self.axis, self.eps, MARKED)}


@pytest.fixture(params=SCALAR, ids=lambda family: family.name)
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def drawn(figure: go.Figure, trace: int, attribute: str) -> np.ndarray:
    return np.asarray(figure.data[trace][attribute], dtype=float)


def test_updates_fit_their_traces(case: Case) -> None:
    for film in case.films:
        moving = case.updates(film)
        assert sorted(moving) == sorted(getattr(module, name) for name in CONSTANTS) == list(range(len(CONSTANTS)))
        for trace, (attribute, values) in moving.items():
            assert values.shape == (len(film.values), len(drawn(case.figure, trace, attribute)))
            other = "y" if attribute == "x" else "x"
            assert len(drawn(case.figure, trace, other)) == values.shape[1]


def test_the_figure_is_the_frame_at_the_start(case: Case) -> None:
    for film in case.films:
        for trace, (attribute, values) in case.updates(film).items():
            np.testing.assert_allclose(drawn(case.figure, trace, attribute), values[film.start])


def test_gaps_stay_where_they_are(case: Case) -> None:
    """A gap in a line is at the same place in every frame; only the end of a quantile function may be infinite."""
    for film in case.films:
        for trace, (_, values) in case.updates(film).items():
            missing = np.isnan(values)
            assert (missing == missing[0]).all()
            assert missing.any() <= (trace in (module.ELBOWS, module.DENSITY))
            inner = values[:, 1:-1] if trace == module.CURVE else values
            assert not np.isinf(inner).any()


def test_dots_stand_at_their_noise_and_their_sample(case: Case) -> None:
    eps = case.eps.double().numpy()
    film = case.films[0]
    samples = film.samples[film.start].numpy()
    np.testing.assert_array_equal(drawn(case.figure, module.DOTS, "x"), eps)
    np.testing.assert_array_equal(drawn(case.figure, module.DOTS, "y"), samples)
    np.testing.assert_array_equal(drawn(case.figure, module.SAMPLES, "y"), samples)
    for trace in (module.MARKED, module.MARKED_SAMPLE):
        assert drawn(case.figure, trace, "y") == [samples[MARKED]]
        assert case.figure.data[trace].marker.symbol == "star"
    assert drawn(case.figure, module.MARKED, "x") == [eps[MARKED]]
    lanes = [len(set(drawn(case.figure, trace, "x"))) for trace in (module.SAMPLES,)]
    assert lanes == [N], "no dot hides another"


def test_elbows_lead_from_a_noise_up_to_the_curve_and_across(case: Case) -> None:
    x, y = (drawn(case.figure, module.ELBOWS, name).reshape(-1, 4) for name in "xy")
    pairs = set(zip(drawn(case.figure, module.DOTS, "x"), drawn(case.figure, module.DOTS, "y"), strict=True))
    assert len(x) == module.ELBOWS_SHOWN
    for (x0, x1, x2, _), (y0, y1, y2, _) in zip(x, y, strict=True):
        assert x0 == x1
        assert y0 == case.axis[0]
        assert y1 == y2
        assert (x1, y1) in pairs
        assert x2 < case.films[0].grid[0]


def test_axes_are_fixed_and_hold_every_frame(case: Case) -> None:
    layout = case.figure.layout
    assert tuple(layout.yaxis.range) == case.axis
    assert tuple(layout.yaxis2.range) == case.axis
    widest = max(float(film.density[film.start].max()) for film in case.films)
    assert max(layout.xaxis.range) > widest
    grid = case.films[0].grid
    assert layout.xaxis2.range[0] <= float(grid[0]) < float(grid[-1]) <= layout.xaxis2.range[1]


def test_density_of_a_discrete_family_is_drawn_as_bars() -> None:
    family = FAMILIES["bernoulli"]
    case = Case(family)
    x, y = drawn(case.figure, module.DENSITY, "x"), drawn(case.figure, module.DENSITY, "y")
    probs = defaults(family)["probs"]
    np.testing.assert_allclose(x[[1, 4]], [1 - probs, probs])
    assert np.isnan(x[[2, 5]]).all()
    assert list(y) == [0, 0, 0, 1, 1, 1]
