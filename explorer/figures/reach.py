"""Where draws in D dimensions lie and where E f comes from, and how much of it n draws ever reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.core.experiments.rare_events import SIZES
from explorer.core.experiments.reach import AVERAGED, DIMENSIONS, SAMPLED, TILTS, Frames, Medians, bands, reach
from explorer.figures import theme
from explorer.figures.panels import axis, beside, note, scatter, stacked
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import word

BAND, DRAWN, SOURCE, EDGE, HERE, HERE_BELOW, LOW, HIGH, FIRST = range(9)
"""The traces that a film moves; from FIRST on three for each of AVERAGED: its exact line, intervals and medians; then
one for each of SIZES."""
LEFT, RADII, SHARES = ("x", "y"), ("x2", "y2"), ("x2", "y3")
_PEAK = 0.85
"""The density of |z| is highest in one dimension, at 0: sqrt(2 / pi)."""
_TOP = 1.12
_LARGEST = 3.2
"""The radius at the top of the panel that has them all in units of √D: what is beyond it is cut off."""
_LOOKS = {
    "value": {"color": theme.CURVE, "dash": "solid", "symbol": "circle"},
    "pathwise": {
        "color": theme.ESTIMATOR_COLOURS["pathwise"],
        "dash": theme.ESTIMATOR_DASHES["pathwise"],
        "symbol": theme.ESTIMATOR_MARKERS["pathwise"],
    },
}


def reached(film: Frames, found: Medians | None, now: int) -> Picture:
    """The picture at frame `now`; the medians of averages, where they are known, stand beside the exact lines."""
    every, shade = torch.tensor(DIMENSIONS), {"width": 0.5, "color": theme.MARK}
    source = {"color": theme.CURVE, "width": 2.5, "dash": "8px,3px"}
    edge, here = {"color": theme.TEXT, "width": 2, "dash": "dash"}, {"color": theme.MARK, "width": 2}
    ends = bands(every)
    data = [
        scatter("lines", LEFT, y=[0, _PEAK, _PEAK, 0], line=shade, fill="tozeroy", fillcolor=theme.FAINT),
        scatter("lines", LEFT, x=film.radii, line={"color": theme.SAMPLE, "width": 3}),
        scatter("lines", LEFT, x=film.radii, line={"color": theme.CURVE, "width": 3, "dash": "8px,3px"}),
        scatter("lines", LEFT, y=[0, _PEAK], line=edge),
        scatter("lines", RADII, y=[0, _LARGEST], line=here),
        scatter("lines", SHARES, y=[0, _TOP], line=here),
        *(scatter("lines", RADII, x=DIMENSIONS, line=source) for _ in range(2)),
    ]
    for name in AVERAGED:
        look = _LOOKS[name]
        dots = {"color": look["color"], "symbol": look["symbol"], "size": 8, "line": {"color": theme.TEXT, "width": 1}}
        line = {"color": look["color"], "width": 2.5, "dash": look["dash"]}
        data += [
            scatter("lines", SHARES, x=DIMENSIONS, line=line),
            scatter("lines", SHARES, x=_thrice(SAMPLED), line={"color": look["color"], "width": 2}),
            scatter("markers", SHARES, x=SAMPLED, marker=dots),
        ]
    solid, faint = {"color": theme.SAMPLE, "width": 2}, {"color": theme.MARK, "width": 1.2, "dash": "dot"}
    data += [
        *(scatter("lines", SHARES, x=DIMENSIONS, line=faint) for _ in SIZES),
        *(scatter("lines", RADII, x=DIMENSIONS, y=ends[:, side] / _root(), line=solid) for side in (0, 1)),
        scatter("lines", RADII, x=DIMENSIONS, y=reach(film.n, every) / _root(), line=edge),
        scatter("markers", LEFT, x=[0], y=[0], marker={"symbol": "diamond", "size": 12, "color": theme.TEXT}),
    ]
    for each in data:
        each |= {"showlegend": False, "hoverinfo": "skip"}
    layout = {**_axes(film), "margin": {"l": 52, "r": 14, "t": 46, "b": 42}, "annotations": _notes(film)}
    return Picture({"data": data, "layout": layout}, at_frame(updates(film, found), now))


def updates(film: Frames, found: Medians | None) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace."""
    at = film.dimensions.unsqueeze(1).expand(-1, 2)
    root, (low, high) = _root(), film.band.unbind(1)
    moving: list[Update] = [
        (BAND, "x", torch.stack((low, low, high, high), dim=1)),
        (DRAWN, "y", film.drawn.clamp(max=_PEAK)),
        (SOURCE, "y", film.source.clamp(max=_PEAK)),
        (EDGE, "x", film.reach.unsqueeze(1).expand(-1, 2)),
        (HERE, "x", at),
        (HERE_BELOW, "x", at),
        (LOW, "y", film.bands[..., 0] / root),
        (HIGH, "y", film.bands[..., 1] / root),
    ]
    for place, name in enumerate(AVERAGED):
        low, high, median = _medians(film, found, name)
        gaps = torch.stack((low, high, torch.full_like(low, torch.nan)), dim=2).flatten(1)
        values = film.shares[name], gaps.clamp(max=_TOP), median
        moving += [(FIRST + 3 * place + part, "y", each) for part, each in enumerate(values)]
    last = FIRST + 3 * len(AVERAGED)
    moving += [(last + place, "y", film.at_sizes[:, place]) for place in range(len(SIZES))]
    return moving


