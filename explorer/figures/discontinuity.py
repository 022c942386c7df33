"""Where f jumps or the support moves: f and q, E f with the slopes that are claimed for it, and the estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.core.experiments.discontinuity import REPAIRED, Discontinuity
from explorer.core.experiments.sweep import Estimates, in_frames
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, beside, note, scatter, stacked
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import word

ROWS = ("score_function", "pathwise", REPAIRED)
DENSITY, CLAIMED, TRUE_SLOPE, HERE = 0, (3, 4), 5, 6
EXACT, MISSING, BARS, DOTS = 7, 8, (9, 10, 11), (12, 13, 14)
"""The traces that a film moves."""
POINTS = 241
OVER_J, OVER_ROWS = ("x2", "y3"), ("x3", "y4")
FEW_TICKS = {"showgrid": False, "tickmode": "auto", "nticks": 4}
REACH = 0.11
"""Half the length of a tangent, as a share of the slider."""
ERRORS = 2.0
"""A bar reaches so many standard errors to each side."""
_BESIDE = 1e-6


def discontinuity(film: Discontinuity, samples: Mapping[str, Estimates], axis_of_x: tuple[float, float]) -> Picture:
    """The picture at frame `film.now`. axis_of_x: the range on which f and the density are drawn."""
    levels = torch.linspace(*axis_of_x, POINTS, dtype=torch.float64)
    moving = updates(film, samples, axis_of_x)
    density = next(values for trace, _, values in moving if trace == DENSITY)
    f_x, f_y = f_line(film, axis_of_x)
    data = [
        scatter("lines", x=levels, fill="tozeroy", fillcolor=theme.FAINT, line={"color": theme.FAINT, "width": 1}),
        scatter("lines", ("x", "y2"), x=f_x, y=f_y, line={"color": theme.CURVE, "width": 2.5}),
        scatter(
            "lines", OVER_J, x=film.values, y=film.value, line={"color": theme.MARK, "width": 2, "simplify": False}
        ),
        *(scatter("lines", OVER_J, line=_line(name)) for name in ROWS[:2]),
        scatter("lines", OVER_J, line=theme.EXACT_LINE),
        scatter("markers", OVER_J, marker={"symbol": "diamond", "size": 10, "color": theme.TEXT}),
        scatter("lines", OVER_ROWS, y=[-0.6, 2.6], line=theme.EXACT_LINE, name=word("discontinuity.exact")),
        scatter(
            "lines",
            OVER_ROWS,
            y=[_place(film.lacking)] * 2,
            line={"color": theme.CURVE, "width": 9},
            opacity=0.55,
            name=word("discontinuity.missing"),
        ),
        *(scatter("lines", OVER_ROWS, y=[_place(name)] * 2, line={**_line(name), "dash": "solid"}) for name in ROWS),
        *(scatter("markers", OVER_ROWS, y=[_place(name)], marker=_marker(name)) for name in ROWS),
    ]
    for number, trace in enumerate(data):
        trace |= {"hoverinfo": "skip", "showlegend": number in (EXACT, MISSING)}
    layout = {
        **_axes(film, samples, axis_of_x, float(density.max()), f_y),
        "legend": {"x": 1, "xanchor": "right", "y": 1},
    }
    layout |= {"margin": {"l": 58, "r": 14, "t": 30, "b": 44}}
    return Picture({"data": data, "layout": layout}, at_frame(moving, film.now))


def _line(name: str) -> dict[str, Any]:
    return {"color": theme.ESTIMATOR_COLOURS[name], "dash": theme.ESTIMATOR_DASHES[name], "width": 4}


def _marker(name: str) -> dict[str, Any]:
    look = {"color": theme.ESTIMATOR_COLOURS[name], "symbol": theme.ESTIMATOR_MARKERS[name], "size": 13}
    return {**look, "line": {"color": theme.TEXT, "width": 1}}


def _place(name: str) -> int:
    """The height of an estimator's row, the first on top."""
    return len(ROWS) - 1 - ROWS.index(name)


