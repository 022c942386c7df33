"""Weighing and moving: a film's updates fit the traces they move, frame `now` is the figure, areas are weights."""

from __future__ import annotations

import functools

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from explorer.core.device import generator_for
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.reweighting import Reweighting
from explorer.core.experiments.reweighting import reweighting as engine
from explorer.core.families import FAMILIES
from explorer.core.families.family import draw_noise
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.figures import reweighting as module
from explorer.figures.reweighting import updates
from tests.core.cases import defaults
from tests.figures.cases import figure_of

KINDS = ("normal", "cauchy", "uniform", "exponential", "bernoulli", "poisson")
MOVING = ("DENSITY_LEFT", "DENSITY_RIGHT", "WEIGHED", "MOVED", "HERE", "HERE_DOTS")
NOW = 3


@functools.cache
def film_of(name: str) -> Reweighting:
    family = FAMILIES[name]
    eps = draw_noise(family, 30, generator_for(0, torch.device("cpu")))
    return engine(Problem(family, OBJECTIVES["square"], defaults(family), next(iter(defaults(family)))), eps)


def reweighting(film: Reweighting, now: int) -> go.Figure:
    return figure_of(module.reweighting(film, now))


def drawn(figure: go.Figure, trace: int, attribute: str) -> np.ndarray:
    part = figure.data[trace]
    for name in attribute.split("."):
        part = part[name]
    return np.asarray(part, dtype=float)


@pytest.mark.parametrize("name", KINDS)
def test_updates_fit_their_traces_and_the_figure_is_the_frame(name: str) -> None:
    film = film_of(name)
    figure = reweighting(film, NOW)
    assert {trace for trace, _, _ in updates(film)} == {getattr(module, constant) for constant in MOVING}
    for trace, attribute, values in updates(film):
        assert values.shape[0] == len(film.values)
        now = drawn(figure, trace, attribute)
        shown = values[NOW].numpy()
        np.testing.assert_allclose(now, shown)
        for other in ("x", "y"):
            assert len(drawn(figure, trace, other)) == values.shape[1]


def test_the_area_of_a_dot_is_its_weight() -> None:
    film = film_of("normal")
    sizes = drawn(reweighting(film, NOW), module.WEIGHED, "marker.size")
    weights = film.weights[NOW].numpy()
    free = (sizes > module.SMALLEST) & (sizes < module.LARGEST)
    assert free.any()
    np.testing.assert_allclose((sizes[free] / module.DOT) ** 2, weights[free])
    assert (sizes >= module.SMALLEST).all()
    assert (sizes <= module.LARGEST).all()
    origin = drawn(reweighting(film, film.origin), module.WEIGHED, "marker.size")
    np.testing.assert_allclose(origin, module.DOT)


def test_samples_lie_on_f_and_only_the_moved_ones_move() -> None:
    film = film_of("normal")
    for now in (0, NOW):
        figure = reweighting(film, now)
        np.testing.assert_allclose(drawn(figure, module.WEIGHED, "x"), film.samples.numpy())
        np.testing.assert_allclose(drawn(figure, module.WEIGHED, "y"), film.samples.numpy() ** 2)
        np.testing.assert_allclose(drawn(figure, module.MOVED, "y"), drawn(figure, module.MOVED, "x") ** 2)


def test_samples_of_a_discrete_family_stand_beside_each_other() -> None:
    film = film_of("poisson")
    figure = reweighting(film, NOW)
    for trace, x in ((module.WEIGHED, film.samples), (module.MOVED, film.moved[NOW])):
        places = drawn(figure, trace, "x")
        assert len(set(places)) == len(places)
        assert np.abs(places - x.numpy()).max() < 0.2


@pytest.mark.parametrize("name", KINDS)
def test_axes_are_fixed_finite_and_hold_the_means(name: str) -> None:
    film = film_of(name)
    layout = reweighting(film, NOW).layout
    for axis in (layout.xaxis, layout.xaxis2, layout.xaxis3, *(layout[f"yaxis{i}"] for i in ("", 2, 3, 4, 5))):
        assert np.isfinite(axis.range).all()
        assert axis.range[0] < axis.range[1]
    assert layout.yaxis2.range == layout.yaxis4.range
    low, high = layout.yaxis5.range
    assert low <= float(film.shifted.mean[film.origin]) <= high


def test_what_is_not_finite_is_a_gap() -> None:
    film = film_of("cauchy")
    figure = reweighting(film, NOW)
    assert np.isnan(drawn(figure, module.HERE_DOTS - 1, "y")).all(), "no exact value under a Cauchy law"
    for trace in range(len(figure.data)):
        for name in ("x", "y"):
            assert not np.isinf(drawn(figure, trace, name)).any()
