"""Gradients of the ELBO: live histograms of one sample's gradient on a real model and image, and the map of ratios."""

import streamlit as st

from explorer.components.chart import chart, reported
from explorer.figures.elbo_gradient import at_place, ratio_map
from explorer.figures.gradient_stream import gradient_histogram
from explorer.pages import PAGES
from explorer.text import word
from explorer.vae.gradients.coordinates import key_of
from explorer.vae.gradients.draw import KL
from explorer.vae.gradients.samples import elbo_gradient_samples
from explorer.vae.gradients.stream import ElboStream
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import manifest
from explorer.verdicts import elbo_gradient as verdicts
from explorer.visit.controls import menu, segments, switch
from explorer.visit.elbo import elbo_as_code, elbo_choice, elbo_definitions
from explorer.visit.elbo_panels import PANELS
from explorer.visit.links import put
from explorer.visit.model_state import kind_of
from explorer.visit.page import frame
from explorer.visit.pull import Pace, Pull, pull_loop
from explorer.visit.shipped import choose_image, example_of, model

PAGE = PAGES["elbo_gradient"]
PICKER, MAP = f"{PAGE.stem}.picker", f"{PAGE.stem}.map"
BATCH, REST_AT = 512, 1_000_000
HEIGHT = 400
SNIPPET = """import explorer
import torch
from explorer.vae.datasets import binarize
from explorer.vae.gradients import {registry}
from explorer.vae.pretrained import load_sample

vae = explorer.load_vae({name!r}, "cpu")
images, labels = load_sample(vae.dataset.name)
image = binarize(images[{image}:{image} + 1], torch.Generator().manual_seed({seed}))
for estimator in {estimators}:
    g = explorer.elbo_gradient_samples(vae, image, estimator, 5_000, seed={seed}, kl={kl!r})[{parameter!r}]
    g = g[(slice(None), *{index})]
    print(estimator.title, float(g.mean()), "±", float(g.std() / len(g) ** 0.5), "variance", float(g.var()))
    try:
        exact = explorer.exact_elbo_variance(vae, image, estimator, kl={kl!r})[{parameter!r}]
        print("  exact variance of one sample", float(exact[{index}]))
    except ValueError as reason:
        print("  no exact variance:", reason)
"""


def draw(stream: ElboStream, pull: Pull) -> None:
    """The histograms, the map beside them, and the verdict."""
    follow_map(stream)
    left, right = st.columns([3, 2])
    histograms = {name: summary.histogram for name, summary in stream.summaries.items()}
    answers = stream.answers
    marks = answers.marks(stream.coordinate) if answers else None
    with left:
        chart(
            gradient_histogram(histograms, marks, known=verdicts.known_as(stream)),
            key=PAGE.stem,
            alt=verdicts.described(stream),
            table=verdicts.densities(stream),
            pull=pull.number,
            slow=pull.slow,
            held=pull.held,
            height=HEIGHT,
            file_name=PAGE.stem,
            clicks=False,
        )
    with right:
        show_map(stream, pull)
    st.markdown(verdicts.comparison(stream))


def follow_map(stream: ElboStream) -> None:
    """Takes a click on a cell of the map for its coordinate: before anything is drawn, since the page is drawn anew."""
    if click := reported(MAP).click:
        coordinates = stream.example.coordinates
        chosen = at_place(coordinates, round(click["y"]), round(click["x"]))
        if chosen is not None and chosen != stream.coordinate:
            put(f"{stream.example.model}.coordinate", key_of(coordinates[chosen]))
            st.rerun()


def show_map(stream: ElboStream, pull: Pull) -> None:
    """The ratio of the pair's variances in every coordinate; a click on a cell is `follow_map`'s."""
    pair = verdicts.compared(stream.estimators)
    if pair is None:
        return
    coordinates = stream.example.coordinates
    chart(
        ratio_map(stream.ratios(*pair), coordinates, stream.coordinate, *pair),
        key=MAP,
        alt=verdicts.map_described(stream, pair),
        table=verdicts.moments_table(stream),
        held=pull.held,
        height=HEIGHT,
        file_name=f"{PAGE.stem}_map",
    )


with frame(PAGE) as page:
    try:
        if not manifest().models:
            raise PretrainedError(word("latent_space.no_model"))
        with page.controls:
            name = menu("model")
            vae = model(name)
            number, seed, _ = choose_image(PICKER, vae.dataset)
            coordinate = menu(f"{name}.coordinate")
            estimators = elbo_choice(kind_of(vae.architecture.posterior))
            elbo_definitions(estimators)
        with page.bar:
            kl: KL = "sampled" if segments("kl", labelled=False) == "sampled" else "analytic"
            own_axes = switch("own_axes", word("help.own_axes"))
            playing = switch("play")
    except PretrainedError as error:
        st.error(word("latent_space.damaged", error=error), icon=":material/error:")
        st.stop()
    example = example_of(name, number, seed)
    keys = [key_of(each) for each in example.coordinates]
    place = keys.index(coordinate) if coordinate in keys else example.least_certain
    settings = ElboStream(example, estimators, place, seed, kl, not own_axes, REST_AT)
    with page.picture:
        pull_loop(settings, draw, key=PAGE.stem, pace=Pace(BATCH, BATCH, playing=playing))
    with page.below:
        PANELS[segments("closer")](settings)
    parameter, index = example.coordinates[place]
    page.code(
        SNIPPET.format(
            name=name,
            image=number,
            seed=seed,
            registry=kind_of(vae.architecture.posterior).upper(),
            estimators=elbo_as_code(estimators, kind_of(vae.architecture.posterior)),
            kl=kl,
            parameter=parameter,
            index=index,
        ),
        [*(each.function for each in estimators), elbo_gradient_samples, ElboStream],
    )
