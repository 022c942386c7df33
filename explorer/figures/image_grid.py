"""A grid of images as one heatmap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from explorer.figures import theme

GAP = 2
"""Pixels between two images."""
NOTHING = "rgba(0,0,0,0)"
INK = ((0.0, NOTHING), (0.5 / 255, NOTHING), (0.5 / 255, "#000000"), (1.0, "#FFFFFF"))
"""Value 0 is the gap between images and shows the page; 1 … 255 run from black to white."""


def image_grid(
    images: Tensor, *, row_labels: Sequence[str] = (), column_labels: Sequence[str] = (), chosen: int | None = None
) -> go.Figure:
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
    fig = theme.figure(margin={"l": 8 + 64 * bool(row_labels), "r": 8, "t": 8 + 22 * bool(column_labels), "b": 8})
    fig.add_heatmap(
        z=canvas,
        x=(np.arange(columns * step) + 0.5) / step,
        y=(np.arange(rows * step) + 0.5) / step,
        zmin=0,
        zmax=255,
        colorscale=[list(stop) for stop in INK],
        showscale=False,
        hoverinfo="none",
    )
    fig.update_xaxes(range=[0, columns], showgrid=False, zeroline=False, constrain="domain", side="top", ticks="")
    fig.update_yaxes(range=[rows, 0], showgrid=False, zeroline=False, scaleanchor="x", constrain="domain", ticks="")
    _label(fig.update_xaxes, column_labels)
    _label(fig.update_yaxes, row_labels)
    if chosen is not None:
        row, column = divmod(chosen, columns)
        fig.add_shape(
            type="rect", x0=column, x1=column + 1, y0=row, y1=row + 1, line={"color": theme.CURVE, "width": 3}
        )
    return fig


def _label(update_axes: object, labels: Sequence[str]) -> None:
    if labels:
        update_axes(tickvals=[i + 0.5 for i in range(len(labels))], ticktext=list(labels))  # type: ignore[operator]
    else:
        update_axes(showticklabels=False)  # type: ignore[operator]
