"""The traversal pad: a row of pictures a latent; drag along one and the large picture follows, decoded in the browser.

The rows' pictures travel in a message of their own that the browser keeps; a drag sends nothing, its release sends the
latent and its value. Read it with `reported_move(key)` before the page computes; it is told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from torch import Tensor

from explorer.components.decoder import Decoder
from explorer.components.packed import ink, named, text
from explorer.components.script import script
from explorer.components.told_once import answered, released
from explorer.text import word

_HERE = Path(__file__).parent
Move = tuple[int, float]
"""A latent, counted from 0, and its value."""


@dataclass(frozen=True)
class Row:
    """A latent: its number from 0, its KL to the prior in nats, whether it is active, its row's two ends."""

    latent: int
    kl: float
    is_active: bool
    low: float
    high: float


_grid = st.components.v2.component(
    "explorer_traversal_grid",
    js=script(_HERE, "grid.js"),
    css="[class*='st-key-traversal-grid-'] {\n  display: none;\n}",  # on one line the star would make it a file name
    isolate_styles=False,
)
_pad = st.components.v2.component(
    "explorer_traversal_pad",
    js=script(_HERE, "traversal_pad.js", "rows.js"),
    css=(_HERE / "traversal_pad.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)
_WORDS = ("role", "loading", "unreadable", "value", "from_mean", "spoken", "kl", "active", "encoded", "at_mean", "help")


def reported_move(key: str) -> Move | None:
    """The latent that the visitor moved since the pad `key` was last drawn, and where it was let go."""
    told = released(key, "moved")
    return None if told is None else (int(told[0]), float(told[1]))


def traversal_pad(
    *,
    key: str,
    decoder: Decoder,
    pictures: Tensor,
    rows: Sequence[Row],
    ticks: Sequence[str],
    loc: Tensor,
    scale: Tensor,
    image: Tensor,
    moved: Move | None,
    alt: str,
    height: int = 430,
) -> None:
    """The rows, the first on top, beside the picture at the point under the hand.

    pictures: (R, F, side, side) in [0, 1], a row of `rows` each. ticks: what stands over each column. loc, scale: the
    posterior's mean and standard deviations (D,). image: (side, side), what was encoded. moved: the latent that is away
    from the mean, and its value, unless the visitor is holding another. Raises ValueError for other shapes.
    """
    if pictures.ndim != 4 or pictures.shape[:2] != (len(rows), len(ticks)) or pictures.shape[2] != pictures.shape[3]:
        raise ValueError(f"pictures must be ({len(rows)}, {len(ticks)}, side, side), got {tuple(pictures.shape)}")
    if loc.shape != (decoder.n_latents,) or scale.shape != loc.shape:
        raise ValueError(f"loc and scale must be ({decoder.n_latents},), got {tuple(loc.shape)}, {tuple(scale.shape)}")
    if image.shape != pictures.shape[2:]:
        raise ValueError(f"image must be {tuple(pictures.shape[2:])}, got {tuple(image.shape)}")
    name, packed = named(ink(pictures))
    _grid(key=f"traversal-grid-{key}", data=[{"name": name, "packed": packed}])
    _pad(
        key=key,
        data=[  # in a list, as the chart's
            {
                "decoder": decoder.data,
                "grid": name,
                "rows": [[row.latent, row.kl, row.is_active, row.low, row.high] for row in rows],
                "ticks": list(ticks),
                "loc": loc.tolist(),
                "scale": scale.tolist(),
                "image": text(ink(image)),
                "moved": None if moved is None else list(moved),
                "answered": answered(key),
                "alt": alt,
                "height": height,
                "words": {name: word(f"traversal_pad.{name}") for name in _WORDS},
            }
        ],
        on_moved_change=lambda: None,
    )
