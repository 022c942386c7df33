"""A softened bit: its density between 0 and 1, and bias² + variance / n = squared error against the temperature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.core.experiments.temperature import RELAXED, STEADY, TEMPERATURE, Temperature, X
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, beside, note, scatter, stacked
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import short, word

DRAWN = (*RELAXED, *(name for name in STEADY if name != "enumeration"))
"""Enumeration has neither bias nor variance: nothing of it can be drawn on a logarithmic axis."""
PARTS = ("bias", "variance", "error")
"""The panels at the right, from the top."""
DENSITY, HERE, DOTS = 0, (3, 4, 5), (6, 7, 8)
"""The traces that a film moves."""
TOP = 4.0
"""The density is cut here."""
DECADES = 5.0
"""The most that a panel at the right spans."""


def temperature(film: Temperature, n: int) -> Picture:
    """The picture at frame `film.now`; means of n samples are judged."""
    (left, right), rows = beside([0.36, 0.64], 0.1), stacked([1, 1, 1], 0.1)
    heights = _heights(film, n)
    ranges = [_exponents(heights[part]) for part in PARTS]
    between = torch.linspace(0, 1, 201, dtype=torch.float64)
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    f = film.problem.objective
    data = [
        scatter("lines", x=X, fill="tozeroy", fillcolor=theme.FAINT, line={"color": theme.NOISE, "width": 2.5}),
        scatter("lines", ("x", "y2"), x=between, y=f(between), line={"color": theme.CURVE, "width": 2}),
        scatter(
            "markers", ("x", "y2"), x=ends, y=f(ends), marker={"symbol": "diamond", "size": 11, "color": theme.TEXT}
        ),
        *(
            scatter("lines", _on(row), y=[10**low, 10**high], line={"color": theme.MARK, "width": 2})
            for row, (low, high) in enumerate(ranges)
        ),
        *(scatter("markers", _on(row), marker=_dots()) for row in range(len(PARTS))),
    ]
    for trace in data:
        trace |= {"hoverinfo": "skip", "showlegend": False}
    data += [_line(name, row, film, heights[part]) for row, part in enumerate(PARTS) for name in DRAWN]
    layout: dict[str, Any] = {
        "xaxis": axis("x", anchor="y", domain=left, range=[-0.04, 1.04]),
        "yaxis": axis(anchor="x", range=[0, TOP], **UNMARKED),
        "yaxis2": axis("f", anchor="x", overlaying="y", side="left", range=_around(f(between)), **_FEW_TICKS),
        "margin": {"l": 58, "r": 14, "t": 66, "b": 44},
        "legend": {"x": 0, "y": 1.06},
        "annotations": [],
    }
    for row, (part, (low, high)) in enumerate(zip(PARTS, ranges, strict=True)):
        x, y = _on(row)
        last = row == len(PARTS) - 1
        layout[f"xaxis{x[1:]}"] = axis(
            TEMPERATURE.label if last else "",
            anchor=y,
            domain=right,
            range=[0, TEMPERATURE.slider[1] * 1.02],
            showticklabels=last,
        )
        layout[f"yaxis{y[1:]}"] = axis(
            anchor=x, domain=rows[row], type="log", range=[low, high], dtick=float(math.ceil((high - low) / 3))
        )
        place = {"xref": f"{x} domain", "yref": f"{y} domain", "xanchor": "left", "yanchor": "bottom"}
        layout["annotations"].append(note(f"<b>{word(f'temperature.panel.{part}', n=f'{n:,}')}</b>", 0, 1, **place))
    return Picture({"data": data, "layout": layout}, at_frame(updates(film, n), film.now))


_FEW_TICKS = {"showgrid": False, "tickmode": "auto", "nticks": 5}


def _on(row: int) -> tuple[str, str]:
    """The axes of a panel at the right."""
    return f"x{row + 2}", f"y{row + 3}"


def _around(values: Tensor) -> list[float]:
    low, high = (float(end) for end in values.aminmax())
    pad = 0.1 * (high - low)
    return [low - pad, high + pad]


def _heights(film: Temperature, n: int) -> dict[str, Tensor]:
    """The curves of each panel (E, F), NaN where there is nothing to draw on a logarithmic axis."""
    found = {
        "bias": torch.stack([film.biases[name].square() for name in DRAWN]),
        "variance": torch.stack([film.variances[name] / n for name in DRAWN]),
        "error": torch.stack([film.squared_error(name, n) for name in DRAWN]),
    }
    return {part: torch.where(values > 0, values, torch.nan) for part, values in found.items()}


def _exponents(heights: Tensor) -> tuple[float, float]:
    shown = heights[heights.isfinite()].log10()
    if not len(shown):
        return -1.0, 0.0
    high = float(shown.max()) + 0.3
    return max(float(shown.min()) - 0.3, high - DECADES), high


def _line(name: str, row: int, film: Temperature, heights: Tensor) -> dict[str, Any]:
    look = {"color": theme.ESTIMATOR_COLOURS[name], "dash": theme.ESTIMATOR_DASHES[name], "width": 2.5}
    return scatter(
        "lines",
        _on(row),
        x=film.values,
        y=heights[DRAWN.index(name)],
        line=look,
        name=short(name),
        legendgroup=name,
        showlegend=row == len(PARTS) - 1,
        hovertemplate=f"{short(name)}: %{{y:.3~r}} at %{{x:.3~r}}<extra></extra>",
    )


def _dots() -> dict[str, Any]:
    return {
        "color": [theme.ESTIMATOR_COLOURS[name] for name in DRAWN],
        "symbol": [theme.ESTIMATOR_MARKERS[name] for name in DRAWN],
        "size": 9,
        "line": {"color": theme.TEXT, "width": 1},
    }


def updates(film: Temperature, n: int) -> Sequence[Update]:
    """What changes from one temperature to the next: (trace, attribute, (F, n)) for each moving trace."""
    here, heights = film.values.unsqueeze(1), _heights(film, n)
    moved: list[Update] = [(DENSITY, "y", film.density)]
    for line, dots, part in zip(HERE, DOTS, PARTS, strict=True):
        moved += [
            (line, "x", here.expand(-1, 2)),
            (dots, "x", here.expand(-1, len(DRAWN))),
            (dots, "y", heights[part].T),
        ]
    return moved
