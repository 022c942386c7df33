"""The page of the training race: it trains as the browser asks, says what the race says, and gives it away."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from explorer.vae.manifest import PretrainedError
from explorer.vae.race import Race
from explorer.vae.race_presets import PRESETS
from explorer.verdicts.race import gradients, honest, standing
from tests.pages.apps import charts, healthy, link, said, visit

PAGE = "race"
SHORT = {"minibatch": "10", "draws": "2"}


def raced(steps: int, name: str = "trick") -> Race:
    preset = PRESETS[name]
    made = Race(preset.latents, preset.estimators, preset.terms, 0)
    made.advance(steps)
    return made


def press(app: AppTest, label: str) -> None:
    healthy(next(each for each in app.button if each.label == label).click().run())


def test_the_first_picture_is_the_first_step_and_asks_for_more() -> None:
    app = healthy(visit(PAGE))
    parts = charts(app)
    assert parts["race"]["pull"] == 1
    assert parts["race.images"]["pull"] is None
    made = raced(1)
    for sentence in (standing(made), gradients(made), honest(made)):
        assert sentence in said(app)
    assert len(app.get("download_button")) == 1  # the code's own


def test_paused_it_rests_steps_and_can_be_taken_along() -> None:
    app = healthy(visit(PAGE, play="false", **SHORT))
    assert charts(app)["race"]["pull"] is None
    assert len(app.get("download_button")) == 3
    before = charts(app)["race"]["figure"]
    press(app, "Step")
    assert "After 11 of 400 steps" in said(app)
    assert charts(app)["race"]["figure"] != before
    press(app, "Reset")
    assert "After 1 of 400 steps" in said(app)
    assert charts(app)["race"]["figure"] == before


@pytest.mark.parametrize("name", list(PRESETS)[1:])
def test_a_preset_sets_everything_and_its_link_says_so(name: str) -> None:
    app = visit(PAGE, seed="3", **SHORT)
    healthy(app.button(key=f"preset/{name}").click().run())
    preset = PRESETS[name]
    assert app.session_state["latents"] == preset.latents
    assert tuple(app.session_state[f"{preset.latents}.estimators"]) == preset.estimators
    asked = link(app)
    assert asked["learning_rate"] == f"{preset.terms.rate:g}"
    assert asked["seed"] == "3"
    assert "draws" not in asked
    parts = charts(app)["race.images"]["figure"]["data"]
    assert len(parts) == 1 + len(preset.estimators)
    again = healthy(visit(PAGE, **app.query_params))
    assert charts(again)["race"]["figure"] == charts(app)["race"]["figure"]


def test_samples_too_few_for_an_estimator_are_answered_in_words() -> None:
    app = visit(PAGE, draws="1", **{"normal.estimators": ["leave_one_out", "pathwise"]})
    assert not app.exception
    assert any("Leave-one-out" in each.value for each in (*app.warning, *app.caption))
    assert charts(app)


def test_images_that_cannot_be_read_are_answered_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise PretrainedError("the sample is damaged: restore it from the repository.")

    monkeypatch.setattr("explorer.vae.race.load_sample", damaged)
    app = visit(PAGE)
    assert not app.exception
    assert [each.value for each in app.error] == [
        "The images cannot be read: the sample is damaged: restore it from the repository."
    ]
