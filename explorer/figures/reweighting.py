"""Samples that stay and are weighed, samples that move, and what either says of E f along the parameter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from torch import Tensor

from explorer.core.experiments.reweighting import Reweighting
from explorer.figures import theme

Update = tuple[int, str, Tensor]

DENSITY_LEFT, DENSITY_RIGHT, WEIGHED, MOVED, HERE, HERE_DOTS = 0, 1, 5, 6, 7, 11
"""The traces that a film moves."""
WEIGHED_COLOUR, MOVED_COLOUR = (theme.ESTIMATOR_COLOURS[name] for name in ("score_function", "pathwise"))
DOT, SMALLEST, LARGEST = 8.0, 3.0, 44.0
"""Diameters in pixels: of weight 1, and of what is drawn no smaller or no larger."""
LEFT, RIGHT = (0.0, 0.485), (0.515, 1.0)
DENSITY_SHARE = 0.4
"""The density at theta_0 fills so much of a panel's height, and is cut where it rises past the whole."""


def reweighting(film: Reweighting, now: int) -> go.Figure:
    """The figure at frame `now`. Left: dots of area w at x_i; right: equal dots at g(eps_i; theta); below: E f."""
    fig = make_subplots(
        rows=2,
        cols=2,
        specs=[[{"secondary_y": True}, {"secondary_y": True}], [{"colspan": 2}, None]],
        row_heights=[0.64, 0.36],
        vertical_spacing=0.17,
        subplot_titles=("<b>Weights change</b>", "<b>Samples move</b>"),
    )
    fig.update_layout(theme.figure().layout)
    for annotation, colour, domain in zip(
        fig.layout.annotations, (WEIGHED_COLOUR, MOVED_COLOUR), (LEFT, RIGHT), strict=True
    ):
        annotation.update(font={"size": theme.FONT_SIZE, "color": colour}, yshift=2, x=sum(domain) / 2)
    density_x, density_y = _density(film)
    for column in (1, 2):
        fig.add_scatter(
            x=density_x,
            y=density_y[now],
            mode="lines",
            line={"color": theme.FAINT, "width": 6 if film.problem.family.discrete else 1},
            fill=None if film.problem.family.discrete else "tozeroy",
            fillcolor=theme.FAINT,
            row=1,
            col=column,
        )
    fig.add_scatter(
        x=density_x,
        y=density_y[film.origin],
        mode="lines",
        line={"color": theme.TEXT, "width": 1.2, "dash": "dot"},
        row=1,
        col=1,
    )
    for column in (1, 2):
        curve = {"color": theme.CURVE, "width": 2.5}
        fig.add_scatter(
            x=film.f_axis.numpy(),
            y=_finite(film.f_levels),
            mode="lines",
            line=curve,
            row=1,
            col=column,
            secondary_y=True,
        )
    dot = {"opacity": 0.7, "line": {"color": theme.BACKGROUND, "width": 0.7}}
    fig.add_scatter(
        x=_apart(film, film.samples.unsqueeze(0))[0].numpy(),
        y=film.f.numpy(),
        mode="markers",
        marker={**dot, "color": WEIGHED_COLOUR, "size": _diameters(film)[now].numpy()},
        row=1,
        col=1,
        secondary_y=True,
    )
    fig.add_scatter(
        x=_apart(film, film.moved)[now].numpy(),
        y=_finite(film.f_moved[now]),
        mode="markers",
        marker={**dot, "color": MOVED_COLOUR, "size": DOT},
        row=1,
        col=2,
        secondary_y=True,
    )
    fig.update_traces(showlegend=False, hoverinfo="skip")
    _means(fig, film, now)
    low, high = _range_of_f(film)
    fig.update_xaxes(range=list(film.axis), zeroline=False, row=1)
    top = float(film.density[film.origin].max()) / DENSITY_SHARE
    fig.update_yaxes(range=[0, top], showticklabels=False, showgrid=False, zeroline=False, row=1, secondary_y=False)
    f_axis = {"side": "left", "tickmode": "auto", "nticks": 6}
    fig.update_yaxes(range=[low, high], showgrid=False, zeroline=False, **f_axis, row=1, secondary_y=True)
    fig.update_yaxes(title_text="f(x)", row=1, col=1, secondary_y=True)
    fig.update_yaxes(showticklabels=False, row=1, col=2, secondary_y=True)
    # Plotly leaves room at the right for an axis that stands at the left here.
    fig.update_layout(xaxis={"domain": LEFT}, xaxis2={"domain": RIGHT}, xaxis3={"domain": [0, 1]})
    fig.update_layout(margin={"t": 30, "b": 44}, legend={"x": 1, "xanchor": "right", "y": 0.3, "yanchor": "bottom"})
    return fig


