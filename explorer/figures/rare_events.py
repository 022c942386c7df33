"""A bump that moves away from q: where draws fall, how averages of them are spread, and what their makers would say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.core.experiments.rare_events import (
    AIMED_WIDTH,
    CONFIDENCE,
    SHARPNESS,
    Averages,
    Decades,
    decades_of,
)
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, beside, note, scatter, stacked, upright
from explorer.figures.picture import Picture, Update, at_frame
from explorer.figures.rare_panels import (
    AIMED_COLOUR,
    COVERED,
    EFFECTIVE,
    MEDIAN,
    MEDIANS,
    PANELS,
    against,
    colour_of,
)
from explorer.text import word

BUMP, PLAIN, PLAIN_MARKS, HERE = 1, 3, 4, (5, 6, 7)
"""The traces that a film moves; with aimed draws four more follow."""
AIMED = (8, 9, 10, 11)
LAMP, SPREAD = ("x", "y"), ("x2", "y2")
AXIS = (-3.6, 6.2)
_POINTS = 491
HALF_BIN = 0.4
_STRIP = 0.3
"""The height of the strip of draws, of the density's."""
SHARES = (0.0, 0.01, 0.1, 0.5, 1.0)


def rare_events(plain: Averages, aimed: Averages | None, others: Sequence[Averages], now: int) -> Picture:
    """The picture at frame `now` of `plain`, with the `aimed` averages beside it where they are asked for.

    `others` are averages of the same kind at other n. A film moves all but the curves at the right.
    """
    scale = decades_of(plain.what)
    data = [*_lamp(plain.noise), *_spread(plain)]
    data += [scatter("lines", on, y=ends, line={"color": theme.MARK, "width": 2}) for on, ends in PANELS]
    if aimed is not None:
        data += _aimed_parts(aimed.noise, scale.edges)
    for each in data:
        each |= {"showlegend": False, "hoverinfo": "skip"}
    layout = {
        **_axes(scale, plain),
        "margin": {"l": 52, "r": 14, "t": 26, "b": 42},
        "showlegend": False,
        "shapes": [
            upright(float(scale.places(torch.ones(1, dtype=torch.float64))), theme.EXACT_LINE, SPREAD),
            *(_level(at, on) for at, on in ((1.0, MEDIAN), (CONFIDENCE, COVERED))),
        ],
        "annotations": _notes([*others, plain]),
    }
    still = {"data": [*data, *against(plain, aimed, others)], "layout": layout}
    return Picture(still, at_frame(updates(plain, aimed), now))


def _level(at: float, on: tuple[str, str]) -> dict[str, Any]:
    ends = {"x0": 0, "x1": 1, "y0": at, "y1": at}
    return {"type": "line", "line": theme.EXACT_LINE, "xref": f"{on[0]} domain", "yref": on[1], **ends}


