"""The plane of two latents: a point under the hand, the lens on the posterior, and how far it is from the true one."""

from __future__ import annotations

import math
from collections.abc import Hashable

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator
from torch import Tensor

from explorer.components.latent_pad import Lens, latent_pad, reported_point
from explorer.core.device import generator_for
from explorer.text import word
from explorer.vae import latent
from explorer.vae.true_posterior import (
    TruePosterior,
    log_joint,
    share_inside,
    square_about_q,
    true_posterior,
    with_two_modes,
)
from explorer.verdicts import latent_space as verdicts
from explorer.visit.links import link_point, put
from explorer.visit.memory import kept
from explorer.visit.pull import AT_ONCE, awaited
from explorer.visit.shipped import binarized, model, sample_images
from explorer.visit.store import STORE

ATLAS_SIDE = 71
LENS_CELLS, LENS_NOISES, MOST_EXAMPLES = 72, 12, 6


@st.cache_resource(show_spinner=word("latent_space.decoding"))
def _plane(name: str, extent: float) -> tuple[Tensor, float, Tensor]:
    """The atlas of a model with two latents in bytes, its interpolation error, and where the sample is encoded."""
    images, labels = sample_images(model(name).dataset.name)
    pictures = latent.atlas(model(name), extent, ATLAS_SIDE)
    loc, _ = model(name).encode(images)
    dots = torch.cat([loc.cpu(), labels.float().unsqueeze(1)], dim=1)
    error = latent.interpolation_error(model(name), pictures, extent)
    return (pictures.cpu() * 255).round().to(torch.uint8), error, dots


def point_on_plane(key: str, subject: Hashable, loc: Tensor) -> tuple[float, float]:
    """The point under the hand; it starts where the image is encoded."""
    start = (round(float(loc[0]), 2), round(float(loc[1]), 2))
    return link_point("z", reported_point(key), subject, start)


def show_plane(
    key: str,
    subject: Hashable,
    name: str,
    image: Tensor,
    point: tuple[float, float],
    *,
    extent: float,
    label: str,
    seed: int,
    examples: DeltaGenerator,
) -> None:
    """The pad, what the true posterior has to say of the encoder's, and in `examples` images where it says much.

    `subject` tells the image on the screen from any other.
    """
    vae, pixels = model(name), image.flatten(1)
    question, make = ("true_posterior", subject), lambda: true_posterior(vae, pixels)
    known = STORE.ask(question, make, AT_ONCE)
    truth = None if known is None else known.value
    share = _pad(key, subject, name, image, point, truth, extent, seed)
    truth = truth or awaited(question, make, word("latent_space.integrating"))
    if share is None:
        # Now the plane can show its modes, and the lens its share.
        st.rerun()
    st.markdown(verdicts.exact_bounds(label, seed, truth, share))
    _, error, dots = _plane(name, extent)
    st.caption(verdicts.plane_caption(ATLAS_SIDE, error, len(dots)))
    with examples:
        _examples(key, name, seed)


def _pad(
    key: str,
    subject: Hashable,
    name: str,
    image: Tensor,
    point: tuple[float, float],
    truth: TruePosterior | None,
    extent: float,
    seed: int,
) -> float | None:
    """The plane with the ellipse, the point under the hand and its picture, and the lens that looks at the ellipse.

    Returns the share of the true posterior in the lens, where it is known.
    """
    vae, pixels = model(name), image.flatten(1)
    loc, scale_tril = (part[0].cpu() for part in vae.encode(image))
    pictures, _, dots = _plane(name, extent)
    square = square_about_q(vae, pixels)
    # Kept until another image is on the screen: the point under the hand changes nothing in it.
    joint = kept(f"{key}/joint", subject, lambda: log_joint(vae, pixels, square, LENS_CELLS)[0])
    share = None if truth is None else share_inside(joint, square, truth.log_likelihood)
    # As dark as the whole posterior's peak once that is known: where little of it is, little is seen.
    peak = max(float(joint.max()), -math.inf if truth is None else truth.peak)
    eps = torch.randn(LENS_NOISES, 2, generator=generator_for(seed, torch.device("cpu")))
    latent_pad(
        key=key,
        atlas=pictures,
        extent=extent,
        background=dots,
        classes=vae.dataset.classes,
        ellipse=(loc, scale_tril),
        point=point,
        alt=verdicts.plane_described(extent, loc),
        marks=verdicts.mode_marks(truth, share),
        lens=Lens(square.middle, square.half, (joint - peak).exp(), eps, verdicts.lens_described(square.half)),
    )
    return share


def _examples(key: str, name: str, seed: int) -> None:
    """Images at hand whose true posterior has two modes; where they are not known yet, nothing."""
    vae = model(name)
    n_images = len(sample_images(vae.dataset.name)[0])

    def made() -> list[int]:
        images = torch.cat([binarized(vae.dataset.name, number, seed) for number in range(n_images)])
        return with_two_modes(vae, images.flatten(1), MOST_EXAMPLES)

    found = STORE.ask(("two_modes", name, seed), made, AT_ONCE)
    if found is None or not found.value:
        return
    st.caption(word("latent_space.examples"))
    with st.container(horizontal=True):
        for number in found.value:
            st.button(f"{number}", key=f"{key}.example.{number}", on_click=put, args=("image", number))
