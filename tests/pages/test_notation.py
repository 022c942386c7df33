"""What the pages render has one notation: verdicts, captions, tables, axes and what is read out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from explorer.pages import PAGES
from tests.pages.apps import charts, visit
from tests.text.test_notation import faults

STATES: list[tuple[str, dict[str, Any]]] = [
    *((page, {}) for page in PAGES),
    ("gradient_stream", {"objective": "rare_event", "rare_event.k": "5", "normal.loc": "-1", "log": "true"}),
    ("gradient_stream", {"family": "student_t", "student_t.gradient": "scale", "student_t.df": "2.2"}),
    ("variance_curves", {"objective": "rare_event", "rare_event.k": "6"}),
    ("variance_curves", {"family": "bernoulli", "estimators": ["gumbel_softmax", "score_function"]}),
    ("repeated_means", {"objective": "squared_exponential", "squared_exponential.k": "20", "normal.loc": "-3"}),
    ("descent", {"objective": "squared_exponential", "rate": "0.01"}),
    ("reweighting", {"family": "uniform", "uniform.move": "high"}),
    ("score_size", {"family": "pareto", "pareto.gradient": "scale"}),
    ("noise_transform", {"family": "beta"}),
]


def texts(part: object, key: str = "") -> Iterator[str]:
    """The strings of a figure that a reader meets."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from texts(value, name)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value, key)
    elif isinstance(part, str) and key in {"text", "name", "hovertemplate", "ticktext"}:
        yield re.sub(r"<[^>]*>", " ", part)


@pytest.mark.parametrize(("page", "query"), STATES, ids=lambda each: each if isinstance(each, str) else "")
def test_what_is_rendered_has_one_notation(page: str, query: dict[str, Any]) -> None:
    app = visit(page, **query)
    assert not app.exception
    found = [each.value for kind in (app.markdown, app.warning, app.error, app.caption, app.info) for each in kind]
    for chart in charts(app).values():
        found += [chart["alt"], *texts(chart["figure"])]
        found += [caption for film in chart.get("films") or [] for caption in film["captions"]]
        for axis in (value for name, value in chart["figure"]["layout"].items() if "axis" in name):
            assert axis.get("exponentformat", "power") == "power"
    for text in found:
        assert not faults(text, notebook=page == "repeated_means"), text
        if "hovertemplate" not in text:
            assert not re.search(r"%\{[xy]:[^}]*[eg]\}", text), text
