"""Running means that jump, sample variances that keep growing, and where along df the variance becomes finite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.core.experiments.heavy_tail import DF, SIZES, HeavyTail, Running
from explorer.figures import theme
from explorer.figures.panels import axis, beside, level, note, scatter, stacked, upright
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import word
from explorer.text.numbers import number

MEANS, VARIANCES, FINITE, HERE, DOT = 0, 2, 3, 5, 6
"""The traces that a film moves."""
OVER_N, OVER_DF = ("x2", "y2"), ("x3", "y3")
MEAN_RANGE = [0.4, 1.8]
"""Of a running mean, in gradients."""
DECADES = 5.0
"""The most that the axis of sample variances spans."""


def heavy_tail(film: HeavyTail, found: Running) -> Picture:
    """The picture at frame `film.now`; running means are divided by the exact gradient."""
    (left, right), (upper, lower) = beside([0.48, 0.52], 0.1), stacked([0.55, 0.45], 0.24)
    colour = theme.ESTIMATOR_COLOURS[film.estimator]
    thin = {"color": colour, "width": 1.3}
    n = SIZES.double()
    low, high = _exponents(found.variance)
    known = film.variance[film.variance.isfinite()].log10()
    bottom, top = float(known.min()) - 0.2, float(known.max()) + 0.4
    last = found.variance[-1].median(0).values
    data = [
        scatter("lines", x=_repeated(n, found), line=thin, showlegend=False),
        scatter(
            "lines",
            OVER_N,
            x=n,
            y=last,
            line={"color": theme.MARK, "width": 3},
            name=word("heavy_tail.thin", df=number(float(film.values[-1]))),
        ),
        scatter("lines", OVER_N, x=_repeated(n, found), line=thin, showlegend=False),
        scatter("lines", OVER_N, x=[10.0, float(n[-1])], line=theme.EXACT_LINE, name=word("heavy_tail.exact")),
        scatter(
            "lines",
            OVER_DF,
            x=film.values,
            y=torch.where(film.variance.isfinite(), film.variance, torch.nan),
            line={"color": colour, "width": 2.5, "dash": theme.ESTIMATOR_DASHES[film.estimator]},
            showlegend=False,
        ),
        scatter("lines", OVER_DF, y=[10**bottom, 10**top], line={"color": theme.MARK, "width": 2}, showlegend=False),
        scatter("markers", OVER_DF, marker=_marker(film.estimator), showlegend=False),
    ]
    for trace in data:
        trace |= {"hoverinfo": "skip"}
    along = {"type": "log", "range": [1, math.log10(float(n[-1]))], "dtick": 1.0}
    layout = {
        "xaxis": axis("n", anchor="y", domain=left, **along),
        "yaxis": axis(word("heavy_tail.mean"), anchor="x", range=MEAN_RANGE),
        "xaxis2": axis("n", anchor="y2", domain=right, **along),
        "yaxis2": axis(
            word("heavy_tail.sampled"), anchor="x2", domain=upper, type="log", range=[low, high], **_few(low, high)
        ),
        "xaxis3": axis(DF.label, anchor="y3", domain=right, range=[DF.slider[0] - 0.2, DF.slider[1] + 0.2]),
        "yaxis3": axis(
            word("heavy_tail.variance"), anchor="x3", domain=lower, type="log", range=[bottom, top], **_few(bottom, top)
        ),
        "margin": {"l": 58, "r": 14, "t": 30, "b": 44},
        "legend": {"x": 1, "xanchor": "right"},
        "shapes": [level(1.0, theme.EXACT_LINE), *_unbounded(film)],
        "annotations": _notes(film),
    }
    return Picture({"data": data, "layout": layout}, at_frame(updates(film, found), film.now))


def _marker(name: str) -> dict[str, Any]:
    look = {"color": theme.ESTIMATOR_COLOURS[name], "symbol": theme.ESTIMATOR_MARKERS[name], "size": 11}
    return {**look, "line": {"color": theme.TEXT, "width": 1}}


def _few(low: float, high: float) -> dict[str, Any]:
    return {"dtick": float(max(1, math.ceil((high - low) / 3)))}


def _unbounded(film: HeavyTail) -> list[dict[str, Any]]:
    """The stretch of df on which the variance is infinite, and its end."""
    if film.ends is None:
        return []
    place = {"xref": "x3", "yref": "y3 domain", "x0": DF.slider[0] - 0.2, "x1": film.ends[0], "y0": 0, "y1": 1}
    shade = {"type": "rect", "fillcolor": theme.FAINT, "line": {"width": 0}, "layer": "below", **place}
    return [shade, upright(film.ends[0], theme.EXACT_LINE, OVER_DF)]


def _notes(film: HeavyTail) -> list[dict[str, Any]]:
    if film.ends is None:
        return []
    text = f"<b>{word('heavy_tail.unbounded')}</b>"
    return [note(text, film.ends[0], 0.02, xref="x3", yref="y3 domain", xanchor="left", yanchor="bottom", xshift=4)]


def _repeated(n: Tensor, found: Running) -> Tensor:
    """n once for each repetition, with a gap after each."""
    return _with_gaps(n.expand(found.mean.shape[1], -1))


def _with_gaps(lines: Tensor) -> Tensor:
    """Lines (…, R, n) as one, (…, R (n + 1)), a gap after each."""
    gap = torch.full_like(lines[..., :1], torch.nan)
    return torch.cat([lines, gap], dim=-1).flatten(-2)


def _exponents(variance: Tensor) -> tuple[float, float]:
    shown = variance[variance > 0].log10()
    high = float(shown.max()) + 0.1
    return max(float(shown.quantile(0.02)), high - DECADES), high


def updates(film: HeavyTail, found: Running) -> Sequence[Update]:
    """What changes from one df to the next: (trace, attribute, (F, n)) for each moving trace."""
    here = film.values.unsqueeze(1)
    exact = torch.where(film.variance.isfinite(), film.variance, torch.nan).unsqueeze(1)
    return [
        (MEANS, "y", _with_gaps(found.mean / film.gradient[:, None, None])),
        (VARIANCES, "y", _with_gaps(torch.where(found.variance > 0, found.variance, torch.nan))),
        (FINITE, "y", exact.expand(-1, 2)),
        (HERE, "x", here.expand(-1, 2)),
        (DOT, "x", here),
        (DOT, "y", exact),
    ]
