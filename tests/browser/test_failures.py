"""Where the trick fails: a film plays under the hand with no message, within a frame, and its link keeps it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Traffic, wait_ready
from tests.browser.screen import Hand
from tests.browser.visit import PLOT, QUIET, keep, kept, query, show

FRAME = 16.0
FILMS = {"jump": "normal.loc", "discrete": "tau"}
"""The pictures with the most that moves; that the others fit the short cut, tests/figures/test_failures.py says."""
DRAWN = f"{PLOT} .scatterlayer path"


@pytest.mark.parametrize("case", FILMS)
def test_a_film_plays_under_the_hand_with_no_message(page: Page, traffic: Traffic, app_url: str, case: str) -> None:
    show(page, app_url, "failures", case=case)
    page.wait_for_timeout(QUIET)
    page.evaluate("() => { window.animated = 0; Plotly.animate = () => { window.animated += 1; }; }")
    page.evaluate("performance.clearMeasures()")
    keep(page)
    before = page.eval_on_selector_all(DRAWN, "(all) => all.map((each) => each.outerHTML).join()")
    traffic.clear()
    Hand(page, f"'{FILMS[case]}'").drag(0.5, 0.3)
    page.wait_for_timeout(QUIET)
    assert not traffic
    assert page.evaluate("window.animated") == 0, "the short cut no longer fits this plotly.js"
    assert page.eval_on_selector_all(DRAWN, "(all) => all.map((each) => each.outerHTML).join()") != before
    spent = sorted(page.evaluate("performance.getEntriesByName('chart.film').map((each) => each.duration)"))
    assert spent
    assert spent[len(spent) // 2] < FRAME
    page.mouse.up()
    page.wait_for_function(f"new URLSearchParams(location.search).has('{FILMS[case]}')")
    wait_ready(page)
    assert kept(page)
    assert query(page)["case"] == case if case != "jump" else "case" not in query(page)