def f_line(film: Discontinuity, axis_of_x: tuple[float, float]) -> tuple[Tensor, Tensor]:
    """f on the axis, cut where it jumps."""
    x = torch.linspace(*axis_of_x, 601, dtype=torch.float64)
    objective = film.problem.objective
    for jump in objective.jumps:
        x = torch.cat([x, torch.tensor([jump.at - _BESIDE, jump.at + _BESIDE], dtype=torch.float64)])
    x = x.sort().values
    y = objective(x)
    for jump in objective.jumps:
        cut = int((x < jump.at).sum())
        x = torch.cat([x[:cut], torch.tensor([float(jump.at)], dtype=torch.float64), x[cut:]])
        y = torch.cat([y[:cut], torch.tensor([torch.nan], dtype=torch.float64), y[cut:]])
    return x, y


def _axes(
    film: Discontinuity,
    samples: Mapping[str, Estimates],
    axis_of_x: tuple[float, float],
    top: float,
    f_y: Tensor,
) -> dict[str, Any]:
    (left, right), (upper, lower) = beside([0.5, 0.5], 0.07), stacked([0.4, 0.6], 0.17)
    bars = [each.mean + sign * ERRORS * each.standard_error for each in samples.values() for sign in (-1, 1)]
    slopes = torch.cat([film.slope, *film.expected.values(), *bars])
    names = [
        word(f"discontinuity.row.{film.lacking}") if name == REPAIRED else word(f"estimator.{name}.short")
        for name in ROWS
    ]
    label = film.parameter.letter
    place = {"xref": "x3 domain", "yref": "y4", "xanchor": "left", "yanchor": "bottom"}
    return {
        "xaxis": axis("x", anchor="y", domain=left, range=list(axis_of_x)),
        "yaxis": axis(anchor="x", domain=upper, range=[0, 1.15 * top], **UNMARKED),
        "yaxis2": axis(
            "f", anchor="x", overlaying="y", side="left", range=_padded(f_y[f_y.isfinite()], 0.08), **FEW_TICKS
        ),
        "xaxis2": axis(film.parameter.label, anchor="y3", domain=left, range=_padded(film.values, 0.02)),
        "yaxis3": axis("E f", anchor="x2", domain=lower, range=_padded(film.value, 0.2), nticks=6),
        "xaxis3": axis(
            word("discontinuity.slope", symbol=label), anchor="y4", domain=right, range=_padded(slopes, 0.08)
        ),
        "yaxis4": axis(anchor="x3", domain=[0, 1], range=[-0.6, 2.6], **UNMARKED),
        "annotations": [
            note(theme.badge(theme.ESTIMATOR_COLOURS[name]) + said, 0, _place(name) + 0.16, **place)
            for name, said in zip(ROWS, names, strict=True)
        ],
    }


def _padded(values: Tensor, share: float) -> list[float]:
    low, high = (float(end) for end in values.aminmax())
    pad = share * (high - low) or 0.5
    return [low - pad, high + pad]


def updates(film: Discontinuity, samples: Mapping[str, Estimates], axis_of_x: tuple[float, float]) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace."""
    levels = torch.linspace(*axis_of_x, POINTS, dtype=torch.float64)
    theta = in_frames(film.problem.theta, film.parameter, film.values)
    density = film.problem.family.log_prob(levels.expand(len(film.values), -1), theta).exp()
    reach = REACH * float(film.values[-1] - film.values[0])
    either = torch.tensor([-reach, reach], dtype=torch.float64)
    run = film.values.unsqueeze(1) + either
    slopes = [film.slope, *(film.means[name] for name in ROWS[:2])]
    moved: list[Update] = [
        (DENSITY, "y", density),
        (HERE, "x", film.values.unsqueeze(1)),
        (HERE, "y", film.value.unsqueeze(1)),
    ]
    for trace, slope in zip((TRUE_SLOPE, *CLAIMED), slopes, strict=True):
        moved += [(trace, "x", run), (trace, "y", film.value.unsqueeze(1) + slope.unsqueeze(1) * either)]
    gap = torch.stack([film.means[film.lacking], film.expected[REPAIRED]], dim=1)
    moved += [(EXACT, "x", film.slope.unsqueeze(1).expand(-1, 2)), (MISSING, "x", gap)]
    for bar, dot, name in zip(BARS, DOTS, ROWS, strict=True):
        mean, error = samples[name].mean.unsqueeze(1), samples[name].standard_error.unsqueeze(1)
        moved += [(bar, "x", torch.cat([mean - ERRORS * error, mean + ERRORS * error], dim=1)), (dot, "x", mean)]
    return moved
