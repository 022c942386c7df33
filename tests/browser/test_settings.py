"""The slider of an estimator's setting in a browser: numbers, definition and link follow it, and a link restores it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from explorer.core.by_name import exact_variance
from explorer.core.estimators import ESTIMATORS
from explorer.verdicts.words import number
from tests.browser.visit import PAUSED, query, show, wait_query

CHOICE = {"family": "bernoulli", "estimators": "gumbel_softmax", **PAUSED}
KEY = "gumbel_softmax.temperature"


def wait_row(page: Page, temperature: float) -> None:
    """Waits until the table has the exact deviation at this temperature."""
    method = ESTIMATORS["gumbel_softmax"].at(temperature=temperature)
    deviation = exact_variance("bernoulli", "square", method, {"probs": 0.4})["probs"] ** 0.5
    page.wait_for_function(
        "wanted => document.querySelector('.st-key-picture')?.innerText.replace(/\\s+/g, ' ').includes(wanted)",
        arg=f"Gumbel-softmax {number(deviation, 4)} ",
    )


def test_the_temperature_follows_its_slider(page: Page, app_url: str) -> None:
    show(page, app_url, "gradient_stream", **CHOICE)
    wait_row(page, 0.5)
    slider = page.get_by_role("slider", name="Gumbel-softmax: τ · temperature")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    wait_query(page, **{KEY: "0.6"})
    wait_row(page, 0.6)
    page.get_by_role("button", name="Definitions and sources").click()
    expect(page.get_by_test_id("stPopoverBody").get_by_text("Gumbel-softmax, temperature 0.6")).to_be_visible()
    page.reload()
    wait_row(page, 0.6)
    assert query(page)[KEY] == "0.6"


def test_no_slider_where_there_is_no_setting(page: Page, app_url: str) -> None:
    show(page, app_url, "gradient_stream", **PAUSED)
    assert page.get_by_role("slider", name="temperature").count() == 0
