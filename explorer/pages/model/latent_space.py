"""Latent space: a real test image encoded, a point dragged over the plane, traversals, samples of the prior."""

import math
from collections.abc import Callable

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import chart, reported
from explorer.components.latent_pad import latent_pad, reported_point
from explorer.core.device import best_device, generator_for
from explorer.figures.image_grid import image_grid
from explorer.text import sections
from explorer.vae import latent
from explorer.vae.datasets import binarize
from explorer.vae.elbo import elbo, log_likelihood
from explorer.vae.manifest import PretrainedError
from explorer.vae.model import VAE
from explorer.vae.pretrained import load_sample, load_vae, manifest
from explorer.visit.controls import another_seed, beside, code_that_ran, folded, seed_input, segments, whole_number
from explorer.visit.links import Point, link_point
from explorer.visit.turns import computing

PAD, PICKER = "latent.pad", "latent.picker"
PICKED_ROWS, PICKED_COLUMNS = 3, 10
EXTENT, ATLAS_SIDE = 3.5, 71
TRAVERSED, REACH, STOPS = 6, 3.0, 11
PRIOR_ROWS, PRIOR_COLUMNS = 5, 10
REPEATS = 64
"""Independent estimates of a bound, for its standard error."""
SNIPPET = """import explorer
import torch
from explorer.vae.datasets import binarize
from explorer.vae.pretrained import load_sample

vae = explorer.load_vae({name!r}, "cpu")
images, labels = load_sample(vae.dataset.name)
image = binarize(images[{image}:{image} + 1], torch.Generator().manual_seed({seed}))
loc, scale_tril = vae.encode(image)
print("class", vae.dataset.classes[labels[{image}]], "loc", loc[0, :4].tolist())
print("ELBO", float(explorer.elbo(vae, image, n_samples=1000, seed={seed})), "nats")
"""


@st.cache_resource(show_spinner="Loading the model …")
def model(name: str) -> VAE:
    """A shipped model, shared by every visitor and never changed."""
    return load_vae(name)


@st.cache_resource(show_spinner=False)
def sample_images(dataset: str) -> tuple[Tensor, Tensor]:
    """The shipped test images of a data set and their labels."""
    return load_sample(dataset)


@st.cache_resource(show_spinner="Decoding the plane …")
def plane(name: str) -> tuple[Tensor, float, Tensor]:
    """The atlas of a model with two latents in bytes, its interpolation error, and where the sample is encoded."""
    images, labels = sample_images(model(name).dataset.name)
    pictures = latent.atlas(model(name), EXTENT, ATLAS_SIDE)
    loc, _ = model(name).encode(images)
    dots = torch.cat([loc.cpu(), labels.float().unsqueeze(1)], dim=1)
    error = latent.interpolation_error(model(name), pictures, EXTENT)
    return (pictures.cpu() * 255).round().to(torch.uint8), error, dots


@st.cache_resource(show_spinner=False)
def ranking(name: str) -> tuple[list[int], int]:
    """The latent dimensions of a model, the most active over the sample images first, and how many are active."""
    activity = latent.active_units(model(name), sample_images(model(name).dataset.name)[0])
    return activity.ranking, int(activity.active.sum())


def with_error(estimate: Callable[..., Tensor], vae: VAE, image: Tensor, n_samples: int, seed: int) -> str:
    """An estimate in nats with its standard error over REPEATS independent ones, to the error's second digit."""
    with computing():
        values = estimate(vae, image.expand(REPEATS, -1, -1, -1), n_samples, seed=seed).double()
    error = float(values.std()) / REPEATS**0.5
    digits = 1 - math.floor(math.log10(error)) if error > 0 else 2
    return f"{float(values.mean()):.{max(0, digits)}f} ± {error:.{max(0, digits)}f}"


def show_plane(name: str, number: int, seed: int, loc: Tensor, scale_tril: Tensor) -> Point:
    """The plane with the ellipse, the point under the hand and its picture."""
    pictures, error, dots = plane(name)
    start = (round(float(loc[0]), 2), round(float(loc[1]), 2))
    point = link_point("z", reported_point(PAD), (name, number, seed), start, EXTENT)
    latent_pad(
        key=PAD,
        atlas=pictures,
        extent=EXTENT,
        background=dots,
        classes=model(name).dataset.classes,
        ellipse=(loc, scale_tril),
        point=point,
        alt=f"The latent plane from -{EXTENT:g} to {EXTENT:g}. The image is encoded at ({start[0]}, {start[1]}); "
        "move the point to see what it decodes to.",
    )
    st.caption(
        f"Between the {ATLAS_SIDE} × {ATLAS_SIDE} decoded points the picture is interpolated; at cell centres a pixel "
        f"is off by at most {error:.2f}. Dots: the {len(dots)} shipped test images, each at its posterior mean."
    )
    return point


