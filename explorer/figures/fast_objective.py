"""A fast f with its slopes at a few samples, and both variances against k with the place where they cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.core.experiments.fast_objective import PAIR, FastObjective
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, beside, logarithmic_ticks, note, scatter, upright
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import short, word
from explorer.text.numbers import number

CURVE, SLOPES, SAMPLES, HERE, DOTS = 1, 2, 3, 4, 7
"""The traces that a film moves."""
VARIANCES = ("x2", "y3")
LENGTH = 0.07
"""Half the length of a slope's mark, as a share of the panel's width."""
DECADES = 5.0
"""The most that the variance axis spans."""
TALL = 1.25
"""The panel's height over its width, about."""


def fast_objective(film: FastObjective, samples: Tensor) -> Picture:
    """The picture at frame `film.now`, with dots at samples x (n,)."""
    low, high = _exponents(film)
    left, right = beside([0.46, 0.54], 0.09)
    q = film.problem.family.log_prob(film.x, film.problem.tensors(film.x)).exp()
    dot = {"size": 9, "color": theme.SAMPLE, "line": {"color": theme.BACKGROUND, "width": 1}}
    data = [
        scatter("lines", x=film.x, y=q, fill="tozeroy", fillcolor=theme.FAINT, line={"color": theme.FAINT, "width": 1}),
        scatter("lines", ("x", "y2"), x=film.x, line={"color": theme.CURVE, "width": 2, "simplify": False}),
        scatter("lines", ("x", "y2"), line={"color": theme.ESTIMATOR_COLOURS["pathwise"], "width": 3.5}),
        scatter("markers", ("x", "y2"), x=samples, marker=dot),
        scatter("lines", VARIANCES, y=[10**low, 10**high], line={"color": theme.MARK, "width": 2}),
        *(_curve(name, film) for name in PAIR),
        scatter("markers", VARIANCES, marker=_dots()),
    ]
    for trace in data:
        trace |= {} if "name" in trace else {"hoverinfo": "skip", "showlegend": False}
    f_range = [float(end) for end in film.levels.aminmax()]
    pad = 0.12 * (f_range[1] - f_range[0])
    layout = {
        "xaxis": axis("x", anchor="y", domain=left, range=[float(film.x[0]), float(film.x[-1])]),
        "yaxis": axis(anchor="x", range=[0, 2.4 * float(q.max())], **UNMARKED),
        "yaxis2": axis(
            "f", anchor="x", overlaying="y", side="left", range=[f_range[0] - pad, f_range[1] + pad], **_FEW_TICKS
        ),
        "xaxis2": axis(film.parameter.label, anchor="y3", domain=right, range=[0, float(film.values[-1]) * 1.02]),
        "yaxis3": axis(
            word("fast_objective.variance"), anchor="x2", type="log", range=[low, high], **logarithmic_ticks(low, high)
        ),
        "margin": {"l": 58, "r": 14, "t": 30, "b": 44},
        "legend": {"x": 1, "xanchor": "right"},
        "shapes": [upright(turn.at, theme.EXACT_LINE, VARIANCES) for turn in film.turns],
        "annotations": [
            note(
                f"<b>k = {number(turn.at, 4)}</b>",
                turn.at,
                0.02,
                xref="x2",
                yref="y3 domain",
                xanchor="left",
                yanchor="bottom",
                xshift=4,
            )
            for turn in film.turns
        ],
    }
    return Picture({"data": data, "layout": layout}, at_frame(updates(film, samples), film.now))


_FEW_TICKS = {"showgrid": False, "tickmode": "auto", "nticks": 5}


def _curve(name: str, film: FastObjective) -> dict[str, Any]:
    line = {"color": theme.ESTIMATOR_COLOURS[name], "dash": theme.ESTIMATOR_DASHES[name], "width": 3}
    hover = f"{short(name)}: %{{y:.4~r}} at %{{x:.4~r}}<extra></extra>"
    return scatter(
        "lines",
        VARIANCES,
        x=film.values,
        y=film.variances[name],
        line=line,
        name=short(name),
        showlegend=True,
        hovertemplate=hover,
    )


def _dots() -> dict[str, Any]:
    return {
        "color": [theme.ESTIMATOR_COLOURS[name] for name in PAIR],
        "symbol": [theme.ESTIMATOR_MARKERS[name] for name in PAIR],
        "size": 12,
        "line": {"color": theme.TEXT, "width": 1},
    }


def _exponents(film: FastObjective) -> tuple[float, float]:
    """The exponents between which the variance axis runs."""
    found = torch.cat([values[values > 0] for values in film.variances.values()]).log10()
    high = float(found.max()) + 0.2
    return max(float(found.min()) - 0.2, high - DECADES), high


def updates(film: FastObjective, samples: Tensor) -> Sequence[Update]:
    """What changes from one k to the next: (trace, attribute, (F, n)) for each moving trace."""
    f, slope = film.touched(samples)
    width = float(film.x[-1] - film.x[0])
    height = float(film.levels.max() - film.levels.min())
    # Marks of one length on the screen, whatever the slope.
    run = LENGTH * width / (1 + (slope * width / height * TALL).square()).sqrt()
    gap = torch.full_like(run, torch.nan)
    marks = [
        torch.stack(ends, dim=-1).flatten(1) for ends in ((samples - run, samples + run, gap), _rise(f, slope, run))
    ]
    here = film.values.unsqueeze(1)
    return [
        (CURVE, "y", film.levels),
        (SLOPES, "x", marks[0]),
        (SLOPES, "y", marks[1]),
        (SAMPLES, "y", f),
        (HERE, "x", here.expand(-1, 2)),
        (DOTS, "x", here.expand(-1, len(PAIR))),
        (DOTS, "y", torch.stack([film.variances[name] for name in PAIR], dim=1)),
    ]


def _rise(f: Tensor, slope: Tensor, run: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return f - slope * run, f + slope * run, torch.full_like(run, torch.nan)
