"""Noise on one axis, samples on the other, the curve g between them; at the right the star's path along theta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.experiments.noise_transform import Scene, TransformFilm
from explorer.core.experiments.star_path import Speeds
from explorer.core.experiments.sweep import CURVE_POINTS
from explorer.figures import star_path, theme
from explorer.figures.panels import UNMARKED, axis, beside, scatter, stacked
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import word

CURVE, ELBOWS, DOTS, DENSITY, SAMPLES, SHADE, NOISE_SHADE, GUIDE, ARROW, PATH, TANGENT = range(2, 13)
STAR, STAR_NOISE, STAR_SAMPLE, STAR_PATH, FIRST_NAME = range(13, 18)
"""The traces that move, over the two of the noise, which do not. From FIRST_NAME on a name for each parameter, of which
one shows; then, of a discrete family, the mean."""
ELBOWS_SHOWN = 8
LEFT, MIDDLE, BELOW, RIGHT, NAMES = ("x", "y"), ("x2", "y2"), ("x3", "y3"), ("x4", "y4"), ("x4", "y5")
"""The axes of the panels: samples and their density, the curve, noise and its density, the path, what it is along."""
HAND = ("x2", "x3")
"""The axes on which the star's noise can be taken by the hand."""
_LANE = 0.45
_NAME_HEIGHTS = (0.85, 0.5, 0.85)
"""Of the slider's ends and of what is drawn between them: on a phone they would not stand side by side."""


def _lanes(n: int) -> np.ndarray:
    """Heights in (0, 1) that spread n dots over an axis's strip, evenly and always the same (golden-ratio steps)."""
    return (np.arange(1, n + 1) * 0.618034) % 1.0


def noise_transform(scene: Scene) -> Picture:
    """The picture at theta and at the star: noise below, samples at the left, g between, the star's path at the right.

    The traces that a film updates stand at this module's constants; see `updates` and `sweep`.
    """
    family, film = scene.family, scene.films[0]
    noise, grid = scene.eps.double().cpu().numpy(), film.grid
    lanes = _lanes(len(noise))
    top = 1.15 * float(film.density.max())
    noise_density = family.noise.log_prob(grid).exp().numpy()
    below = 1.1 * float(noise_density.max())
    dot = {"color": theme.SAMPLE, "size": 7, "line": {"color": theme.BACKGROUND, "width": 1}}
    star = {"color": theme.CURVE, "size": 16, "symbol": "star", "line": {"color": theme.TEXT, "width": 1}}
    thick = 14 if 0 < len(family.support.points) < 5 else 3 if family.discrete else 2
    strong = {"color": theme.TEXT, "width": 2.5}
    data = [
        scatter("lines", BELOW, x=grid, y=noise_density, line={"color": theme.NOISE, "width": 2}),
        scatter("markers", BELOW, x=noise, y=lanes * 0.85 * below, marker={**dot, "color": theme.NOISE}),
        scatter("lines", MIDDLE, x=grid, line={"color": theme.CURVE, "width": 3}),
        scatter("lines", MIDDLE, x=_elbows(film, scene)[0], line={"color": theme.FAINT, "width": 1}),
        scatter("markers", MIDDLE, x=noise, marker=dot),
        scatter("lines", LEFT, y=_density(film)[1], line={"color": theme.SAMPLE, "width": thick}),
        scatter("markers", LEFT, x=lanes * 0.9 * top, marker=dot),
        scatter("lines", LEFT, line={"width": 0}, fill="tozerox", fillcolor=theme.with_alpha(theme.SAMPLE, 0.3)),
        scatter("lines", BELOW, line={"width": 0}, fill="tozeroy", fillcolor=theme.with_alpha(theme.NOISE, 0.35)),
        scatter("lines", MIDDLE, line={"color": theme.MARK, "width": 1.5, "dash": "dot"}),
        scatter("lines", MIDDLE, line=strong),
        scatter("lines", RIGHT, line={"color": theme.CURVE, "width": 3, "shape": "hvh" if _jumps(scene) else "linear"}),
        scatter("lines", RIGHT, line={**strong, "dash": "4px,3px"}),
        scatter("markers", MIDDLE, marker=star),
        scatter("markers", BELOW, y=[_LANE * below], marker=star),
        scatter("markers", LEFT, x=[_LANE * top], marker=star),
        scatter("markers", RIGHT, marker=star),
        *(_name(scene, i) for i in range(len(scene.paths))),
    ]
    if family.discrete:
        data.append(scatter("lines", RIGHT, line={"color": theme.SAMPLE, "width": 2, "dash": "dashdot"}))
    for trace in data:
        trace |= {"hoverinfo": "skip", "showlegend": False}
    layout = _layout(scene, top, below)
    return Picture(
        {"data": data, "layout": layout}, at_frame(updates(scene, scene.place), scene.films[scene.place].start)
    )


