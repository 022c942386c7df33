"""Keys under the street lamp: the bump moves under the hand, and what averages say with it, with no message."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import Traffic, wait_ready
from tests.browser.screen import Hand, drawing
from tests.browser.visit import QUIET, keep, kept, query, show, wait_query

NO_SHORT_CUT = "() => { window.animated = 0; Plotly.animate = () => { window.animated += 1; }; }"


def test_a_bump_moves_under_the_hand_with_no_message(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "rare_events", n="10", aimed="true")
    page.wait_for_function("document.querySelector('.st-key-picture .plot').layout.annotations.length >= 7")
    page.wait_for_timeout(QUIET)
    page.evaluate(NO_SHORT_CUT)
    keep(page)
    before = drawing(page)
    traffic.clear()
    Hand(page, "distance").drag(0.55, 0.2)
    page.wait_for_timeout(QUIET)
    assert not traffic
    assert page.evaluate("window.animated") == 0, "the short cut no longer fits this plotly.js"
    now = drawing(page)
    moved = [trace for trace in before if before[trace] != now[trace]]
    assert {int(trace) for trace in moved} == {1, 3, 4, 5, 6, 7, 8, 9, 10, 11}
    assert "c = 1.4:" in page.locator(".explorer-chart .caption").inner_text()
    page.mouse.up()
    wait_query(page, distance="1.4")
    wait_ready(page)
    assert kept(page)
    assert drawing(page).keys() == now.keys()
    assert query(page)["aimed"] == "true"
    page.get_by_role("radio", name="Many dimensions").or_(page.get_by_role("button", name="Many dimensions")).click()
    page.locator("input[data-film=tilt]").wait_for()
    page.wait_for_timeout(QUIET)
    traffic.clear()
    Hand(page, "tilt").drag(0.5, 13 / 15)
    page.wait_for_timeout(QUIET)
    assert not traffic
    assert page.evaluate("window.animated") == 0
    assert "D = 100, t = 0.7:" in page.locator(".explorer-chart .caption").last.inner_text()
    page.mouse.up()
    wait_query(page, tilt="0.7")
