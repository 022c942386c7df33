"""The plane of the noise at the left, the vectors it becomes at the right: both to scale, ruled by the same lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.experiments.linear_map import (
    CORNERS,
    NOISE_WINDOW,
    SAMPLE_WINDOW,
    TRIANGLE,
    MapFilm,
    Window,
    lower_triangle,
    noise_circle,
    on_plane,
    ruled_noise,
)
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, beside, note, scatter
from explorer.figures.picture import Picture, Update, at_frame
from explorer.text import word

LEFT, RIGHT = ("x", "y"), ("x2", "y2")
RULED, CIRCLE, DOTS, STAR, WAY, FIRST, SECOND = range(7)
"""The traces that a film moves; the last three stand in the picture of the Normal alone."""
HEAD = 0.16
"""Length of an arrow's head, in the units of the plane, and its half width below."""
HALF = 0.07
TALL = (-3.8, 3.8)
"""Both axes of the noise beside the triangle, where the two planes need not share their unit."""


def linear_map(film: MapFilm, eps: Tensor, marked: int) -> Picture:
    """The picture at the film's start: noises eps (n, 2) at the left, what they become at the right, one starred.

    For the Normal, at the left the two unit vectors and the way along them to the star; at the right the columns of L
    and the same way along those.
    """
    is_linear = film.samples.shape[-1] == 2
    eps = eps.double().cpu()
    thin = {"color": theme.FAINT, "width": 1.2}
    edge = {"width": 2}
    moving = [
        scatter("lines", RIGHT, line=thin),
        scatter("lines", RIGHT, **_disc(theme.SAMPLE)),
        scatter("markers", RIGHT, marker=_dot(theme.SAMPLE)),
        scatter("markers", RIGHT, marker=_star()),
    ]
    if is_linear:
        moving += [
            scatter("lines", RIGHT, line={"color": theme.CURVE, "dash": "dot", **edge}),
            *(scatter("lines", RIGHT, line={"color": theme.TEXT, "dash": dash, **edge}) for dash in _DASHES),
        ]
    data = [*moving, *_noise(eps, marked, is_linear)]
    data += [] if is_linear else [_frame()]
    for trace in data:
        trace |= {"hoverinfo": "skip", "showlegend": False}
    layout = {**_axes(is_linear), "margin": {"l": 46, "r": 10, "t": 30, "b": 44}, "annotations": _titles(is_linear)}
    return Picture({"data": data, "layout": layout}, at_frame(updates(film, eps, marked), film.start))


def updates(film: MapFilm, eps: Tensor, marked: int) -> Sequence[Update]:
    """What changes from frame to frame: (trace, attribute, (F, n)) for each moving trace."""
    eps = eps.double().cpu()
    places = {
        RULED: on_plane(film.ruled),
        CIRCLE: on_plane(film.circle),
        DOTS: on_plane(film.samples),
        STAR: on_plane(film.samples[:, [marked]]),
    }
    if film.samples.shape[-1] == 2:
        scale_tril = lower_triangle(film.theta)
        centre = torch.stack((film.theta["loc_1"], film.theta["loc_2"]), dim=-1)
        columns = scale_tril.unbind(-1)
        places[WAY] = _way(centre, columns, eps[marked])
        places[FIRST], places[SECOND] = (_arrow(centre, column) for column in columns)
    return [(trace, name, at[..., i]) for trace, at in places.items() for i, name in enumerate("xy")]


_DASHES = ("solid", "6px,3px")


def _dot(colour: str) -> dict[str, Any]:
    return {"color": colour, "size": 7, "line": {"color": theme.BACKGROUND, "width": 1}}


def _star() -> dict[str, Any]:
    return {"color": theme.CURVE, "size": 15, "symbol": "star", "line": {"color": theme.TEXT, "width": 1}}


def _disc(colour: str) -> dict[str, Any]:
    return {"line": {"color": colour, "width": 2}, "fill": "toself", "fillcolor": theme.with_alpha(colour, 0.16)}


