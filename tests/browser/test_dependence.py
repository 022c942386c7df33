"""Which of the two depends in a browser: under the hand the noise stays where it is, with no message."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import Traffic
from tests.browser.screen import Hand, drawing
from tests.browser.visit import PLOT, QUIET, show, wait_query

NOISE_DOTS, F = 2, 3
DENSITY, ON_F, MOVED, ON_MOVED = 7, 9, 11, 12


def test_noise_and_f_stay_while_density_and_composition_move(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "dependence", **{"normal.loc.to": "1.2"})
    page.wait_for_timeout(QUIET)
    page.evaluate("() => { window.animated = 0; Plotly.animate = () => { window.animated += 1; }; }")
    before = drawing(page)
    caption = page.locator(".explorer-chart .caption").inner_text()
    traffic.clear()
    page.evaluate("performance.clearMeasures()")
    Hand(page, "'normal.loc.to'").drag(0.65, 0.3)
    page.wait_for_timeout(QUIET)
    assert not traffic
    assert page.evaluate("window.animated") == 0, "the short cut no longer fits this plotly.js"
    after = drawing(page)
    for trace in (NOISE_DOTS, F):
        assert after[f"{trace}"] == before[f"{trace}"]
    for trace in (DENSITY, ON_F, MOVED, ON_MOVED):
        assert after[f"{trace}"] != before[f"{trace}"]
    assert page.locator(".explorer-chart .caption").inner_text() != caption
    costs = page.evaluate("performance.getEntriesByName('chart.film').map((each) => each.duration)")
    assert sorted(costs)[len(costs) // 2] < 16, "within a frame"
    page.mouse.up()
    page.wait_for_function("new URLSearchParams(location.search).get('normal.loc.to') !== '1.2'")
    assert page.locator(PLOT).count() == 1
    page.go_back()
    wait_query(page, **{"normal.loc.to": "1.2"})
