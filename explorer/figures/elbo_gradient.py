"""Gradients of the ELBO: the map of variance ratios over a posterior's coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from explorer.figures import theme
from explorer.figures.panels import axis, note
from explorer.figures.picture import Picture
from explorer.text import short
from explorer.text.numbers import times
from explorer.vae.gradients.coordinates import Coordinate, key_of, letter_of

NEUTRAL = "#A9ADB5"
"""The colour of a ratio of 1."""
WRITTEN = 12
"""With so many rows and columns at most, the ratios stand in the cells."""
LEAST = 0.3
"""The fewest decades that the colours span."""
MOST_TICKS = 8


def place_of(coordinate: Coordinate) -> tuple[int, int]:
    """Row and column of a coordinate's cell: μ on top of L's triangle, logits one below the other."""
    name, index = coordinate
    if name == "scale_tril":
        return 1 + index[0], index[1]
    return (0, index[0]) if name == "loc" else (index[0], 0)


def at_place(coordinates: Sequence[Coordinate], row: int, column: int) -> int | None:
    """The number of the coordinate whose cell this is; None for none."""
    return next((i for i, each in enumerate(coordinates) if place_of(each) == (row, column)), None)


def ratio_map(ratio: Tensor, coordinates: Sequence[Coordinate], chosen: int, first: str, second: str) -> Picture:
    """How many times the samples of `second` the estimator `first` needs, ratio (C,), a cell a coordinate.

    The middle of the cell at row r and column c is at x = c, y = r. A ratio that is 0, infinite or not known is left
    blank; the `chosen` coordinate is framed. Moving: the colours and the numbers.
    """
    places = [place_of(each) for each in coordinates]
    rows, columns = (1 + max(side) for side in zip(*places, strict=True))
    is_small = max(rows, columns) <= WRITTEN
    z = np.full((rows, columns), np.nan)
    texts = [[""] * columns for _ in range(rows)]
    for (row, column), value, coordinate in zip(places, ratio.tolist(), coordinates, strict=True):
        letter, is_known = letter_of(key_of(coordinate)), 0 < value < np.inf
        z[row, column] = np.log10(value) if is_known else np.nan
        texts[row][column] = f"<b>{letter}</b> {times(value)}" if is_known else f"<b>{letter}</b>"
    heatmap = {
        "type": "heatmap",
        "x": list(range(columns)),
        "y": list(range(rows)),
        "xgap": 3 * is_small,
        "ygap": 3 * is_small,
        "hoverongaps": False,
        "hovertemplate": "%{text} times<extra></extra>",
        "texttemplate": "%{text}" if is_small else "",
        "colorbar": {"len": 0.9},
    }
    row, column = places[chosen]
    corners = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    title = f"{_named(first)} samples for one of {_named(second)}"
    layout = {
        "margin": {"l": 44, "r": 10, "t": 30, "b": 12},
        "xaxis": axis(range=[-0.5, columns - 0.5], showgrid=False, showticklabels=False, ticks=""),
        "yaxis": axis(range=[rows - 0.5, -0.5], showgrid=False, ticks="", **_row_labels(coordinates)),
        "shapes": [{"type": "rect", **corners, "line": {"color": theme.TEXT, "width": 3}}],
        "annotations": [
            note(title, 0, 1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", font={"size": 13})
        ],
    }
    moving = [(0, "z", z), (0, "text", texts), *_colours(z, first, second)]
    return Picture({"data": [heatmap], "layout": layout}, moving)


def _named(estimator: str) -> str:
    return f"{theme.badge(theme.ESTIMATOR_COLOURS[estimator])}{short(estimator)}"


def _row_labels(coordinates: Sequence[Coordinate]) -> dict[str, Any]:
    """Where the mean ends and the factor begins; bits need no labels."""
    sizes = [index[0] + 1 for name, index in coordinates if name == "scale_tril"]
    if not sizes:
        return {"showticklabels": False}
    return {"tickvals": [0, (1 + max(sizes)) / 2], "ticktext": ["<b>μ</b>", "<b>L</b>"]}


def _colours(z: np.ndarray, first: str, second: str) -> list[tuple[int, str, Any]]:
    """The colours from 1 towards whichever needs more samples, and the ticks of their scale."""
    known = z[np.isfinite(z)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    low, high = min(0.0, low), max(0.0, high)
    reach = max(LEAST, high, -low)
    stops = [(-reach, theme.ESTIMATOR_COLOURS[second]), (0.0, NEUTRAL), (reach, theme.ESTIMATOR_COLOURS[first])]
    # Where all stand on one side of 1, the scale has that side alone.
    stops = stops[1:] if low == 0 else stops[:2] if high == 0 else stops
    start, end = stops[0][0], stops[-1][0]
    every = max(1, int(np.ceil((end - start) / MOST_TICKS)))
    powers = [power for power in range(int(np.ceil(start)), int(np.floor(end)) + 1) if power % every == 0]
    return [
        (0, "zmin", start),
        (0, "zmax", end),
        (0, "colorscale", [[(at - start) / (end - start), colour] for at, colour in stops]),
        (0, "colorbar.tickvals", powers),
        (
            0,
            "colorbar.ticktext",
            [times(10.0**power) if power >= 0 else f"1/{times(10.0**-power)}" for power in powers],
        ),
    ]
