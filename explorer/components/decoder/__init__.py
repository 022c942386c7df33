"""A model's decoder in the browser: pictures at any z under the hand, with no server trip.

The weights travel once a visit, in half precision, in a message of their own that the browser keeps. A component that
decodes passes `Decoder.data` on and waits in its JavaScript:

    arriving("explorerDecoders", decoder.name).promise.then((decoder) => paintPixels(canvas, decoder.decode(z), side))
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.components.packed import named
from explorer.components.script import script
from explorer.vae.half_precision import half_layers
from explorer.vae.model import VAE

_decoder = st.components.v2.component(
    "explorer_decoder",
    js=script(Path(__file__).parent, "decoder.js"),
    css="[class*='st-key-decoder-'] {\n  display: none;\n}",  # on one line the star would make it a file name
    isolate_styles=False,
)


@dataclass(frozen=True)
class Decoder:
    """A decoder on its way to the browser."""

    name: str
    """Made from the weights."""
    n_latents: int
    side: int
    """Pixels along a side of its pictures."""

    @property
    def data(self) -> dict[str, Any]:
        """What a component is told of it."""
        return {"name": self.name, "latents": self.n_latents, "side": self.side}


def ship_decoder(vae: VAE) -> Decoder:
    """Sends the decoder of a model to the browser, once a run and a model: call it before what decodes is drawn."""
    name, packed, widths = _packed(vae)
    _decoder(key=f"decoder-{name}", data=[{"name": name, "packed": packed, "widths": widths}])
    return Decoder(name, vae.n_latents, vae.dataset.side)


@functools.lru_cache(maxsize=16)
def _packed(vae: VAE) -> tuple[str, str, list[int]]:
    """The name, the weights compressed in base64, and the widths of the layers, the latents first."""
    layers = half_layers(vae)
    raw = b"".join(part.numpy().astype("<f2").tobytes() for layer in layers for part in layer)
    widths = [vae.n_latents, *(len(bias) for _, bias in layers)]
    return *named(raw), widths
