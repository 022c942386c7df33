"""The notebook's experiment as drawn: points are the variances, lines v / N, dots the estimates."""

from __future__ import annotations

import functools

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.repeated_means import RepeatedMeans
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.figures import repeated_means as figures
from explorer.figures import theme
from explorer.text import short
from tests.core.cases import defaults
from tests.core.pairs import BOTH
from tests.figures.cases import figure_of

SIZES = (10, 30, 100)


def repeated_variances(*given: object) -> go.Figure:
    return figure_of(figures.repeated_variances(*given))  # type: ignore[arg-type]


def clouds(*given: object) -> go.Figure:
    return figure_of(figures.clouds(*given))  # type: ignore[arg-type]


@functools.cache
def run_of(family: str = "normal", objective: str = "square", parameter: str = "loc") -> RepeatedMeans:
    theta = defaults(FAMILIES[family])
    problem = Problem(FAMILIES[family], OBJECTIVES[objective], theta, parameter)
    run = RepeatedMeans(problem, BOTH, 0, torch.device("cpu"), SIZES)
    run.know(Answers.of(problem, BOTH))
    while run.share < 1:
        run.advance(1)
    return run


def variances(run: RepeatedMeans) -> go.Figure:
    return repeated_variances(
        {name: run.spreads(name) for name in BOTH}, {name: run.exact_variance(name, 1) for name in BOTH}, run.sizes
    )


def dots(run: RepeatedMeans) -> go.Figure:
    estimates = {name: {n: run.estimates(name, index) for index, n in enumerate(run.reached)} for name in BOTH}
    return clouds(estimates, run.answers, run.sizes)


def markers(figure: go.Figure, estimator: str) -> go.Scatter:
    colour = theme.ESTIMATOR_COLOURS[estimator]
    (trace,) = (t for t in figure.data if t.mode == "markers" and t.marker.color == colour)
    return trace


def lines(figure: go.Figure, estimator: str) -> list[go.Scatter]:
    return [t for t in figure.data if t.mode == "lines" and t.line.color == theme.ESTIMATOR_COLOURS[estimator]]


def test_points_and_intervals_are_the_measured_ones() -> None:
    run = run_of()
    figure = variances(run)
    for name in BOTH:
        trace, spreads = markers(figure, name), run.spreads(name)
        assert list(trace.x) == list(SIZES)
        assert list(trace.y) == [spread.variance for spread in spreads]
        tops = np.array(trace.y) + np.array(trace.error_y.array)
        feet = np.array(trace.y) - np.array(trace.error_y.arrayminus)
        np.testing.assert_allclose(tops, [spread.high for spread in spreads])
        np.testing.assert_allclose(feet, [spread.low for spread in spreads])
        assert set(trace.marker.symbol) == {theme.ESTIMATOR_MARKERS[name]}


def test_lines_are_exact() -> None:
    """30 / N and 4 / N at μ = 1; the legend says so."""
    figure = variances(run_of())
    for name, variance in zip(BOTH, (30.0, 4.0), strict=True):
        (line,) = lines(figure, name)
        np.testing.assert_allclose(np.array(line.x) * np.array(line.y), variance)
        assert line.line.dash == theme.ESTIMATOR_DASHES[name]
        assert markers(figure, name).name == f"{short(name)}: {variance:g} / N"


def test_what_is_drawn_is_in_sight() -> None:
    for run in (run_of(), run_of("cauchy"), run_of("bernoulli", parameter="probs")):
        figure = variances(run)
        assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
        for axis, values in ((figure.layout.xaxis, "x"), (figure.layout.yaxis, "y")):
            drawn = np.concatenate([np.log10(np.asarray(trace[values], dtype=float)) for trace in figure.data])
            assert axis.range[0] <= drawn.min()
            assert drawn.max() <= axis.range[1]


def test_no_interval_is_an_open_point() -> None:
    """A Cauchy law: nothing exact, no interval, no line, and yet numbers."""
    run = run_of("cauchy")
    figure = variances(run)
    for name in BOTH:
        assert not lines(figure, name)
        trace = markers(figure, name)
        assert len(trace.x) == len(SIZES)
        assert set(trace.marker.symbol) == {f"{theme.ESTIMATOR_MARKERS[name]}-open"}
        assert not any(trace.error_y.array)
        assert trace.name == short(name)


def test_a_variance_of_nought_is_left_out() -> None:
    figure = variances(run_of(objective="identity"))
    assert not len(markers(figure, "pathwise").x)
    assert not lines(figure, "pathwise")
    assert len(markers(figure, "score_function").x) == len(SIZES)


def test_clouds_are_all_the_estimates_in_their_places() -> None:
    run = run_of()
    figure = dots(run)
    for place, name in enumerate(BOTH):
        trace = markers(figure, name)
        by_size = np.array(trace.y).reshape(len(SIZES), -1)
        for index, n in enumerate(SIZES):
            np.testing.assert_array_equal(by_size[index], run.estimates(name, index).numpy())
            x = np.array(trace.x).reshape(len(SIZES), -1)[index] / n
            # Each estimator has its own half of the slot about N.
            assert (x < 1).all() if place == 0 else (x > 1).all()
            assert (np.abs(np.log10(x)) < 0.24).all()
    (exact,) = figure.layout.shapes
    assert exact.y0 == exact.y1 == run.answers.gradient


def test_bands_are_exact() -> None:
    figure = dots(run_of())
    for name, variance in zip(BOTH, (30.0, 4.0), strict=True):
        (band,) = lines(figure, name)
        above, below = np.array(band.y)[:60], np.array(band.y)[60:][::-1]
        np.testing.assert_allclose((above + below) / 2, 2.0)
        np.testing.assert_allclose(above - below, 2 * 1.96 * np.sqrt(variance / np.array(band.x)[:60]))
    assert [note.text for note in figure.layout.annotations] == ["band: exact mean ± 1.96 sd"]


def test_clouds_without_a_band_are_in_sight() -> None:
    figure = dots(run_of("cauchy"))
    assert not figure.layout.shapes
    assert not figure.layout.annotations
    low, high = figure.layout.yaxis.range
    for name in BOTH:
        first = np.array(markers(figure, name).y)[:100]
        assert ((first >= low) & (first <= high)).mean() > 0.9


@pytest.mark.parametrize("draw", [variances, dots])
@pytest.mark.parametrize("family", ["cauchy", "bernoulli"])
def test_only_finite_numbers_are_drawn(family: str, draw: object) -> None:
    run = run_of(family, parameter=FAMILIES[family].parameters[0].name)
    for trace in draw(run).data:  # type: ignore[operator]
        for values in (trace.x, trace.y):
            assert np.isfinite(np.asarray(values, dtype=float)).all()


def test_before_anything_is_drawn() -> None:
    nothing: dict[str, list[object]] = {name: [] for name in BOTH}
    assert repeated_variances(nothing, dict.fromkeys(BOTH), SIZES).layout.yaxis.range is not None  # type: ignore[arg-type]
    empty = {name: {} for name in BOTH}
    assert clouds(empty, None, SIZES).layout.yaxis.range is not None  # type: ignore[arg-type]
