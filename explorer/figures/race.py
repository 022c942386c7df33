"""The training race: the bound and the gradient of each lane against the step, and what each lane's model draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.figures import theme
from explorer.figures.image_grid import GAP, INK
from explorer.figures.panels import UNMARKED, axis, beside, note, scatter, stacked
from explorer.figures.picture import Moving, Picture
from explorer.text import short, word
from explorer.vae.race import Row

TOP, LEFT, RIGHT = ("x", "y"), ("x2", "y2"), ("x3", "y3")
TRACES = 4
"""Of a lane: the bound on the training images, on those held out, the variance, the length of the gradient."""
HEAD = 9
"""Size of the marker at the end of a lane's line."""
BELOW = 0.4
"""The bound is shown down to so far below the start, as a share of the best lane's way up from it."""
LEAST_WAY = 10.0
"""Nats: the way up that the axis has room for from the first."""
FOLD = 10
"""Columns between the reconstructions and the samples, in pixels."""
TITLE = 15
"""Room for a lane's title over its images, in pixels."""


def race_curves(lanes: Mapping[str, Sequence[Row]], n_steps: int) -> Picture:
    """The bound (above), the variance and the length of a step's gradient (below) by each lane's rows so far."""
    data: list[dict[str, Any]] = []
    moving: list[Moving] = []
    for name, rows in lanes.items():
        moving += _moved(len(data), rows)
        data += _lines(name)
    data.append(
        scatter("lines", TOP, x=[None], y=[None], line={"color": theme.MARK, "width": 1}, name=word("race.thin"))
    )
    above, below = stacked([0.62, 0.38], 0.17)
    left, right = beside([0.5, 0.5], 0.17)
    steps: dict[str, Any] = {"range": [0, n_steps], "nticks": 6}
    over = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "font": {"size": 12}}
    layout = {
        "xaxis": axis(anchor="y", domain=[0, 1], **steps),
        "yaxis": axis(word("race.bound"), anchor="x", domain=above),
        "xaxis2": axis(word("race.step"), anchor="y2", domain=left, **steps),
        "yaxis2": axis(anchor="x2", domain=below, type="log"),
        "xaxis3": axis(word("race.step"), anchor="y3", domain=right, **steps),
        "yaxis3": axis(anchor="x3", domain=below, type="log"),
        "annotations": [
            note(word("race.variance"), left[0], below[1], **over),
            note(word("race.length"), right[0], below[1], **over),
        ],
    }
    variances = [row.variance for rows in lanes.values() for row in rows]
    lengths = [row.norm for rows in lanes.values() for row in rows if row.norm is not None]
    moved = [
        ("yaxis.range", _heights(lanes)),
        ("yaxis2.dtick", _decades(variances)),
        ("yaxis3.dtick", _decades(lengths)),
    ]
    return Picture({"data": data, "layout": layout}, moving, moved)