def _medians(film: Frames, found: Medians | None, name: str) -> tuple[Tensor, Tensor, Tensor]:
    """The ends of each median's interval and itself, (F, S) each, at the t of each frame; NaN before they are known."""
    if found is None:
        nothing = torch.full((len(film.tilts), len(SAMPLED)), torch.nan, dtype=torch.float64)
        return nothing, nothing, nothing
    places = (film.tilts.unsqueeze(1) - torch.tensor(TILTS, dtype=torch.float64)).abs().argmin(1)
    low, high, median = (part[name].T[places] for part in (found.low, found.high, found.median))
    return low, high, median


def _root() -> Tensor:
    """√D for all of DIMENSIONS."""
    return torch.tensor(DIMENSIONS, dtype=torch.float64).sqrt()


def _thrice(values: Sequence[float]) -> list[float]:
    return [value for value in values for _ in range(3)]


def _axes(film: Frames) -> dict[str, Any]:
    left, right = beside([0.5, 0.5], 0.1)
    upper, lower = stacked([1, 1], 0.06)
    dimensions = {"type": "log", "domain": right, "range": [-0.05, 2.75], "dtick": 1}
    return {
        "xaxis": axis("|z|", anchor="y", domain=left, range=[-0.02 * float(film.radii[-1]), float(film.radii[-1])]),
        "yaxis": axis(word("reach.density"), anchor="x", domain=[0, 1], range=[0, _PEAK], nticks=5),
        "xaxis2": axis(word("reach.dimension"), anchor="y3", **dimensions),
        "yaxis2": axis("|z| / √D", anchor="x2", domain=upper, range=[0, _LARGEST], nticks=5),
        "yaxis3": axis(word("reach.share"), anchor="x2", domain=lower, range=[0, _TOP], nticks=5),
    }


def _notes(film: Frames) -> list[dict[str, Any]]:
    over = {"yref": "paper", "xref": "paper", "xanchor": "center", "yanchor": "bottom", "yshift": 2}
    drawn, source = (theme.badge(_DRAWN[name]) + word(f"reach.where.{name}") for name in _DRAWN)
    value, slope = (theme.badge(_LOOKS[name]["color"]) + word(f"reach.of.{name}") for name in AVERAGED)
    left = f"{drawn}  {source}<br>{word('reach.reach', n=f'{film.n:,}')}"
    right = f"{value}  {slope}<br>{word('reach.lines')}"
    densest = {"xanchor": "left", "yanchor": "bottom", "yshift": 8, "xshift": -4, "font": {"size": 11}}
    sizes = word("reach.faint", least=f"{SIZES[0]:,}", most=f"{SIZES[-1]:,}")
    foot = {"xref": "x2 domain", "yref": "y3 domain", "xanchor": "left", "yanchor": "bottom", "font": {"size": 11}}
    return [
        note(left, 0.22, 1, **over),
        note(right, 0.78, 1, **over),
        note(word("reach.densest"), 0, 0, **densest),
        note(sizes, 0.02, 0.02, **foot),
    ]


_DRAWN = {"drawn": theme.SAMPLE, "source": theme.CURVE}
