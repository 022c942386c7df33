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
_Wanted = tuple[int, tuple[float, ...], bool]
"""Averages of so many draws at these distances, aimed or not."""
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
    wanted = [(other, COARSE, False) for other in SIZES if other != n] + [(n, DISTANCES, False)]
    if aimed:
        wanted += [(n, COARSE, True), (n, DISTANCES, True)]
    come = _come(what, seed, wanted, patience(report))
    plain, mended = come.get((n, DISTANCES, False), first), come.get((n, DISTANCES, True))
    if aimed and mended is None:
        # Both move on one slider, and stand at the same distances.
        plain, mended = first, come.get((n, COARSE, True))
    beside = [part for (other, _, _), part in come.items() if other != n]
    now = plain.nearest(film_value("distance", report.film))
    moving, said = updates(plain, mended), captions(plain, mended)
    chart(
        rare_events(plain, mended, beside, now),
        key=STEM,
        alt=described(plain, mended, now),
        films=[Film("distance", word("rare_events.slider"), plain.distances, now, moving, said)],
        table=table(plain, mended),
        pull=None if len(come) == len(wanted) else next_part(STEM),
        slow=True,
        height=HEIGHT,
        file_name=STEM,
        clicks=False,
    )
    st.markdown(verdict(plain, mended, now))
    return plain.distances[now]


def _question(
    what: str, n: int, distances: tuple[float, ...], seed: int, *, aimed: bool = False
) -> tuple[Hashable, Callable[[], Averages]]:
    """What the store is asked: a key, and what computes its answer."""
    make = partial(averages, what, n, distances, seed=seed, aimed=aimed)
    return (STEM, what, n, len(distances), seed, aimed), make


def _come(what: str, seed: int, wanted: list[_Wanted], at_most: float) -> dict[_Wanted, Averages]:
    """Those that have come by now. They are asked for one after the other, the quickest first."""
    found: dict[_Wanted, Averages] = {}
    for each in sorted(wanted, key=lambda one: one[0] * len(one[1])):
        n, distances, aimed = each
        answer = STORE.ask(*_question(what, n, distances, seed, aimed=aimed), at_most)
        if answer is None:
            break
        found[each] = answer.value
    return found
