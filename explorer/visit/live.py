"""Live histograms of a stream of gradients, and the running means beside them: what two pages show."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from explorer.components.chart import chart
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.figures.gradient_stream import gradient_histogram, running_means
from explorer.text import word
from explorer.verdicts.gradient_stream import (
    cautions,
    comparison,
    densities,
    described,
    means,
    means_described,
    samples_table,
)
from explorer.visit.pull import Pace, Pull, pull_loop

FIRST_BATCH = 80
"""Batches are multiples of 16: so cut, torch's normal draws are the same numbers as in one call, at every speed."""


def live_histograms(
    settings: GradientStream, *, key: str, batch: int, playing: bool, height: int, below: Callable[[], None]
) -> None:
    """The histograms and what they amount to in a sentence, growing by `batch` a picture.

    `below` draws what follows.
    """

    def draw(stream: GradientStream, pull: Pull) -> None:
        _histograms(stream, pull, key, height, logarithmic=False)
        _verdict(stream)
        below()

    pull_loop(settings, draw, key=key, pace=Pace(FIRST_BATCH, batch, playing=playing))


def live_comparison(
    settings: GradientStream, *, key: str, batch: int, playing: bool, height: int, logarithmic: bool
) -> None:
    """The same with the running means beside the histograms, and a table of what each estimator needs."""

    def draw(stream: GradientStream, pull: Pull) -> None:
        left, right = st.columns([3, 2])
        with left:
            _histograms(stream, pull, key, height, logarithmic)
        with right:
            chart(
                running_means(stream.trail, stream.answers),
                key=f"{key}.means",
                alt=means_described(stream),
                table=means(stream),
                height=height,
                file_name=f"{key}_means",
                held=pull.held,
            )
        _verdict(stream)
        if stream.answers:
            st.markdown(samples_table(stream))
        else:
            st.caption(word("gradient_stream.on_the_way"))

    pull_loop(settings, draw, key=key, pace=Pace(FIRST_BATCH, batch, playing=playing))


def _histograms(stream: GradientStream, pull: Pull, key: str, height: int, logarithmic: bool) -> None:
    histograms = {name: summary.histogram for name, summary in stream.summaries.items()}
    chart(
        gradient_histogram(histograms, stream.answers, logarithmic=logarithmic),
        key=key,
        alt=described(stream),
        table=densities(stream),
        pull=pull.number,
        slow=pull.slow,
        held=pull.held,
        height=height,
        file_name=key,
    )


def _verdict(stream: GradientStream) -> None:
    if reasons := cautions(stream):
        st.warning(f"{reasons} {comparison(stream)}", icon=":material/warning:")
    else:
        st.markdown(comparison(stream))
