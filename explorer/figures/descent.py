"""Descent under each estimator: theta against the step, and where the runs stand on E f."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from torch import Tensor

from explorer.core.experiments.descent import Landscape
from explorer.figures import theme
from explorer.text import short

NOW, BALL = 0, 1
"""The traces a film moves first: the line at the step, the exact path's ball; the estimators' balls follow."""
MIDDLE = (0.1, 0.9)
"""Between these quantiles of the runs a band is drawn."""
Update = tuple[int, str, Tensor]


def descent_paths(
    exact: Tensor, runs: Mapping[str, Tensor], landscape: Landscape, *, label: str, start: int
) -> go.Figure:
    """The figure at step `start`: exact (T + 1,), runs (T + 1, n_runs) for each estimator; `label` names the parameter.

    Left: the first run of each estimator (a line), the middle 80 % of all of them (a band), the exact path (dashed).
    Right: E f, and every run's place on it.
    """
    fig = make_subplots(cols=2, column_widths=[0.6, 0.4], horizontal_spacing=0.09)
    fig.update_layout(theme.figure().layout)
    steps = np.arange(max(len(exact), *(len(run) for run in runs.values())))
    low, high = _theta_range(exact, runs)
    fig.add_scatter(
        x=[start, start], y=[low, high], mode="lines", line={"color": theme.FAINT, "width": 2}, showlegend=False,
        hoverinfo="skip", row=1, col=1,
    )  # fmt: skip
    at, height = _ball(exact, landscape, start)
    fig.add_scatter(
        x=at, y=height, mode="markers", showlegend=False, hoverinfo="skip", row=1, col=2,
        marker={"color": theme.TEXT, "size": 15, "symbol": "diamond-open", "line": {"width": 2}},
    )  # fmt: skip
    for name, run in runs.items():
        fig.add_scatter(
            x=run[min(start, len(run) - 1)].numpy(),
            y=landscape.height(run[min(start, len(run) - 1)]).numpy(),
            mode="markers",
            marker={
                "color": theme.with_alpha(theme.ESTIMATOR_COLOURS[name], 0.75),
                "size": 10,
                "symbol": theme.MARKERS[list(runs).index(name)],
            },
            hoverinfo="skip",
            showlegend=False,
            row=1,
            col=2,
        )
    fig.add_scatter(
        x=landscape.at.numpy(), y=landscape.value.numpy(), mode="lines", line=theme.EXACT_LINE, showlegend=False,
        hovertemplate="E f = %{y:.4g} at %{x:.4g}<extra></extra>", row=1, col=2,
    )  # fmt: skip
    for name, run in runs.items():
        colour = theme.ESTIMATOR_COLOURS[name]
        least, most = (run.quantile(share, dim=1).numpy() for share in MIDDLE)
        fig.add_scatter(
            x=np.concatenate([steps[: len(run)], steps[: len(run)][::-1]]),
            y=np.concatenate([most, least[::-1]]),
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=theme.with_alpha(colour, 0.22),
            hoverinfo="skip",
            showlegend=False,
            row=1,
            col=1,
        )
        fig.add_scatter(
            x=steps[: len(run)],
            y=run[:, 0].numpy(),
            mode="lines",
            line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 2.5},
            name=short(name),
            hovertemplate="step %{x}: %{y:.4g}<extra></extra>",
            row=1,
            col=1,
        )
    fig.add_scatter(
        x=steps[: len(exact)], y=exact.numpy(), mode="lines", line=theme.EXACT_LINE, name="exact gradient",
        hovertemplate="step %{x}: exact %{y:.4g}<extra></extra>", row=1, col=1,
    )  # fmt: skip
    fig.update_xaxes(title_text="step", range=[-0.5, len(steps) - 0.5], zeroline=False, row=1, col=1)
    fig.update_yaxes(title_text=label, range=[low, high], zeroline=False, row=1, col=1)
    fig.update_xaxes(title_text=label, range=[low, high], zeroline=False, row=1, col=2)
    fig.update_yaxes(title_text="E f, exact", range=_height_range(landscape, low, high), zeroline=False, row=1, col=2)
    return fig


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


def _ball(exact: Tensor, landscape: Landscape, start: int) -> tuple[np.ndarray, np.ndarray]:
    here = exact[min(start, len(exact) - 1)].unsqueeze(0)
    return here.numpy(), landscape.height(here).numpy()


def _theta_range(exact: Tensor, runs: Mapping[str, Tensor]) -> tuple[float, float]:
    """What holds the exact path and all but the outermost hundredth of the runs."""
    ends = [exact] + [run.flatten().quantile(torch.tensor([0.01, 0.99], dtype=run.dtype)) for run in runs.values()]
    low, high = min(float(end.min()) for end in ends), max(float(end.max()) for end in ends)
    pad = 0.08 * (high - low) or 0.5
    return low - pad, high + pad


def _height_range(landscape: Landscape, low: float, high: float) -> list[float] | None:
    """E f's range over the part of theta that is shown."""
    shown = landscape.value[(landscape.at >= low) & (landscape.at <= high)]
    shown = shown[shown.isfinite()]
    if not len(shown):
        return None
    pad = 0.1 * float(shown.max() - shown.min()) or 0.5
    return [float(shown.min()) - pad, float(shown.max()) + pad]
