"""A picture of the visitor's own: drawn by hand or brought as a photo, made like the data set's, kept in the link."""

from __future__ import annotations

import hashlib

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import chart
from explorer.components.sketch_pad import sketch_pad
from explorer.figures.image_grid import image_grid
from explorer.text import word
from explorer.vae.drawing import Preparation, ink_of_photo, pack, prepare, unpack
from explorer.visit.links import hold, now
from explorer.visit.uploads import UploadError, grey_photo

FIELD = "drawn"
"""The key of the picture in the link."""
_SHOWN = 56
"""Pixels along the side at which the steps are shown."""


def own_picture(key: str, side: int) -> Tensor | None:
    """The pad and the place for a photo; the picture (1, 1, side, side) as it stands, None before there is any.

    What cannot be used is answered in words, and the picture before it stays. `key` is for the widgets.
    """
    ink = sketch_pad(key=f"{key}.sketch", alt=word("sketch_pad.alt"))
    photo = st.file_uploader(word("upload.label"), ["png", "jpg", "jpeg", "webp"], key=f"{key}.photo")
    try:
        if photo is not None and _is_new(f"{key}/photo", photo.getvalue()):
            ink = ink_of_photo(grey_photo(photo.getvalue()))
        if ink is not None and not ink.any():
            st.session_state.pop(f"{key}/steps", None)
            hold(FIELD, None)
        elif ink is not None:
            steps = prepare(ink, side)
            st.session_state[f"{key}/steps"] = steps
            hold(FIELD, pack(steps.centred))
    except (UploadError, ValueError) as error:
        st.warning(f"{str(error)[:1].upper()}{str(error)[1:]}")
    packed = now(FIELD, held=True)
    hold(FIELD, packed)
    if packed is None:
        st.caption(word("sketch_pad.empty"))
        return None
    if f"{key}/steps" in st.session_state:
        _show(key, st.session_state[f"{key}/steps"])
    return unpack(packed, side)[None, None]


def _is_new(key: str, content: bytes) -> bool:
    """Whether this file has not been taken yet: the uploader keeps it for every run."""
    name = hashlib.sha256(content).hexdigest()
    is_new = st.session_state.get(key) != name
    st.session_state[key] = name
    return is_new


def _show(key: str, steps: Preparation) -> None:
    """How the ink became the picture."""
    parts = (steps.ink, steps.cut, steps.small, steps.centred)
    names = [word(f"sketch_pad.{name}") for name in ("ink", "cut", "small", "centred")]
    chart(
        image_grid(torch.stack([_fitted(part) for part in parts])[None], column_labels=names),
        key=f"{key}.steps",
        alt=word("sketch_pad.steps_alt"),
        height=110,
        file_name="own_picture",
        clicks=False,
    )


def _fitted(part: Tensor) -> Tensor:
    """A picture of any shape in the middle of a square."""
    longest = max(part.shape)
    square = torch.zeros(longest, longest)
    top, left = ((longest - length) // 2 for length in part.shape)
    square[top : top + part.shape[0], left : left + part.shape[1]] = part
    return torch.nn.functional.interpolate(square[None, None], size=[_SHOWN, _SHOWN], mode="area")[0, 0]
