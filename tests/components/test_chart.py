"""The chart's Python side: what leaves a still part out, what a request for a batch tells, and the words it sends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.components import chart as module
from explorer.components.chart import ChartResult, _result
from explorer.text import catalogue
from tests.pages.apps import components, small_app

FOLDER = Path(module.__file__).parent
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js")))


def page() -> None:
    import numpy as np
    import streamlit as st

    from explorer.components.chart import chart
    from explorer.figures.picture import Picture

    picture = Picture({"data": [{"type": "scatter"}], "layout": {}}, [(0, "y", np.arange(3.0))])
    chart(picture, key="a", alt="A line.", pull=1, held=st.session_state.get("test.held"))


def still(app: AppTest) -> dict[str, Any]:
    (sent,) = components(app, "explorer_chart")
    return dict(sent["still"])


def test_a_still_part_is_left_out_only_in_a_run_that_the_browser_told_it_holds_it() -> None:
    app = small_app(page)
    whole = still(app)
    assert whole["figure"]
    app.run()
    assert still(app) == whole, "that it was sent before does not mean that it arrived"
    app.session_state["test.held"] = {"a": whole["id"]}
    app.run()
    assert still(app) == {"id": whole["id"], "figure": None}
    for other in ({"a": "another"}, {"b": whole["id"]}, {}):
        app.session_state["test.held"] = other
        app.run()
        assert still(app) == whole


@pytest.mark.parametrize(("batch", "pulled"), [(5, True), (4, False), (None, False)])
def test_a_request_is_for_the_batch_drawn_last(
    monkeypatch: pytest.MonkeyPatch, batch: int | None, pulled: bool
) -> None:
    monkeypatch.setattr(module, "_memory", lambda key: {"answered": {}, "pull": 5})
    raw = {"next": {"batch": batch, "held": {"a": "1"}}}
    assert _result("a", raw, {}) == ChartResult(pulled=pulled, held={"a": "1"})
    assert _result("a", {}, {}) == ChartResult()


def test_the_words_of_the_code_are_those_sent_and_in_the_catalogue() -> None:
    used = set(re.findall(r"WORDS\.(\w+)", CODE))
    buttons = set(re.findall(r'this\.button\("(\w+)"', CODE))
    used |= buttons | {f"{name}_hint" for name in buttons}
    assert used == set(module._WORDS)
    assert {f"chart.{name}" for name in used} == {key for key in catalogue() if key.startswith("chart.")}
    assert "{reason}" in catalogue()["chart.failed"]


def test_files_are_short() -> None:
    for path in FOLDER.glob("*.*"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 250, path
