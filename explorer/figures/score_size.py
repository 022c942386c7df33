"""The density and the size of the score over one x axis; below, where each estimator's second moment comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.experiments.score_size import COMPARED, ScoreFilm
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, scatter, stacked
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import short

DENSITY, SCORE, ENDS, INNER, OUTER, FIRST, SECOND, ENDS_BELOW = range(8)
"""The traces, all of which a film moves. FIRST and SECOND are the estimators of COMPARED."""
UPPER, SCORES, LOWER = ("x", "y"), ("x", "y2"), ("x2", "y3")
_STRIP = 0.34
"""The height of the strip of dots, of the density's."""
_TOP = 1.12
_HIGHEST_SCORE = 6.0
_MOST = 0.8
"""The share of the frames whose highest point lies in the lower panel."""


def score_size(film: ScoreFilm, start: int, outer: Tensor) -> Picture:
    """The picture at frame `start`; outer (n,) says which of the film's samples fall beyond the middle of q."""
    red = theme.ESTIMATOR_COLOURS["score_function"]
    lanes = -_STRIP * (0.2 + 0.7 * ((np.arange(1, film.samples.shape[1] + 1) * 0.618034) % 1.0))
    peak, outermost = _peak(film), outer.numpy()
    ends = {"line": {"color": theme.TEXT, "dash": "dash", "width": 1.2}, "showlegend": False}
    dot = {"color": theme.SAMPLE, "size": 7, "line": {"color": theme.BACKGROUND, "width": 1}}
    star = {"color": theme.CURVE, "size": 12, "symbol": "star", "line": {"color": theme.TEXT, "width": 1}}
    shade = {"line": {"color": theme.TEXT, "width": 2}, "fill": "tozeroy", "fillcolor": theme.FAINT}
    data = [
        scatter("lines", UPPER, showlegend=False, **shade),
        scatter("lines", SCORES, line={"color": red, "width": 3}, showlegend=False),
        scatter("lines", UPPER, y=[-_STRIP, _TOP, None, -_STRIP, _TOP], **ends),
        scatter("markers", UPPER, y=lanes[~outermost], marker=dot, showlegend=False),
        scatter("markers", UPPER, y=lanes[outermost], marker=star, name="a sample in the outer 5 %"),
    ]
    for name in COMPARED:
        colour = theme.ESTIMATOR_COLOURS[name]
        data.append(
            scatter(
                "lines",
                LOWER,
                line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 3},
                fill="tozeroy",
                fillcolor=theme.with_alpha(colour, 0.15),
                name=short(name),
            )
        )
    data.append(scatter("lines", LOWER, y=[0, peak, None, 0, peak], **ends))
    for trace in data:
        trace["hoverinfo"] = "skip"
    layout = {"margin": {"l": 58, "r": 58, "t": 30, "b": 44}, **_axes(film, red, peak)}
    return Picture({"data": data, "layout": layout}, at_frame(updates(film, outer), start))


def _axes(film: ScoreFilm, red: str, peak: float) -> dict[str, Any]:
    upper, lower = stacked([0.55, 0.45], 0.04)
    top = _highest_score(film)
    ticks = [tick for tick in ((0, 1, 2) if top < 3 else (0, 2, 4, 6)) if tick <= top]
    return {
        "xaxis": axis(anchor="y", range=list(film.axis), matches="x2", **UNMARKED),
        "yaxis": axis("density q", anchor="x", domain=upper, range=[-_STRIP, _TOP], **UNMARKED),
        "yaxis2": {
            **axis(anchor="x", overlaying="y", side="right", range=[-_STRIP / _TOP * top, top], showgrid=False),
            "title": {"text": f"{theme.badge(red)}|score| / its r.m.s."},
            "tickvals": ticks,
        },
        "xaxis2": axis("sample x", anchor="y3", range=list(film.axis), showgrid=False),
        "yaxis3": axis("second moment", anchor="x2", domain=lower, range=[0, peak], **UNMARKED),
    }


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
