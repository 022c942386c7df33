"""Both uses of a sample side by side: what is drawn from, what is averaged, and what the derivative passes through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.experiments.dependence import Dependence
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, beside, note, scatter, stacked
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import short, word

DENSITY, SAMPLES, ON_F, DENSITY_SLOPE, MOVED, ON_MOVED, MOVED_SLOPE = range(7, 14)
"""The traces that a film moves; those that stay lie under them."""
PANELS = (("x", "y"), ("x2", "y2"), ("x3", "y3"), ("x4", "y4"), ("x5", "y5"), ("x6", "y6"))
"""Row by row, left and right: drawn from, averaged, derivative."""
TITLES = ("drawn_x", "drawn_eps", "averaged_x", "averaged_eps", "through_density", "through_function")
ROWS = ("drawn", "averaged", "derivative")
LEFT, RIGHT = (theme.ESTIMATOR_COLOURS[name] for name in ("score_function", "pathwise"))
SHARE = 0.5
"""The density at theta_0 fills so much of its panel, and is cut where it rises past the whole."""
MOST = 0.8
"""The share of the frames whose derivatives their panels hold whole."""


def dependence(film: Dependence, now: int) -> Picture:
    """The picture at frame `now`: at the left q_theta moves and f stays, at the right p stays and f(g) moves."""
    start, bars = film.origin, film.problem.family.discrete
    lanes = (np.arange(1, len(film.eps) + 1) * 0.618034) % 1.0
    q_top, p_top = _top(film), 1.6 * float(film.noise_density.max())
    x, density = _as_line(film, film.density)
    dot = {"size": 7, "line": {"color": theme.BACKGROUND, "width": 0.7}, "color": theme.TEXT}
    thick, wide = (4, 8) if bars else (2.5, 2)
    pale, before = {"color": theme.FAINT, "width": wide}, {"color": theme.FAINT, "width": 2}
    # Of a discrete family g is a staircase.
    steps = {"shape": "hv"} if bars else {}
    function = {"color": theme.CURVE, "width": 2.5}
    drawn_x, drawn_eps, on_x, on_eps, slope_x, slope_eps = PANELS
    still = [
        scatter("lines", drawn_x, x=x, y=density[start], line=pale, fill="none" if bars else "tozeroy"),
        scatter(
            "lines",
            drawn_eps,
            x=film.grid,
            y=film.noise_density,
            line={"color": theme.NOISE, "width": 2.5},
            fill="tozeroy",
            fillcolor=theme.FAINT,
        ),
        scatter("markers", drawn_eps, x=film.eps, y=lanes * 0.3 * p_top, marker={**dot, "color": theme.NOISE}),
        scatter("lines", on_x, x=film.f_axis, y=_finite(film.f_levels), line=function),
        scatter("lines", on_eps, x=film.grid, y=_finite(film.moved)[start], line={**before, **steps}),
        scatter("lines", slope_x, x=x, y=_as_line(film, film.density_slope)[1][start], line=pale),
        scatter("lines", slope_eps, x=film.grid, y=_finite(film.moved_slope)[start], line=before),
    ]
    moving = [
        scatter("lines", drawn_x, x=x, line={"color": theme.SAMPLE, "width": thick}),
        scatter("markers", drawn_x, y=lanes * 0.3 * q_top, marker={**dot, "color": theme.SAMPLE}),
        scatter("markers", on_x, marker=dot),
        scatter("lines", slope_x, x=x, line={"color": LEFT, "width": thick}),
        scatter("lines", on_eps, x=film.grid, line={**function, **steps}),
        scatter("markers", on_eps, x=film.eps, marker=dot),
        scatter("lines", slope_eps, x=film.grid, line={"color": RIGHT, "width": 2.5}),
    ]
    data = [*still, *moving]
    for trace in data:
        trace |= {"hoverinfo": "skip"}
        if trace.get("fill") == "tozeroy":
            trace["fillcolor"] = theme.FAINT
    layout = {
        "showlegend": False,
        "margin": {"l": 62, "r": 10, "t": 28, "b": 44},
        **_axes(film, q_top, p_top),
        "annotations": _notes(film),
    }
    return Picture({"data": data, "layout": layout}, at_frame(updates(film), now))


def updates(film: Dependence) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace."""
    samples = _apart(film)
    return (
        (DENSITY, "y", torch.from_numpy(_as_line(film, film.density)[1])),
        (SAMPLES, "x", samples),
        (ON_F, "x", samples),
        (ON_F, "y", film.f_samples),
        (DENSITY_SLOPE, "y", torch.from_numpy(_as_line(film, film.density_slope)[1])),
        (MOVED, "y", torch.from_numpy(_finite(film.moved))),
        (ON_MOVED, "y", film.f_samples),
        (MOVED_SLOPE, "y", torch.from_numpy(_finite(film.moved_slope))),
    )


