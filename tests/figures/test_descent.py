"""The figure of descent: lines, bands, the landscape, and what its film moves."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import torch

from explorer.core.experiments.descent import Landscape
from explorer.figures import theme
from explorer.figures.descent import BALL, NOW, updates
from explorer.figures.descent import descent_paths as picture
from tests.figures.cases import figure_of

EXACT = torch.tensor([2.0, 1.0, 0.5], dtype=torch.float64)
RUNS = {
    "score_function": torch.tensor([[2.0, 2.0], [1.5, 0.0], [1.0, 0.2]], dtype=torch.float64),
    "pathwise": torch.tensor([[2.0, 2.0], [1.1, 0.9]], dtype=torch.float64),
}
AT = torch.linspace(-4, 4, 81, dtype=torch.float64)
LANDSCAPE = Landscape(AT, AT.square())


def descent_paths(*given: object, **options: object) -> go.Figure:
    return figure_of(picture(*given, **options))  # type: ignore[arg-type]


def test_each_path_is_drawn_as_it_is() -> None:
    fig = descent_paths(EXACT, RUNS, LANDSCAPE, label="μ · loc", start=2)
    lines = {trace.name: trace for trace in fig.data if trace.name}
    assert list(lines) == ["Score function", "Pathwise", "exact gradient"]
    assert list(lines["Score function"].y) == [2.0, 1.5, 1.0]
    assert list(lines["Pathwise"].y) == [2.0, 1.1]
    assert list(lines["exact gradient"].y) == EXACT.tolist()
    assert lines["exact gradient"].line.dash == theme.EXACT_LINE["dash"]
    bands = [trace for trace in fig.data if trace.fill == "toself"]
    # Between 0.0 and 1.5 the tenth and the ninetieth of a hundred.
    assert bands[0].y[1] == 1.35
    np.testing.assert_allclose(bands[0].y[-2], 0.15)


def test_balls_lie_on_the_landscape_and_move_with_the_step() -> None:
    fig = descent_paths(EXACT, RUNS, LANDSCAPE, label="μ", start=1)
    assert list(fig.data[NOW].x) == [1, 1]
    assert list(fig.data[BALL].x) == [1.0]
    assert len({trace.marker.symbol for trace in fig.data if trace.mode == "markers"}) == 3
    moves = {(trace, name): values for trace, name, values in updates(EXACT, RUNS, LANDSCAPE)}
    assert moves[NOW, "x"].tolist() == [[0, 0], [1, 1], [2, 2]]
    for trace in (BALL, BALL + 1, BALL + 2):
        x, y = moves[trace, "x"], moves[trace, "y"]
        assert len(x) == len(y) == 3
        # Straight lines between points a tenth apart are at most a quarter of a hundredth above a parabola.
        assert ((y - x.square() >= -1e-12) & (y - x.square() <= 0.0025 + 1e-12)).all()
    # A path that broke off stays where it ended.
    assert moves[BALL + 2, "x"][2].tolist() == [1.1, 0.9]


def test_axes_hold_the_paths() -> None:
    fig = descent_paths(EXACT, RUNS, LANDSCAPE, label="μ", start=0)
    low, high = fig.layout.yaxis.range
    assert low < 0.2
    assert high > 2.0
    nowhere = Landscape(AT, torch.full_like(AT, torch.nan))
    assert descent_paths(EXACT, RUNS, nowhere, label="μ", start=0).layout.yaxis2.range is None