def updates(plain: Averages, aimed: Averages | None) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace."""
    at = torch.tensor(plain.distances, dtype=torch.float64).unsqueeze(1)
    moving = [
        (BUMP, "y", (-SHARPNESS * (_grid() - at).square()).exp()),
        (PLAIN, "y", _heights(plain)),
        (PLAIN_MARKS, "x", _marks(plain)),
        *((trace, "x", at.expand(-1, 2)) for trace in HERE),
    ]
    if aimed is not None:
        outline, proposal, dots, marks = AIMED
        moving += [
            (outline, "y", _heights(aimed)),
            (proposal, "y", (-(_grid() - at).square() / (2 * AIMED_WIDTH**2)).exp()),
            (dots, "x", at + AIMED_WIDTH * aimed.noise),
            (marks, "x", _marks(aimed)),
        ]
    return moving


def _grid() -> Tensor:
    return torch.linspace(*AXIS, _POINTS, dtype=torch.float64)


def _heights(part: Averages) -> Tensor:
    """The root of the share of the averages in each bin, and 0 beyond the last, (F, edges)."""
    shares = decades_of(part.what).shares(part.ratios).sqrt()
    return torch.cat((shares, torch.zeros_like(shares[:, :1])), dim=1)


def _marks(part: Averages) -> Tensor:
    """Where the median and the mean of all averages stand, (F, 2)."""
    return decades_of(part.what).places(torch.stack((part.median, part.mean), dim=1))


def _lamp(dots: Tensor) -> list[dict[str, Any]]:
    grid = _grid()
    q = (-grid.square() / 2).exp()
    mark = {"color": theme.SAMPLE, "size": 6, "line": {"color": theme.BACKGROUND, "width": 0.7}}
    return [
        scatter(
            "lines", LAMP, x=grid, y=q, line={"color": theme.TEXT, "width": 1.5}, fill="tozeroy", fillcolor=theme.FAINT
        ),
        scatter("lines", LAMP, x=grid, line={"color": theme.CURVE, "width": 3}),
        scatter("markers", LAMP, x=dots, y=_lanes(dots, 0), marker=mark),
    ]


def _lanes(dots: Tensor, row: int) -> Tensor:
    """Heights in a strip under the curves that keep dots apart, always the same."""
    lanes = (torch.arange(1, len(dots) + 1, dtype=torch.float64) * 0.618034) % 1.0
    return -_STRIP * (row + 0.15 + 0.6 * lanes)


def _spread(plain: Averages) -> list[dict[str, Any]]:
    edges, colour = decades_of(plain.what).edges, colour_of(plain.what)
    bars = {"color": colour, "width": 1.5, "shape": "hv"}
    marks = {"symbol": ["triangle-down", "diamond-open"], "size": 11, "color": colour, "line": {"width": 2}}
    return [
        scatter("lines", SPREAD, x=edges, line=bars, fill="tozeroy", fillcolor=theme.with_alpha(colour, 0.3)),
        scatter("markers", SPREAD, y=[1.09, 1.09], marker=marks),
    ]


def _aimed_parts(noise: Tensor, edges: Sequence[float]) -> list[dict[str, Any]]:
    line = {"color": AIMED_COLOUR, "width": 2}
    dots = {"color": AIMED_COLOUR, "size": 6, "symbol": "square", "line": {"color": theme.BACKGROUND, "width": 0.7}}
    marks = {"symbol": ["triangle-down", "diamond-open"], "size": 11, "color": AIMED_COLOUR, "line": {"width": 2}}
    return [
        scatter("lines", SPREAD, x=edges, line={**line, "shape": "hv"}),
        scatter("lines", LAMP, x=_grid(), line={**line, "dash": "dash"}),
        scatter("markers", LAMP, y=_lanes(noise, 1), marker=dots),
        scatter("markers", SPREAD, y=[1.0, 1.0], marker=marks),
    ]


def _axes(scale: Decades, plain: Averages) -> dict[str, Any]:
    left, right = beside([0.53, 0.47], 0.09)
    lamp, spread = stacked([0.42, 0.58], 0.15)
    upper, middle, lower = stacked([1, 1, 1], 0.06)
    edges = scale.edges
    distances = {"range": [plain.distances[0] - 0.05, plain.distances[-1] + 0.05], "domain": right, "nticks": 6}
    places, labels = _ticks(scale)
    return {
        "xaxis": axis(anchor="y", domain=left, range=list(AXIS), title={"text": "x", "standoff": 2}),
        "yaxis": axis(anchor="x", domain=lamp, range=[-2 * _STRIP, 1.05], **UNMARKED),
        "xaxis2": axis(
            word("rare_events.ratio"),
            anchor="y2",
            domain=left,
            range=[edges[0] - HALF_BIN, edges[-1] + HALF_BIN],
            tickvals=places,
            ticktext=labels,
            showgrid=False,
        ),
        "yaxis2": axis(
            word("rare_events.share"),
            anchor="x2",
            domain=spread,
            range=[0, 1.18],
            **(_per_cents(SHARES) | {"tickvals": [math.sqrt(share) for share in SHARES]}),
        ),
        "xaxis3": axis(word("rare_events.distance"), anchor="y5", **distances),
        "yaxis3": axis(word("rare_events.axis.median"), anchor="x3", domain=upper, range=list(MEDIANS), nticks=4),
        "yaxis4": axis(
            word("rare_events.axis.covered"), anchor="x3", domain=middle, range=[0, 1], **_per_cents((0.0, 0.5, 1.0))
        ),
        "yaxis5": axis(
            word("rare_events.axis.effective"), anchor="x3", domain=lower, type="log", range=[-0.1, 4], dtick=2
        ),
    }


def _per_cents(shares: Sequence[float]) -> dict[str, Any]:
    return {"tickvals": list(shares), "ticktext": [word("rare_events.per_cent", share=f"{100 * x:g}") for x in shares]}


def _ticks(scale: Decades) -> tuple[list[float], list[str]]:
    """Places and labels of every other power of ten, and of the bin of all that is smaller."""
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    step = 2 if not scale.signed else 4
    powers = [power for power in range(scale.low + (scale.low % step), scale.high + 1, step) if power != scale.low]
    numbers = [(10.0**power, "1" if power == 0 else f"10{str(power).translate(raised)}") for power in powers]
    numbers = [*[(-value, f"−{text}") for value, text in reversed(numbers) if scale.signed], *numbers]
    places = scale.places(torch.tensor([value for value, _ in numbers], dtype=torch.float64)).tolist()
    small = f"<10{str(scale.low).translate(raised)}"
    return [0.0, *places], [small, *(text for _, text in numbers)]


def _notes(all_n: Sequence[Averages]) -> list[dict[str, Any]]:
    over = {"yref": "paper", "xref": "paper", "xanchor": "center", "yanchor": "bottom", "yshift": 2}
    corner = {"xref": "x2 domain", "yref": "y2 domain", "xanchor": "right", "yanchor": "top"}
    small, left = {"font": {"size": 11}}, {"xanchor": "left", "xshift": 3}
    return [
        note(word("rare_events.lamp"), 0.26, 1, **over),
        note(word("rare_events.against"), 0.79, 1, **over),
        note(word("rare_events.marks"), 1, 1, **corner, **small),
        *(
            note(
                word("rare_events.of_n", n=f"{each.n:,}"),
                each.distances[0],
                math.log10(float(each.effective[0])),
                **{"xref": EFFECTIVE[0], "yref": EFFECTIVE[1], "yanchor": "bottom", **left, **small},
            )
            for each in all_n
        ),
    ]
