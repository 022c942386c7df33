"""The bump that moves away from q, over many repetitions: computed once for all visitors who ask for the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial

import streamlit as st

from explorer.components.chart import Film, chart, reported
from explorer.core.experiments.rare_events import COARSE, DISTANCES, SIZES, Averages, averages, exact_term, log_terms
from explorer.figures.rare_events import rare_events, updates
from explorer.text import word
from explorer.verdicts.rare_events import captions, described, table, verdict
from explorer.visit.controls import seed_input, segments, switch
from explorer.visit.links import film_value
from explorer.visit.page import Frame
from explorer.visit.pull import awaited, next_part, patience
from explorer.visit.store import STORE

STEM = "rare_events"
HEIGHT = 400
SNIPPET = """import torch
from explorer.core.experiments.rare_events import averages, exact_term

what, n, c = {what!r}, {n}, {distance!r}
for aimed in (False, True):
    found = averages(what, n, [c], seed={seed}, aimed=aimed)
    print("draws from", "N(c, 0.2)" if aimed else "N(0, 1)", " exact", float(found.truth))
    print("  median / exact", float(found.median), "  mean / exact", float(found.mean))
    print("  the 95 % interval holds it:", float(found.covered), "±", float(found.covered_error))
    print("  effective sample", float(found.effective), "of", n)
print("relative error of one average", exact_term(what, c).relative_error(n))
"""


def show(page: Frame) -> None:
    """The controls, the picture and its verdict, and the code that ran."""
    with page.controls:
        what, n, aimed = segments("what"), int(segments("n")), switch("aimed", word("rare_events.aimed_help"))
        seed = seed_input()
    with page.picture:
        distance = _picture(what, n, seed, aimed=aimed)
    page.code(SNIPPET.format(what=what, n=n, distance=distance, seed=seed), [averages, log_terms, exact_term])


def _picture(what: str, n: int, seed: int, *, aimed: bool) -> float:
    """Draws it; returns the distance under it.

    Averages at few distances come first; aimed ones, all distances and other n are drawn in when they are there.
    """
    report = reported(STEM)
    first = awaited(*_question(what, n, COARSE, seed), word("rare_events.meanwhile"))
    others = [_question(what, other, COARSE, seed) for other in SIZES if other != n]
    wanted = [_question(what, n, DISTANCES, seed), *others]
    if aimed:
        wanted += [_question(what, n, distances, seed, aimed=True) for distances in (COARSE, DISTANCES)]
    found = _come(wanted, patience(report))
    whole, beside = found[0], [each for each in found[1 : 1 + len(others)] if each]
    plain, mended = whole or first, None
    if aimed:
        few, many = found[-2:]
        # Both move on one slider, and stand at the same distances.
        plain, mended = (whole, many) if whole and many else (first, few)
    now = plain.nearest(film_value("distance", report.film))
    moving, said = updates(plain, mended), captions(plain, mended)
    chart(
        rare_events(plain, mended, beside, now),
        key=STEM,
        alt=described(plain, mended, now),
        films=[Film("distance", word("rare_events.slider"), plain.distances, now, moving, said)],
        table=table(plain, mended),
        pull=None if all(found) else next_part(STEM),
        slow=True,
        height=HEIGHT,
        file_name=STEM,
        clicks=False,
    )
    st.markdown(verdict(plain, mended, now))
    return plain.distances[now]


def _question(
    what: str, n: int, distances: tuple[float, ...], seed: int, aimed: bool = False
) -> tuple[Hashable, Callable[[], Averages]]:
    """What the store is asked: a key, and what computes its answer."""
    make = partial(averages, what, n, distances, seed=seed, aimed=aimed)
    return (STEM, what, n, len(distances), seed, aimed), make


def _come(questions: list[tuple[Hashable, Callable[[], Averages]]], at_most: float) -> list[Averages | None]:
    """Those that have come by now, None for each that has not. After the first of these no other is waited for."""
    found: list[Averages | None] = []
    for key, make in questions:
        answer = STORE.ask(key, make, at_most)
        at_most = at_most if answer else 0.0
        found.append(answer.value if answer else None)
    return found