def _layout(scene: Scene, top: float, below: float) -> dict[str, Any]:
    low, high = scene.family.noise.window
    pad = 0.02 * (high - low)
    eps, samples = {"range": [low - pad, high + pad], "fixedrange": True}, {"range": list(scene.axis)}
    left, middle, right = beside([0.17, 0.53, 0.3], 0.014)
    upper, lower = stacked([0.78, 0.22], 0.02)
    none = {"showticklabels": False, "fixedrange": True}
    return {
        "margin": {"l": 50, "r": 10, "t": 8, "b": 44},
        "xaxis": axis(anchor="y", domain=left, range=[top, 0], fixedrange=True, **UNMARKED),
        "yaxis": axis("sample x", anchor="x", domain=upper, fixedrange=True, **samples),
        "xaxis2": axis(anchor="y2", domain=middle, matches="x3", showticklabels=False, **eps),
        "yaxis2": axis(anchor="x2", domain=upper, matches="y", **samples, **none),
        "xaxis3": axis("noise ε", anchor="y3", domain=middle, **eps),
        "yaxis3": axis(anchor="x3", domain=lower, range=[0, below], fixedrange=True, **UNMARKED),
        "xaxis4": axis(anchor="y4", domain=right, range=[-0.02, 1.02], tickvals=[0, 0.5, 1], **none),
        "yaxis4": axis(anchor="x4", domain=upper, matches="y", **samples, **none),
        "yaxis5": axis(anchor="x4", domain=lower, range=[0, 1], visible=False, fixedrange=True),
    }


def _name(scene: Scene, i: int) -> dict[str, Any]:
    """What the path at the right is along: the ends of the parameter's slider, and its letter."""
    parameter = scene.paths[i].parameter
    low, high = (f"{end:g}".replace("-", "−") for end in parameter.slider)
    title = word("noise_transform.path_axis", parameter=parameter.letter)
    if scene.paths[i].mean is not None:
        title = word("noise_transform.mean_axis", parameter=parameter.letter)
    places = ["bottom right", "bottom center", "bottom left"]
    return scatter("text", NAMES, x=[0, 0.5, 1], text=[low, title, high], textposition=places)


def updates(scene: Scene, i: int) -> Sequence[Update]:
    """What changes while parameter i moves: (trace, attribute, (F, n)), or (1, n) for what it leaves as it is."""
    film, path = scene.films[i], scene.paths[i]
    eps = torch.tensor([[scene.star]], dtype=torch.float64)
    share = star_path.share_of_slider(path, path.values).unsqueeze(1)
    return [
        (CURVE, "y", film.curve),
        (ELBOWS, "y", torch.from_numpy(_elbows(film, scene)[1])),
        (DOTS, "y", film.samples),
        (DENSITY, "x", torch.from_numpy(_density(film)[0])),
        (SAMPLES, "y", film.samples),
        *_star(scene, i, path.speeds, eps, share, film.density),
        *_path(scene, i, path.speeds.x.unsqueeze(0)),
    ]


