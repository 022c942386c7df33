"""The closing table: which estimator when, each cell a link that opens the laboratory in that state."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from explorer.core.experiments.which_estimator import COMPARED, SITUATIONS, Row, best_of, row_of
from explorer.text import word
from explorer.verdicts.which_estimator import table
from explorer.visit.failures import STEM
from explorer.visit.fields import State
from explorer.visit.pull import awaited
from explorer.visit.store import STORE


def settings_of(situation: str, estimator: str, beside: str) -> dict[str, Any]:
    """The laboratory's fields for a cell: its problem, its estimator and the one that it is compared with."""
    problem = SITUATIONS[situation]
    family, objective = problem.family.name, problem.objective
    chosen = tuple(name for name in COMPARED if name in (estimator, beside))
    return {
        "family": family,
        "objective": objective.name,
        **{f"{objective.name}.{name}": value for name, value in objective.values.items()},
        **{f"{family}.{name}": value for name, value in problem.theta.items()},
        f"{family}.gradient": problem.parameter,
        "estimators": chosen,
    }


def query_of(situation: str, estimator: str, beside: str, laboratory: State) -> str:
    """The query of the laboratory's link for a cell."""
    settings = settings_of(situation, estimator, beside)
    return urlencode({key: laboratory[key].write(value) for key, value in settings.items()}, doseq=True)


def show(address: str, laboratory: State) -> None:
    """The table; rows are drawn in as they come. `laboratory` is the state of the page at `address`."""
    st.markdown(word("which_estimator.title"))
    place, rows = st.empty(), dict[str, Row]()

    def link(situation: str, estimator: str) -> str:
        query = query_of(situation, estimator, best_of(rows[situation]), laboratory)
        return f"{address}?{query}"

    questions = {situation: ((STEM, "table", situation), partial(row_of, situation)) for situation in SITUATIONS}
    for situation, question in questions.items():
        if found := STORE.ask(*question, 0.0):
            rows[situation] = found.value
    place.markdown(table(rows, link))
    for situation in [each for each in SITUATIONS if each not in rows]:
        rows[situation] = awaited(*questions[situation], word("which_estimator.meanwhile"))
        place.markdown(table(rows, link))
    st.caption(word("which_estimator.explained"))
