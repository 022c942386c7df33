"""Descent in a browser: the step under the hand is where the hand left it, and in the link."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import wait_ready
from tests.browser.visit import show, wait_query

STEP = "input[type=range][data-film=step]"


def test_a_release_of_the_step_slider_is_kept(page: Page, app_url: str) -> None:
    show(page, app_url, "descent")
    page.wait_for_function(f"document.querySelector('{STEP}').max === '60'")
    wait_ready(page)
    slider = page.locator(STEP)
    slider.focus()
    slider.press("ArrowLeft")
    wait_query(page, step="59")
    wait_ready(page)
    expect(slider).to_have_value("59")