def updates(film: Reweighting) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace."""
    _, density_y = _density(film)
    density = torch.from_numpy(density_y)
    return (
        (DENSITY_LEFT, "y", density),
        (DENSITY_RIGHT, "y", density),
        (WEIGHED, "marker.size", _diameters(film)),
        (MOVED, "x", _apart(film, film.moved)),
        (MOVED, "y", film.f_moved),
        (HERE, "x", film.values.unsqueeze(1).expand(-1, 2)),
        (HERE_DOTS, "x", film.values.unsqueeze(1).expand(-1, 2)),
        (HERE_DOTS, "y", torch.stack((film.weighted.mean, film.shifted.mean), dim=1)),
    )


def _means(fig: go.Figure, film: Reweighting, now: int) -> None:
    """The lower panel: both estimates and the exact value against the parameter, with the value under the hand."""
    values, (low, high) = film.values.numpy(), _range_of_means(film)
    place = {"row": 2, "col": 1}
    fig.add_scatter(
        x=[values[now]] * 2,
        y=[low, high],
        mode="lines",
        line={"color": theme.FAINT, "width": 2},
        hoverinfo="skip",
        showlegend=False,
        **place,
    )
    for name, mean, colour, dash in (
        ("weighted", film.weighted.mean, WEIGHED_COLOUR, theme.ESTIMATOR_DASHES["score_function"]),
        ("moved", film.shifted.mean, MOVED_COLOUR, theme.ESTIMATOR_DASHES["pathwise"]),
        ("exact", film.exact, theme.TEXT, "dash"),
    ):
        fig.add_scatter(
            x=values,
            y=_finite(mean),
            mode="lines",
            line={"color": colour, "width": 2 if name == "exact" else 2.5, "dash": dash},
            name=name,
            hovertemplate=f"{name} %{{y:.4g}} at %{{x:.4g}}<extra></extra>",
            **place,
        )
    fig.add_scatter(
        x=[values[now]] * 2,
        y=_finite(torch.stack((film.weighted.mean[now], film.shifted.mean[now]))),
        mode="markers",
        marker={
            "color": [WEIGHED_COLOUR, MOVED_COLOUR],
            "size": 11,
            "symbol": "diamond",
            "line": {"color": theme.TEXT, "width": 1},
        },
        hoverinfo="skip",
        showlegend=False,
        **place,
    )
    origin = float(values[film.origin])
    fig.add_vline(x=origin, line={"color": theme.TEXT, "width": 1.2, "dash": "dot"}, **place)
    fig.add_annotation(text="θ₀", x=origin, y=low, xanchor="left", yanchor="bottom", showarrow=False, xshift=3, **place)
    pad = 0.01 * float(values[-1] - values[0])
    fig.update_xaxes(
        range=[float(values[0]) - pad, float(values[-1]) + pad],
        title_text=film.parameter.label,
        zeroline=False,
        **place,
    )
    fig.update_yaxes(range=[low, high], title_text="E f(x)", zeroline=False, nticks=5, **place)


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
