"""The live fragment: a stream a visit, advanced when the browser asks, at rest at its end; answers may come late."""

from __future__ import annotations

import threading

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer.components.chart import ChartResult
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.visit import pull
from explorer.visit.live import FIRST_BATCH
from explorer.visit.store import Store
from tests.pages.apps import SECONDS, charts, said, small_app

CPU = torch.device("cpu")
BATCH, REST_AT = 100, FIRST_BATCH + 150


def settings(seed: int = 0, estimators: tuple[str, ...] = ("score_function", "pathwise"), **changes: object) -> object:
    parts = {"family": FAMILIES["normal"], "objective": OBJECTIVES["square"], "theta": {"loc": 2.0, "scale": 1.0}}
    problem = Problem(**{**parts, "parameter": "loc", **changes})  # type: ignore[arg-type]
    return GradientStream(problem, estimators, seed, CPU, REST_AT)


OTHERS = {
    "family": settings(family=FAMILIES["laplace"]),
    "objective": settings(objective=OBJECTIVES["cosine"]),
    "objective's values": settings(objective=OBJECTIVES["cosine"].at(k=2.0)),
    "theta": settings(theta={"loc": 1.0, "scale": 1.0}),
    "parameter": settings(parameter="scale"),
    "seed": settings(seed=1),
    "estimators": settings(estimators=("pathwise",)),
}


def page() -> None:
    import streamlit as st

    from explorer.visit.live import live_comparison
    from tests.visit import test_live

    options = {"playing": True, "batch": test_live.BATCH, **st.session_state.get("test.options", {})}
    stream = st.session_state.get("test.settings") or test_live.settings()
    live_comparison(stream, key="live", height=300, logarithmic=False, **options)


def stream_of(app: AppTest) -> GradientStream:
    stream = app.session_state["live/run"][1]
    assert isinstance(stream, GradientStream)
    return stream


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every run the browser asks for a batch, and waits for the exact answers."""
    monkeypatch.setattr(pull, "reported", lambda key: ChartResult(pulled=True))
    monkeypatch.setattr(pull, "patience", lambda report: SECONDS)


def test_first_batch_is_drawn_with_no_asking() -> None:
    app = small_app(page)
    assert not app.exception
    assert stream_of(app).n == FIRST_BATCH
    assert charts(app)["live"]["pull"] is not None
    assert charts(app)["live.means"]["pull"] is None, "one chart asks for both"
    app.run()
    assert stream_of(app).n == FIRST_BATCH, "a run that the chart did not ask for draws nothing"


@pytest.mark.usefixtures("pulled")
def test_batches_come_when_asked_for_and_end_at_rest() -> None:
    app = small_app(page)
    seen = [stream_of(app).n]
    for _ in range(4):
        app.run()
        seen.append(stream_of(app).n)
    assert seen == [FIRST_BATCH + more for more in (100, 150, 150, 150, 150)]
    assert charts(app)["live"]["pull"] is None, "at rest the browser has nothing to ask for"
    assert f"**{REST_AT}** samples" in app.markdown[0].value


@pytest.mark.usefixtures("pulled")
def test_paused_view_draws_nothing() -> None:
    app = AppTest.from_function(page, default_timeout=SECONDS)
    app.session_state["test.options"] = {"playing": False}
    app.run()
    app.run()
    assert stream_of(app).n == FIRST_BATCH
    assert charts(app)["live"]["pull"] is None


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_another_experiment_starts_anew(other: GradientStream) -> None:
    app = AppTest.from_function(page, default_timeout=SECONDS)
    # Another k of the same objective is another experiment too.
    is_wave = other.problem.objective.name == "cosine"
    app.session_state["test.settings"] = settings(objective=OBJECTIVES["cosine"].at(k=3.0)) if is_wave else None
    app.run()
    before = stream_of(app)
    app.session_state["test.settings"] = other
    app.run()
    assert not app.exception
    after = stream_of(app)
    assert after is not before
    assert after.n == FIRST_BATCH
    assert (after.problem, after.estimators, after.seed) == (other.problem, other.estimators, other.seed)


def test_another_speed_is_the_same_experiment() -> None:
    app = small_app(page)
    before = stream_of(app)
    app.session_state["test.options"] = {"batch": 7}
    app.run()
    assert stream_of(app) is before


def test_tables_are_what_is_drawn() -> None:
    sent = charts(small_app(page))
    assert set(sent) == {"live", "live.means"}
    for part in sent.values():
        assert part["alt"]
        assert len({column["name"] for column in part["table"]}) == len(part["table"])
        assert len({len(column["block"]) for column in part["table"]}) == 1


def test_biased_pair_warns_under_the_picture() -> None:
    app = AppTest.from_function(page, default_timeout=SECONDS)
    app.session_state["test.settings"] = settings(objective=OBJECTIVES["step"])
    app.run()
    (warning,) = app.warning
    assert "biased" in warning.value
    assert not small_app(page).warning


def test_samples_are_drawn_before_the_exact_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """And those are drawn in when the browser asks again, though the view is paused."""
    leave, of = threading.Event(), Answers.of

    def late(problem: Problem, estimators: tuple[str, ...]) -> Answers:
        assert leave.wait(SECONDS)
        return of(problem, estimators)

    monkeypatch.setattr(Answers, "of", late)
    monkeypatch.setattr(pull, "STORE", Store())
    monkeypatch.setattr(pull, "patience", lambda report: 0.0)
    app = AppTest.from_function(page, default_timeout=SECONDS)
    app.session_state["test.options"] = {"playing": False}
    app.run()
    assert "**80** samples" in said(app)
    assert "xact gradient" not in said(app)
    first = charts(app)["live"]
    assert first["pull"] is not None
    assert first["pause"] > 100, "no hurry"
    leave.set()
    monkeypatch.setattr(pull, "patience", lambda report: SECONDS)
    app.run()
    assert "Exact gradient **4**" in said(app)
    assert charts(app)["live"]["pull"] is None
    assert charts(app)["live"]["still"]["id"] != first["still"]["id"]
