"""The bound of the image on the screen, taken apart: terms, KL by dimension, weights of log p(x)."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import chart
from explorer.figures.image_bound import kl_bars, running_estimate
from explorer.text import word
from explorer.vae import latent
from explorer.vae.image_bound import DRAWS, ImageBound, image_bound, split_gaussian_kl, split_kl
from explorer.vae.importance import ImportanceWeights, fitted_shape
from explorer.verdicts import image_bound as verdicts
from explorer.visit.messages import tell
from explorer.visit.pull import awaited
from explorer.visit.shipped import model, sample_images

STEM = "latent_space"
HEIGHT = 330
COUNTS = (1, 4, 10, 40, 100, 400, 1000)
"""Weights in an estimate of log p(x); the draws fall into groups of each of these."""

SNIPPET = """
from explorer.vae.image_bound import image_bound

bound = image_bound(vae, vae.pixels_of(image), {seed})
print("reconstruction", bound.reconstruction, "KL", bound.kl.total, "log p(x) by weights", bound.weights.log_mean)
"""
RAN = (image_bound, split_kl, split_gaussian_kl, ImportanceWeights, fitted_shape)


@st.cache_resource(show_spinner=False)
def activity(name: str) -> latent.Activity:
    """Which latent dimensions of a shipped model are active over its sample images."""
    return latent.active_units(model(name), sample_images(model(name).dataset.name)[0])


def show_image_bound(subject: Hashable, name: str, image: Tensor, label: str, seed: int) -> None:
    """Both pictures and the three sentences; `subject` tells the image on the screen from any other."""
    vae = model(name)
    question, meanwhile = ("image_bound", subject), word("image_bound.meanwhile", n=f"{DRAWS:,}")
    try:
        bound = awaited(question, lambda: image_bound(vae, image.flatten(1), seed), meanwhile)
    except FloatingPointError as error:
        tell(error)
        return
    active = activity(name).active.tolist()
    left, right = st.columns(2)
    with left:
        _bars(bound, active)
    with right:
        _running(bound)
    is_full = vae.architecture.posterior == "full"
    st.markdown(verdicts.terms(label, seed, bound))
    st.markdown(verdicts.split(bound, active, latent.ACTIVE, is_full=is_full))
    st.markdown(verdicts.likelihood(bound))


def _bars(bound: ImageBound, active: list[bool]) -> None:
    values = bound.kl.by_dimension
    order = values.argsort(descending=True, stable=True).tolist()
    labels = [verdicts.latent_letter(place) for place in order]
    kinds = ["active" if active[place] else "inactive" for place in order]
    heights = values[order]
    if bound.kl.total_correlation > 0:
        labels, kinds = [*labels, word("image_bound.rest")], [*kinds, "rest"]
        heights = torch.cat([heights, torch.tensor([bound.kl.total_correlation], dtype=heights.dtype)])
    chart(
        kl_bars(labels, heights, kinds),
        key=f"{STEM}.kl",
        alt=verdicts.kl_described(labels, heights, bound.kl.total),
        table={"kl_nats": heights.tolist()},
        height=HEIGHT,
        file_name=f"{STEM}_kl",
        clicks=False,
    )


def _running(bound: ImageBound) -> None:
    found = bound.weights.running(COUNTS)
    chart(
        running_estimate(found, bound.log_likelihood),
        key=f"{STEM}.running",
        alt=verdicts.running_described(found),
        table={
            "K": [float(count) for count in found.counts],
            "log_mean_weight": found.mean.tolist(),
            "standard_error": found.error.tolist(),
            "spread": found.spread.tolist(),
        },
        height=HEIGHT,
        file_name=f"{STEM}_running",
        clicks=False,
    )