def _noise(eps: Tensor, marked: int, is_linear: bool) -> list[dict[str, Any]]:
    """The plane of the noise, which no parameter moves."""
    parts = [
        ("lines", ruled_noise(), {"line": {"color": theme.FAINT, "width": 1.2}}),
        ("lines", noise_circle(), _disc(theme.NOISE)),
        ("markers", eps, {"marker": _dot(theme.NOISE)}),
        ("markers", eps[[marked]], {"marker": _star()}),
    ]
    if is_linear:
        centre, units = torch.zeros(1, 2, dtype=eps.dtype), torch.eye(2, dtype=eps.dtype).unsqueeze(1).unbind(0)
        parts.append(
            ("lines", _way(centre, units, eps[marked])[0], {"line": {"color": theme.CURVE, "width": 2, "dash": "dot"}})
        )
        for unit, dash in zip(units, _DASHES, strict=True):
            line = {"color": theme.TEXT, "width": 2, "dash": dash}
            parts.append(("lines", _arrow(centre, unit)[0], {"line": line}))
    return [scatter(mode, LEFT, x=at[:, 0], y=at[:, 1], **look) for mode, at, look in parts]


def _way(centre: Tensor, columns: Sequence[Tensor], eps: Tensor) -> Tensor:
    """From the centre along the first column, then along the second, to the star: (F, 3, 2)."""
    first = centre + columns[0] * eps[0]
    return torch.stack((centre, first, first + columns[1] * eps[1]), dim=-2)


def _arrow(start: Tensor, along: Tensor) -> Tensor:
    """An arrow from `start` (F, 2), its head drawn as lines: (F, 5, 2)."""
    tip = start + along
    unit = along / along.norm(dim=-1, keepdim=True)
    across = torch.stack((-unit[..., 1], unit[..., 0]), dim=-1)
    foot = tip - HEAD * unit
    return torch.stack((start, tip, foot + HALF * across, foot - HALF * across, tip), dim=-2)


def _frame() -> dict[str, Any]:
    """The triangle of all shares."""
    ends = torch.cat((CORNERS, CORNERS[:1]))
    return scatter("lines", RIGHT, x=ends[:, 0], y=ends[:, 1], line={"color": theme.MARK, "width": 2})


def _axes(is_linear: bool) -> dict[str, Any]:
    """Equal units along both axes of a plane; of the Normal, on both planes."""
    sample = SAMPLE_WINDOW if is_linear else TRIANGLE
    noise = NOISE_WINDOW if is_linear else (TALL, TALL)
    left, right = beside([_width(noise), _width(sample)] if is_linear else [1.0, 1.3], 0.06)
    still = {"constrain": "domain", "zeroline": is_linear, "zerolinecolor": theme.FAINT, "showgrid": False, "dtick": 2}
    bare = {} if is_linear else UNMARKED
    other = {"scaleanchor": "x"} if is_linear else {}
    return {
        "xaxis": axis("ε₁", anchor="y", domain=left, range=list(noise[0]), **still),
        "yaxis": axis("ε₂", anchor="x", range=list(noise[1]), scaleanchor="x", **still),
        "xaxis2": axis(
            "x₁" if is_linear else "", anchor="y2", domain=right, range=list(sample[0]), **{**still, **bare, **other}
        ),
        "yaxis2": axis(
            "x₂" if is_linear else "", anchor="x2", range=list(sample[1]), scaleanchor="x2", **{**still, **bare}
        ),
    }


def _width(window: Window) -> float:
    """The length of a window's first axis."""
    return window[0][1] - window[0][0]


def _titles(is_linear: bool) -> list[dict[str, Any]]:
    over = {"xanchor": "center", "yanchor": "bottom", "yshift": 2}
    noise, samples = word("linear_map.noise"), word("linear_map.shares")
    if is_linear:
        samples = word("linear_map.sample")
    middle = 0.0 if is_linear else 0.5
    titles = [
        note(f"{theme.badge(theme.NOISE)}<b>{noise}</b>", 0.0, 1, xref="x", yref="y domain", **over),
        note(f"{theme.badge(theme.SAMPLE)}<b>{samples}</b>", middle, 1, xref="x2", yref="y2 domain", **over),
    ]
    if is_linear:
        return titles
    places = np.array([[-0.02, 0.0, "right"], [1.02, 0.0, "left"], [0.5, 0.9, "center"]], dtype=object)
    return titles + [
        note(f"x{mark}", x, y, xref="x2", yref="y2", xanchor=side, yanchor="middle")
        for mark, (x, y, side) in zip("₁₂₃", places, strict=True)
    ]
