"""Latent space: a real test image encoded, a point dragged over the plane, codes, samples of the prior."""

from collections.abc import Hashable

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import chart
from explorer.figures.image_grid import image_grid
from explorer.pages import PAGES
from explorer.pages.of_models import DRAWN, EXTENT
from explorer.text import word
from explorer.vae import latent
from explorer.vae.codebook import beliefs, codebook
from explorer.vae.codes import can_enumerate
from explorer.vae.drawing import pack
from explorer.vae.elbo import elbo, log_likelihood
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import manifest
from explorer.verdicts import latent_space as verdicts
from explorer.visit import image_bound, interpolation, typical_set
from explorer.visit.codebook import show_beliefs, show_codes
from explorer.visit.controls import another_seed, menu, seed_input, segments
from explorer.visit.latent_plane import held_on_plane, show_plane
from explorer.visit.memory import kept
from explorer.visit.own_picture import own_picture
from explorer.visit.page import frame
from explorer.visit.shipped import (
    binarized,
    binarized_picture,
    follow_click,
    image_number,
    model,
    sample_images,
    show_strip,
)
from explorer.visit.traversals import of_former_view

PAGE = PAGES["latent_space"]
PAD, PICKER = f"{PAGE.stem}.pad", f"{PAGE.stem}.picker"
REPEATS = 64
"""Independent estimates of a bound, for its standard error."""
IMPORTANCE = 100
SNIPPET = """import explorer
import torch
from explorer.vae.datasets import binarize
{taken}
vae = explorer.load_vae({name!r}, "cpu")
image = binarize(picture, torch.Generator().manual_seed({seed}))
found = vae.encode(image) if vae.has_bits else vae.encode(image)[0]
print("logits" if vae.has_bits else "loc", found[0, :4].tolist())
print("ELBO", float(explorer.elbo(vae, image, n_samples=1000, seed={seed})), "nats")
"""
SAMPLE_SNIPPET = """from explorer.vae.pretrained import load_sample

picture = load_sample({dataset!r})[0][{image}:{image} + 1]"""
OWN_SNIPPET = """from explorer.vae.drawing import unpack

packed = "{packed}"
picture = unpack(bytes.fromhex(packed), {side})[None, None]"""

VIEWS = {"terms": image_bound, "between": interpolation, "prior": typical_set}
"""The views that have a script of their own, and name the engine's parts that they call."""


def bounds(subject: Hashable, name: str, image: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """REPEATS independent estimates of the ELBO, and as many of log p(x), or of each the one that is exact, in nats.

    Kept for the visit until another image is on the screen.
    """
    vae, repeated = model(name), image.expand(REPEATS, -1, -1, -1)

    def made() -> tuple[Tensor, Tensor]:
        seen = image if can_enumerate(vae) else repeated
        return elbo(vae, seen, 16, seed=seed), log_likelihood(vae, seen, IMPORTANCE, seed=seed)

    return kept(f"{PAGE.stem}/bounds", subject, made)


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


if (asked := of_former_view(st.query_params, PAGE.state)) is not None:
    st.switch_page(PAGES["traversals"].script, query_params=asked)
with frame(PAGE) as page:
    try:
        if not manifest().models:
            raise PretrainedError(word("latent_space.no_model"))
        with page.controls:
            name = menu("model")
            dataset = model(name).dataset
            images, labels = sample_images(dataset.name)
            follow_click(PICKER, len(images))
            view = segments(f"{name}.view")
            # A link holds pictures of MNIST's size alone.
            takes_own = dataset.n_pixels == 2 * DRAWN
            source = segments("source") if takes_own else "sample"
            left, right = st.columns(2)
            if source == "sample":
                with left:
                    number = image_number(len(images))
            with right if source == "sample" else left:
                seed = seed_input()
            other = None
            if view == "between":
                with right:
                    other = interpolation.other_image(len(images))
            if view == "prior":
                st.button(
                    word("button.draw_again"),
                    icon=":material/casino:",
                    on_click=another_seed,
                    width="stretch",
                    shortcut="alt+d",
                    help=word("help.next_seed"),
                )
            if source == "sample":
                chosen, label = f"{number}", dataset.classes[labels[number]]
                show_strip(PICKER, images, number, label)
                image = binarized(dataset.name, number, seed)
                taken = SAMPLE_SNIPPET.format(dataset=dataset.name, image=number)
            else:
                own = own_picture(PAGE.stem, dataset.side)
                # An empty sheet is a picture too, until something is drawn.
                picture = torch.zeros(1, 1, dataset.side, dataset.side) if own is None else own
                chosen, label = pack(picture[0, 0]).hex(), word("latent_space.own")
                image = binarized_picture(picture, seed)
                taken = OWN_SNIPPET.format(packed=chosen, side=dataset.side)
            vae, held, subject = model(name), None, (name, chosen, seed)
            if vae.has_bits:
                loc = (vae.encode(image)[0].cpu() > 0).float()
            else:
                loc, scale_tril = (part[0].cpu() for part in vae.encode(image))
            if view == "plane":
                held = held_on_plane(PAD, subject, loc, scale_tril)
            show_close_ups(name, image, loc, held.z if held else None)
            examples = st.container()
        with page.picture:
            if held:
                show_plane(
                    PAD,
                    subject,
                    name,
                    image,
                    held,
                    extent=EXTENT,
                    label=label,
                    seed=seed,
                    examples=examples,
                )
            elif view == "codes":
                show_codes(name, image)
                of_elbo, of_likelihood = bounds(subject, name, image, seed)
                show_beliefs(vae, image, float(of_likelihood - of_elbo))
                st.markdown(verdicts.bounds(label, seed, of_elbo, of_likelihood, IMPORTANCE))
            elif view == "terms":
                image_bound.show_image_bound(subject, name, image, label, seed)
            elif other is not None:
                interpolation.show_between(name, loc, label, other, dataset.classes[labels[other]], seed)
            else:
                typical_set.show_prior(PAGE.stem, name, seed)
    except PretrainedError as error:
        st.error(word("latent_space.damaged", error=error), icon=":material/error:")
        st.stop()
    own_script = VIEWS[view].SNIPPET.format(seed=seed, dataset=dataset.name, other=other) if view in VIEWS else ""
    page.code(
        SNIPPET.format(name=name, taken=taken, seed=seed) + own_script,
        [*(VIEWS[view].RAN if view in VIEWS else (latent.atlas, codebook, beliefs)), elbo, log_likelihood],
    )
