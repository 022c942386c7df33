"""Noise on one axis, samples on the other, the curve g between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from torch import Tensor

from explorer.core.experiments.noise_transform import TransformFilm
from explorer.core.experiments.sweep import CURVE_POINTS
from explorer.core.families.family import Family
from explorer.figures import theme

Update = tuple[int, str, Tensor]

CURVE, ELBOWS, DOTS, MARKED, DENSITY, SAMPLES, MARKED_SAMPLE = range(7)
ELBOWS_SHOWN = 8


def _lanes(n: int) -> np.ndarray:
    """Heights in (0, 1) that spread n dots over an axis's strip, evenly and always the same (golden-ratio steps)."""
    return (np.arange(1, n + 1) * 0.618034) % 1.0


def noise_transform(
    family: Family, film: TransformFilm, axis: tuple[float, float], eps: Tensor, marked: int
) -> go.Figure:
    """The figure at the film's start: eps (n,) below, z at the left, g between; the dot `marked` is followed by eye.

    The traces that a film updates come first, in the order of this module's constants; see `updates`.
    """
    fig = make_subplots(
        rows=2,
        cols=2,
        column_widths=[0.2, 0.8],
        row_heights=[0.78, 0.22],
        specs=[[{}, {}], [None, {}]],
        horizontal_spacing=0.012,
        vertical_spacing=0.02,
        shared_xaxes=True,
        shared_yaxes=True,
    )
    fig.update_layout(theme.figure().layout)
    fig.update_layout(showlegend=False, margin={"l": 50, "r": 10, "t": 8, "b": 44})
    now = film.start
    noise, grid = eps.double().cpu().numpy(), film.grid.numpy()
    samples = film.samples[now].numpy()
    lanes = _lanes(len(noise))
    top = 1.15 * float(film.density.max())
    elbows_x, elbows_y = _elbows(film, eps, axis)
    dot = {"color": theme.SAMPLE, "size": 8, "line": {"color": theme.BACKGROUND, "width": 1}}
    star = {"color": theme.CURVE, "size": 15, "symbol": "star", "line": {"color": theme.TEXT, "width": 1}}

    fig.add_scatter(
        x=grid, y=film.curve[now].numpy(), mode="lines", line={"color": theme.CURVE, "width": 3}, row=1, col=2
    )
    fig.add_scatter(x=elbows_x, y=elbows_y[now], mode="lines", line={"color": theme.FAINT, "width": 1.2}, row=1, col=2)
    fig.add_scatter(x=noise, y=samples, mode="markers", marker=dot, row=1, col=2)
    fig.add_scatter(x=noise[[marked]], y=samples[[marked]], mode="markers", marker=star, row=1, col=2)
    density_x, density_y = _density(film)
    fig.add_scatter(
        x=density_x[now],
        y=density_y,
        mode="lines",
        line={"color": theme.SAMPLE, "width": 7 if 0 < len(family.support.points) < 5 else 3 if family.discrete else 2},
        fill=None if family.support.points else "tozerox",
        fillcolor=theme.with_alpha(theme.SAMPLE, 0.18),
        row=1,
        col=1,
    )
    fig.add_scatter(x=lanes * 0.9 * top, y=samples, mode="markers", marker=dot, row=1, col=1)
    fig.add_scatter(x=lanes[[marked]] * 0.9 * top, y=samples[[marked]], mode="markers", marker=star, row=1, col=1)

    noise_density = family.noise.log_prob(film.grid).exp().numpy()
    fig.add_scatter(
        x=grid,
        y=noise_density,
        mode="lines",
        line={"color": theme.NOISE, "width": 2},
        fill="tozeroy",
        fillcolor=theme.with_alpha(theme.NOISE, 0.2),
        row=2,
        col=2,
    )
    below = 1.1 * float(noise_density.max())
    fig.add_scatter(x=noise, y=lanes * 0.85 * below, mode="markers", marker={**dot, "color": theme.NOISE}, row=2, col=2)
    fig.add_scatter(x=noise[[marked]], y=lanes[[marked]] * 0.85 * below, mode="markers", marker=star, row=2, col=2)

    fig.update_traces(hoverinfo="skip")
    low, high = family.noise.window
    pad = 0.02 * (high - low)
    fig.update_xaxes(range=[low - pad, high + pad], zeroline=False, showticklabels=False, row=1, col=2)
    fig.update_xaxes(range=[low - pad, high + pad], zeroline=False, title_text="noise ε", row=2, col=2)
    fig.update_xaxes(range=[top, 0], showticklabels=False, showgrid=False, zeroline=False, row=1, col=1)
    fig.update_yaxes(range=list(axis), zeroline=False)
    fig.update_yaxes(title_text="sample z", row=1, col=1)
    fig.update_yaxes(showticklabels=False, row=1, col=2)
    fig.update_yaxes(range=[0, below], showticklabels=False, showgrid=False, zeroline=False, row=2, col=2)
    return fig


def updates(film: TransformFilm, axis: tuple[float, float], eps: Tensor, marked: int) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace of `noise_transform`."""
    density_x, _ = _density(film)
    _, elbows_y = _elbows(film, eps, axis)
    return (
        (CURVE, "y", film.curve),
        (ELBOWS, "y", torch.from_numpy(elbows_y)),
        (DOTS, "y", film.samples),
        (MARKED, "y", film.samples[:, [marked]]),
        (DENSITY, "x", torch.from_numpy(density_x)),
        (SAMPLES, "y", film.samples),
        (MARKED_SAMPLE, "y", film.samples[:, [marked]]),
    )


def _density(film: TransformFilm) -> tuple[np.ndarray, np.ndarray]:
    """The sample density as a line: x (F, Z) and y (Z,). Atoms of a discrete family become separate bars."""
    density, levels = film.density.numpy(), film.levels.numpy()
    if len(levels) >= CURVE_POINTS:
        return density, levels
    zeros, gaps = np.zeros_like(density), np.full_like(density, np.nan)
    x = np.stack([zeros, density, gaps], axis=-1).reshape(len(density), -1)
    return x, np.repeat(levels, 3)


def _elbows(film: TransformFilm, eps: Tensor, axis: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Lines from a few noises up to the curve and across to the sample axis: x (m,), y (F, m), NaN between."""
    order = eps.double().cpu().argsort()
    shown = order[torch.linspace(0, len(order) - 1, ELBOWS_SHOWN).long()]
    noise = eps.double().cpu()[shown].numpy()
    samples = film.samples[:, shown].numpy()
    left = float(film.grid[0]) - 1.0
    x = np.stack([noise, noise, np.full_like(noise, left), np.full_like(noise, np.nan)], axis=-1).reshape(-1)
    floor = np.full_like(samples, axis[0])
    y = np.stack([floor, samples, samples, np.full_like(samples, np.nan)], axis=-1).reshape(len(samples), -1)
    return x, y
