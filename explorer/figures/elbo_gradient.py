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
"""Of so many coordinates at most, the ratios stand in the cells, where there is room for them."""
WIDE = 4
"""So many cells side by side have room for a number each."""
LEAST = 0.3
"""The fewest decades that the colours span."""
MOST_TICKS = 8
LONG = 5
"""From this power of ten on it is written as a power."""


A_ROW = 10
"""Cells in a row where each parameter is a plain list."""


def places_of(coordinates: Sequence[Coordinate]) -> list[tuple[int, int]]:
    """Row and column of each coordinate's cell.

    μ is a row on top of the triangle of L. Without a triangle each is a block of rows of A_ROW; bits, which are few,
    stand one below the other.
    """
    if any(name == "logits" for name, _ in coordinates):
        return [(index[0], 0) for _, index in coordinates]
    if any(len(set(index)) > 1 for _, index in coordinates):
        return [(0, index[0]) if name == "loc" else (1 + index[0], index[1]) for name, index in coordinates]
    above = {"loc": 0, "scale_tril": 1 + sum(name == "loc" for name, _ in coordinates) // A_ROW}
    return [(above[name] + index[0] // A_ROW, index[0] % A_ROW) for name, index in coordinates]


def at_place(coordinates: Sequence[Coordinate], row: int, column: int) -> int | None:
    """The number of the coordinate whose cell this is; None for none."""
    places = places_of(coordinates)
    return places.index((row, column)) if (row, column) in places else None


def ratio_map(ratio: Tensor, coordinates: Sequence[Coordinate], chosen: int, first: str, second: str) -> Picture:
    """How many times the samples of `second` the estimator `first` needs, ratio (C,), a cell a coordinate.

    The middle of the cell at row r and column c is at x = c, y = r. A ratio that is 0, infinite or not known is left
    blank; the `chosen` coordinate is framed. Moving: the colours and the numbers.
    """
    places = places_of(coordinates)
    rows, columns = (1 + max(side) for side in zip(*places, strict=True))
    has_room = len(places) <= WRITTEN and columns <= WIDE
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
        "xgap": 3,
        "ygap": 3,
        "hoverongaps": False,
        "hovertemplate": "%{text} times<extra></extra>",
        "texttemplate": "%{text}" if has_room else "",
        "textfont": {"size": 15},
        "colorbar": {"len": 0.9},
    }
    row, column = places[chosen]
    corners = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    title = f"{_named(first)} samples for one of {_named(second)}"
    layout = {
        "margin": {"l": 44, "r": 10, "t": 30, "b": 12},
        "xaxis": axis(range=[-0.5, columns - 0.5], showgrid=False, showticklabels=False, ticks=""),
        "yaxis": axis(range=[rows - 0.5, -0.5], showgrid=False, ticks="", **_row_labels(coordinates, places)),
        "shapes": [{"type": "rect", **corners, "line": {"color": theme.TEXT, "width": 3}}],
        "annotations": [
            note(title, 0, 1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", font={"size": 13})
        ],
    }
    moving = [(0, "z", z), (0, "text", texts), *_colours(z, first, second)]
    return Picture({"data": [heatmap], "layout": layout}, moving)


def _power(power: int) -> str:
    """A power of ten, a long one as one."""
    written = times(10.0 ** abs(power)) if abs(power) < LONG else f"10<sup>{abs(power)}</sup>"
    return written if power >= 0 else f"1/{written}"


def _named(estimator: str) -> str:
    return f"{theme.badge(theme.ESTIMATOR_COLOURS[estimator])}{short(estimator)}"


def _row_labels(coordinates: Sequence[Coordinate], places: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Which rows are the mean's and which the factor's; bits need no labels."""
    rows: dict[str, list[int]] = {}
    for (name, _), (row, _) in zip(coordinates, places, strict=True):
        rows.setdefault(name, []).append(row)
    if len(rows) == 1:
        return {"showticklabels": False}
    middles = [(min(each) + max(each)) / 2 for each in rows.values()]
    return {"tickvals": middles, "ticktext": ["<b>μ</b>", "<b>L</b>"], "ticklabelstandoff": 6}


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
        (0, "colorbar.ticktext", [_power(power) for power in powers]),
    ]
