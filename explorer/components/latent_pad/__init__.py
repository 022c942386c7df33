"""The latent pad: a point on the latent plane under the hand, z or the noise that makes it, and the picture there.

The model's decoder runs in the browser (`components.decoder`): a drag sends nothing, its release sends the point. Read
it with `reported_point(key, hand)` before the page computes; it is told once. An atlas of pictures behind the plane
travels once a visit, in a message of its own that the browser keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from torch import Tensor

from explorer.components.decoder import Decoder
from explorer.components.packed import ink, named, text
from explorer.components.script import script
from explorer.components.told_once import answered, released
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


HANDS = ("z", "eps")
"""What may be under the hand: the latent, or the noise that the posterior carries to it."""
WORDS = ("role", "loading", "unreadable", "noise", "transform", "latent", "held")


@dataclass(frozen=True)
class Lens:
    """A square piece of the plane drawn large beside it: its middle and half its side.

    density: (n, n) in [0, 1], [i, j] at the cell of z1[j], z2[i], the lowest z2 first. Noise is shown about the
    ellipse's loc, `unit` long for an eps of 1. eps: noises (M, 2), drawn on their way through the ellipse's scale_tril.
    """

    middle: tuple[float, float]
    half: float
    unit: float
    density: Tensor
    eps: Tensor
    alt: str


_atlas = st.components.v2.component(
    "explorer_latent_atlas",
    js=script(_HERE, "atlas.js"),
    css="[class*='st-key-latent-atlas-'] {\n  display: none;\n}",  # on one line the star would make it a file name
    isolate_styles=False,
)
_pad = st.components.v2.component(
    "explorer_latent_pad",
    js=script(_HERE, "latent_pad.js", "hand.js", "lens.js", "drawing.js"),
    css=(_HERE / "latent_pad.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def reported_point(key: str, hand: str) -> tuple[float, float] | None:
    """Where the visitor let go of z or of eps, as `hand` says, since the pad `key` was last drawn."""
    told = released(key, "point")
    if told is None:
        return None
    x, y, held = told
    return (float(x), float(y)) if held == hand else None


def latent_pad(
    *,
    key: str,
    decoder: Decoder,
    extent: float,
    background: Tensor,
    classes: Sequence[str],
    ellipse: tuple[Tensor, Tensor] | None,
    point: tuple[float, float],
    alt: str,
    hand: str = "z",
    atlas: Tensor | None = None,
    marks: Sequence[tuple[float, float, str]] = (),
    lens: Lens | None = None,
    height: int = 460,
) -> None:
    """The plane [-extent, extent] squared, drawn to scale, beside the decoded picture.

    background: (M, 3), rows (z1, z2, label). classes: the name of each label, ten at most. ellipse: loc (2,) and
    scale_tril (2, 2) of the posterior, drawn at one (solid) and two (dashed) standard deviations. point: where z is,
    or with `hand` "eps" its noise, unless the visitor is holding it; z = loc + scale_tril eps. atlas: (n, n, side,
    side), float in [0, 1] or uint8, in place of the dots; [i, j] fills the cell of column j and row i, the lowest z2
    first. marks: (x, y, text) of places to point out. A `lens` looks at the ellipse. Raises ValueError for other
    shapes, a decoder of other than two latents, a label without a name, or a lens or a hand on eps without an ellipse.
    """
    if decoder.n_latents != 2:
        raise ValueError(f"decoder must have two latents, it has {decoder.n_latents}")
    if atlas is not None and (atlas.ndim != 4 or len(atlas) != atlas.shape[1] or atlas.shape[2] != atlas.shape[3]):
        raise ValueError(f"atlas must be (n, n, side, side), got {tuple(atlas.shape)}")
    if background.ndim != 2 or background.shape[1] != 3:
        raise ValueError(f"background must be (M, 3), got {tuple(background.shape)}")
    if not len(classes) <= len(CLASS_COLORS) or not bool((background[:, 2] < len(classes)).all()):
        raise ValueError(f"classes must name every label of background, {len(CLASS_COLORS)} at most, got {classes}")
    if lens is not None and (ellipse is None or lens.density.ndim != 2 or len(set(lens.density.shape)) > 1):
        raise ValueError("a lens must have an ellipse and a square density")
    if hand not in HANDS or (hand == "eps" and ellipse is None):
        raise ValueError(f"hand must be one of {HANDS}, and eps needs an ellipse, got {hand!r}")
    _pad(
        key=key,
        data=[  # in a list, as the chart's
            {
                "decoder": decoder.data,
                "atlas": None if atlas is None else _ship_atlas(key, atlas),
                "extent": extent,
                "dots": _dots(background),
                "colors": CLASS_COLORS,
                "classes": list(classes),
                "ellipse": None if ellipse is None else _lists(ellipse),
                "marks": list(marks),
                "lens": None if lens is None else _lens(lens),
                "hand": hand,
                "point": list(point),
                "answered": answered(key),
                "alt": alt,
                "height": height,
                "words": {name: word(f"latent_pad.{name}") for name in WORDS},
            }
        ],
        on_point_change=lambda: None,
    )


def _ship_atlas(key: str, atlas: Tensor) -> str:
    """Sends the atlas; its name."""
    name, packed = named(ink(atlas))
    _atlas(
        key=f"latent-atlas-{key}",
        data=[{"name": name, "packed": packed, "size": len(atlas), "side": atlas.shape[-1]}],
    )
    return name


def _lens(lens: Lens) -> dict[str, Any]:
    return {
        "middle": list(lens.middle),
        "half": lens.half,
        "cells": len(lens.density),
        "density": text(ink(lens.density)),
        "unit": lens.unit,
        "eps": lens.eps.tolist(),
        "alt": lens.alt,
    }


def _lists(parts: Sequence[Tensor]) -> list[Any]:
    return [part.detach().cpu().tolist() for part in parts]


def _dots(background: Tensor) -> str:
    """x, y and class of each dot as int16, in steps of a five-hundredth: finer than a pixel."""
    return text((background.cpu().double().numpy() * 500).round().astype("<i2").tobytes())
