"""Exact variances along an axis, sampled points on them, and where the winner changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from explorer.core.experiments.sampled_variances import Points
from explorer.core.experiments.variance_curves import Curve, Turn
from explorer.figures import theme
from explorer.text import short

HERE, HERE_DOTS = 0, 1
"""The traces that a film moves: the line at the value under the hand, and its dots on the curves."""
DECADES = 9.0
"""The most that the variance axis spans."""
Update = tuple[int, str, Tensor]


def variance_curves(
    curves: Mapping[str, Curve],
    points: Mapping[str, Points],
    turns: Sequence[Turn],
    *,
    title: str,
    what: str,
    biased: Sequence[str],
    start: int,
    logarithmic: bool,
) -> go.Figure:
    """The figure at grid point `start`. `title` names the axis, `what` the variance; `biased` curves are drawn thin.

    Variances that are 0, infinite or not known have no place on a logarithmic axis and are left out.
    """
    fig = theme.figure()
    at = _points_of(curves)
    low, high = _range(curves)
    fig.add_scatter(
        x=[float(at[start])] * 2,
        y=[10**low, 10**high],
        mode="lines",
        line={"color": theme.FAINT, "width": 2},
        hoverinfo="skip",
        showlegend=False,
    )
    fig.add_scatter(
        x=np.full(len(curves), float(at[start])),
        y=[_shown(curve)[start] for curve in curves.values()],
        mode="markers",
        marker={
            "color": [theme.ESTIMATOR_COLOURS[name] for name in curves],
            "size": 12,
            "symbol": "diamond",
            "line": {"color": theme.TEXT, "width": 1},
        },
        hoverinfo="skip",
        showlegend=False,
    )
    for name, curve in curves.items():
        label, colour = short(name), theme.ESTIMATOR_COLOURS[name]
        fig.add_scatter(
            x=at,
            y=_shown(curve),
            mode="lines",
            line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 1.2 if name in biased else 3},
            name=f"{label} (biased)" if name in biased else label,
            hovertemplate=f"{label}: exact %{{y:.4g}} at %{{x:.4g}}<extra></extra>",
        )
    for name, sampled in points.items():
        fig.add_scatter(**_with_intervals(name, sampled))
    for turn in turns:
        fig.add_vline(x=turn.at, line={"color": theme.TEXT, "width": 1.5, "dash": "dash"})
        fig.add_annotation(
            text=f"<b>{turn.at:.4g}</b>",
            x=np.log10(turn.at) if logarithmic else turn.at,
            y=0.02,
            yref="y domain",
            yanchor="bottom",
            xanchor="left",
            xshift=4,
            showarrow=False,
        )
    fig.update_xaxes(title_text=title, zeroline=False)
    if logarithmic:
        # Powers of two for the sample size, of ten for the dimension.
        ticks = at[::2] if len(at) < 20 else [1, 2, 5, 10, 20, 50, 100]
        fig.update_xaxes(type="log", range=[float(np.log10(at[0])) - 0.03, float(np.log10(at[-1])) + 0.03])
        fig.update_xaxes(tickvals=ticks, ticktext=[f"{tick:.0f}" for tick in ticks])
    else:
        pad = 0.01 * float(at[-1] - at[0])
        fig.update_xaxes(range=[float(at[0]) - pad, float(at[-1]) + pad])
    if not np.isfinite(np.concatenate([_shown(curve) for curve in curves.values()])).any():
        fig.add_annotation(text="No variance to draw", xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False)
    fig.update_yaxes(type="log", range=[low, high], dtick=_ticks(low, high), title_text=what, zeroline=False)
    fig.update_yaxes(exponentformat="power")
    return fig


def updates(curves: Mapping[str, Curve]) -> list[Update]:
    """What changes from one grid point to the next: (trace, attribute, (P, n))."""
    at = torch.from_numpy(_points_of(curves))
    heights = torch.stack([torch.from_numpy(_shown(curve)) for curve in curves.values()], dim=1)
    return [
        (HERE, "x", at.unsqueeze(1).expand(-1, 2)),
        (HERE_DOTS, "x", at.unsqueeze(1).expand(-1, len(curves))),
        (HERE_DOTS, "y", heights),
    ]


def _points_of(curves: Mapping[str, Curve]) -> np.ndarray:
    return np.asarray(next(iter(curves.values())).at.numpy())


def _shown(curve: Curve) -> np.ndarray:
    variance = curve.variance.numpy()
    return np.where(np.isfinite(variance) & (variance > 0), variance, np.nan)


def _range(curves: Mapping[str, Curve]) -> tuple[float, float]:
    """The exponents between which the variance axis runs."""
    shown = np.concatenate([_shown(curve) for curve in curves.values()])
    shown = np.log10(shown[np.isfinite(shown)])
    if not len(shown):
        return -1.0, 1.0
    high = float(shown.max())
    low = max(float(shown.min()), high - DECADES)
    pad = max(0.15, 0.06 * (high - low))
    return low - pad, high + pad


def _ticks(low: float, high: float) -> float | str:
    """A tick every so many decades, or, within one or two, at 1, 2 and 5 times a power of ten."""
    return "D2" if high - low < 1.7 else float(np.ceil((high - low) / 8))


def _with_intervals(name: str, points: Points) -> dict[str, object]:
    """Sampled variances with their 95 % intervals, equal by ratio to both sides."""
    variance, error = points.variance.numpy(), points.standard_error.numpy()
    held = (variance > 0) & np.isfinite(variance) & np.isfinite(error)
    variance, error = variance[held], error[held]
    factor = np.exp(np.minimum(1.96 * error / variance, 5.0))
    return {
        "x": points.at.numpy()[held],
        "y": variance,
        "error_y": {
            "type": "data",
            "array": variance * (factor - 1),
            "arrayminus": variance * (1 - 1 / factor),
            "color": theme.ESTIMATOR_COLOURS[name],
            "thickness": 1.5,
            "width": 4,
        },
        "mode": "markers",
        "marker": {"color": theme.ESTIMATOR_COLOURS[name], "size": 7, "line": {"color": theme.BACKGROUND, "width": 1}},
        "hovertemplate": f"{short(name)}: sampled %{{y:.4g}} at %{{x:.4g}}<extra></extra>",
        "showlegend": False,
    }
