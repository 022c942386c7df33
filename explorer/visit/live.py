"""Live histograms: a stream kept for the visit, and the fragment in which the browser pulls its next batch.

The chart asks for a batch when it has drawn the last one. A busy server therefore slows the picture and never freezes
it, nothing runs while the tab is hidden, and leaving the page ends it: there is no timer and no thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from explorer.components.chart import chart, reported
from explorer.core.device import best_device
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.core.experiments.problem import Problem
from explorer.figures.gradient_stream import gradient_histogram, running_means
from explorer.text import word
from explorer.verdicts.gradient_stream import cautions, comparison, described, samples_table
from explorer.verdicts.words import plain
from explorer.visit.memory import kept
from explorer.visit.messages import tell
from explorer.visit.turns import computing

FIRST_BATCH = 80
"""Batches are multiples of 16: so cut, torch's normal draws are the same numbers as in one call, at every speed."""


@dataclass(frozen=True)
class Experiment:
    """What fixes the numbers of a stream, and how many samples it comes to rest at."""

    problem: Problem
    seed: int
    batch: int
    rest_at: int
    estimators: tuple[str, ...] = ("score_function", "pathwise")


def stream_of(experiment: Experiment, key: str) -> GradientStream:
    """The visit's stream for this experiment; a new one when anything that fixes its numbers has changed."""

    stream = GradientStream(
        experiment.problem, experiment.estimators, experiment.seed, best_device().device, experiment.rest_at
    )

    def begun() -> GradientStream:
        stream.know(Answers.of(stream.problem, stream.estimators))
        stream.advance(FIRST_BATCH)
        return stream

    return kept(key, stream.identity, begun)


@st.fragment
def live_histograms(
    experiment: Experiment, *, key: str, playing: bool, means: bool, height: int, logarithmic: bool = False
) -> None:
    """The histograms; with `means` the running means beside them, and a table of what each estimator needs."""
    report = reported(key)
    try:
        stream = stream_of(experiment, f"{key}/stream")
        if playing and stream.share < 1 and report.pulled:
            with computing():
                stream.advance(experiment.batch)
    except (FloatingPointError, QuadratureError) as error:
        tell(error)
        return
    answers = stream.answers
    assert answers is not None
    histograms = {name: summary.histogram for name, summary in stream.summaries.items()}
    table = {"gradient": stream.window.centres.tolist()} | {
        f"{name}_density": part.density.tolist() for name, part in histograms.items()
    }
    verdict = comparison(stream)
    left, right = st.columns([3, 2]) if means else (st.container(), None)
    with left:
        chart(
            gradient_histogram(histograms, answers, logarithmic=logarithmic),
            key=key,
            alt=described(stream),
            table=table,
            pull=stream.n if playing and stream.share < 1 else None,
            height=height,
            file_name="gradient_histogram",
            held=report.held,
        )
    if right:
        with right:
            trail = stream.trail
            chart(
                running_means(trail, answers),
                key=f"{key}.means",
                alt=f"{word('gradient_stream.means_alt')} {plain(verdict)}",
                table={"samples": [step.n for step in next(iter(trail.values()))]}
                | {f"{name}_mean": [step.mean for step in steps] for name, steps in trail.items()}
                | {f"{name}_standard_error": [step.standard_error for step in steps] for name, steps in trail.items()},
                height=height,
                file_name="running_means",
                held=report.held,
            )
    if reasons := cautions(stream):
        st.warning(f"{reasons} {verdict}", icon=":material/warning:")
    else:
        st.markdown(verdict)
    if means:
        st.markdown(samples_table(answers))
