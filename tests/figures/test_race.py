"""The figures of the race: each lane's lines, what has no logarithm, what the axis holds, and where images stand."""

from __future__ import annotations

import torch

from explorer.figures import theme
from explorer.figures.race import BELOW, FOLD, HEAD, TRACES, race_curves, race_images
from explorer.vae.race import Row
from tests.figures.cases import figure_of


def row(step: int, elbo: float, variance: float = 2.0, norm: float | None = 1.0) -> Row:
    return Row(step, elbo, 0.1, elbo - 5, 0.1, norm, variance, 0.1)


LANES = {
    "score_function": [row(0, -200, 100.0, None), row(10, -900, 1e5), row(20, -190, 1e6)],
    "enumeration": [row(0, -200, 0.0, None), row(10, -150, 0.0, 0.5)],
}


def test_each_lane_is_drawn_by_its_rows() -> None:
    fig = figure_of(race_curves(LANES, 40))
    score, exact = fig.data[:TRACES], fig.data[TRACES : 2 * TRACES]
    assert list(score[0].x) == [0, 10, 20]
    assert list(score[0].y) == [-200, -900, -190]
    assert list(score[0].marker.size) == [0, 0, HEAD]
    assert list(score[1].y) == [-205, -905, -195]
    assert list(score[2].y) == [100.0, 1e5, 1e6]
    assert list(score[3].x) == [10, 20]
    assert list(exact[2].x) == []  # a variance of 0 has no logarithm
    assert list(exact[3].y) == [0.5]
    for name, trace in (("score_function", score[0]), ("enumeration", exact[0])):
        assert trace.line.color == theme.ESTIMATOR_COLOURS[name]
        assert trace.line.dash == theme.ESTIMATOR_DASHES[name]
    assert fig.layout.xaxis.range == (0, 40)
    low, high = fig.layout.yaxis.range
    assert high > -150
    # A lane that falls far below the start does not press the others together.
    assert -205 - 2 * BELOW * 55 < low < -205
    assert fig.layout.yaxis2.dtick == 2


def test_before_the_first_row_there_is_an_empty_picture() -> None:
    assert figure_of(race_curves({"pathwise": []}, 40)).layout.yaxis2.dtick == 1


def test_images_stand_under_their_lane() -> None:
    """Originals above; a lane's reconstructions at the left, its samples at the right of a fold."""
    originals = torch.zeros(2, 9)
    ones = torch.ones(2, 9)
    fig = figure_of(race_images(originals, {"pathwise": (ones, originals)}, 3))
    first, lane = (trace.z for trace in fig.data)
    assert lane.shape == (3, 2 * 2 * 5 + FOLD)
    assert (lane[:, 1:4] == 255).all()
    assert (lane[:, 6:9] == 255).all()
    assert not lane[:, 10 : 10 + FOLD].any()
    assert (lane[:, 11 + FOLD : 14 + FOLD] == 1).all()
    assert not first[:, 10:].any()
    assert [note.text.endswith("Pathwise") for note in fig.layout.annotations] == [False, True, False]
