"""The estimators of bits on a real model: the picture, the image it is of, and the way to the live one."""

from __future__ import annotations

import streamlit as st

from explorer.components.chart import Film, chart, reported
from explorer.figures import ten_bits as figures
from explorer.text import word
from explorer.vae import ten_bits as engine
from explorer.vae.gradients.coordinates import key_of
from explorer.vae.gradients.exact import exact_moments_of_all
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import manifest
from explorer.verdicts import ten_bits as verdicts
from explorer.visit.controls import seed_input
from explorer.visit.failures import BIT, HEIGHT, STEM, Laboratory, Ran
from explorer.visit.links import film_value, leading
from explorer.visit.model_state import kind_of
from explorer.visit.page import Frame
from explorer.visit.pull import awaited, next_part, patience
from explorer.visit.shipped import example_of, image_number, sample_images
from explorer.visit.store import STORE

SNIPPET = """import explorer
import torch
from explorer.vae.datasets import binarize
from explorer.vae.gradients import BERNOULLI
from explorer.vae.pretrained import load_sample

vae = explorer.load_vae({name!r}, "cpu")
images, labels = load_sample(vae.dataset.name)
image = binarize(images[{image}:{image} + 1], torch.Generator().manual_seed({seed}))
exact = explorer.exact_elbo_gradient(vae, image)["logits"][{bit}]
print("exact gradient", float(exact))
for name in BERNOULLI:
    g = explorer.elbo_gradient_samples(vae, image, name, 5_000, seed={seed})["logits"][:, {bit}]
    print(name, "bias", float(g.mean() - exact), "±", float(g.std() / len(g) ** 0.5))
    try:
        print("  exact deviation", float(explorer.exact_elbo_variance(vae, image, name)["logits"][{bit}]) ** 0.5)
    except ValueError:
        print("  sampled deviation", float(g.std()))
"""


def model_of_bits() -> str | None:
    """The first shipped model whose latents are bits; None where there is none that can be read."""
    try:
        models = manifest().models
    except PretrainedError:
        return None
    return next(
        (name for name, each in models.items() if kind_of(each.recipe.architecture.posterior) == "bernoulli"), None
    )


def show(page: Frame, name: str, elsewhere: Laboratory) -> Ran:
    """The picture for a model of bits; `elsewhere` is the page of its live gradients."""
    with page.controls:
        dataset = manifest().models[name].recipe.dataset
        image, seed = image_number(len(sample_images(dataset)[0])), seed_input()
    example = example_of(name, image, seed)
    with page.picture:
        report = reported(STEM)
        value = film_value(BIT, report.film)
        key = (STEM, example)
        exact = awaited((*key, "exact"), lambda: engine.answers_of(example, engine.EXACTLY), word("ten_bits.meanwhile"))
        sampled = STORE.ask((*key, "sampled"), lambda: engine.answers_of(example, engine.BY_SAMPLES), patience(report))
        last = len(example.coordinates) - 1
        film = engine.ten_bits(example, exact, sampled.value if sampled else None, min(round(value) - 1, last))
        chart(
            figures.ten_bits(film),
            key=STEM,
            alt=verdicts.described(film),
            films=[
                Film(
                    BIT,
                    word("ten_bits.certainty"),
                    [float(place + 1) for place in range(last + 1)],
                    film.now,
                    figures.updates(film),
                    verdicts.captions(film),
                )
            ],
            table=verdicts.table(film),
            pull=None if sampled else next_part(STEM),
            slow=True,
            height=HEIGHT,
            file_name=f"{STEM}_bits",
            clicks=False,
        )
        st.markdown(verdicts.verdict(film))
        bit = int(film.order[film.now])
        there: dict[str, str | list[str]] = {
            "model": name,
            "image": f"{image}",
            "seed": f"{seed}",
            f"{name}.coordinate": key_of(example.coordinates[bit]),
            "bernoulli.estimators": ["score_function", "leave_one_out", "disarm", "gumbel_softmax"],
        }
        st.page_link(
            elsewhere.script,
            label=word("ten_bits.link"),
            icon=":material/arrow_forward:",
            query_params=leading(elsewhere.state, there),
        )
    return Ran(
        SNIPPET.format(name=name, image=image, seed=seed, bit=bit),
        [engine.ten_bits, engine.answers_of, exact_moments_of_all],
    )
