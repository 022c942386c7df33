"""Predict, then reveal in a browser: the answer is nowhere in the page until the reader has chosen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.predictions.contract import PREDICTIONS
from explorer.visit.predictions import settings_of
from tests.browser.visit import keep, kept, show, wait_query

ASKED = PREDICTIONS["repeated_means.centre"]


def test_the_answer_comes_with_the_choice_and_the_picture_goes_there(page: Page, app_url: str) -> None:
    revealed = ASKED.answer(settings_of(ASKED, PAGES[ASKED.page].state))
    show(page, app_url, ASKED.page)
    keep(page)
    page.get_by_text(word("fold.predictions")).click()
    question = page.get_by_role("radiogroup", name=word(f"prediction.{ASKED.key}.question"))
    expect(question).to_be_visible()
    assert revealed.sentence not in page.content()
    question.get_by_text(word(f"prediction.{ASKED.key}.choice.both"), exact=True).click()
    answer = page.get_by_role("status").filter(has_text=revealed.sentence)
    expect(answer).to_be_visible()
    expect(answer).to_contain_text(word(f"prediction.{ASKED.key}.choice.{revealed.right}"))
    expect(question.get_by_role("radio").first).to_be_disabled()
    assert kept(page)
    page.get_by_role("button", name=word("prediction.show")).click()
    wait_query(page, **{"normal.loc": "0"})
