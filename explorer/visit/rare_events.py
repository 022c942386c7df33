"""The bump that moves away from q, over many repetitions: computed once for all visitors who ask for the same."""

from __future__ import annotations

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
from explorer.visit.pull import awaited, patience
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
    """Draws it; returns the distance under it."""
    report = reported(STEM)
    plain = _film(what, n, seed, aimed=False)
    mended = _film(what, n, seed, aimed=True) if aimed else None
    others, is_whole = _others(what, n, seed, patience(report))
    now = plain.nearest(film_value("distance", report.film))
    moving, said = updates(plain, mended), captions(plain, mended)
    chart(
        rare_events(plain, mended, others, now),
        key=STEM,
        alt=described(plain, mended, now),
        films=[Film("distance", word("rare_events.slider"), DISTANCES, now, moving, said)],
        table=table(plain, mended),
        pull=None if is_whole else 1,
        slow=True,
        height=HEIGHT,
        file_name=STEM,
        clicks=False,
    )
    st.markdown(verdict(plain, mended, now))
    return DISTANCES[now]


def _film(what: str, n: int, seed: int, *, aimed: bool) -> Averages:
    return awaited(
        (STEM, what, n, seed, aimed),
        lambda: averages(what, n, DISTANCES, seed=seed, aimed=aimed),
        word("rare_events.meanwhile"),
    )


def _others(what: str, n: int, seed: int, at_most: float) -> tuple[list[Averages], bool]:
    """The averages of other n at fewer distances, those that have come; and whether that is all of them."""
    found = []
    for other in SIZES:
        if other == n:
            continue
        make = partial(averages, what, other, COARSE, seed=seed)
        answer = STORE.ask((STEM, "coarse", what, other, seed), make, at_most)
        if answer is None:
            # The rest is asked for too, and not waited for.
            at_most = 0.0
        else:
            found.append(answer.value)
    return found, len(found) == len(SIZES) - 1
