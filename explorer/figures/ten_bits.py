"""Bias and standard deviation of one sample of each estimator, in one bit of a real model's code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, beside, logarithmic_ticks, note, scatter, upright
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import short, word
from explorer.vae.ten_bits import ALL, TenBits

ERRORS = 2.0
"""A bar reaches so many standard errors to each side."""
RIGHT = ("x2", "y2")
LEAST = 1e-4
"""No deviation is drawn below this."""


def ten_bits(film: TenBits) -> Picture:
    """The picture at frame `film.now`. Bars are of what is estimated; what has none is exact."""
    left, right = beside([0.5, 0.5], 0.06)
    bars = [
        scatter("lines", on, y=[_place(name)] * 2, line=_bar(name)) for name in film.rows for on in (("x", "y"), RIGHT)
    ]
    dots = [
        scatter("markers", on, y=[_place(name)], marker=_marker(name))
        for name in film.rows
        for on in (("x", "y"), RIGHT)
    ]
    for trace in (*bars, *dots):
        trace |= {"hoverinfo": "skip", "showlegend": False}
    ends = torch.cat(
        [film.biases[name] + sign * ERRORS * film.bias_errors[name] for name in film.rows for sign in (-1, 1)]
    )
    low, high = (float(end) for end in ends.aminmax())
    pad = 0.1 * (high - low) or 0.1
    deviations = torch.cat([film.deviations[name] for name in film.rows]).clamp(min=LEAST).log10()
    least, most = float(deviations.min()) - 0.3, float(deviations.max()) + 0.3
    rows = {"range": [-0.6, len(ALL) - 0.3], **UNMARKED}
    layout = {
        "xaxis": axis(word("ten_bits.bias"), anchor="y", domain=left, range=[low - pad, high + pad]),
        "yaxis": axis(anchor="x", **rows),
        "xaxis2": axis(
            word("ten_bits.deviation"),
            anchor="y2",
            domain=right,
            type="log",
            range=[least, most],
            **logarithmic_ticks(least, most),
        ),
        "yaxis2": axis(anchor="x2", **rows),
        "margin": {"l": 20, "r": 14, "t": 20, "b": 44},
        "shapes": [upright(0.0, theme.EXACT_LINE)],
        "annotations": [
            note(
                theme.badge(theme.ESTIMATOR_COLOURS[name]) + short(name),
                0,
                _place(name) + 0.14,
                xref="x domain",
                yref="y",
                xanchor="left",
                yanchor="bottom",
                bgcolor=theme.BACKGROUND,
            )
            for name in film.rows
        ],
    }
    return Picture({"data": [*bars, *dots], "layout": layout}, at_frame(updates(film), film.now))


def _place(name: str) -> int:
    """The height of an estimator's row, the first on top."""
    return len(ALL) - 1 - ALL.index(name)


def _bar(name: str) -> dict[str, Any]:
    return {"color": theme.ESTIMATOR_COLOURS[name], "width": 3.5}


def _marker(name: str) -> dict[str, Any]:
    look = {"color": theme.ESTIMATOR_COLOURS[name], "symbol": theme.ESTIMATOR_MARKERS[name], "size": 12}
    return {**look, "line": {"color": theme.TEXT, "width": 1}}


def updates(film: TenBits) -> Sequence[Update]:
    """What changes from bit to bit: (trace, attribute, (F, n)) for each moving trace."""
    bars: list[Update] = []
    dots: list[Update] = []
    shift = 2 * len(film.rows)
    for name in film.rows:
        deviation, error = film.deviations[name].clamp(min=LEAST), film.deviation_errors[name]
        for middle, spread, floor in (
            (film.biases[name], film.bias_errors[name], None),
            (deviation, error, LEAST),
        ):
            place = len(bars)
            bars.append((place, "x", _ends(middle, ERRORS * spread, floor)))
            dots.append((place + shift, "x", middle.unsqueeze(1)))
    return [*bars, *dots]


def _ends(middle: Tensor, reach: Tensor, floor: float | None) -> Tensor:
    ends = torch.stack([middle - reach, middle + reach], dim=1)
    return ends if floor is None else ends.clamp(min=floor)
