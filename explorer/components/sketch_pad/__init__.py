"""The sketch pad: a digit drawn by hand, with a pointer, a finger or the keyboard.

The strokes stay in the browser; when the pen is lifted the ink is sent, and told once.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
import torch
from torch import Tensor

from explorer.components.script import script
from explorer.components.told_once import release
from explorer.text import word

_HERE = Path(__file__).parent
SIDE = 112
"""Pixels along the side of the ink that is sent."""

_pad = st.components.v2.component(
    "explorer_sketch_pad",
    js=script(_HERE, "sketch_pad.js"),
    css=(_HERE / "sketch_pad.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def sketch_pad(*, key: str, alt: str) -> Tensor | None:
    """Draws the pad. The ink (SIDE, SIDE) in [0, 1] if the pen was lifted since it was last drawn, else None."""
    words = {name: word(f"sketch_pad.{name}") for name in ("undo", "clear", "help")}
    raw: Mapping[str, Any] = _pad(key=key, data=[{"alt": alt, "words": words}], on_ink_change=lambda: None)
    told = release(key, raw.get("ink"))
    return None if told is None else ink_of(told[0])


def ink_of(packed: object) -> Tensor | None:
    """The ink of what a browser sent, base64 of SIDE x SIDE bytes; None where it is no such thing."""
    try:
        raw = base64.b64decode(packed, validate=True) if isinstance(packed, str) else b""
    except binascii.Error:
        return None
    if len(raw) != SIDE * SIDE:
        return None
    return torch.frombuffer(bytearray(raw), dtype=torch.uint8).view(SIDE, SIDE).float() / 255