def show_close_ups(name: str, image: Tensor, loc: Tensor, point: Point | None) -> None:
    """The image that was encoded and, decoded by the model itself, its posterior mean and the point let go."""
    pictures = {"encoded": image[0], "at μ": model(name).decode(loc.unsqueeze(0).to(image.device))[0]}
    if point is not None:
        pictures["at z"] = model(name).decode(torch.tensor([point], device=image.device))[0]
    chart(
        image_grid(torch.stack(list(pictures.values())).transpose(0, 1), column_labels=list(pictures)),
        key="latent.close_ups",
        alt=f"The binarized image and what the model decodes {' and '.join(list(pictures)[1:])}.",
        height=150,
        file_name="reconstruction",
        clicks=False,
    )


def show_traversal(name: str, loc: Tensor) -> None:
    """One row a dimension: the image's latent mean with that entry replaced."""
    order, active = ranking(name)
    values = torch.linspace(-REACH, REACH, STOPS)
    with computing():
        rows = [latent.traversal(model(name), loc, dimension, values) for dimension in order[:TRAVERSED]]
    chart(
        image_grid(
            torch.stack(rows),
            row_labels=[f"z{dimension + 1}" for dimension in order[:TRAVERSED]],
            column_labels=[f"{round(value, 1) + 0.0:g}" for value in values.tolist()],
        ),
        key="latent.traversal",
        alt=f"Decoded pictures along the {len(rows)} most active of {len(order)} latent dimensions, "
        f"from {-REACH:g} to {REACH:g}.",
        height=430,
        file_name="traversals",
        clicks=False,
    )
    st.markdown(
        f"**{active} of {len(order)}** dimensions are active on these images (variance of the posterior mean above "
        f"{latent.ACTIVE:g}); the others decode to no change."
    )


def show_prior(name: str, seed: int) -> None:
    """Pictures of z drawn from the prior."""
    with computing():
        _, pictures = latent.prior_samples(model(name), PRIOR_ROWS * PRIOR_COLUMNS, seed=seed)
    chart(
        image_grid(pictures.view(PRIOR_ROWS, PRIOR_COLUMNS, *pictures.shape[-2:])),
        key="latent.prior",
        alt=f"{len(pictures)} pictures decoded from z drawn from the standard Normal prior with seed {seed}.",
        height=430,
        file_name="prior_samples",
        clicks=False,
    )
    st.markdown("Each picture: z ~ N(0, I), then the decoder's pixel probabilities. A new seed draws new ones.")


st.markdown(sections("latent_space")["question"])
try:
    names = list(manifest().models)
    if not names:
        raise PretrainedError("The manifest lists no model.")
    controls, picture = beside()
    with controls:
        name = segments("Model", names, "model", names[0])
        dataset = model(name).dataset
        images, labels = sample_images(dataset.name)
        picked = reported(PICKER).click
        if picked:
            shown = st.session_state.get("image", 0) // (PICKED_ROWS * PICKED_COLUMNS) * (PICKED_ROWS * PICKED_COLUMNS)
            cell = int(picked["y"]) * PICKED_COLUMNS + int(picked["x"])
            st.session_state["image"] = min(shown + cell, len(images) - 1)
        flat = model(name).n_latents == 2
        views = ["Plane", "Prior"] if flat else ["Traversals", "Prior"]
        view = segments("View", views, f"{name}.view", views[0])
        side = st.columns(2)
        with side[0]:
            number = whole_number("Test image", "image", len(images) - 1)
            label = dataset.classes[labels[number]]
        with side[1]:
            seed = seed_input()
        if view == "Prior":
            st.button("Draw again", icon=":material/casino:", on_click=another_seed, width="stretch", shortcut="d")
        first = number // (PICKED_ROWS * PICKED_COLUMNS) * (PICKED_ROWS * PICKED_COLUMNS)
        strip = images[first : first + PICKED_ROWS * PICKED_COLUMNS, 0]
        chart(
            image_grid(strip.view(PICKED_ROWS, PICKED_COLUMNS, *strip.shape[-2:]), chosen=number - first),
            key=PICKER,
            alt=f"Test images {first} to {first + len(strip) - 1}; image {number} ({label}) is chosen. "
            "Click one, or type its number.",
            height=120,
            file_name="test_images",
        )
    image = binarize(images[number : number + 1], generator_for(seed, images.device)).to(best_device().device)
    loc, scale_tril = (part[0].cpu() for part in model(name).encode(image))
    point = None
    with picture:
        if view == "Plane":
            point = show_plane(name, number, seed, loc, scale_tril)
        elif view == "Traversals":
            show_traversal(name, loc)
        else:
            show_prior(name, seed)
        bound = with_error(elbo, model(name), image, 16, seed)
        likelihood = with_error(log_likelihood, model(name), image, 100, seed)
        st.markdown(
            f"This **{label}**, binarized with seed {seed}: ELBO **{bound}** nats; importance-weighted "
            f"log p(x), K = 100: **{likelihood}** nats."
        )
    with controls:
        show_close_ups(name, image, loc, point)
except PretrainedError as error:
    st.error(f"The shipped models cannot be used. {error}", icon=":material/error:")
    st.stop()

folded("latent_space")
code_that_ran(
    SNIPPET.format(name=name, image=number, seed=seed),
    [latent.atlas, latent.traversal, latent.prior_samples, elbo, log_likelihood],
)
