"""Compare: one image under two models, or two images under one, with the difference of their bounds."""

from __future__ import annotations

import streamlit as st
import torch

from explorer.components.chart import chart
from explorer.figures.image_grid import image_grid
from explorer.pages import PAGES
from explorer.text import word
from explorer.vae.compare import Bound, bound_of, decodes
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import manifest
from explorer.verdicts import compare as verdicts
from explorer.verdicts.compare import Side
from explorer.visit.controls import menu, seed_input, segments, whole_number
from explorer.visit.memory import kept
from explorer.visit.messages import tell
from explorer.visit.page import frame
from explorer.visit.pull import awaited
from explorer.visit.shipped import binarized, follow_click, image_number, model, sample_images, show_strip

PAGE = PAGES["compare"]
PICKER = f"{PAGE.stem}.picker"
SHOWN_DRAWS = 4
SNIPPET = """import explorer
import torch
from explorer.vae.compare import bound_of
from explorer.vae.datasets import binarize
from explorer.vae.pretrained import load_sample

bounds = []
for name, number in {sides}:
    vae = explorer.load_vae(name, "cpu")
    images, _ = load_sample(vae.dataset.name)
    image = binarize(images[number:number + 1], torch.Generator().manual_seed({seed}))
    bounds.append(bound_of(vae, image, seed={seed}))
    print(name, number, bounds[-1].elbo, bounds[-1].log_likelihood)
print("first - second", bounds[0].elbo_above(bounds[1]), bounds[0].log_likelihood_above(bounds[1]))
"""


def bound(name: str, number: int, seed: int) -> Bound:
    """The bound of a test image under a shipped model, computed once a process."""
    vae = model(name)
    image = binarized(vae.dataset.name, number, seed)
    return awaited(
        (PAGE.stem, name, number, seed),
        lambda: bound_of(vae, image, seed=seed),
        word("compare.integrating"),
    )


def show_pictures(place: str, title: str, name: str, number: int, seed: int) -> None:
    """A side's image, the decode at its centre and of the first draws."""
    vae = model(name)
    image = binarized(vae.dataset.name, number, seed)
    pictures = kept(
        f"{PAGE.stem}/{place}",
        (name, number, seed),
        lambda: torch.cat([image[0].cpu(), decodes(vae, image, SHOWN_DRAWS, seed=seed)]),
    )
    st.markdown(f"**{title}**")
    chart(
        image_grid(pictures[None], column_labels=verdicts.columns(SHOWN_DRAWS, has_bits=vae.has_bits)),
        key=f"{PAGE.stem}.{place}",
        alt=verdicts.described(title, SHOWN_DRAWS),
        height=150,
        file_name=f"{PAGE.stem}_{place}",
        clicks=False,
    )


def image_name(name: str, number: int) -> str:
    """An image by its number and its class."""
    dataset = model(name).dataset
    return word("compare.image_of", number=number, label=dataset.classes[sample_images(dataset.name)[1][number]])


with frame(PAGE) as page:
    try:
        if not manifest().models:
            raise PretrainedError(word("latent_space.no_model"))
        with page.bar:
            of_models = segments("pair", labelled=False) == "models"
        with page.controls:
            first = menu("model")
            second = menu("second_model") if of_models else first
            dataset = model(first).dataset
            images, labels = sample_images(dataset.name)
            follow_click(PICKER, len(images))
            left, right = st.columns(2)
            with left:
                number = image_number(len(images))
            with right:
                n_others = len(sample_images(model(second).dataset.name)[0])
                other = min(number if of_models else whole_number("second_image"), n_others - 1)
                if of_models:
                    seed = seed_input()
            if not of_models:
                seed = seed_input()
            show_strip(PICKER, images, number, dataset.classes[labels[number]])
        comparable = model(second).dataset == dataset
        sides = ((first, number), (second, other))
        titles = [name if of_models and comparable else f"{name}, {image_name(name, at)}" for name, at in sides]
        if not of_models:
            titles = [image_name(name, at) for name, at in sides]
        with page.picture:
            for place, title, (name, at) in zip(("first", "second"), titles, sides, strict=True):
                show_pictures(place, title, name, at, seed)
            entries = manifest().models
            one, two = (
                Side(title, bound(name, at, seed), entries[name])
                for title, (name, at) in zip(titles, sides, strict=True)
            )
            if comparable:
                st.markdown(verdicts.verdict(one, two, same_image=of_models))
            else:
                names = {"first": first, "second": second}
                data = {f"{key}_data": model(name).dataset.title for key, name in names.items()}
                st.warning(word("compare.other_data", **names, **data), icon=":material/warning:")
            st.markdown(verdicts.table(one, two, comparable=comparable))
            if caution := verdicts.cautions(one, two):
                st.caption(caution)
            if of_models:
                st.markdown(verdicts.models_table(one, two))
    except PretrainedError as error:
        st.error(word("latent_space.damaged", error=error), icon=":material/error:")
        st.stop()
    except FloatingPointError as error:
        tell(error)
    page.code(SNIPPET.format(sides=sides, seed=seed), [bound_of, Bound, decodes])
