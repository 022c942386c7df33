"""Samples that stay and are weighed, samples that move, and what either says of E f along the parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.experiments.reweighting import Reweighting
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, note, scatter, stacked, upright
from explorer.figures.picture import Picture, Update, at_frame

DENSITY_LEFT, DENSITY_RIGHT, WEIGHED, MOVED, HERE, HERE_DOTS = 0, 1, 5, 6, 7, 11
"""The traces that a film moves."""
BELOW = ("x3", "y5")
WEIGHED_COLOUR, MOVED_COLOUR = (theme.ESTIMATOR_COLOURS[name] for name in ("score_function", "pathwise"))
DOT, SMALLEST, LARGEST = 8.0, 3.0, 44.0
"""Diameters in pixels: of weight 1, and of what is drawn no smaller or no larger."""
LEFT, RIGHT = [0.0, 0.485], [0.515, 1.0]
DENSITY_SHARE = 0.4
"""The density at theta_0 fills so much of a panel's height, and is cut where it rises past the whole."""


def reweighting(film: Reweighting, now: int) -> Picture:
    """The picture at frame `now`. Left: dots of area w at x_i; right: equal dots at g(eps_i; theta); below: E f."""
    density_x, density_y = _density(film)
    bars = film.problem.family.discrete
    shade = {"line": {"color": theme.FAINT, "width": 6 if bars else 1}, "fill": "none" if bars else "tozeroy"}
    curve = {"x": film.f_axis, "y": _finite(film.f_levels), "line": {"color": theme.CURVE, "width": 2.5}}
    dot = {"opacity": 0.9, "line": {"color": theme.BACKGROUND, "width": 0.7}}
    weighed, drawn_from = _apart(film, film.samples.unsqueeze(0))[0], {"color": theme.TEXT, "width": 1.2, "dash": "dot"}
    data = [
        scatter("lines", ("x", "y"), x=density_x, fillcolor=theme.FAINT, **shade),
        scatter("lines", ("x2", "y3"), x=density_x, fillcolor=theme.FAINT, **shade),
        scatter("lines", ("x", "y"), x=density_x, y=density_y[film.origin], line=drawn_from),
        scatter("lines", ("x", "y2"), **curve),
        scatter("lines", ("x2", "y4"), **curve),
        scatter("markers", ("x", "y2"), x=weighed, y=film.f, marker={**dot, "color": WEIGHED_COLOUR}),
        scatter("markers", ("x2", "y4"), marker={**dot, "color": MOVED_COLOUR, "size": DOT}),
    ]
    for trace in data:
        trace |= {"showlegend": False, "hoverinfo": "skip"}
    low = _range_of_means(film)[0]
    origin = float(film.values[film.origin])
    over = {"xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "bottom", "yshift": 2}
    layout = {
        **_axes(film),
        "margin": {"l": 58, "r": 14, "t": 30, "b": 44},
        "legend": {"x": 1, "xanchor": "right", "y": 0.3},
        "shapes": [upright(origin, drawn_from, BELOW)],
        "annotations": [
            note(f"{theme.badge(WEIGHED_COLOUR)}<b>Weights change</b>", sum(LEFT) / 2, 1, **over),
            note(f"{theme.badge(MOVED_COLOUR)}<b>Samples move</b>", sum(RIGHT) / 2, 1, **over),
            note("θ₀", origin, low, xref="x3", yref="y5", xanchor="left", yanchor="bottom", xshift=3),
        ],
    }
    return Picture({"data": [*data, *_means(film)], "layout": layout}, at_frame(updates(film), now))


def _axes(film: Reweighting) -> dict[str, Any]:
    upper, lower = stacked([0.64, 0.36], 0.17)
    top = float(film.density[film.origin].max()) / DENSITY_SHARE
    values = film.values.tolist()
    pad = 0.01 * (values[-1] - values[0])
    x = {"range": list(film.axis)}
    density = {"domain": upper, "range": [0, top], **UNMARKED}
    # Plotly leaves room at the right for an axis that stands at the left here.
    f_axis = {"side": "left", "range": list(_range_of_f(film)), "showgrid": False, "tickmode": "auto", "nticks": 6}
    return {
        "xaxis": axis(anchor="y", domain=LEFT, **x),
        "yaxis": axis(anchor="x", **density),
        "yaxis2": axis("f(x)", anchor="x", overlaying="y", **f_axis),
        "xaxis2": axis(anchor="y3", domain=RIGHT, **x),
        "yaxis3": axis(anchor="x2", **density),
        "yaxis4": axis(anchor="x2", overlaying="y3", showticklabels=False, **f_axis),
        "xaxis3": axis(film.parameter.label, anchor="y5", range=[values[0] - pad, values[-1] + pad]),
        "yaxis5": axis("E f(x)", anchor="x3", domain=lower, range=list(_range_of_means(film)), nticks=5),
    }


def updates(film: Reweighting) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace."""
    _, density_y = _density(film)
    density = torch.from_numpy(density_y)
    return (
        (DENSITY_LEFT, "y", density),
        (DENSITY_RIGHT, "y", density),
        (WEIGHED, "marker.size", _diameters(film)),
        (MOVED, "x", _apart(film, film.moved)),
        (MOVED, "y", torch.where(film.f_moved.isfinite(), film.f_moved, torch.nan)),
        (HERE, "x", film.values.unsqueeze(1).expand(-1, 2)),
        (HERE_DOTS, "x", film.values.unsqueeze(1).expand(-1, 2)),
        (HERE_DOTS, "y", torch.stack((film.weighted.mean, film.shifted.mean), dim=1)),
    )


def _means(film: Reweighting) -> list[dict[str, Any]]:
    """The lower panel: both estimates and the exact value against the parameter, with the value under the hand."""
    quiet = {"hoverinfo": "skip", "showlegend": False}
    here = {"color": theme.MARK, "width": 2}
    dots = {
        "color": [WEIGHED_COLOUR, MOVED_COLOUR],
        "symbol": [theme.ESTIMATOR_MARKERS[name] for name in ("score_function", "pathwise")],
        "size": 11,
        "line": {"color": theme.TEXT, "width": 1},
    }
    lines = [
        scatter(
            "lines",
            BELOW,
            x=film.values,
            y=_finite(mean),
            line={"color": colour, "width": 2 if name == "exact" else 2.5, "dash": dash},
            name=name,
            hovertemplate=f"{name} %{{y:.4~r}} at %{{x:.4~r}}<extra></extra>",
        )
        for name, mean, colour, dash in (
            ("weighted", film.weighted.mean, WEIGHED_COLOUR, theme.ESTIMATOR_DASHES["score_function"]),
            ("moved", film.shifted.mean, MOVED_COLOUR, theme.ESTIMATOR_DASHES["pathwise"]),
            ("exact", film.exact, theme.TEXT, "dash"),
        )
    ]
    return [
        scatter("lines", BELOW, y=list(_range_of_means(film)), line=here, **quiet),
        *lines,
        scatter("markers", BELOW, marker=dots, **quiet),
    ]


def _finite(values: Tensor) -> np.ndarray:
    return np.asarray(torch.where(values.isfinite(), values, torch.nan).numpy())


def _diameters(film: Reweighting) -> Tensor:
    """Dots whose area is the weight, within what can be seen, (F, n)."""
    return (DOT * film.weights.sqrt()).clamp(SMALLEST, LARGEST)


def _apart(film: Reweighting, x: Tensor) -> Tensor:
    """x, or for a discrete family, whose samples share few places, x spread a little to each side, always the same."""
    if not film.problem.family.discrete:
        return x
    lanes = (torch.arange(1, film.n + 1, dtype=torch.float64) * 0.618034) % 1.0
    return x + 0.36 * (lanes - 0.5)


def _density(film: Reweighting) -> tuple[np.ndarray, np.ndarray]:
    """q_theta as a line: x (Z,) and y (F, Z). Atoms of a discrete family become separate bars."""
    density = film.density.numpy()
    if not film.problem.family.discrete:
        return film.levels.numpy(), density
    zeros, gaps = np.zeros_like(density), np.full_like(density, np.nan)
    y = np.stack([zeros, density, gaps], axis=-1).reshape(len(density), -1)
    return np.repeat(film.levels.numpy(), 3), y


def _range_of_f(film: Reweighting) -> tuple[float, float]:
    """The range of the f axis: what of f lies on the x axis and is met by a sample in some frame."""
    on_axis, met = film.f_levels[film.f_levels.isfinite()], film.f_moved[film.f_moved.isfinite()]
    low = max(float(on_axis.min()), float(met.min()))
    high = min(float(on_axis.max()), float(met.max()))
    return _padded(low, high, 0.08)


def _range_of_means(film: Reweighting) -> tuple[float, float]:
    """The range of the lower panel: the exact and the moved mean, and room for the weighted one to leave it."""
    means = torch.cat((film.exact, film.shifted.mean))
    means = means[means.isfinite()]
    # Quantiles, since near the end of a slider a heavy tail may make the mean as large as it likes.
    low, high = means.quantile(torch.tensor([0.02, 0.98], dtype=means.dtype)).tolist()
    return _padded(low, high, 0.25)


def _padded(low: float, high: float, share: float) -> tuple[float, float]:
    pad = share * (high - low) or max(1.0, abs(low)) * 0.5
    return low - pad, high + pad