def _lines(name: str) -> list[dict[str, Any]]:
    colour, said = theme.ESTIMATOR_COLOURS[name], short(name)
    line = {"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 2.5}
    thin = {"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 1}
    hover = f"%{{x}}: %{{y:.4~r}}<extra>{said}</extra>"
    quiet = {"showlegend": False, "hovertemplate": hover, "legendgroup": name}
    return [
        scatter(
            "lines+markers",
            TOP,
            line=line,
            marker={"color": colour, "symbol": theme.ESTIMATOR_MARKERS[name], "opacity": 1, "line": {"width": 0}},
            cliponaxis=False,
            name=said,
            hovertemplate=hover,
            legendgroup=name,
        ),
        scatter("lines", TOP, line=thin, **quiet),
        scatter("lines", LEFT, line={**line, "width": 2}, **quiet),
        scatter("lines", RIGHT, line={**line, "width": 2}, **quiet),
    ]


def _moved(first: int, rows: Sequence[Row]) -> list[Moving]:
    """A lane's four lines. What is 0 or not there has no place on a logarithmic axis."""
    lines = [
        [(row.step, row.elbo) for row in rows],
        [(row.step, row.held_out) for row in rows],
        [(row.step, row.variance) for row in rows if row.variance > 0],
        [(row.step, row.norm) for row in rows if row.norm],
    ]
    found: list[Moving] = []
    for trace, points in enumerate(lines, first):
        at = np.array(points, dtype=np.float64).reshape(-1, 2)
        found += [(trace, "x", at[:, 0]), (trace, "y", at[:, 1])]
    # A lane's head is a marker of its own; the way behind it is a line.
    sizes = np.zeros(len(rows))
    sizes[-1:] = HEAD
    return [*found, (first, "marker.size", sizes)]


def _decades(values: Sequence[float]) -> int:
    """Powers of ten from one mark of a logarithmic axis to the next, for two or three marks."""
    logs = [math.log10(value) for value in values if value > 0]
    return max(1, round((max(logs) - min(logs)) / 2.5)) if logs else 1


def _heights(lanes: Mapping[str, Sequence[Row]]) -> list[float]:
    """From a little below the start to the best so far: a lane that falls out of the picture says so in words."""
    bounds = [value for rows in lanes.values() for row in rows for value in (row.elbo, row.held_out)]
    start = min(min(rows[0].elbo, rows[0].held_out) for rows in lanes.values() if rows) if bounds else 0.0
    way = max(LEAST_WAY, max(bounds, default=0.0) - start)
    return [max(min(bounds, default=0.0), start - BELOW * way) - 0.06 * way, start + 1.06 * way]


def race_images(originals: Tensor, pictures: Mapping[str, tuple[Tensor, Tensor]], side: int) -> Picture:
    """Above, the images (n, P); then for each lane what it reconstructs them as, and its samples of the prior, (n, P).

    All in [0, 1]. A lane is a row under its title.
    """
    n, step = len(originals), side + TITLE
    width = 2 * n * (side + GAP) + FOLD
    rows = [_row([originals], side, n), *(_row(pair, side, n) for pair in pictures.values())]
    titles = [word("race.images"), *(f"{theme.badge(theme.ESTIMATOR_COLOURS[name])}{short(name)}" for name in pictures)]
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x0": 0.5,
            "dx": 1,
            "y0": row * step + TITLE + 0.5,
            "dy": 1,
            "zmin": 0,
            "zmax": 255,
            "colorscale": [list(stop) for stop in INK],
            "showscale": False,
            "hoverinfo": "skip",
        }
        for row in range(len(rows))
    ]
    data[0]["z"] = rows[0]
    left = {"xanchor": "left", "yanchor": "bottom", "font": {"size": 12}}
    notes = [note(title, 0, row * step + TITLE, **left) for row, title in enumerate(titles)]
    notes.append(note(word("race.samples"), n * (side + GAP) + FOLD, TITLE, **left))
    square = {"showgrid": False, "constrain": "domain", "ticks": "", **UNMARKED}
    layout = {
        "margin": {"l": 4, "r": 4, "t": 34, "b": 4},
        "xaxis": axis(range=[0, width], **square),
        "yaxis": axis(range=[len(rows) * step, 0], scaleanchor="x", constraintoward="top", **square),
        "annotations": notes,
    }
    return Picture({"data": data, "layout": layout}, [(trace, "z", canvas) for trace, canvas in enumerate(rows)][1:])


def _row(parts: Sequence[Tensor], side: int, n: int) -> np.ndarray:
    """One or two groups of n images side by side as bytes, 0 where there is none."""
    canvas = np.zeros((side, 2 * n * (side + GAP) + FOLD), dtype=np.uint8)
    for group, images in enumerate(parts):
        for place, image in enumerate((images.view(n, side, side) * 254 + 1).round().to(torch.uint8).numpy()):
            left = group * (n * (side + GAP) + FOLD) + place * (side + GAP) + GAP // 2
            canvas[:, left : left + side] = image
    return canvas
