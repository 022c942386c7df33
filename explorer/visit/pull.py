"""The one pull loop: a run kept for the visit, and the fragment in which the browser asks for more of it.

The chart asks for the next part when it has drawn the last one. A busy server therefore slows the picture and never
freezes it, nothing runs while the tab is hidden, and leaving the page ends it: there is no timer and no thread.

Exact answers never hold a picture up. They come from the store of the process, which computes each once for all
visitors; until they are there the picture is drawn without them, and its chart asks again now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from explorer.components.chart import reported
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.run import ComparedRun, Run
from explorer.visit.memory import kept
from explorer.visit.messages import tell
from explorer.visit.store import STORE
from explorer.visit.turns import computing

R = TypeVar("R", bound=Run)

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
    """What the chart is to ask for: the number of the part drawn, None for no more; and whether there is no hurry."""

    number: int | None
    slow: bool = False


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
        run = run_of(settings, key, pace.first)
        is_asked = reported(key).pulled
        if is_asked and pace.playing and run.share < 1:
            with computing():
                _work(run, pace)
        missing = isinstance(run, ComparedRun) and not _learn(run, 0.0 if is_asked else AT_ONCE)
    except (FloatingPointError, QuadratureError) as error:
        tell(error)
        return
    grows = pace.playing and run.share < 1
    part = st.session_state[f"{key}/part"] = st.session_state.get(f"{key}/part", 0) + 1
    draw(run, Pull(part if grows or missing else None, slow=not grows))


def _work(run: Run, pace: Pace) -> None:
    end = time.monotonic() + pace.patience
    while run.share < 1:
        run.advance(pace.n)
        if time.monotonic() >= end:
            return


def _learn(run: ComparedRun, patience: float) -> bool:
    """Whether the run knows its exact answers; asks the store for them where it does not."""
    if run.answers is None:
        problem, estimators = run.problem, run.estimators
        found = STORE.ask(("answers", problem, estimators), lambda: Answers.of(problem, estimators), patience)
        if found is not None:
            run.know(found.value)
    return run.answers is not None
