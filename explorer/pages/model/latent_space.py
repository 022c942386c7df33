"""Latent space: a real test image encoded, a point dragged over the plane, traversals, codes, samples of the prior."""

import math
from collections.abc import Callable, Hashable

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import chart
from explorer.components.latent_pad import Lens, latent_pad, reported_point
from explorer.core.device import generator_for
from explorer.figures.image_grid import image_grid
from explorer.pages import EXTENT, PAGES
from explorer.text import word
from explorer.vae import latent
from explorer.vae.codebook import beliefs, codebook
from explorer.vae.codes import can_enumerate
from explorer.vae.elbo import elbo, log_likelihood
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import manifest
from explorer.vae.true_posterior import (
    TruePosterior,
    log_joint,
    share_inside,
    square_about_q,
    true_posterior,
    with_two_modes,
)
from explorer.verdicts import latent_space as verdicts
from explorer.visit.codebook import show_beliefs, show_codes
from explorer.visit.controls import another_seed, seed_input, segments
from explorer.visit.links import link_point, put
from explorer.visit.memory import kept
from explorer.visit.page import frame
from explorer.visit.pull import AT_ONCE, awaited
from explorer.visit.shipped import binarized, follow_click, image_number, model, sample_images, show_strip
from explorer.visit.store import STORE
from explorer.visit.turns import computing

PAGE = PAGES["latent_space"]
PAD, PICKER = f"{PAGE.stem}.pad", f"{PAGE.stem}.picker"
ATLAS_SIDE = 71
TRAVERSED, REACH, STOPS = 6, 3.0, 11
PRIOR_ROWS, PRIOR_COLUMNS = 5, 10
REPEATS = 64
"""Independent estimates of a bound, for its standard error."""
IMPORTANCE = 100
LENS_CELLS, LENS_NOISES, MOST_EXAMPLES = 72, 12, 6
SNIPPET = """import explorer
import torch
from explorer.vae.datasets import binarize
from explorer.vae.pretrained import load_sample

vae = explorer.load_vae({name!r}, "cpu")
images, labels = load_sample(vae.dataset.name)
image = binarize(images[{image}:{image} + 1], torch.Generator().manual_seed({seed}))
found = vae.encode(image) if vae.has_bits else vae.encode(image)[0]
print("class", vae.dataset.classes[labels[{image}]], "logits" if vae.has_bits else "loc", found[0, :4].tolist())
print("ELBO", float(explorer.elbo(vae, image, n_samples=1000, seed={seed})), "nats")
"""


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
    """REPEATS independent estimates of the ELBO, and as many of log p(x), or of each the one that is exact, in nats.

    Kept for the visit until another image is on the screen.
    """
    vae, repeated = model(name), image.expand(REPEATS, -1, -1, -1)

    def made() -> tuple[Tensor, Tensor]:
        seen = image if can_enumerate(vae) else repeated
        return elbo(vae, seen, 16, seed=seed), log_likelihood(vae, seen, IMPORTANCE, seed=seed)

    return kept(f"{PAGE.stem}/bounds", (name, number, seed), made)


def point_on_plane(name: str, number: int, seed: int, loc: Tensor) -> tuple[float, float]:
    """The point under the hand; it starts where the image is encoded."""
    start = (round(float(loc[0]), 2), round(float(loc[1]), 2))
    return link_point("z", reported_point(PAD), (name, number, seed), start)


def truth_of(name: str, number: int, seed: int, image: Tensor) -> tuple[Hashable, Callable[[], TruePosterior]]:
    """What the store is asked for: the true posterior of the image on the screen."""
    vae, pixels = model(name), image.flatten(1)
    return ("true_posterior", name, number, seed), lambda: true_posterior(vae, pixels)


