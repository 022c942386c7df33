"""What *Gradients of the ELBO* has below its picture: one panel at a time, computed when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st
import torch

from explorer.components.chart import chart
from explorer.figures import theme
from explorer.figures.elbo_panels import bound_signals, model_ratios, signed_grid, weight_ratios
from explorer.text import short, word
from explorer.vae.gradients.answers import ElboAnswers, Known
from explorer.vae.gradients.k_samples import BLOCK, BLOCKS, signal_to_noise
from explorer.vae.gradients.moments import Estimate
from explorer.vae.gradients.pixels import pixel_steps
from explorer.vae.gradients.stream import ElboStream
from explorer.vae.gradients.weights import LayerMoments, weight_moments
from explorer.vae.pretrained import manifest
from explorer.verdicts import elbo_bound
from explorer.verdicts import elbo_gradient as verdicts
from explorer.verdicts import elbo_panels as words
from explorer.visit.memory import kept
from explorer.visit.model_state import FIRST_OF, KINDS, kind_of
from explorer.visit.pull import awaited
from explorer.visit.shipped import example_of

STEM = "elbo_gradient"
HEIGHT = 340


def signal(settings: ElboStream) -> None:
    """Signal and noise of one sample, here and over all coordinates."""
    _answers(settings)
    st.markdown(verdicts.signal(settings))
    st.markdown(verdicts.signal_table(settings))


def weights(settings: ElboStream) -> None:
    """The encoder's weights: the ratio into each unit of each layer."""
    answers, example = _answers(settings), settings.example

    def made() -> tuple[list[LayerMoments], dict[str, list[LayerMoments]]]:
        def of(known: Known) -> list[LayerMoments]:
            return weight_moments(example.vae, example.pixels, known.moments)

        return of(answers.truth), {name: of(each) for name, each in answers.of.items()}

    truth, layers = kept(f"{STEM}/weights", settings.question[0], made)
    if pair := verdicts.compared(settings.estimators):
        one, other = (layers[name] for name in pair)
        labels, ratios = words.layer_labels(one), words.unit_ratios(one, other)
        chart(
            weight_ratios(ratios, labels),
            key=f"{STEM}.weights",
            alt=words.weights_described(labels),
            table={f"layer_{i + 1}_ratio": ratio.tolist() for i, ratio in enumerate(ratios)},
            height=HEIGHT,
            file_name=f"{STEM}_weights",
            clicks=False,
        )
        st.markdown(words.weights(*pair, answers.weight_ratio(example, *pair), one, ratios))
    st.markdown(words.weights_table(truth, layers))


def pixels(settings: ElboStream) -> None:
    """What a step along each estimate would change in the picture."""
    answers = _answers(settings)
    exact, steps = kept(
        f"{STEM}/pixels",
        (settings.question[0], settings.seed),
        lambda: pixel_steps(settings.example, settings.estimators, answers, settings.kl, settings.seed),
    )
    rows = [torch.cat([exact[None], each.pictures]) for each in steps.values()]
    chart(
        signed_grid(
            torch.stack(rows),
            row_labels=[short(name) for name in steps],
            column_labels=words.pixel_columns(),
        ),
        key=f"{STEM}.pixels",
        alt=words.pixels_described(steps),
        height=40 + 150 * len(rows),
        file_name=f"{STEM}_pixels",
        clicks=False,
    )
    st.markdown(words.pixels(steps))


def latents(settings: ElboStream) -> None:
    """The same image under every shipped model: the ratio over all coordinates."""
    found: dict[str, tuple[str, str, Estimate]] = {}
    for name in manifest().models:
        example = example_of(name, settings.example.image, settings.example.seed)
        kind = kind_of(example.vae.architecture.posterior)
        pair = FIRST_OF[kind]
        asked = ElboStream(example, tuple(KINDS[kind][each] for each in pair), 0, settings.seed, settings.kl)
        found[name] = (*pair, _answers(asked).overall_ratio(*pair))
    left, right = st.columns([2, 3], vertical_alignment="center")
    with left:
        chart(
            model_ratios(
                {name: (ratio.value, ratio.error) for name, (_, _, ratio) in found.items()},
                [theme.ESTIMATOR_COLOURS[first] for first, _, _ in found.values()],
            ),
            key=f"{STEM}.latents",
            alt=words.models_described(found),
            height=HEIGHT,
            file_name=f"{STEM}_latents",
            clicks=False,
        )
    right.markdown(words.models(found))


def bound(settings: ElboStream) -> None:
    """The bound of K samples: signal beside noise in encoder and decoder against K."""
    example = settings.example
    if example.vae.has_bits:
        st.markdown(word("elbo_bound.no_path"))
        return
    found = awaited(
        ("elbo_bound", example),
        lambda: signal_to_noise(example.vae, example.pixels),
        word("elbo_bound.meanwhile", n=f"{BLOCKS * BLOCK:,}"),
    )
    counts = [each.count for each in found]
    curves = {
        name: ([getattr(each, name).value for each in found], [getattr(each, name).error for each in found])
        for name in elbo_bound.CURVES
    }
    chart(
        bound_signals(counts, curves, elbo_bound.curve_labels()),
        key=f"{STEM}.bound",
        alt=elbo_bound.described(counts),
        table=elbo_bound.table(found),
        height=HEIGHT,
        file_name=f"{STEM}_bound",
        clicks=False,
    )
    st.markdown(elbo_bound.gains(found))


def _answers(settings: ElboStream) -> ElboAnswers:
    """What is known of these settings, waited for."""
    found = awaited(*settings.question, word("elbo_gradient.on_the_way"))
    settings.know(found)
    return found


PANELS: Mapping[str, Callable[[ElboStream], None]] = {
    "signal": signal,
    "weights": weights,
    "pixels": pixels,
    "latents": latents,
    "bound": bound,
}
