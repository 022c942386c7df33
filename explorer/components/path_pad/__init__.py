"""The path pad: one slider moves along several ways through the latent space, the browser decodes where it is.

The decoder travels once (`ship_decoder`); a move of the slider asks the server for nothing, its release sends the
share t of the way. Read it with `reported_share(key)` before the page computes; it is told once.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from torch import Tensor

from explorer.components.decoder import Decoder
from explorer.components.script import script
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
    raw = st.session_state.get(key) or {}
    seen = st.session_state.get(_memory(key))
    st.session_state[_memory(key)] = _stamp(raw)
    return None if _stamp(raw) is None or _stamp(raw) == seen else float(raw["share"][0])


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
                    {"name": way.name, "places": _floats(way.places), "readouts": list(way.readouts)} for way in ways
                ],
                "start": start,
                "answered": st.session_state.get(_memory(key)),
                "alt": alt,
                "words": {name: word(f"path_pad.{name}") for name in ("slider", "loading", "unreadable")},
            }
        ],
        on_share_change=lambda: None,
    )


def _floats(places: Tensor) -> str:
    return base64.b64encode(places.detach().cpu().numpy().astype("<f4").tobytes()).decode("ascii")


def _memory(key: str) -> str:
    """Where this visit keeps the stamp of the last release the pad has answered."""
    return f"{key}/answered"


def _stamp(raw: Mapping[str, Any]) -> float | None:
    return raw["share"][1] if raw.get("share") else None
