"""Noise on one axis, samples on the other, the curve g between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from explorer.core.experiments.noise_transform import TransformFilm
from explorer.core.experiments.sweep import CURVE_POINTS
from explorer.core.families.family import Family
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, beside, scatter, stacked
from explorer.figures.picture import Picture, Update, at_frame

CURVE, ELBOWS, DOTS, MARKED, DENSITY, SAMPLES, MARKED_SAMPLE = range(7)
ELBOWS_SHOWN = 8
LEFT, MIDDLE, BELOW = ("x", "y"), ("x2", "y2"), ("x3", "y3")
"""The axes of the panels: samples and their density, the curve, noise and its density."""


def _lanes(n: int) -> np.ndarray:
    """Heights in (0, 1) that spread n dots over an axis's strip, evenly and always the same (golden-ratio steps)."""
    return (np.arange(1, n + 1) * 0.618034) % 1.0


def noise_transform(
    family: Family, film: TransformFilm, z_range: tuple[float, float], eps: Tensor, marked: int
) -> Picture:
    """The picture at the film's start: eps (n,) below, z at the left, g between; the dot `marked` is followed by eye.

    The traces that a film updates come first, in the order of this module's constants; see `updates`.
    """
    noise, grid = eps.double().cpu().numpy(), film.grid
    lanes = _lanes(len(noise))
    top = 1.15 * float(film.density.max())
    noise_density = family.noise.log_prob(grid).exp().numpy()
    below = 1.1 * float(noise_density.max())
    dot = {"color": theme.SAMPLE, "size": 8, "line": {"color": theme.BACKGROUND, "width": 1}}
    star = {"color": theme.CURVE, "size": 15, "symbol": "star", "line": {"color": theme.TEXT, "width": 1}}
    thick = 7 if 0 < len(family.support.points) < 5 else 3 if family.discrete else 2
    data = [
        scatter("lines", MIDDLE, x=grid, line={"color": theme.CURVE, "width": 3}),
        scatter("lines", MIDDLE, x=_elbows(film, eps, z_range)[0], line={"color": theme.MARK, "width": 1.2}),
        scatter("markers", MIDDLE, x=noise, marker=dot),
        scatter("markers", MIDDLE, x=noise[[marked]], marker=star),
        scatter(
            "lines",
            LEFT,
            y=_density(film)[1],
            line={"color": theme.SAMPLE, "width": thick},
            fill="none" if family.support.points else "tozerox",
            fillcolor=theme.with_alpha(theme.SAMPLE, 0.18),
        ),
        scatter("markers", LEFT, x=lanes * 0.9 * top, marker=dot),
        scatter("markers", LEFT, x=lanes[[marked]] * 0.9 * top, marker=star),
        scatter(
            "lines",
            BELOW,
            x=grid,
            y=noise_density,
            line={"color": theme.NOISE, "width": 2},
            fill="tozeroy",
            fillcolor=theme.with_alpha(theme.NOISE, 0.2),
        ),
        scatter("markers", BELOW, x=noise, y=lanes * 0.85 * below, marker={**dot, "color": theme.NOISE}),
        scatter("markers", BELOW, x=noise[[marked]], y=lanes[[marked]] * 0.85 * below, marker=star),
    ]
    low, high = family.noise.window
    pad = 0.02 * (high - low)
    eps_range, (left, right), (upper, lower) = (
        [low - pad, high + pad],
        beside([0.2, 0.8], 0.012),
        stacked([0.78, 0.22], 0.02),
    )
    layout = {
        "showlegend": False,
        "margin": {"l": 50, "r": 10, "t": 8, "b": 44},
        "xaxis": axis(anchor="y", domain=left, range=[top, 0], **UNMARKED),
        "yaxis": axis("sample x", anchor="x", domain=upper, range=list(z_range)),
        "xaxis2": axis(anchor="y2", domain=right, range=eps_range, matches="x3", showticklabels=False),
        "yaxis2": axis(anchor="x2", domain=upper, range=list(z_range), matches="y", showticklabels=False),
        "xaxis3": axis("noise ε", anchor="y3", domain=right, range=eps_range),
        "yaxis3": axis(anchor="x3", domain=lower, range=[0, below], **UNMARKED),
    }
    for trace in data:
        trace["hoverinfo"] = "skip"
    return Picture({"data": data, "layout": layout}, at_frame(updates(film, z_range, eps, marked), film.start))


def updates(film: TransformFilm, z_range: tuple[float, float], eps: Tensor, marked: int) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace of `noise_transform`."""
    density_x, _ = _density(film)
    _, elbows_y = _elbows(film, eps, z_range)
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


def _elbows(film: TransformFilm, eps: Tensor, z_range: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Lines from a few noises up to the curve and across to the sample axis: x (m,), y (F, m), NaN between."""
    order = eps.double().cpu().argsort()
    shown = order[torch.linspace(0, len(order) - 1, ELBOWS_SHOWN).long()]
    noise = eps.double().cpu()[shown].numpy()
    samples = film.samples[:, shown].numpy()
    left = float(film.grid[0]) - 1.0
    x = np.stack([noise, noise, np.full_like(noise, left), np.full_like(noise, np.nan)], axis=-1).reshape(-1)
    floor = np.full_like(samples, z_range[0])
    y = np.stack([floor, samples, samples, np.full_like(samples, np.nan)], axis=-1).reshape(len(samples), -1)
    return x, y
