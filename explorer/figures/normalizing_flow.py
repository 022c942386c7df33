"""The ruled plane of the noise, what the layers make of it, and the density: dots of area q on a lattice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.core.experiments.normalizing_flow import WINDOW, FlowFilm, lattice, ruled_noise
from explorer.figures import theme
from explorer.figures.panels import axis, beside, note, scatter
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import word

LEFT, RIGHT = ("x", "y"), ("x2", "y2")
DENSITY, RULED, DOTS, STAR = range(4)
"""The traces that a film moves."""
NOISE_SIDE = (-3.4, 3.4)
LARGEST, SMALLEST = 13.0, 0.4
"""Diameters in pixels: where the density is DENSEST or more, and where there is none."""
DENSEST = 0.2


def normalizing_flow(film: FlowFilm, eps: Tensor, marked: int) -> Picture:
    """The picture at the film's start: eps (n, 2) at the left, their samples at the right, both in one unit."""
    eps, ruled, places = eps.double().cpu(), ruled_noise(), lattice()
    thin = {"color": theme.MARK, "width": 1}
    star = {"color": theme.CURVE, "size": 15, "symbol": "star", "line": {"color": theme.TEXT, "width": 1}}
    halftone = {"color": theme.FAINT, "symbol": "circle", "line": {"width": 0}, "opacity": 1}
    data = [
        scatter("markers", RIGHT, x=places[:, 0], y=places[:, 1], marker=halftone),
        scatter("lines", RIGHT, line=thin),
        scatter("markers", RIGHT, marker=_dot(theme.SAMPLE)),
        scatter("markers", RIGHT, marker=star),
        scatter("lines", LEFT, x=ruled[:, 0], y=ruled[:, 1], line=thin),
        scatter("markers", LEFT, x=eps[:, 0], y=eps[:, 1], marker=_dot(theme.NOISE)),
        scatter("markers", LEFT, x=eps[[marked], 0], y=eps[[marked], 1], marker=star),
    ]
    for trace in data:
        trace |= {"hoverinfo": "skip", "showlegend": False}
    widths = [NOISE_SIDE[1] - NOISE_SIDE[0], WINDOW[0][1] - WINDOW[0][0]]
    left, right = beside(widths, 0.06)
    still: dict[str, Any] = {"constrain": "domain", "zeroline": False, "showgrid": False, "dtick": 2}
    over = {"xanchor": "center", "yanchor": "bottom", "yshift": 2}
    layout = {
        "xaxis": axis("ε₁", anchor="y", domain=left, range=list(NOISE_SIDE), **still),
        "yaxis": axis("ε₂", anchor="x", range=list(WINDOW[1]), scaleanchor="x", **still),
        "xaxis2": axis("x₁", anchor="y2", domain=right, range=list(WINDOW[0]), scaleanchor="x", **still),
        "yaxis2": axis("x₂", anchor="x2", range=list(WINDOW[1]), scaleanchor="x2", **still),
        "margin": {"l": 46, "r": 10, "t": 30, "b": 44},
        "annotations": [
            note(f"{theme.badge(colour)}<b>{title}</b>", 0.0, 1, xref=f"x{name}", yref=f"y{name} domain", **over)
            for name, colour, title in (
                ("", theme.NOISE, word("normalizing_flow.noise")),
                ("2", theme.SAMPLE, word("normalizing_flow.sample")),
            )
        ],
    }
    return Picture({"data": data, "layout": layout}, at_frame(updates(film, marked), film.start))


def updates(film: FlowFilm, marked: int) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace."""
    sizes = LARGEST * (film.density / DENSEST).clamp(max=1).sqrt()
    places = {RULED: film.ruled, DOTS: film.samples, STAR: film.samples[:, [marked]]}
    moved = [(trace, name, at[..., i]) for trace, at in places.items() for i, name in enumerate("xy")]
    return [(DENSITY, "marker.size", torch.clamp(sizes, min=SMALLEST)), *moved]


def _dot(colour: str) -> dict[str, Any]:
    return {"color": colour, "size": 7, "line": {"color": theme.BACKGROUND, "width": 1}}
