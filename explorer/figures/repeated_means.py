"""The notebook's experiment in two pictures: variances of means against their number of samples, and the means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from explorer.core.experiments.answers import Answers
from explorer.core.numerics.sample_variance import Spread
from explorer.figures import theme
from explorer.figures.panels import axis, level, note, scatter
from explorer.figures.picture import Moving, Picture
from explorer.text import short
from explorer.text.numbers import number

_AROUND = 10**0.2
"""How far the axis of N goes beyond its ends."""
_SLOT = 0.3
"""The width in decades that the dots of one N take, all estimators together."""


def repeated_variances(
    spreads: Mapping[str, Sequence[Spread]], exact: Mapping[str, float | None], sizes: Sequence[int]
) -> Picture:
    """Measured variances with their intervals, and the exact line v / N through each estimator's, on log axes.

    `exact` holds v, of one sample. What is 0, infinite or not known has no place here and is left out. Points without
    an interval are open. Moving: the points, and the axis of variances.
    """
    ends = np.array([sizes[0] / _AROUND, sizes[-1] * _AROUND])
    heights: list[float] = []
    data: list[dict[str, Any]] = []
    moving: list[Moving] = []
    for name, measured in spreads.items():
        label, colour, variance = short(name), theme.ESTIMATOR_COLOURS[name], exact[name] or 0.0
        if drawable := 0 < variance < math.inf:
            heights += [variance / end for end in ends.tolist()]
            data.append(
                scatter(
                    "lines",
                    x=ends,
                    y=variance / ends,
                    line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 2},
                    hoverinfo="skip",
                    showlegend=False,
                )
            )
        shown = [spread for spread in measured if spread.variance > 0]
        heights += [part for each in shown for part in (each.variance, each.low, each.high) if part]
        moving += [(len(data), attribute, values) for attribute, values in _points(shown, name)]
        data.append(
            scatter(
                "markers",
                error_y={"type": "data", "symmetric": False, "color": colour, "thickness": 1.8, "width": 5},
                marker={"color": colour, "size": 9, "line": {"color": colour, "width": 2}},
                name=f"{label}: {number(variance, 4)} / N" if drawable else label,
                hovertemplate=f"{label}<br>N = %{{x:,}}<br>measured %{{y:.3~r}}<extra></extra>",
            )
        )
    low, high = min(heights, default=0.1), max(heights, default=10.0)
    pad = 0.1 + 0.02 * math.log10(high / low)
    layout = {
        "xaxis": _axis_of_sizes(sizes),
        "yaxis": axis("variance of the estimate", type="log", dtick=1),
    }
    moved_layout = [("yaxis.range", [math.log10(low) - pad, math.log10(high) + pad])]
    return Picture({"data": data, "layout": layout}, moving, moved_layout)


def _points(shown: Sequence[Spread], name: str) -> list[tuple[str, Any]]:
    """The attributes of an estimator's points, and their values."""
    symbol = theme.ESTIMATOR_MARKERS[name]
    return [
        ("x", np.array([spread.n for spread in shown])),
        ("y", np.array([spread.variance for spread in shown])),
        ("error_y.array", np.array([0.0 if each.high is None else each.high - each.variance for each in shown])),
        ("error_y.arrayminus", np.array([0.0 if each.low is None else each.variance - each.low for each in shown])),
        ("marker.symbol", [f"{symbol}-open" if each.low is None else symbol for each in shown]),
    ]


def clouds(
    estimates: Mapping[str, Mapping[int, Tensor]],
    answers: Answers | None,
    sizes: Sequence[int],
) -> Picture:
    """Every single estimate, {estimator: {N: (R,)}}, and a band of 1.96 exact standard deviations about its exact mean.

    A band holds 95 % of normal estimates. Where it cannot be drawn, the axis holds 96 % of those of the smallest N.
    Moving: the estimates, and their axis.
    """
    grid = np.geomspace(sizes[0] / _AROUND, sizes[-1] * _AROUND, 60)
    gradient = answers.gradient if answers else None
    reach = [] if gradient is None else [gradient]
    data: list[dict[str, Any]] = []
    moving: list[Moving] = []
    for place, (name, by_size) in enumerate(estimates.items()):
        colour = theme.ESTIMATOR_COLOURS[name]
        mean, deviation = (answers.expectations[name], answers.deviations[name]) if answers else (None, None)
        if mean is not None and deviation is not None and math.isfinite(deviation):
            wide = 1.96 * deviation / np.sqrt(grid)
            reach += [mean - 1.7 * wide[0], mean + 1.7 * wide[0]]
            data.append(
                scatter(
                    "lines",
                    x=np.concatenate([grid, grid[::-1]]),
                    y=np.concatenate([mean + wide, (mean - wide)[::-1]]),
                    line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 1},
                    fill="toself",
                    fillcolor=theme.with_alpha(colour, 0.1),
                    hoverinfo="skip",
                )
            )
        elif by_size:
            reach += np.quantile(next(iter(by_size.values())).numpy(), [0.02, 0.98]).tolist()
        if by_size:
            values = np.stack([means.numpy() for means in by_size.values()])
            lanes = np.array(list(by_size))[:, None] * _spread_out(place, len(estimates), values.shape[1])
            moving += [(len(data), "x", lanes.ravel()), (len(data), "y", values.ravel())]
            data.append(
                scatter(
                    "markers",
                    marker={"color": colour, "size": 3.5, "symbol": theme.ESTIMATOR_MARKERS[name], "opacity": 0.9},
                    hovertemplate=f"{short(name)}<br>estimate %{{y:.4~r}}<extra></extra>",
                )
            )
    low, high = (float(end) for end in (min(reach, default=-1.0), max(reach, default=1.0)))
    pad = 0.02 * (high - low) or 1.0
    corner = {"xref": "x domain", "yref": "y domain", "xanchor": "right", "yanchor": "bottom"}
    has_band = any("fill" in trace for trace in data)
    layout = {
        "showlegend": False,
        "xaxis": _axis_of_sizes(sizes, "" if gradient is None else f"   ┅ exact: {number(gradient, 4)}"),
        "yaxis": axis("estimate of the gradient"),
        "shapes": [] if gradient is None else [level(gradient, theme.EXACT_LINE)],
        "annotations": [note("band: exact mean ± 1.96 sd", 1, 1, **corner)] if has_band else [],
    }
    return Picture({"data": data, "layout": layout}, moving, [("yaxis.range", [low - pad, high + pad])])


def _spread_out(place: int, of: int, n: int) -> np.ndarray:
    """Factors on N that set n dots beside each other, in the estimator's part of the slot; always the same."""
    lanes = (np.arange(1, n + 1) * 0.618034) % 1.0
    return np.asarray(10 ** (_SLOT * ((place + 0.1 + 0.8 * lanes) / of - 0.5)))


def _axis_of_sizes(sizes: Sequence[int], more: str = "") -> dict[str, Any]:
    ends = [math.log10(sizes[0] / _AROUND), math.log10(sizes[-1] * _AROUND)]
    return axis(f"N, samples per estimate{more}", type="log", range=ends, dtick=1)