def show_plane(
    name: str,
    image: Tensor,
    posterior: tuple[Tensor, Tensor],
    point: tuple[float, float],
    truth: TruePosterior | None,
    seed: int,
) -> float | None:
    """The plane with the ellipse, the point under the hand and its picture, and the lens that looks at the ellipse.

    Returns the share of the true posterior in the lens, where it is known.
    """
    vae, pixels = model(name), image.flatten(1)
    pictures, _, dots = plane(name)
    square = square_about_q(vae, pixels)
    joint = log_joint(vae, pixels, square, LENS_CELLS)[0]
    share = None if truth is None else share_inside(joint, square, truth.log_likelihood)
    # As dark as the whole posterior's peak once that is known: where little of it is, little is seen.
    peak = max(float(joint.max()), -math.inf if truth is None else truth.peak)
    eps = torch.randn(LENS_NOISES, 2, generator=generator_for(seed, torch.device("cpu")))
    latent_pad(
        key=PAD,
        atlas=pictures,
        extent=EXTENT,
        background=dots,
        classes=vae.dataset.classes,
        ellipse=posterior,
        point=point,
        alt=verdicts.plane_described(EXTENT, posterior[0]),
        marks=verdicts.mode_marks(truth, share),
        lens=Lens(square.middle, square.half, (joint - peak).exp(), eps, verdicts.lens_described(square.half)),
    )
    return share


def show_examples(name: str, seed: int) -> None:
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
            st.button(f"{number}", key=f"{PAGE.stem}.example.{number}", on_click=put, args=("image", number))


def show_close_ups(name: str, image: Tensor, centre: Tensor, point: tuple[float, float] | None) -> None:
    """The image that was encoded and, decoded by the model itself, its posterior's centre and the point let go."""
    places = [centre.tolist()] + ([list(point)] if point else [])
    pictures = torch.cat([image, model(name).decode(torch.tensor(places, device=image.device))])
    titles = verdicts.close_up_titles(len(places), has_bits=model(name).has_bits)
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
        alt=verdicts.prior_described(len(pictures), seed, has_bits=model(name).has_bits),
        height=430,
        file_name=f"{PAGE.stem}_prior",
        clicks=False,
    )
    st.markdown(word("latent_space.prior_bits" if model(name).has_bits else "latent_space.prior"))


with frame(PAGE) as page:
    try:
        if not manifest().models:
            raise PretrainedError(word("latent_space.no_model"))
        with page.controls:
            name = segments("model")
            dataset = model(name).dataset
            images, labels = sample_images(dataset.name)
            follow_click(PICKER, len(images))
            view = segments(f"{name}.view")
            left, right = st.columns(2)
            with left:
                number = image_number(len(images))
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
            show_strip(PICKER, images, number, label)
            image = binarized(dataset.name, number, seed)
            vae, place = model(name), None
            if vae.has_bits:
                loc = (vae.encode(image)[0].cpu() > 0).float()
            else:
                loc, scale_tril = (part[0].cpu() for part in vae.encode(image))
            if view == "plane":
                place = point_on_plane(name, number, seed, loc)
            show_close_ups(name, image, loc, place)
            examples = st.container()
        with page.picture:
            if place:
                key, make = truth_of(name, number, seed, image)
                known = STORE.ask(key, make, AT_ONCE)
                truth = None if known is None else known.value
                share = show_plane(name, image, (loc, scale_tril), place, truth, seed)
                truth = truth or awaited(key, make, word("latent_space.integrating"))
                if share is None:
                    # Now the plane can show its modes, and the lens its share.
                    st.rerun()
                st.markdown(verdicts.exact_bounds(label, seed, truth, share))
                _, error, dots = plane(name)
                st.caption(verdicts.plane_caption(ATLAS_SIDE, error, len(dots)))
                with examples:
                    show_examples(name, seed)
            elif view == "codes":
                show_codes(name, image)
            elif view == "traversals":
                show_traversal(name, loc)
            else:
                show_prior(name, seed)
            if not place:
                of_elbo, of_likelihood = bounds(name, number, image, seed)
                if view == "codes":
                    show_beliefs(vae, image, float(of_likelihood - of_elbo))
                st.markdown(verdicts.bounds(label, seed, of_elbo, of_likelihood, IMPORTANCE))
    except PretrainedError as error:
        st.error(word("latent_space.damaged", error=error), icon=":material/error:")
        st.stop()
    page.code(
        SNIPPET.format(name=name, image=number, seed=seed),
        [latent.atlas, latent.traversal, codebook, beliefs, latent.prior_samples, elbo, log_likelihood],
    )
