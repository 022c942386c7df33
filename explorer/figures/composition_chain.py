"""A strip a step, the noise on top and the sample below, and the thread that leads the star from strip to strip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.core.experiments.composition_chain import Chain, ChainFilm
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, note, scatter, stacked
from explorer.figures.picture import Picture, Update, at_frame

GAP = 0.13
STILL = {"fixedrange": True, "zeroline": False}
"""The thread is drawn over all strips: none may be zoomed under it."""


def composition_chain(chain: Chain, film: ChainFilm, labels: Sequence[str], marked: int) -> Picture:
    """The picture at the film's start. `labels` names each strip, the noise first; the dot `marked` is starred."""
    strips = stacked([1.0] * len(film.stages), GAP)
    data, notes = [], []
    layout: dict[str, Any] = {}
    star = {"color": theme.CURVE, "size": 13, "symbol": "star", "line": {"color": theme.TEXT, "width": 1}}
    for i, stage in enumerate(film.stages):
        on, name = _axes(i)
        lanes = _lanes(*stage.shape[1:])
        dot = {"color": _colour(i, len(film.stages)), "size": 6, "line": {"color": theme.BACKGROUND, "width": 0.7}}
        data.append(scatter("markers", on, y=lanes.flatten(), marker=dot))
        data.append(scatter("markers", on, y=lanes[marked], marker=star))
        low, high = chain.windows[i]
        pad = 0.015 * (high - low)
        layout[f"xaxis{name}"] = axis(anchor=on[1], range=[low - pad, high + pad], nticks=9, **STILL)
        layout[f"yaxis{name}"] = axis(anchor=on[0], domain=strips[i], range=[0, 1], **UNMARKED, **STILL)
        notes.append(
            note(labels[i], 0, strips[i][1], xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=-1)
        )
    over, name = _axes(len(film.stages))
    thread = {"color": theme.CURVE, "width": 1.6, "dash": "dot"}
    data.append(scatter("lines", over, y=_thread_heights(film, strips, marked), line=thread))
    layout[f"xaxis{name}"] = axis(anchor=over[1], range=[0, 1], visible=False, **STILL)
    layout[f"yaxis{name}"] = axis(anchor=over[0], domain=[0, 1], range=[0, 1], visible=False, **STILL)
    for trace in data:
        trace |= {"hoverinfo": "skip", "showlegend": False}
    layout |= {"margin": {"l": 12, "r": 12, "t": 22, "b": 26}, "annotations": notes}
    return Picture({"data": data, "layout": layout}, at_frame(updates(chain, film, marked), film.start))


def updates(chain: Chain, film: ChainFilm, marked: int) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace."""
    moved: list[Update] = []
    for i, stage in enumerate(film.stages):
        moved += [(2 * i, "x", stage.flatten(1)), (2 * i + 1, "x", stage[:, marked])]
    shares = []
    for (low, high), stage in zip(chain.windows, film.stages, strict=True):
        pad = 0.015 * (high - low)
        shares.append((stage[:, marked] - (low - pad)) / (high - low + 2 * pad))
    ends = [
        torch.stack((shares[i][:, one], shares[i + 1][:, other], torch.full_like(shares[i][:, one], math.nan)), dim=-1)
        for i, one, other in _threads(film)
    ]
    return [*moved, (2 * len(film.stages), "x", torch.cat(ends, dim=-1))]


def _threads(film: ChainFilm) -> list[tuple[int, int, int]]:
    """(strip, column in it, column in the next): to the same column where there are as many, else to each."""
    found = []
    for i, (stage, following) in enumerate(zip(film.stages[:-1], film.stages[1:], strict=True)):
        k, m = stage.shape[-1], following.shape[-1]
        found += [(i, one, other) for one in range(k) for other in range(m) if k != m or one == other]
    return found


def _thread_heights(film: ChainFilm, strips: Sequence[Sequence[float]], marked: int) -> Tensor:
    """Where each thread begins and ends, in shares of the whole picture's height."""
    heights = [
        low + (high - low) * _lanes(*stage.shape[1:])[marked]
        for (low, high), stage in zip(strips, film.stages, strict=True)
    ]
    ends = [[float(heights[i][one]), float(heights[i + 1][other]), math.nan] for i, one, other in _threads(film)]
    return torch.tensor(ends, dtype=torch.float64).flatten()


def _lanes(n: int, k: int) -> Tensor:
    """Heights (n, k) in a strip, a row a column of numbers, the dots spread over the row by golden-ratio steps."""
    spread = (torch.arange(1, n + 1, dtype=torch.float64) * 0.618034) % 1.0 - 0.5
    rows = (k - 0.5 - torch.arange(k, dtype=torch.float64)) / k
    return rows + 0.7 / k * spread.unsqueeze(1)


def _axes(i: int) -> tuple[tuple[str, str], str]:
    """The axes of the strip i, as a trace and as the layout names them."""
    name = "" if i == 0 else f"{i + 1}"
    return (f"x{name}", f"y{name}"), name


def _colour(i: int, n: int) -> Any:
    return theme.NOISE if i == 0 else theme.SAMPLE if i == n - 1 else theme.MARK
