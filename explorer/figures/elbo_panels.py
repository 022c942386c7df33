"""What stands below the gradients of the ELBO: ratios over weights, changes in pixels, ratios and signals as curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from explorer.figures import theme
from explorer.figures.image_grid import GAP
from explorer.figures.panels import axis, logarithmic_ticks, scatter
from explorer.figures.picture import Picture

LAYER_LOOKS = ((theme.CURVE, "solid"), (theme.NOISE, "dash"), (theme.TEXT, "dot"))
"""Colour and dash of the encoder's layers, from the image on."""
SIGNED = ((0.0, theme.SAMPLE), (0.5, theme.BACKGROUND), (1.0, theme.ESTIMATOR_COLOURS["score_function"]))
"""Pixels that go dark, that stay, that light up."""


def weight_ratios(ratios: Sequence[Tensor], labels: Sequence[str]) -> Picture:
    """The ratio of two estimators' variances in the weights into each unit, (units,) a layer, in order of size."""
    data, ends = [], []
    for ratio, label, (colour, dash) in zip(ratios, labels, LAYER_LOOKS, strict=True):
        heights = np.sort(ratio.numpy())
        ends += [*heights[:1], *heights[-1:]]
        data.append(
            scatter(
                "lines+markers" if len(heights) < 20 else "lines",
                x=(np.arange(len(heights)) + 0.5) / len(heights) * 100,
                y=heights,
                line={"color": colour, "dash": dash, "width": 3},
                marker={"color": colour, "size": 8},
                name=label,
                hovertemplate=f"{label}: %{{y:.4~r}} times<extra></extra>",
            )
        )
    layout = {
        "xaxis": axis("units, in order of their ratio (%)", range=[-2, 102]),
        "yaxis": axis("times the samples", **_logarithmic(ends)),
    }
    return Picture({"data": data, "layout": layout})


def _logarithmic(values: Sequence[float]) -> dict[str, Any]:
    """A logarithmic axis that holds these values, and some of it beside them."""
    known = np.log10([value for value in values if 0 < value < np.inf])
    if not len(known):
        return {"type": "log"}
    low, high = float(known.min()), float(known.max())
    pad = max(0.1, 0.06 * (high - low))
    return {"type": "log", "range": [low - pad, high + pad], **logarithmic_ticks(low - pad, high + pad)}


def signed_grid(images: Tensor, *, row_labels: Sequence[str], column_labels: Sequence[str]) -> Picture:
    """Changes of pixels, images (R, C, side, side), each image on its own scale: where it falls, where it rises."""
    rows, columns, side, _ = images.shape
    step = side + GAP
    canvas = np.full((rows * step, columns * step), np.nan, dtype=np.float32)
    for row in range(rows):
        for column in range(columns):
            image = images[row, column].numpy()
            top, left = row * step + GAP // 2, column * step + GAP // 2
            canvas[top : top + side, left : left + side] = image / max(float(np.abs(image).max()), 1e-30)
    heatmap = {
        "type": "heatmap",
        "z": canvas,
        "x": (np.arange(columns * step) + 0.5) / step,
        "y": (np.arange(rows * step) + 0.5) / step,
        "zmin": -1,
        "zmax": 1,
        "colorscale": [list(stop) for stop in SIGNED],
        "showscale": False,
        "hoverinfo": "none",
    }
    square = {"showgrid": False, "constrain": "domain", "ticks": ""}
    frames = [
        {
            "type": "rect",
            "x0": column + 0.5 * GAP / step,
            "x1": column + 1 - 0.5 * GAP / step,
            "y0": row + 0.5 * GAP / step,
            "y1": row + 1 - 0.5 * GAP / step,
            "line": {"color": theme.FAINT, "width": 1},
        }
        for row in range(rows)
        for column in range(columns)
    ]
    layout: dict[str, Any] = {
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
        "xaxis": axis(range=[0, columns], side="top", **square, **_labels(column_labels)),
        "yaxis": axis(range=[rows, 0], scaleanchor="x", **square, **_labels(row_labels)),
        "shapes": frames,
    }
    return Picture({"data": [heatmap], "layout": layout})


def _labels(labels: Sequence[str]) -> dict[str, Any]:
    return {"tickvals": [i + 0.5 for i in range(len(labels))], "ticktext": list(labels)}


def model_ratios(ratios: Mapping[str, tuple[float, float]], colours: Sequence[str]) -> Picture:
    """A ratio and its standard error for each model's label, the bar in the colour of what needs more samples."""
    values, errors = zip(*ratios.values(), strict=True)
    bars = {
        "type": "bar",
        "x": list(ratios),
        "y": list(values),
        "marker": {"color": list(colours)},
        "error_y": {"type": "data", "array": [1.96 * error for error in errors], "color": theme.TEXT},
        "hovertemplate": "%{x}: %{y:.4~r} times<extra></extra>",
    }
    layout = {
        "xaxis": axis(type="category"),
        "yaxis": axis("times the samples", **_logarithmic([1.0, *values])),
        "bargap": 0.5,
    }
    return Picture({"data": [bars], "layout": layout})


def bound_signals(
    counts: Sequence[int], curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], labels: Mapping[str, str]
) -> Picture:
    """Signal / noise against K, values and standard errors a curve; a value of 0, under the noise, is left out."""
    looks = {
        "pathwise": (theme.ESTIMATOR_COLOURS["pathwise"], theme.ESTIMATOR_DASHES["pathwise"], "square"),
        "doubly_reparameterized": (theme.ESTIMATOR_COLOURS["sticking_the_landing"], "solid", "circle"),
        "decoder": (theme.TEXT, "dash", "triangle-up"),
    }
    data = []
    every = [value for values, _ in curves.values() for value in values]
    for name, (values, errors) in curves.items():
        colour, dash, symbol = looks[name]
        data.append(
            scatter(
                "lines+markers",
                x=list(counts),
                y=[value if value > 0 else None for value in values],
                error_y={"type": "data", "array": [1.96 * error for error in errors], "color": colour},
                line={"color": colour, "dash": dash, "width": 3},
                marker={"color": colour, "symbol": symbol, "size": 9},
                name=labels[name],
                hovertemplate=f"{labels[name]}: %{{y:.3~r}} at K = %{{x}}<extra></extra>",
            )
        )
    layout = {
        "xaxis": axis("K", type="log", tickvals=list(counts), ticktext=[f"{count}" for count in counts]),
        "yaxis": axis("signal / noise of one sample", **_logarithmic(every)),
    }
    return Picture({"data": data, "layout": layout})
