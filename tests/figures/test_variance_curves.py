"""The figure of variance curves: what is drawn where, and what its film moves."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import torch
from scipy.stats import chi2

from explorer.core.experiments.curve_winners import Turn
from explorer.core.experiments.sampled_variances import Points
from explorer.core.experiments.variance_curves import Curve
from explorer.figures import theme
from explorer.figures.variance_curves import HERE, HERE_DOTS, updates
from explorer.figures.variance_curves import variance_curves as picture_of
from tests.figures.cases import figure_of

AT = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
CURVES = {
    "score_function": Curve(AT, torch.tensor([math.inf, 100.0, 10.0], dtype=torch.float64), AT),
    "pathwise": Curve(AT, torch.tensor([4.0, 0.0, math.nan], dtype=torch.float64), AT),
}
POINTS = {
    "pathwise": Points(AT[:2], torch.tensor([5.0, 6.0]).double(), torch.tensor([40.0, math.nan]).double()),
}


def variance_curves(*given: object, **options: object) -> go.Figure:
    return figure_of(picture_of(*given, **options))  # type: ignore[arg-type]


def figure(**given: object):
    options = {"title": "k", "what": "variance", "biased": ["pathwise"], "start": 1, "logarithmic": False, **given}
    return variance_curves(CURVES, POINTS, [Turn(3.0, "pathwise", "score_function")], **options)  # type: ignore[arg-type]


def test_curves_are_drawn_where_there_is_a_variance_to_draw() -> None:
    lines = {trace.name: trace for trace in figure().data if trace.mode == "lines" and trace.name}
    score, pathwise = lines["Score function"], lines["Pathwise (biased)"]
    np.testing.assert_array_equal(score.y, [np.nan, 100, 10])
    np.testing.assert_array_equal(pathwise.y, [4, np.nan, np.nan])
    assert score.line.color == theme.ESTIMATOR_COLOURS["score_function"]
    assert pathwise.line.width < score.line.width
    assert score.line.dash != pathwise.line.dash


def test_a_turn_is_marked_at_its_place_on_either_axis() -> None:
    for logarithmic, place in ((False, 3.0), (True, math.log10(3.0))):
        drawn = figure(logarithmic=logarithmic)
        assert [line.x0 for line in drawn.layout.shapes] == [3.0]
        assert [(note.text, note.x) for note in drawn.layout.annotations] == [("<b>3</b>", place)]


def test_points_carry_intervals_and_are_open_without_one() -> None:
    (points,) = (trace for trace in figure().data if trace.error_y.array is not None)
    low, high = 40 * 5 / chi2.ppf(0.975, 40), 40 * 5 / chi2.ppf(0.025, 40)
    np.testing.assert_allclose(points.y + points.error_y.array, [high, 6], rtol=1e-6)
    np.testing.assert_allclose(points.y - points.error_y.arrayminus, [low, 6], rtol=1e-6)
    assert list(points.marker.symbol) == ["square", "square-open"]


def test_the_film_moves_the_line_and_the_diamonds() -> None:
    fig, moves = figure(), {(trace, name): values for trace, name, values in updates(CURVES)}
    assert list(fig.data[HERE].x) == [2.0, 2.0]
    np.testing.assert_array_equal(fig.data[HERE_DOTS].y, [100.0, np.nan])
    assert moves[HERE, "x"].tolist() == [[1, 1], [2, 2], [4, 4]]
    assert moves[HERE_DOTS, "x"].tolist() == [[1, 1], [2, 2], [4, 4]]
    np.testing.assert_array_equal(moves[HERE_DOTS, "y"].numpy(), [[np.nan, 4], [100, np.nan], [10, np.nan]])


def test_the_axis_holds_every_curve_and_at_most_nine_decades() -> None:
    low, high = figure().layout.yaxis.range
    assert 10**low < 4
    assert 10**high > 100
    wide = {"pathwise": Curve(AT, torch.tensor([1e-30, 1.0, 10.0], dtype=torch.float64), AT)}
    fig = variance_curves(wide, {}, [], title="k", what="v", biased=[], start=0, logarithmic=False)
    low, high = fig.layout.yaxis.range
    assert 9 < high - low < 11
    lost = {"pathwise": Curve(AT, torch.full((3,), math.nan, dtype=torch.float64), AT)}
    empty = variance_curves(lost, {}, [], title="k", what="v", biased=[], start=0, logarithmic=False)
    assert [note.text for note in empty.layout.annotations] == ["No variance to draw"]
