"""Exact variances along an axis, sampled points on them, and where the winner changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from explorer.core.experiments.curve_winners import Turn
from explorer.core.experiments.sampled_variances import Points
from explorer.core.experiments.variance_curves import Curve
from explorer.figures import theme
from explorer.figures.panels import axis, logarithmic_ticks, note, scatter, upright
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import short
from explorer.text.numbers import number

HERE, HERE_DOTS = 0, 1
"""The traces that a film moves: the line at the value under the hand, and its dots on the curves."""
DECADES = 9.0
"""The most that the variance axis spans."""


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
) -> Picture:
    """The picture at grid point `start`; before any curve is known, the sampled points alone.

    `title` names the axis, `what` the variance; `biased` curves are drawn thin. Variances that are 0, infinite or not
    known have no place on a logarithmic axis and are left out.
    """
    low, high = _range(curves, points)
    dots = {
        "color": [theme.ESTIMATOR_COLOURS[name] for name in curves],
        "symbol": [theme.ESTIMATOR_MARKERS[name] for name in curves],
        "size": 12,
        "line": {"color": theme.TEXT, "width": 1},
    }
    here = {"color": theme.MARK, "width": 2}
    data = [
        scatter("lines", y=[10**low, 10**high], line=here, hoverinfo="skip", showlegend=False),
        scatter("markers", marker=dots, hoverinfo="skip", showlegend=False),
        *(_line(name, curve, name in biased) for name, curve in curves.items()),
        *(_with_intervals(name, sampled) for name, sampled in points.items()),
    ]
    notes = [_at_turn(turn.at, logarithmic) for turn in turns]
    if not points and not np.isfinite(np.concatenate([_shown(curve) for curve in curves.values()])).any():
        notes.append(note("No variance to draw", 0.5, 0.5, xref="paper", yref="paper"))
    layout = {
        "xaxis": axis(title, **_along(_points_of(curves), logarithmic)),
        "yaxis": axis(what, type="log", range=[low, high], **logarithmic_ticks(low, high)),
        "shapes": [upright(turn.at, {"color": theme.TEXT, "width": 1.5, "dash": "dash"}) for turn in turns],
        "annotations": notes,
    }
    return Picture({"data": data, "layout": layout}, at_frame(updates(curves), start))


def _line(name: str, curve: Curve, is_biased: bool) -> dict[str, Any]:
    label = short(name)
    dash = {"color": theme.ESTIMATOR_COLOURS[name], "dash": theme.ESTIMATOR_DASHES[name]}
    return scatter(
        "lines",
        x=curve.at,
        y=_shown(curve),
        line={**dash, "width": 1.2 if is_biased else 3},
        name=f"{label} (biased)" if is_biased else label,
        hovertemplate=f"{label}: exact %{{y:.4~r}} at %{{x:.4~r}}<extra></extra>",
    )


def _at_turn(at: float, logarithmic: bool) -> dict[str, Any]:
    place = {"yref": "y domain", "yanchor": "bottom", "xanchor": "left", "xshift": 4}
    return note(f"<b>{number(at, 4)}</b>", float(np.log10(at)) if logarithmic else at, 0.02, **place)


def _along(at: np.ndarray, logarithmic: bool) -> dict[str, Any]:
    """The range and the ticks of the axis along which the curves run."""
    if not logarithmic:
        pad = 0.01 * float(at[-1] - at[0])
        return {"range": [float(at[0]) - pad, float(at[-1]) + pad]}
    # Powers of two for the sample size, of ten for the dimension.
    ticks = at[::2].tolist() if len(at) < 20 else [1, 2, 5, 10, 20, 50, 100]
    return {
        "type": "log",
        "range": [float(np.log10(at[0])) - 0.03, float(np.log10(at[-1])) + 0.03],
        "tickvals": ticks,
        "ticktext": [f"{tick:.0f}" for tick in ticks],
    }


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


def _range(curves: Mapping[str, Curve], points: Mapping[str, Points]) -> tuple[float, float]:
    """The exponents between which the variance axis runs: those of the curves or, without any, of the points."""
    shown = np.concatenate([_shown(curve) for curve in curves.values()])
    if not np.isfinite(shown).any() and points:
        shown = np.concatenate([each.variance.numpy() for each in points.values()])
    shown = np.log10(shown[np.isfinite(shown) & (shown > 0)])
    if not len(shown):
        return -1.0, 1.0
    high = float(shown.max())
    low = max(float(shown.min()), high - DECADES)
    pad = max(0.15, 0.06 * (high - low))
    return low - pad, high + pad


def _with_intervals(name: str, points: Points) -> dict[str, Any]:
    """Sampled variances with their 95 % intervals; a point without one is open."""
    held = points.variance > 0
    x, variance = points.at[held].numpy(), points.variance[held].numpy()
    low, high = (end[held].numpy() for end in points.interval)
    colour, symbol = theme.ESTIMATOR_COLOURS[name], theme.ESTIMATOR_MARKERS[name]
    return scatter(
        "markers",
        x=x,
        y=variance,
        error_y={
            "type": "data",
            "array": np.nan_to_num(high - variance),
            "arrayminus": np.nan_to_num(variance - low),
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
        marker={
            "color": colour,
            "symbol": [symbol if known else f"{symbol}-open" for known in np.isfinite(low)],
            "size": 7,
            "line": {"color": colour, "width": 1.5},
        },
        hovertemplate=f"{short(name)}: sampled %{{y:.4~r}} at %{{x:.4~r}}<extra></extra>",
        showlegend=False,
    )
