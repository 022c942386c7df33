"""The path pad: one slider moves along several ways through the latent space, the browser decodes where it is.

The decoder travels once (`ship_decoder`); a move of the slider asks the server for nothing, its release sends the
share t of the way. Read it with `reported_share(key)` before the page computes; it is told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from torch import Tensor

from explorer.components.decoder import Decoder
from explorer.components.packed import floats
from explorer.components.script import script
from explorer.components.told_once import answered, released
from explorer.text import word

_HERE = Path(__file__).parent
_pad = st.components.v2.component(
    "explorer_path_pad",
    js=script(_HERE, "path_pad.js"),
    css=(_HERE / "path_pad.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


@dataclass(frozen=True)
class Way:
    """A way through the latent space: what it is called, its places (T, D), and what is read out at each, (T,)."""

    name: str
    places: Tensor
    readouts: Sequence[str]


def reported_share(key: str) -> float | None:
    """The t at which the visitor let the slider go since the pad `key` was last drawn."""
    told = released(key, "share")
    return None if told is None else float(told[0])


def path_pad(*, key: str, decoder: Decoder, ways: Sequence[Way], start: float, alt: str) -> None:
    """The pictures at t on each way, side by side, over the slider; it starts at t = `start` in [0, 1].

    The places of a way are at equal steps of t from 0 to 1. Raises ValueError for other shapes.
    """
    length = len(ways[0].places) if ways else 0
    for way in ways:
        if way.places.shape != (length, decoder.n_latents) or len(way.readouts) != length or length < 2:
            raise ValueError(f"a way must have T >= 2 places (T, {decoder.n_latents}), got {tuple(way.places.shape)}")
    if not 0 <= start <= 1:
        raise ValueError(f"start must be in [0, 1], got {start}")
    _pad(
        key=key,
        data=[  # in a list, as the chart's
            {
                "decoder": decoder.data,
                "length": length,
                "ways": [
                    {"name": way.name, "places": floats(way.places), "readouts": list(way.readouts)} for way in ways
                ],
                "start": start,
                "answered": answered(key),
                "alt": alt,
                "words": {name: word(f"path_pad.{name}") for name in ("slider", "loading", "unreadable")},
            }
        ],
        on_share_change=lambda: None,
    )