def _axes(film: Dependence, q_top: float, p_top: float) -> dict[str, Any]:
    left, right = beside([1, 1], 0.06)
    rows = stacked([0.3, 0.37, 0.33], 0.05)
    low, high = film.problem.family.noise.window
    pad = 0.02 * (high - low)
    across = [list(film.axis), [low - pad, high + pad]]
    f, slopes = (
        list(_range_of_f(film)),
        [_reach(film.density_slope, film.origin), _reach(film.moved_slope, film.origin)],
    )
    up = [[0, q_top], [0, p_top], f, f, *([-slope, slope] for slope in slopes)]
    found = {}
    for place, (x, y) in enumerate(PANELS):
        row, side = divmod(place, 2)
        last = row == 2
        found[f"xaxis{x[1:]}"] = axis(
            word(f"dependence.axis.{'eps' if side else 'x'}") if last else "",
            anchor=y,
            domain=(left, right)[side],
            range=across[side],
            showticklabels=last,
        )
        bare = UNMARKED if row == 0 or (row == 1 and side) else {"nticks": 4}
        called = "" if side else word(f"dependence.row.{ROWS[row]}")
        found[f"yaxis{y[1:]}"] = axis(called, anchor=x, domain=rows[row], range=up[place], **bare)
    for slope in ("yaxis5", "yaxis6"):
        found[slope] |= {"zeroline": True, "zerolinecolor": theme.FAINT}
    return found


def _notes(film: Dependence) -> list[dict[str, Any]]:
    """A title over each column, and what each panel is in its upper corner."""
    over = {"xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "bottom", "yshift": 2}
    left, right = beside([1, 1], 0.06)
    found = [
        note(f"{theme.badge(colour)}<b>{short(name)}</b>", sum(domain) / 2, 1, **over)
        for name, colour, domain in (("score_function", LEFT, left), ("pathwise", RIGHT, right))
    ]
    for title, (x, y) in zip(TITLES, PANELS, strict=True):
        text = word(f"dependence.panel.{title}", symbol=film.parameter.letter)
        corner = {"xref": f"{x} domain", "yref": f"{y} domain", "xanchor": "left", "yanchor": "top"}
        found.append(note(text, 0.01, 1, bgcolor=theme.BACKGROUND, **corner))
    return found


def _finite(values: Tensor) -> np.ndarray:
    return np.asarray(torch.where(values.isfinite(), values, torch.nan).numpy())


def _as_line(film: Dependence, heights: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """What stands over x as a line: x (Z,) and y (F, Z). Atoms of a discrete family become separate bars."""
    values, levels = _finite(heights), film.levels.numpy()
    if not film.problem.family.discrete:
        return levels, values
    bars = np.stack([np.zeros_like(values), values, np.full_like(values, np.nan)], axis=-1)
    return np.repeat(levels, 3), bars.reshape(len(values), -1)


def _apart(film: Dependence) -> Tensor:
    """The samples, or for a discrete family, whose samples share few places, a little to each side of them."""
    if not film.problem.family.discrete:
        return film.samples
    lanes = (torch.arange(1, len(film.eps) + 1, dtype=torch.float64) * 0.7548777) % 1.0
    return film.samples + 0.36 * (lanes - 0.5)


def _top(film: Dependence) -> float:
    """How high the density's panel is."""
    if film.problem.family.discrete:
        return 1.3 * float(film.density.max())
    return float(film.density[film.origin].max()) / SHARE


def _range_of_f(film: Dependence) -> tuple[float, float]:
    """The range of both panels of f: what of it lies on the x axis and is met by a sample in some frame."""
    on_axis, met = film.f_levels[film.f_levels.isfinite()], film.f_samples
    low, high = max(float(on_axis.min()), float(met.min())), min(float(on_axis.max()), float(met.max()))
    pad = 0.12 * (high - low) or max(1.0, abs(low)) * 0.5
    # Room above for the panel's name.
    return low - pad, high + 3 * pad


def _reach(slopes: Tensor, origin: int) -> float:
    """How far a panel of derivatives (F, Z) goes to either side of 0."""
    tallest = torch.where(slopes.isfinite(), slopes, 0.0).abs().amax(-1)
    return 1.5 * max(float(tallest.quantile(MOST)), float(tallest[origin])) or 1.0
