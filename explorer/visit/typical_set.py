"""The prior: samples of it, whole or truncated, and the same directions at growing radii beside the law of |z|."""

from __future__ import annotations

import math

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import chart
from explorer.core.numerics.radius import Radius
from explorer.figures.image_grid import image_grid
from explorer.figures.typical_set import radius_density
from explorer.text import word
from explorer.vae.latent import prior_samples
from explorer.vae.typical_set import at_radii, encoded_radii, truncated_samples
from explorer.verdicts import latent_space
from explorer.verdicts import typical_set as verdicts
from explorer.visit.controls import segments
from explorer.visit.memory import kept
from explorer.visit.shipped import model, sample_images

ROWS, COLUMNS = 5, 10
RADII, DIRECTIONS = 6, 8
BEYOND = 1.2
"""The largest radius shown, in the upper end of the band that holds the prior; more where an image lies beyond."""
HEIGHT = 430
NONE = "none"

SNIPPET = """
from explorer.core.numerics.radius import Radius

if not vae.has_bits:
    print("95 % of the prior lies at radii", Radius(vae.n_latents).band)
"""
RAN = (prior_samples, truncated_samples, at_radii, Radius)


def show_prior(stem: str, name: str, seed: int) -> None:
    """The choice of what is drawn, and that; `stem` is the page's, and its pictures' keys begin with it."""
    if model(name).has_bits:
        _samples(stem, name, math.inf, seed)
        st.markdown(word("latent_space.prior_bits"))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        arranged = segments("arranged", labelled=False)
        threshold = segments("threshold", labelled=False) if arranged == "samples" else NONE
    if arranged == "radius":
        _by_radius(stem, name, seed)
    else:
        _samples(stem, name, math.inf if threshold == NONE else float(threshold), seed)


def _samples(stem: str, name: str, threshold: float, seed: int) -> None:
    vae, n = model(name), ROWS * COLUMNS
    whole = kept(f"{stem}/prior", (name, seed), lambda: prior_samples(vae, n, seed=seed)[1])
    if math.isinf(threshold):
        pixels, alt = whole, latent_space.prior_described(n, seed, has_bits=vae.has_bits)
    else:
        found = kept(
            f"{stem}/truncated", (name, threshold, seed), lambda: truncated_samples(vae, n, threshold, seed=seed)
        )
        pixels, alt = found.pixels, verdicts.within_described(n, threshold, seed)
    chart(
        image_grid(pixels.view(ROWS, COLUMNS, *pixels.shape[-2:])),
        key=f"{stem}.prior",
        alt=alt,
        height=HEIGHT,
        file_name=f"{stem}_prior",
        clicks=False,
    )
    if vae.has_bits:
        return
    if math.isinf(threshold):
        st.markdown(word("latent_space.prior"))
        st.markdown(verdicts.law(Radius(vae.n_latents), _encoded(stem, name, seed)))
    else:
        said = verdicts.truncation(Radius(vae.n_latents), found, threshold)
        st.markdown(f"{said} {verdicts.spread(pixels, whole)}")


def _encoded(stem: str, name: str, seed: int) -> tuple[Tensor, Tensor]:
    """Where the test images at hand are encoded, by radius."""
    vae = model(name)
    images = sample_images(vae.dataset.name)[0]
    return kept(f"{stem}/radii", (name, seed), lambda: encoded_radii(vae, images, seed=seed))


def _by_radius(stem: str, name: str, seed: int) -> None:
    vae = model(name)
    law, encoded = Radius(vae.n_latents), _encoded(stem, name, seed)
    low, high = law.band
    top = max(BEYOND * high, *(float(each.max()) for each in encoded))
    radii = torch.linspace(0, top, 241, dtype=torch.float64)
    rows = torch.linspace(0, top, RADII, dtype=torch.float64)
    pixels = kept(f"{stem}/at_radii", (name, seed), lambda: at_radii(vae, rows, DIRECTIONS, seed=seed)[1])
    left, right = st.columns([2, 3])
    with left:
        chart(
            radius_density(radii, law.density(radii), mean=law.mean, band=(low, high), encoded=encoded, rows=rows),
            key=f"{stem}.radius",
            alt=verdicts.density_described(law),
            table={"radius": radii.tolist(), "density": law.density(radii).tolist()},
            height=HEIGHT,
            file_name=f"{stem}_radius",
            clicks=False,
        )
    with right:
        chart(
            image_grid(pixels, row_labels=[verdicts.row_label(float(each)) for each in rows]),
            key=f"{stem}.at_radii",
            alt=verdicts.radii_described(rows, seed),
            height=HEIGHT,
            file_name=f"{stem}_at_radii",
            clicks=False,
        )
    st.markdown(verdicts.law(law, encoded))
