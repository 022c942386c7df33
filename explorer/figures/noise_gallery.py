"""The gallery: small pictures of every family, row by row by its route. All stand on one pair of axes, a cell each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from explorer.core.experiments.noise_gallery import Thumbnail
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, note, scatter
from explorer.figures.picture import Picture
from explorer.text import word

COLUMNS = 4
DENSITY, CURVE, TITLES, PLACES = range(4)
"""The traces: all densities in one line, all curves in one, the names, and what a click falls on."""
_LEFT, _MIDDLE, _RIGHT, _FOOT, _TOP = 0.05, 0.24, 0.95, 0.06, 0.72
"""Of a cell: where the density ends at the left, where it stands, where the curve ends; below its name."""


def cells(gallery: Mapping[str, Sequence[Thumbnail]]) -> list[tuple[Thumbnail, int, int]]:
    """Each thumbnail with its column and its row; each route begins a row."""
    found, row = [], 0
    for members in gallery.values():
        found += [(each, i % COLUMNS, row + i // COLUMNS) for i, each in enumerate(members)]
        row += -(-len(members) // COLUMNS)
    return found


def noise_gallery(gallery: Mapping[str, Sequence[Thumbnail]], chosen: str) -> Picture:
    """All thumbnails, that of the `chosen` family marked. A click on PLACES tells the number of its cell."""
    placed = cells(gallery)
    rows = 1 + max(row for _, _, row in placed)
    density, curve = (np.concatenate([draw(*cell) for cell in placed]) for draw in (_density, _curve))
    middles = np.array([(column + 0.5, -row - 0.5) for _, column, row in placed])
    names = [word(f"family.{each.family.name}.title") for each, _, _ in placed]
    chosen_at = next((column, row) for each, column, row in placed if each.family.name == chosen)
    data = [
        scatter("lines", x=density[:, 0], y=density[:, 1], line={"color": theme.SAMPLE, "width": 1.5}),
        scatter("lines", x=curve[:, 0], y=curve[:, 1], line={"color": theme.CURVE, "width": 2}),
        scatter(
            "text", x=middles[:, 0], y=middles[:, 1] + 0.5 * _TOP, text=names, textfont={"size": 12}, cliponaxis=False
        ),
        scatter("markers", x=middles[:, 0], y=middles[:, 1], marker={"size": 56, "opacity": 0, "symbol": "square"}),
    ]
    for i, trace in enumerate(data):
        trace |= {"showlegend": False, "hoverinfo": "none" if i == PLACES else "skip"}
    layout = {
        "margin": {"l": 34, "r": 4, "t": 4, "b": 4},
        "xaxis": axis(range=[0, COLUMNS], fixedrange=True, **UNMARKED),
        "yaxis": axis(range=[-rows, 0], fixedrange=True, **UNMARKED),
        "shapes": [_frame(*chosen_at)],
        "annotations": _routes(gallery),
    }
    return Picture({"data": data, "layout": layout})


def _density(each: Thumbnail, column: int, row: int) -> np.ndarray:
    """(n, 2): q to the left of where it stands, along the sample's axis; atoms as bars."""
    levels, density = each.levels.numpy(), each.density.numpy()
    if each.family.discrete:
        levels = np.repeat(levels, 3)
        density = np.stack([0 * density, density, np.full_like(density, np.nan)], 1).ravel()
    x = column + _MIDDLE - (_MIDDLE - _LEFT) * density / np.nanmax(density)
    return _ended(np.stack([x, _height(each, levels, row)], 1))


def _curve(each: Thumbnail, column: int, row: int) -> np.ndarray:
    """(n, 2): g over the noise's window; where it leaves the cell there is a gap."""
    grid, samples = each.grid.numpy(), each.curve.numpy()
    share = (grid - grid[0]) / (grid[-1] - grid[0])
    within = (samples >= each.levels[0].item()) & (samples <= each.levels[-1].item())
    x = column + _MIDDLE + 0.04 + (_RIGHT - _MIDDLE - 0.04) * share
    return _ended(np.stack([x, np.where(within, _height(each, samples, row), np.nan)], 1))


def _height(each: Thumbnail, samples: np.ndarray, row: int) -> np.ndarray:
    low, high = each.levels[0].item(), each.levels[-1].item()
    share = (samples - low) / (high - low)
    return -row - 1 + _FOOT + (_TOP - _FOOT) * share


def _ended(line: np.ndarray) -> np.ndarray:
    return np.concatenate([line, np.full((1, 2), np.nan)])


def _frame(column: int, row: int) -> dict[str, Any]:
    ends = {"x0": column + 0.015, "x1": column + 0.985, "y0": -row - 0.98, "y1": -row - 0.02}
    return {"type": "rect", "line": {"color": theme.TEXT, "width": 1.5}, **ends}


def _routes(gallery: Mapping[str, Sequence[Thumbnail]]) -> list[dict[str, Any]]:
    """A route's name upright at the left of its rows."""
    notes, row = [], 0
    for name, members in gallery.items():
        rows = -(-len(members) // COLUMNS)
        title = word(f"route.{name.replace(' ', '_').lower()}")
        place = {"textangle": -90, "xanchor": "right", "yanchor": "middle", "font": {"size": 11}}
        notes.append(note(title, 0, -row - 0.5 * rows, xshift=-4, **place))
        row += rows
    return notes