def sweep(scene: Scene) -> Sequence[Update]:
    """What changes while the star moves along the noise, (E, n) each; what does not is as theta has it, (1, n)."""
    i, film = scene.place, scene.films[scene.place]
    here = slice(film.start, film.start + 1)
    path = scene.paths[i]
    share = star_path.share_of_slider(path, path.values[here]).unsqueeze(1)
    return [
        (CURVE, "y", film.curve[here]),
        (ELBOWS, "y", torch.from_numpy(_elbows(film, scene)[1][here])),
        (DOTS, "y", film.samples[here]),
        (DENSITY, "x", torch.from_numpy(_density(film)[0][here])),
        (SAMPLES, "y", film.samples[here]),
        *_star(scene, i, scene.sweep.speeds, scene.sweep.eps.unsqueeze(1), share, film.density[here]),
        *_path(scene, i, scene.sweep.paths),
    ]


def _star(scene: Scene, i: int, speeds: Speeds, eps: Tensor, share: Tensor, density: Tensor) -> list[Update]:
    """What goes with the star at K places: eps, and its parameter's place on the slider, are (K, 1) or (1, 1)."""
    path, x = scene.paths[i], speeds.x.unsqueeze(1)
    found = {
        NOISE_SHADE: star_path.noise_shade(scene, eps),
        GUIDE: star_path.guide(scene, eps, x),
        ARROW: star_path.arrow(scene, path, speeds, eps, x),
        TANGENT: star_path.tangent(path, speeds, share, x),
        STAR: (eps, x),
        STAR_PATH: (share, x),
    }
    if speeds.density is None:
        found[SHADE] = torch.zeros(1, 2), torch.zeros(1, 2)
    else:
        found[SHADE] = star_path.shade(scene.films[i].levels, density, x, speeds.density.unsqueeze(1))
    both = [(trace, name, rows) for trace, pair in found.items() for name, rows in zip("xy", pair, strict=True)]
    return [*both, (STAR_NOISE, "x", eps), (STAR_SAMPLE, "y", x)]


def _path(scene: Scene, i: int, y: Tensor) -> list[Update]:
    """The path along parameter i, (K, F), its name, and the mean where it is known."""
    lines = {PATH: star_path.along(scene, scene.paths[i], y)}
    mean = scene.paths[i].mean
    if mean is not None:
        lines[FIRST_NAME + len(scene.paths)] = star_path.along(scene, scene.paths[i], mean.unsqueeze(0))
    both: list[Update] = [
        (trace, name, rows) for trace, pair in lines.items() for name, rows in zip("xy", pair, strict=True)
    ]
    for j in range(len(scene.paths)):
        heights = _NAME_HEIGHTS if j == i else (torch.nan,) * 3
        both.append((FIRST_NAME + j, "y", torch.tensor([heights])))
    return both


def _jumps(scene: Scene) -> bool:
    return scene.family.route == "none"


def _density(film: TransformFilm) -> tuple[np.ndarray, np.ndarray]:
    """The sample density as a line: x (F, Z) and y (Z,). Atoms of a discrete family become separate bars."""
    density, levels = film.density.numpy(), film.levels.numpy()
    if len(levels) >= CURVE_POINTS:
        return density, levels
    zeros, gaps = np.zeros_like(density), np.full_like(density, np.nan)
    x = np.stack([zeros, density, gaps], axis=-1).reshape(len(density), -1)
    return x, np.repeat(levels, 3)


def _elbows(film: TransformFilm, scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Lines from a few noises up to the curve and across to the sample axis: x (m,), y (F, m), NaN between."""
    eps = scene.eps.double().cpu()
    order = eps.argsort()
    shown = order[torch.linspace(0, len(order) - 1, ELBOWS_SHOWN).long()]
    noise = eps[shown].numpy()
    samples = film.samples[:, shown].numpy()
    left = float(film.grid[0]) - 1.0
    x = np.stack([noise, noise, np.full_like(noise, left), np.full_like(noise, np.nan)], axis=-1).reshape(-1)
    floor = np.full_like(samples, scene.axis[0])
    y = np.stack([floor, samples, samples, np.full_like(samples, np.nan)], axis=-1).reshape(len(samples), -1)
    return x, y
