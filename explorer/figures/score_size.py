"""The density and the size of the score over one x axis; below, where each estimator's second moment comes from."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from torch import Tensor

from explorer.core.experiments.score_size import COMPARED, ScoreFilm
from explorer.figures import theme
from explorer.text import short

Update = tuple[int, str, Tensor]

DENSITY, SCORE, ENDS, INNER, OUTER, FIRST, SECOND, ENDS_BELOW = range(8)
"""The traces, all of which a film moves. FIRST and SECOND are the estimators of COMPARED."""
_STRIP = 0.34
"""The height of the strip of dots, of the density's."""
_TOP = 1.12
_HIGHEST_SCORE = 6.0
_MOST = 0.8
"""The share of the frames whose highest point lies in the lower panel."""


def score_size(film: ScoreFilm, start: int, outer: Tensor) -> go.Figure:
    """The figure at frame `start`; outer (n,) says which of the film's samples fall beyond the middle of q."""
    fig = make_subplots(
        rows=2,
        cols=1,
        row_heights=[0.55, 0.45],
        vertical_spacing=0.04,
        shared_xaxes=True,
        specs=[[{"secondary_y": True}], [{}]],
    )
    fig.update_layout(theme.figure().layout)
    fig.update_layout(margin={"l": 58, "r": 58, "t": 30, "b": 44})
    frame = {(trace, name): values[start].numpy() for trace, name, values in updates(film, outer)}
    red = theme.ESTIMATOR_COLOURS["score_function"]
    lanes = -_STRIP * (0.2 + 0.7 * ((np.arange(1, film.samples.shape[1] + 1) * 0.618034) % 1.0))
    peak = _peak(film)
    ends = {"mode": "lines", "line": {"color": theme.TEXT, "dash": "dash", "width": 1.2}, "showlegend": False}
    dot = {"color": theme.SAMPLE, "size": 7, "line": {"color": theme.BACKGROUND, "width": 1}}

    fig.add_scatter(
        x=frame[DENSITY, "x"],
        y=frame[DENSITY, "y"],
        mode="lines",
        line={"color": theme.TEXT, "width": 2},
        fill="tozeroy",
        fillcolor=theme.FAINT,
        showlegend=False,
    )
    fig.add_scatter(
        x=frame[SCORE, "x"],
        y=frame[SCORE, "y"],
        mode="lines",
        line={"color": red, "width": 3},
        showlegend=False,
        secondary_y=True,
        row=1,
        col=1,
    )
    fig.add_scatter(x=frame[ENDS, "x"], y=[-_STRIP, _TOP, None, -_STRIP, _TOP], row=1, col=1, **ends)
    fig.add_scatter(
        x=frame[INNER, "x"],
        y=lanes[~outer.numpy()],
        mode="markers",
        marker=dot,
        showlegend=False,
        row=1,
        col=1,
    )
    fig.add_scatter(
        x=frame[OUTER, "x"],
        y=lanes[outer.numpy()],
        mode="markers",
        marker={"color": theme.CURVE, "size": 12, "symbol": "star", "line": {"color": theme.TEXT, "width": 1}},
        name="a sample in the outer 5 %",
        row=1,
        col=1,
    )
    for trace, name in zip((FIRST, SECOND), COMPARED, strict=True):
        colour = theme.ESTIMATOR_COLOURS[name]
        fig.add_scatter(
            x=frame[trace, "x"],
            y=frame[trace, "y"],
            mode="lines",
            line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 3},
            fill="tozeroy",
            fillcolor=theme.with_alpha(colour, 0.15),
            name=short(name),
            row=2,
            col=1,
        )
    fig.add_scatter(x=frame[ENDS_BELOW, "x"], y=[0, peak, None, 0, peak], row=2, col=1, **ends)
    fig.update_traces(hoverinfo="skip")

    top = _highest_score(film)
    plain = {"zeroline": False, "showgrid": False}
    fig.update_xaxes(range=list(film.axis), domain=[0, 1], **plain)
    fig.update_xaxes(title_text="sample x", row=2, col=1)
    fig.update_yaxes(
        range=[-_STRIP, _TOP], title_text="density q", showticklabels=False, secondary_y=False, row=1, col=1, **plain
    )
    fig.update_yaxes(
        range=[-_STRIP / _TOP * top, top],
        title={"text": "|score| / its r.m.s.", "font": {"color": red}},
        tickfont={"color": red},
        tickvals=[tick for tick in ((0, 1, 2) if top < 3 else (0, 2, 4, 6)) if tick <= top],
        secondary_y=True,
        row=1,
        col=1,
        **plain,
    )
    fig.update_yaxes(range=[0, peak], title_text="second moment", showticklabels=False, row=2, col=1, **plain)
    return fig


def updates(film: ScoreFilm, outer: Tensor) -> list[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each trace of `score_size`."""
    low, high = film.ends[:, :1], film.ends[:, 1:]
    lines = torch.cat((low, low, torch.full_like(low, torch.nan), high, high), dim=1)
    heights = [film.heights[name] for name in COMPARED]
    return [
        *((trace, "x", film.x) for trace in (DENSITY, SCORE, FIRST, SECOND)),
        (DENSITY, "y", film.density),
        (SCORE, "y", film.score),
        (FIRST, "y", heights[0]),
        (SECOND, "y", heights[1]),
        *((trace, "x", lines) for trace in (ENDS, ENDS_BELOW)),
        (INNER, "x", film.samples[:, ~outer]),
        (OUTER, "x", film.samples[:, outer]),
    ]


def _highest_score(film: ScoreFilm) -> float:
    """The top of the score's axis: all of it where it is bounded, else _HIGHEST_SCORE."""
    highest = float(film.score.nan_to_num(posinf=_HIGHEST_SCORE).max())
    return min(max(1.15 * highest, 2.0), _HIGHEST_SCORE)


def _peak(film: ScoreFilm) -> float:
    """The top of the lower panel."""
    heights = torch.cat([film.heights[name].nan_to_num() for name in COMPARED], dim=1).amax(dim=1)
    return 1.08 * float(heights.quantile(_MOST)) or 1.0
