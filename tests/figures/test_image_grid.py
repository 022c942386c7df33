"""A grid of images as one heatmap: each image where it says, black to white, the gaps clear."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from explorer.figures.image_grid import GAP, INK, NOTHING
from explorer.figures.image_grid import image_grid as picture_of
from tests.figures.cases import figure_of

ROWS, COLUMNS, SIDE = 3, 4, 28


def image_grid(*given: object, **options: object) -> go.Figure:
    return figure_of(picture_of(*given, **options))  # type: ignore[arg-type]


def images() -> torch.Tensor:
    """Every image different, every pixel different within it."""
    values = torch.arange(ROWS * COLUMNS * SIDE * SIDE, dtype=torch.float32)
    return (values * 0.618034 % 1).view(ROWS, COLUMNS, SIDE, SIDE)


def cell(figure: go.Figure, row: int, column: int) -> np.ndarray:
    """The pixels whose x and y lie in [column, column + 1) and [row, row + 1)."""
    (heatmap,) = figure.data
    x, y, z = (np.asarray(part) for part in (heatmap.x, heatmap.y, heatmap.z))
    return z[np.ix_((y >= row) & (y < row + 1), (x >= column) & (x < column + 1))]


def test_each_image_is_where_it_says() -> None:
    figure = image_grid(images())
    for row in range(ROWS):
        for column in range(COLUMNS):
            pixels = cell(figure, row, column)
            assert pixels.shape == (SIDE + GAP, SIDE + GAP)
            inside = pixels[GAP // 2 : -GAP // 2, GAP // 2 : -GAP // 2]
            expected = (images()[row, column] * 254 + 1).numpy()
            assert np.abs(inside.astype(float) - expected).max() <= 0.5
            assert inside.min() >= 1
            frame = np.ones_like(pixels, dtype=bool)
            frame[GAP // 2 : -GAP // 2, GAP // 2 : -GAP // 2] = False
            assert (pixels[frame] == 0).all()


def test_first_row_is_on_top_and_pixels_are_square() -> None:
    layout = image_grid(images()).layout
    assert list(layout.yaxis.range) == [ROWS, 0]
    assert list(layout.xaxis.range) == [0, COLUMNS]
    assert layout.yaxis.scaleanchor == "x"


def colour(value: float) -> str:
    """The colour that the scale gives to a value of the heatmap where it is constant or at its ends."""
    return next(name for stop, name in reversed(INK) if stop <= value / 255)


def test_black_white_and_gap() -> None:
    picture = torch.zeros(1, 1, SIDE, SIDE)
    picture[0, 0, 0, 1] = 1.0
    (heatmap,) = image_grid(picture).data
    z = np.asarray(heatmap.z)
    top = GAP // 2
    assert (heatmap.zmin, heatmap.zmax) == (0, 255)
    assert [tuple(stop) for stop in heatmap.colorscale] == list(INK)
    assert colour(z[0, 0]) == NOTHING
    assert z[top, top] == 1
    assert colour(z[top, top]) == "#000000"
    assert z[top, top + 1] == 255
    assert colour(z[top, top + 1]) == "#FFFFFF"


@pytest.mark.parametrize("chosen", [0, 3, 4, ROWS * COLUMNS - 1])
def test_frame_is_around_the_chosen_image(chosen: int) -> None:
    (shape,) = image_grid(images(), chosen=chosen).layout.shapes
    row, column = divmod(chosen, COLUMNS)
    assert (shape.x0, shape.x1, shape.y0, shape.y1) == (column, column + 1, row, row + 1)
    assert not image_grid(images()).layout.shapes


def test_labels_stand_amid_their_images() -> None:
    layout = image_grid(images(), row_labels=["a", "b", "c"], column_labels=["1", "2", "3", "4"]).layout
    assert list(layout.yaxis.tickvals) == [0.5, 1.5, 2.5]
    assert list(layout.yaxis.ticktext) == ["a", "b", "c"]
    assert list(layout.xaxis.tickvals) == [0.5, 1.5, 2.5, 3.5]
    plain = image_grid(images()).layout
    assert plain.xaxis.showticklabels is plain.yaxis.showticklabels is False


def test_images_are_left_alone() -> None:
    given = images()
    image_grid(given)
    assert torch.equal(given, images())
