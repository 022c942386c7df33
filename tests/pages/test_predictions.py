"""Predict, then reveal on the pages: no answer before a choice, then a computed one, and the picture in its state."""

from __future__ import annotations

import pytest

from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.predictions.contract import PREDICTIONS, of_page
from explorer.visit.predictions import settings_of
from tests.pages.apps import link, said, visit

ASKING = [page for page in PAGES if of_page(page)]


def everything(app: object) -> str:
    successes = [element.value for kind in (app.success, app.info) for element in kind]  # type: ignore[attr-defined]
    return said(app) + "\n".join(successes)  # type: ignore[arg-type]


@pytest.mark.parametrize("page", ASKING)
def test_there_is_no_answer_before_a_choice_and_a_computed_one_after(page: str) -> None:
    app = visit(page)
    asked = of_page(page)[0]
    state = PAGES[page].state
    revealed = asked.answer(settings_of(asked, state))
    assert revealed.sentence not in everything(app) or page == "variance_curves"
    assert not [info.value for info in (*app.success, *app.info)]
    wrong = next(choice for choice in asked.choices if choice != revealed.right)
    app.radio(key=f"prediction/{asked.key}/choice").set_value(wrong).run()
    assert not app.exception
    right = word(f"prediction.{asked.key}.choice.{revealed.right}")
    (answer,) = app.info
    assert answer.value == word("prediction.wrong", choice=right, shown=revealed.sentence)
    assert app.radio(key=f"prediction/{asked.key}/choice").disabled
    assert len(app.success) == 0


def test_a_right_prediction_is_told_so_and_kept_for_the_visit() -> None:
    app = visit("repeated_means")
    asked = PREDICTIONS["repeated_means.error"]
    key = f"prediction/{asked.key}/choice"
    app.radio(key=key).set_value("three").run()
    assert "**Yes: about 3 times.**" in app.success[0].value
    app.run()
    assert app.radio(key=key).value == "three"
    assert app.success


def test_the_picture_goes_to_the_state_of_the_question() -> None:
    app = visit("gradient_stream", family="laplace", **{"laplace.loc": "0.5"})
    asked = PREDICTIONS["gradient_stream.edge"]
    app.radio(key=f"prediction/{asked.key}/choice").set_value("sign").run()
    app.button(key=f"prediction/{asked.key}/show").click().run()
    assert not app.exception
    assert link(app) == {"family": "uniform", "uniform.gradient": "high"}
