"""The closing table's links: each says the state of its cell, and the laboratory reads it back."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from explorer.core.experiments.which_estimator import COMPARED, SITUATIONS
from explorer.pages import PAGES
from explorer.verdicts.predictions.contract import problem_of
from explorer.visit.which_estimator import query_of

LABORATORY = PAGES["gradient_stream"].state


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_link_is_read_back_as_the_cells_problem_and_estimators(situation: str) -> None:
    for estimator in COMPARED:
        query = parse_qs(query_of(situation, estimator, "pathwise", LABORATORY))
        settings = {key: field.read(query[key]) if key in query else field.default for key, field in LABORATORY.items()}
        assert set(query) <= set(LABORATORY)
        assert problem_of(settings) == SITUATIONS[situation]
        assert set(settings["estimators"]) == {estimator, "pathwise"}  # type: ignore[arg-type]
