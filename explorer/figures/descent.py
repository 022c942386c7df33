"""Descent under each estimator: theta against the step, and where the runs stand on E f."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.experiments.descent import Landscape
from explorer.figures import theme
from explorer.figures.panels import axis, beside, scatter
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import short

NOW, BALL = 0, 1
"""The traces a film moves first: the line at the step, the exact path's ball; the estimators' balls follow."""
MIDDLE = (0.1, 0.9)
"""Between these quantiles of the runs a band is drawn."""
LEFT, RIGHT = ("x", "y"), ("x2", "y2")
QUIET = {"hoverinfo": "skip", "showlegend": False}


def descent_paths(
    exact: Tensor, runs: Mapping[str, Tensor], landscape: Landscape, *, label: str, start: int
) -> Picture:
    """The picture at step `start`: exact (T + 1,), runs (T + 1, n_runs) an estimator; `label` names the parameter.

    Left: the first run of each estimator (a line), the middle 80 % of all of them (a band), the exact path (dashed).
    Right: E f, and every run's place on it.
    """
    steps = np.arange(max(len(exact), *(len(run) for run in runs.values())))
    low, high = _theta_range(exact, runs)
    ball = {"color": theme.TEXT, "size": 15, "symbol": "diamond-open", "line": {"width": 2}}
    data = [
        scatter("lines", LEFT, y=[low, high], line={"color": theme.MARK, "width": 2}, **QUIET),
        scatter("markers", RIGHT, marker=ball, **QUIET),
    ]
    for name in runs:
        colour = theme.with_alpha(theme.ESTIMATOR_COLOURS[name], 0.75)
        marker = {"color": colour, "size": 10, "symbol": theme.ESTIMATOR_MARKERS[name]}
        data.append(scatter("markers", RIGHT, marker=marker, **QUIET))
    data.append(
        scatter(
            "lines",
            RIGHT,
            x=landscape.at,
            y=landscape.value,
            line=theme.EXACT_LINE,
            showlegend=False,
            hovertemplate="E f = %{y:.4~r} at %{x:.4~r}<extra></extra>",
        )
    )
    for name, run in runs.items():
        data += _band_and_run(name, run, steps[: len(run)])
    data.append(
        scatter(
            "lines",
            LEFT,
            x=steps[: len(exact)],
            y=exact,
            line=theme.EXACT_LINE,
            name="exact gradient",
            hovertemplate="step %{x}: exact %{y:.4~r}<extra></extra>",
        )
    )
    left, right = beside([0.6, 0.4], 0.09)
    layout = {
        "xaxis": axis("step", anchor="y", domain=left, range=[-0.5, len(steps) - 0.5]),
        "yaxis": axis(label, anchor="x", range=[low, high]),
        "xaxis2": axis(label, anchor="y2", domain=right, range=[low, high]),
        "yaxis2": axis("E f, exact", anchor="x2", **_height_range(landscape, low, high)),
    }
    return Picture({"data": data, "layout": layout}, at_frame(updates(exact, runs, landscape), start))


def _band_and_run(name: str, run: Tensor, steps: np.ndarray) -> list[dict[str, Any]]:
    colour = theme.ESTIMATOR_COLOURS[name]
    least, most = (run.quantile(share, dim=1).numpy() for share in MIDDLE)
    band = scatter(
        "lines",
        LEFT,
        x=np.concatenate([steps, steps[::-1]]),
        y=np.concatenate([most, least[::-1]]),
        line={"width": 0},
        fill="toself",
        fillcolor=theme.with_alpha(colour, 0.22),
        **QUIET,
    )
    first = scatter(
        "lines",
        LEFT,
        x=steps,
        y=run[:, 0],
        line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 2.5},
        name=short(name),
        hovertemplate="step %{x}: %{y:.4~r}<extra></extra>",
    )
    return [band, first]


def updates(exact: Tensor, runs: Mapping[str, Tensor], landscape: Landscape) -> list[Update]:
    """What changes from step to step: (trace, attribute, (T + 1, n)). A path that broke off stays where it ended."""
    n_frames = max(len(exact), *(len(run) for run in runs.values()))
    frames = torch.arange(n_frames, dtype=torch.float64)
    moved = [(BALL, _held(exact.unsqueeze(1), n_frames))]
    moved += [(BALL + 1 + i, _held(run, n_frames)) for i, run in enumerate(runs.values())]
    found: list[Update] = [(NOW, "x", frames.unsqueeze(1).expand(-1, 2))]
    for trace, theta in moved:
        found += [(trace, "x", theta), (trace, "y", landscape.height(theta))]
    return found


def _held(path: Tensor, n_frames: int) -> Tensor:
    return torch.cat((path, path[-1:].expand(n_frames - len(path), -1)))


def _theta_range(exact: Tensor, runs: Mapping[str, Tensor]) -> tuple[float, float]:
    """What holds the exact path and all but the outermost hundredth of the runs."""
    ends = [exact] + [run.flatten().quantile(torch.tensor([0.01, 0.99], dtype=run.dtype)) for run in runs.values()]
    low, high = min(float(end.min()) for end in ends), max(float(end.max()) for end in ends)
    pad = 0.08 * (high - low) or 0.5
    return low - pad, high + pad


def _height_range(landscape: Landscape, low: float, high: float) -> dict[str, list[float]]:
    """E f's range over the part of theta that is shown; none where there is nothing to show."""
    shown = landscape.value[(landscape.at >= low) & (landscape.at <= high)]
    shown = shown[shown.isfinite()]
    if not len(shown):
        return {}
    pad = 0.1 * float(shown.max() - shown.min()) or 0.5
    return {"range": [float(shown.min()) - pad, float(shown.max()) + pad]}
