"""The one pull loop: a run kept for the visit, and the fragment in which the browser asks for more of it.

The chart asks for the next part when it has drawn the last one. A busy server therefore slows the picture and never
freezes it, nothing runs while the tab is hidden, and leaving the page ends it: there is no timer and no thread.

Exact answers never hold a picture up. They come from the store of the process, which computes each once for all
visitors; until they are there the picture is drawn without them, and its chart asks again now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from explorer.components.chart import ChartResult, reported
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.run import AnsweredRun, Run
from explorer.visit.memory import kept
from explorer.visit.messages import tell
from explorer.visit.store import STORE
from explorer.visit.turns import computing

R = TypeVar("R", bound=Run)
T = TypeVar("T")
_now = time.monotonic

AT_ONCE = 0.15
"""Seconds that a new picture waits for its exact answers: most are there by then, and nothing changes afterwards."""


@dataclass(frozen=True)
class Pace:
    """How a run grows under its picture: `first` units before it is drawn at all, then `n` at a time.

    With `patience` it goes on, `n` by `n`, until so many seconds have passed.
    """

    first: int
    n: int
    patience: float = 0.0
    playing: bool = True


@dataclass(frozen=True)
class Pull:
    """What a run's charts are told: `chart(..., pull=pull.number, slow=pull.slow, held=pull.held)`.

    The number of the part drawn, None when there is no more to ask for, and whether there is no hurry; one chart of a
    run asks for all. `held` is what the browser has of each chart. `film` is what its sliders released: the loop has
    read the chart's report, which tells it once.
    """

    number: int | None
    slow: bool
    held: Mapping[str, str]
    film: Mapping[str, float]


def run_of(settings: R, key: str, first: int) -> R:
    """The visit's own run with these settings, its first part done; a new one when any setting has changed."""

    def begun() -> R:
        settings.advance(first)
        return settings

    return kept(f"{key}/run", settings.identity, begun)


@st.fragment
def pull_loop(settings: R, draw: Callable[[R, Pull], None], *, key: str, pace: Pace) -> None:
    """Draws the visit's run with `draw(run, pull)`, which draws the chart `key` with that pull, and lets it grow."""
    try:
        run, report = run_of(settings, key, pace.first), reported(key)
        if report.pulled and pace.playing and run.share < 1:
            with computing():
                _work(run, pace)
        missing = isinstance(run, AnsweredRun) and not _learn(run, patience(report))
    except (FloatingPointError, QuadratureError) as error:
        tell(error)
        return
    grows = pace.playing and run.share < 1
    part = next_part(key)
    draw(run, Pull(part if grows or missing else None, not grows, report.held, report.film))


def next_part(key: str) -> int:
    """The number of the part of a chart that is drawn now: its browser asks once after each."""
    part: int = st.session_state.get(f"{key}/part", 0) + 1
    st.session_state[f"{key}/part"] = part
    return part


def patience(report: ChartResult) -> float:
    """Seconds a picture may wait for an answer: none when its browser only asks whether it is there by now."""
    return 0.0 if report.pulled else AT_ONCE


def soon(key: Hashable, make: Callable[[], T]) -> T | None:
    """What the store has for this key, if it comes as quickly as a picture waits for its answers."""
    found = STORE.ask(key, make, AT_ONCE)
    return None if found is None else found.value


def awaited(key: Hashable, make: Callable[[], T], meanwhile: str) -> T:
    """What the store has for this key, for a picture of which nothing can be drawn without it.

    The words `meanwhile` stand on the screen until it comes. A visitor who leaves stops waiting.
    """
    found = STORE.ask(key, make, AT_ONCE)
    note = st.empty()
    while found is None:
        # Each message lets Streamlit end this run where the visitor has moved on.
        note.caption(meanwhile)
        found = STORE.ask(key, make, AT_ONCE)
    note.empty()
    return found.value


def _work(run: Run, pace: Pace) -> None:
    end = _now() + pace.patience
    while run.share < 1:
        run.advance(pace.n)
        if _now() >= end:
            return


def _learn(run: AnsweredRun, at_most: float) -> bool:
    """Whether the run knows its exact answers; asks the store for them where it does not."""
    if run.answers is None:
        found = STORE.ask(*run.question, at_most)
        if found is not None:
            run.know(found.value)
    return run.answers is not None
