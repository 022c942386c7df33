"""The latent pad: drag a point on the latent plane, the decoded picture follows from a precomputed atlas.

The atlas travels once a visit, in a message of its own that the browser keeps; a drag sends nothing, its release sends
the point. Read it with `reported_point(key)` before the page computes, or from what `latent_pad` returns; it is told
once.
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from explorer.text import word

_HERE = Path(__file__).parent

CLASS_COLORS = (
    "#C48300",
    "#3B92C9",
    "#009E73",
    "#8F8A00",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#8A8A8A",
    "#96603A",
    "#7A5CC4",
)
"""Okabe and Ito's hues, black left to the text, and two more, each 3 : 1 on either theme's background.

The plane writes the class beside its dots.
"""


@dataclass(frozen=True)
class Lens:
    """A square piece of the plane drawn large beside it: its middle and half its side.

    density: (n, n) in [0, 1], [i, j] at the cell of z1[j], z2[i], the lowest z2 first. eps: noises (M, 2), drawn on
    their way through the ellipse's scale_tril.
    """

    middle: tuple[float, float]
    half: float
    density: Tensor
    eps: Tensor
    alt: str


@dataclass(frozen=True)
class PadResult:
    """What the browser reported: the point (x, y) where the visitor let go, told once, else None."""

    point: tuple[float, float] | None = None


_atlas = st.components.v2.component(
    "explorer_latent_atlas",
    js=(_HERE / "atlas.js").read_text(encoding="utf-8"),
    css="[class*='st-key-latent-atlas-'] {\n  display: none;\n}",  # on one line the star would make it a file name
    isolate_styles=False,
)
_pad = st.components.v2.component(
    "explorer_latent_pad",
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("latent_pad.js", "lens.js", "drawing.js")),
    css=(_HERE / "latent_pad.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def reported_point(key: str) -> tuple[float, float] | None:
    """Where the visitor let go of the point since the pad `key` was last drawn."""
    raw = st.session_state.get(key) or {}
    point = _new_point(key, raw)
    st.session_state[_memory(key)] = _stamp(raw)
    return point


def latent_pad(
    *,
    key: str,
    atlas: Tensor,
    extent: float,
    background: Tensor,
    classes: Sequence[str],
    ellipse: tuple[Tensor, Tensor] | None,
    point: tuple[float, float],
    alt: str,
    marks: Sequence[tuple[float, float, str]] = (),
    lens: Lens | None = None,
    height: int = 460,
) -> PadResult:
    """The plane [-extent, extent] squared, drawn to scale, beside the decoded picture.

    atlas: (n, n, side, side), float in [0, 1] or uint8; [i, j] decodes z = (-extent + j step, -extent + i step).
    background: (M, 3), rows (z1, z2, label). classes: the name of each label, ten at most. ellipse: loc (2,) and
    scale_tril (2, 2) of the posterior, drawn at one (solid) and two (dashed) standard deviations. point: where the
    point is unless the visitor is holding it. marks: (x, y, text) of places to point out. A `lens` looks at the
    ellipse. Raises ValueError for other shapes, a label without a name, or a lens without an ellipse.
    """
    if atlas.ndim != 4 or atlas.shape[0] != atlas.shape[1] or atlas.shape[2] != atlas.shape[3]:
        raise ValueError(f"atlas must be (n, n, side, side), got {tuple(atlas.shape)}")
    if background.ndim != 2 or background.shape[1] != 3:
        raise ValueError(f"background must be (M, 3), got {tuple(background.shape)}")
    if not len(classes) <= len(CLASS_COLORS) or not bool((background[:, 2] < len(classes)).all()):
        raise ValueError(f"classes must name every label of background, {len(CLASS_COLORS)} at most, got {classes}")
    if lens is not None and (ellipse is None or lens.density.ndim != 2 or len(set(lens.density.shape)) > 1):
        raise ValueError("a lens must have an ellipse and a square density")
    name, packed = _packed(_cells(atlas).tobytes())
    _atlas(key=f"latent-atlas-{key}", data=[{"name": name, "packed": packed}])
    raw: Mapping[str, Any] = _pad(
        key=key,
        data=[  # in a list, as the chart's
            {
                "atlas": name,
                "size": atlas.shape[0],
                "side": atlas.shape[-1],
                "extent": extent,
                "dots": _dots(background),
                "colors": CLASS_COLORS,
                "classes": list(classes),
                "ellipse": None if ellipse is None else _lists(ellipse),
                "marks": list(marks),
                "lens": None if lens is None else _lens(lens, ellipse),
                "point": list(point),
                "answered": st.session_state.get(_memory(key)),
                "alt": alt,
                "height": height,
                "words": {
                    "role": word("latent_pad.role"),
                    "loading": word("latent_pad.loading"),
                    "unreadable": word("latent_pad.unreadable"),
                },
            }
        ],
        on_point_change=lambda: None,
    )
    released = _new_point(key, raw)
    st.session_state[_memory(key)] = _stamp(raw)
    return PadResult(released)


def _lens(lens: Lens, ellipse: tuple[Tensor, Tensor] | None) -> dict[str, Any]:
    return {
        "middle": list(lens.middle),
        "half": lens.half,
        "cells": len(lens.density),
        "density": base64.b64encode(_cells(lens.density).tobytes()).decode("ascii"),
        "ellipse": _lists(ellipse or ()),
        "eps": lens.eps.tolist(),
        "alt": lens.alt,
    }


def _lists(parts: Sequence[Tensor]) -> list[Any]:
    return [part.detach().cpu().tolist() for part in parts]


def _memory(key: str) -> str:
    """Where this visit keeps the stamp of the last release the pad has answered."""
    return f"{key}/answered"


def _stamp(raw: Mapping[str, Any]) -> float | None:
    return raw["point"][2] if raw.get("point") else None


def _new_point(key: str, raw: Mapping[str, Any]) -> tuple[float, float] | None:
    if _stamp(raw) is None or _stamp(raw) == st.session_state.get(_memory(key)):
        return None
    x, y, _ = raw["point"]
    return float(x), float(y)


def _cells(atlas: Tensor) -> np.ndarray:
    if atlas.dtype != torch.uint8:
        atlas = (atlas.detach() * 255).round().clamp(0, 255).to(torch.uint8)
    return atlas.cpu().contiguous().numpy()


@functools.lru_cache(maxsize=8)
def _packed(cells: bytes) -> tuple[str, str]:
    """A name made from the content, and the cells compressed, in base64."""
    return hashlib.sha256(cells).hexdigest()[:16], base64.b64encode(gzip.compress(cells, mtime=0)).decode("ascii")


def _dots(background: Tensor) -> str:
    """x, y and class of each dot as int16, in steps of a five-hundredth: finer than a pixel."""
    return base64.b64encode((background.cpu().double().numpy() * 500).round().astype("<i2").tobytes()).decode("ascii")
