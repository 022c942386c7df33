"""The live fragment: a stream a visit, advanced when the browser asks, at rest at its end."""

from __future__ import annotations

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from explorer.components.chart import ChartResult
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.visit import live
from explorer.visit.live import FIRST_BATCH, Experiment
from tests.pages.apps import charts, small_app

PROBLEM = Problem(FAMILIES["normal"], OBJECTIVES["square"], {"loc": 2.0, "scale": 1.0}, "loc")
EXPERIMENT = Experiment(PROBLEM, 0, batch=100, rest_at=FIRST_BATCH + 150)


def asking(**changes: object) -> Experiment:
    return dataclasses.replace(EXPERIMENT, problem=dataclasses.replace(PROBLEM, **changes))  # type: ignore[arg-type]


OTHERS = {
    "family": asking(family=FAMILIES["laplace"]),
    "objective": asking(objective=OBJECTIVES["cosine"]),
    "objective's values": asking(objective=OBJECTIVES["cosine"].at(k=2.0)),
    "theta": asking(theta={"loc": 1.0, "scale": 1.0}),
    "parameter": asking(parameter="scale"),
    "seed": dataclasses.replace(EXPERIMENT, seed=1),
    "estimators": dataclasses.replace(EXPERIMENT, estimators=("pathwise",)),
}


def page() -> None:
    import streamlit as st

    from explorer.visit.live import live_histograms
    from tests.visit.test_live import EXPERIMENT

    options = {"playing": True, "means": True, **st.session_state.get("test.options", {})}
    live_histograms(st.session_state.get("test.experiment", EXPERIMENT), key="live", height=300, **options)


def n(app: AppTest) -> int:
    return app.session_state["live/stream"][1].n


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every run the browser asks for a batch."""
    monkeypatch.setattr(live, "reported", lambda key: ChartResult(pulled=True))


def test_first_batch_is_drawn_with_no_asking() -> None:
    app = small_app(page)
    assert not app.exception
    assert n(app) == FIRST_BATCH
    assert charts(app)["live"]["pull"] == FIRST_BATCH
    app.run()
    assert n(app) == FIRST_BATCH, "a run that the chart did not ask for draws nothing"


@pytest.mark.usefixtures("pulled")
def test_batches_come_when_asked_for_and_end_at_rest() -> None:
    app = small_app(page)
    seen = [n(app)]
    for _ in range(4):
        app.run()
        seen.append(n(app))
    assert seen == [FIRST_BATCH + more for more in (100, 150, 150, 150, 150)]
    assert charts(app)["live"]["pull"] is None, "at rest the browser has nothing to ask for"
    assert f"**{FIRST_BATCH + 150}** samples" in app.markdown[0].value


@pytest.mark.usefixtures("pulled")
def test_paused_view_draws_nothing() -> None:
    app = AppTest.from_function(page)
    app.session_state["test.options"] = {"playing": False}
    app.run()
    app.run()
    assert n(app) == FIRST_BATCH
    assert charts(app)["live"]["pull"] is None


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.usefixtures("pulled")
def test_another_experiment_starts_anew(other: Experiment) -> None:
    app = AppTest.from_function(page)
    # Another k of the same objective is another experiment too.
    asked = other.problem.objective
    near = asked if asked == PROBLEM.objective else OBJECTIVES["cosine"].at(k=3.0)
    app.session_state["test.experiment"] = asking(objective=near)
    app.run()
    before = app.session_state["live/stream"][1]
    app.session_state["test.experiment"] = dataclasses.replace(other, rest_at=FIRST_BATCH)
    app.run()
    assert not app.exception
    after = app.session_state["live/stream"][1]
    assert after is not before
    assert n(app) == FIRST_BATCH
    assert after.estimators == other.estimators
    assert (after.problem, after.seed) == (other.problem, other.seed)


def test_another_speed_is_the_same_experiment() -> None:
    app = small_app(page)
    before = app.session_state["live/stream"][1]
    app.session_state["test.experiment"] = dataclasses.replace(EXPERIMENT, batch=7)
    app.run()
    assert app.session_state["live/stream"][1] is before


def test_tables_are_what_is_drawn() -> None:
    sent = charts(small_app(page))
    assert set(sent) == {"live", "live.means"}
    for part in sent.values():
        assert part["alt"]
        assert len({column["name"] for column in part["table"]}) == len(part["table"])
        assert len({len(column["block"]) for column in part["table"]}) == 1


def test_biased_pair_warns_under_the_picture() -> None:
    app = AppTest.from_function(page)
    app.session_state["test.experiment"] = asking(objective=OBJECTIVES["step"])
    app.run()
    (warning,) = app.warning
    assert "biased" in warning.value
    assert not small_app(page).warning
