"""The notebook's experiment in two pictures: variances of means against their number of samples, and the means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from explorer.core.numerics.sample_variance import Spread
from explorer.figures import theme
from explorer.text import short

SYMBOLS = ("circle", "diamond", "square", "triangle-up")
"""An estimator's marker, by its place."""
_AROUND = 10**0.2
"""How far the axis of N goes beyond its ends."""
_SLOT = 0.3
"""The width in decades that the dots of one N take, all estimators together."""


def repeated_variances(
    spreads: Mapping[str, Sequence[Spread]], exact: Mapping[str, float | None], sizes: Sequence[int]
) -> go.Figure:
    """Measured variances with their intervals, and the exact line v / N through each estimator's, on log axes.

    `exact` holds v, of one sample. What is 0, infinite or not known has no place here and is left out. Points without
    an interval are open.
    """
    fig = theme.figure()
    ends = np.array([sizes[0] / _AROUND, sizes[-1] * _AROUND])
    heights: list[float] = []
    for place, (name, measured) in enumerate(spreads.items()):
        label, colour, variance = short(name), theme.ESTIMATOR_COLOURS[name], exact[name] or 0.0
        if drawable := 0 < variance < math.inf:
            heights += [variance / end for end in ends.tolist()]
            fig.add_scatter(
                x=ends,
                y=variance / ends,
                mode="lines",
                line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 2},
                hoverinfo="skip",
                showlegend=False,
            )
        shown = [spread for spread in measured if spread.variance > 0]
        heights += [part for each in shown for part in (each.variance, each.low, each.high) if part]
        fig.add_scatter(
            x=[spread.n for spread in shown],
            y=[spread.variance for spread in shown],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [0.0 if each.high is None else each.high - each.variance for each in shown],
                "arrayminus": [0.0 if each.low is None else each.variance - each.low for each in shown],
                "color": colour,
                "thickness": 1.8,
                "width": 5,
            },
            mode="markers",
            marker={
                "color": colour,
                "size": 9,
                "symbol": [SYMBOLS[place] + ("-open" if each.low is None else "") for each in shown],
                "line": {"color": colour, "width": 2},
            },
            name=f"{label}: {variance:.4g} / N" if drawable else label,
            hovertemplate=f"{label}<br>N = %{{x:,}}<br>measured %{{y:.3g}}<extra></extra>",
        )
    _axis_of_sizes(fig, sizes)
    low, high = min(heights, default=0.1), max(heights, default=10.0)
    pad = 0.1 + 0.02 * math.log10(high / low)
    fig.update_yaxes(
        type="log",
        range=[math.log10(low) - pad, math.log10(high) + pad],
        title_text="variance of the estimate",
        exponentformat="power",
        dtick=1,
        zeroline=False,
    )
    return fig


def clouds(
    estimates: Mapping[str, Mapping[int, Tensor]],
    gradient: float | None,
    expectations: Mapping[str, float | None],
    deviations: Mapping[str, float | None],
    sizes: Sequence[int],
) -> go.Figure:
    """Every single estimate, {estimator: {N: (R,)}}, and a band of 1.96 exact standard deviations about its exact mean.

    A band holds 95 % of normal estimates. Where it cannot be drawn, the axis holds 96 % of those of the smallest N.
    """
    fig = theme.figure(showlegend=False)
    grid = np.geomspace(sizes[0] / _AROUND, sizes[-1] * _AROUND, 60)
    reach = []
    for place, (name, by_size) in enumerate(estimates.items()):
        label, colour, mean, deviation = (
            *(short(name), theme.ESTIMATOR_COLOURS[name]),
            *(expectations[name], deviations[name]),
        )
        if mean is not None and deviation is not None and math.isfinite(deviation):
            wide = 1.96 * deviation / np.sqrt(grid)
            reach += [mean - 1.7 * wide[0], mean + 1.7 * wide[0]]
            fig.add_scatter(
                x=np.concatenate([grid, grid[::-1]]),
                y=np.concatenate([mean + wide, (mean - wide)[::-1]]),
                mode="lines",
                line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 1},
                fill="toself",
                fillcolor=theme.with_alpha(colour, 0.1),
                hoverinfo="skip",
            )
        elif by_size:
            reach += np.quantile(next(iter(by_size.values())).numpy(), [0.02, 0.98]).tolist()
        if by_size:
            values = np.stack([means.numpy() for means in by_size.values()])
            fig.add_scatter(
                x=(np.array(list(by_size))[:, None] * _spread_out(place, len(estimates), values.shape[1])).ravel(),
                y=values.ravel(),
                mode="markers",
                marker={"color": colour, "size": 3.5, "symbol": SYMBOLS[place], "opacity": 0.7},
                hovertemplate=f"{label}<br>estimate %{{y:.4g}}<extra></extra>",
            )
    if gradient is not None:
        fig.add_hline(y=gradient, line=theme.EXACT_LINE)
        reach.append(gradient)
    if any(trace.fill for trace in fig.data):
        fig.add_annotation(
            text="band: exact mean ± 1.96 sd",
            xref="x domain",
            yref="y domain",
            x=1,
            y=1,
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
        )
    _axis_of_sizes(fig, sizes, "" if gradient is None else f"   ┅ exact: {gradient:.4g}")
    low, high = min(reach, default=-1.0), max(reach, default=1.0)
    pad = 0.02 * (high - low) or 1.0
    fig.update_yaxes(range=[low - pad, high + pad], title_text="estimate of the gradient", zeroline=False)
    return fig


def _spread_out(place: int, of: int, n: int) -> np.ndarray:
    """Factors on N that set n dots beside each other, in the estimator's part of the slot; always the same."""
    lanes = (np.arange(1, n + 1) * 0.618034) % 1.0
    return np.asarray(10 ** (_SLOT * ((place + 0.1 + 0.8 * lanes) / of - 0.5)))


def _axis_of_sizes(fig: go.Figure, sizes: Sequence[int], more: str = "") -> None:
    fig.update_xaxes(
        type="log",
        range=[math.log10(sizes[0] / _AROUND), math.log10(sizes[-1] * _AROUND)],
        title_text=f"N, samples an estimate{more}",
        exponentformat="power",
        dtick=1,
        zeroline=False,
    )
