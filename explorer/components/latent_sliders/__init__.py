"""Latent sliders: a target picture, the picture decoded where the sliders stand, their difference, and how far apart.

The browser decodes under the hand, from the weights that `ship_decoder` has sent; moving a slider sends nothing, its
release sends where all of them stand. Read it with `reported_places(key, n, reach)` before the page computes; it is
told once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st
from torch import Tensor

from explorer.components.decoder import Decoder
from explorer.components.packed import floats
from explorer.components.script import script
from explorer.components.told_once import answered, released
from explorer.figures.theme import ESTIMATOR_COLOURS, SAMPLE
from explorer.text import word

_HERE = Path(__file__).parent
_WORDS = ("target", "yours", "difference", "distance", "loading", "unreadable")
SIGNED = (SAMPLE, ESTIMATOR_COLOURS["score_function"])
"""Pixels that are too dark, and those that are too bright."""

_sliders = st.components.v2.component(
    "explorer_latent_sliders",
    js=script(_HERE, "latent_sliders.js"),
    css=(_HERE / "latent_sliders.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def reported_places(key: str, n: int, reach: float) -> tuple[float, ...] | None:
    """Where the visitor left the `n` sliders since they were last drawn; None where that is no place of theirs."""
    places = released(key, "places")
    if places is None or len(places) != n or not all(math.isfinite(each) and abs(each) <= reach for each in places):
        return None
    return tuple(round(float(each), 2) + 0.0 for each in places)


def latent_sliders(
    *,
    key: str,
    decoder: Decoder,
    target: Tensor,
    dimensions: Sequence[int],
    labels: Sequence[str],
    held: Tensor,
    places: Sequence[float],
    reach: float,
    step: float,
    best: tuple[str, str],
    alt: Mapping[str, str],
) -> None:
    """The three pictures, and a slider for each of `dimensions`, under its label.

    target: (P,) in [0, 1]. held: (D,), the code of the latents without a slider. places: where the sliders stand unless
    the visitor is ahead. best: the nearest that is known, in nats and in pixels, as it is to be written. alt: what is
    read out for "target", "yours" and "difference". Raises ValueError where the shapes do not fit.
    """
    if target.shape != (decoder.side**2,) or held.shape != (decoder.n_latents,):
        raise ValueError(f"target and held must fit the decoder, got {tuple(target.shape)} and {tuple(held.shape)}")
    if not len(dimensions) == len(labels) == len(places):
        raise ValueError("dimensions, labels and places must be as many")
    _sliders(
        key=key,
        data=[  # in a list, as the chart's
            {
                "decoder": decoder.data,
                "target": floats(target),
                "dimensions": list(dimensions),
                "labels": list(labels),
                "held": held.tolist(),
                "places": list(places),
                "reach": reach,
                "step": step,
                "best": list(best),
                "colors": SIGNED,
                "alt": dict(alt),
                "answered": answered(key),
                "words": {name: word(f"latent_sliders.{name}") for name in _WORDS},
            }
        ],
        on_places_change=lambda: None,
    )
