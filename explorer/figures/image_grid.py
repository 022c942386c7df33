"""A grid of images as one heatmap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.figures import theme
from explorer.figures.panels import axis
from explorer.figures.picture import Picture

GAP = 2
"""Pixels between two images."""
NOTHING = "rgba(0,0,0,0)"
INK = ((0.0, NOTHING), (0.5 / 255, NOTHING), (0.5 / 255, "#000000"), (1.0, "#FFFFFF"))
"""Value 0 is the gap between images and shows the page; 1 … 255 run from black to white."""


def image_grid(
    images: Tensor, *, row_labels: Sequence[str] = (), column_labels: Sequence[str] = (), chosen: int | None = None
) -> Picture:
    """images (R, C, side, side) in [0, 1] as one picture, row 0 on top; `chosen` frames the image of that number.

    A cell's x and y are in images: the image at row r, column c covers [c, c + 1) and [r, r + 1).
    """
    rows, columns, side, _ = images.shape
    step = side + GAP
    canvas = np.zeros((rows * step, columns * step), dtype=np.uint8)
    pixels = (images.float().cpu() * 254 + 1).round().to(torch.uint8).numpy()
    for row in range(rows):
        for column in range(columns):
            top, left = row * step + GAP // 2, column * step + GAP // 2
            canvas[top : top + side, left : left + side] = pixels[row, column]
    heatmap = {
        "type": "heatmap",
        "z": canvas,
        "x": (np.arange(columns * step) + 0.5) / step,
        "y": (np.arange(rows * step) + 0.5) / step,
        "zmin": 0,
        "zmax": 255,
        "colorscale": [list(stop) for stop in INK],
        "showscale": False,
        "hoverinfo": "none",
    }
    square = {"showgrid": False, "constrain": "domain", "ticks": ""}
    layout: dict[str, Any] = {
        "margin": {"l": 8 + 64 * bool(row_labels), "r": 8, "t": 8 + 22 * bool(column_labels), "b": 8},
        "xaxis": axis(range=[0, columns], side="top", **square, **_labels(column_labels)),
        "yaxis": axis(range=[rows, 0], scaleanchor="x", **square, **_labels(row_labels)),
    }
    if chosen is not None:
        row, column = divmod(chosen, columns)
        corners = {"x0": column, "x1": column + 1, "y0": row, "y1": row + 1}
        layout["shapes"] = [{"type": "rect", **corners, "line": {"color": theme.CURVE, "width": 3}}]
    return Picture({"data": [heatmap], "layout": layout})


def _labels(labels: Sequence[str]) -> dict[str, Any]:
    if not labels:
        return {"showticklabels": False}
    return {"tickvals": [i + 0.5 for i in range(len(labels))], "ticktext": list(labels)}
