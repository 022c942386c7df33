"""Latent space: a real test image encoded, a point dragged over the plane, traversals, samples of the prior."""

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import chart, reported
from explorer.components.latent_pad import latent_pad, reported_point
from explorer.core.device import best_device, generator_for
from explorer.figures.image_grid import image_grid
from explorer.pages import EXTENT, PAGES
from explorer.text import word
from explorer.vae import latent
from explorer.vae.datasets import binarize
from explorer.vae.elbo import elbo, log_likelihood
from explorer.vae.manifest import PretrainedError
from explorer.vae.model import VAE
from explorer.vae.pretrained import load_sample, load_vae, manifest
from explorer.verdicts import latent_space as verdicts
from explorer.visit.controls import another_seed, seed_input, segments, whole_number
from explorer.visit.links import link_point, now, put
from explorer.visit.memory import kept
from explorer.visit.page import frame
from explorer.visit.turns import computing

PAGE = PAGES["latent_space"]
PAD, PICKER = f"{PAGE.stem}.pad", f"{PAGE.stem}.picker"
PICKED_ROWS, PICKED_COLUMNS = 3, 10
PICKED = PICKED_ROWS * PICKED_COLUMNS
ATLAS_SIDE = 71
TRAVERSED, REACH, STOPS = 6, 3.0, 11
PRIOR_ROWS, PRIOR_COLUMNS = 5, 10
REPEATS = 64
"""Independent estimates of a bound, for its standard error."""
IMPORTANCE = 100
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


@st.cache_resource(show_spinner=word("latent_space.loading"))
def model(name: str) -> VAE:
    """A shipped model, shared by every visitor and never changed."""
    return load_vae(name)


@st.cache_resource(show_spinner=False)
def sample_images(dataset: str) -> tuple[Tensor, Tensor]:
    """The shipped test images of a data set and their labels."""
    return load_sample(dataset)


@st.cache_resource(show_spinner=word("latent_space.decoding"))
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


def bounds(name: str, number: int, image: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """REPEATS independent estimates of the ELBO, and as many of log p(x), or the one that is exact, in nats.

    Kept for the visit until another image is on the screen: the point under the hand changes nothing in them.
    """
    vae, repeated = model(name), image.expand(REPEATS, -1, -1, -1)

    def made() -> tuple[Tensor, Tensor]:
        seen = image if vae.n_latents == 2 else repeated
        return elbo(vae, repeated, 16, seed=seed), log_likelihood(vae, seen, IMPORTANCE, seed=seed)

    return kept(f"{PAGE.stem}/bounds", (name, number, seed), made)


def show_picker(images: Tensor, number: int, label: str) -> None:
    """The strip of images with the chosen one; a click chooses another."""
    first = number // PICKED * PICKED
    strip = images[first : first + PICKED, 0]
    chart(
        image_grid(strip.view(PICKED_ROWS, PICKED_COLUMNS, *strip.shape[-2:]), chosen=number - first),
        key=PICKER,
        alt=verdicts.picker_described(first, len(strip), number, label),
        height=120,
        file_name=f"{PAGE.stem}_images",
    )


def point_on_plane(name: str, number: int, seed: int, loc: Tensor) -> tuple[float, float]:
    """The point under the hand; it starts where the image is encoded."""
    start = (round(float(loc[0]), 2), round(float(loc[1]), 2))
    return link_point("z", reported_point(PAD), (name, number, seed), start)


def show_plane(name: str, loc: Tensor, scale_tril: Tensor, point: tuple[float, float]) -> None:
    """The plane with the ellipse, the point under the hand and its picture."""
    pictures, error, dots = plane(name)
    latent_pad(
        key=PAD,
        atlas=pictures,
        extent=EXTENT,
        background=dots,
        classes=model(name).dataset.classes,
        ellipse=(loc, scale_tril),
        point=point,
        alt=verdicts.plane_described(EXTENT, loc),
    )
    st.caption(verdicts.plane_caption(ATLAS_SIDE, error, len(dots)))


def show_close_ups(name: str, image: Tensor, loc: Tensor, point: tuple[float, float] | None) -> None:
    """The image that was encoded and, decoded by the model itself, its posterior mean and the point let go."""
    places = [loc.tolist()] + ([list(point)] if point else [])
    pictures = torch.cat([image, model(name).decode(torch.tensor(places, device=image.device))])
    titles = verdicts.close_up_titles(len(places))
    chart(
        image_grid(pictures.transpose(0, 1), column_labels=titles),
        key=f"{PAGE.stem}.close_ups",
        alt=verdicts.close_ups_described(titles),
        height=150,
        file_name=f"{PAGE.stem}_close_ups",
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
            column_labels=[verdicts.tick(value) for value in values.tolist()],
        ),
        key=f"{PAGE.stem}.traversal",
        alt=verdicts.traversal_described(len(rows), len(order), REACH),
        height=430,
        file_name=f"{PAGE.stem}_traversals",
        clicks=False,
    )
    st.markdown(verdicts.activity(active, len(order), latent.ACTIVE))


def show_prior(name: str, seed: int) -> None:
    """Pictures of z drawn from the prior."""
    with computing():
        _, pictures = latent.prior_samples(model(name), PRIOR_ROWS * PRIOR_COLUMNS, seed=seed)
    chart(
        image_grid(pictures.view(PRIOR_ROWS, PRIOR_COLUMNS, *pictures.shape[-2:])),
        key=f"{PAGE.stem}.prior",
        alt=verdicts.prior_described(len(pictures), seed),
        height=430,
        file_name=f"{PAGE.stem}_prior",
        clicks=False,
    )
    st.markdown(word("latent_space.prior"))


def follow_click(n_images: int) -> None:
    """Takes a click on the strip for the number of the image."""
    if picked := reported(PICKER).click:
        cell = int(picked["y"]) * PICKED_COLUMNS + int(picked["x"])
        put("image", min(now("image") // PICKED * PICKED + cell, n_images - 1))


with frame(PAGE) as page:
    try:
        if not manifest().models:
            raise PretrainedError(word("latent_space.no_model"))
        with page.controls:
            name = segments("model")
            dataset = model(name).dataset
            images, labels = sample_images(dataset.name)
            follow_click(len(images))
            view = segments(f"{name}.view")
            left, right = st.columns(2)
            with left:
                # Another model may have come with more images.
                number = min(whole_number("image"), len(images) - 1)
            with right:
                seed = seed_input()
            if view == "prior":
                st.button(
                    word("button.draw_again"),
                    icon=":material/casino:",
                    on_click=another_seed,
                    width="stretch",
                    shortcut="alt+d",
                    help=word("help.next_seed"),
                )
            label = dataset.classes[labels[number]]
            show_picker(images, number, label)
            image = binarize(images[number : number + 1], generator_for(seed, images.device)).to(best_device().device)
            loc, scale_tril = (part[0].cpu() for part in model(name).encode(image))
            place = point_on_plane(name, number, seed, loc) if view == "plane" else None
            show_close_ups(name, image, loc, place)
        with page.picture:
            if place:
                show_plane(name, loc, scale_tril, place)
            elif view == "traversals":
                show_traversal(name, loc)
            else:
                show_prior(name, seed)
            st.markdown(verdicts.bounds(label, seed, *bounds(name, number, image, seed), IMPORTANCE))
    except PretrainedError as error:
        st.error(word("latent_space.damaged", error=error), icon=":material/error:")
        st.stop()
    page.code(
        SNIPPET.format(name=name, image=number, seed=seed),
        [latent.atlas, latent.traversal, latent.prior_samples, elbo, log_likelihood],
    )
