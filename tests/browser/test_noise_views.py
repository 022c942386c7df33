"""Noise, then transform, the flow: dots slide and the density's dots change, by the short cut, with no message."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import Traffic, wait_ready
from tests.browser.screen import Hand
from tests.browser.visit import PLOT, QUIET, keep, kept, query, show

KEY, PANEL = "normalizing_flow.layers", "x2y2"


def places(page: Page) -> list[str]:
    """Where the dots are drawn, and how large."""
    layer = f"{PLOT} .{PANEL} .scatterlayer .points path"
    script = "(dots) => dots.map((dot) => dot.getAttribute('transform') + dot.getAttribute('d'))"
    return [str(place) for place in page.eval_on_selector_all(layer, script)]


def test_dots_slide_and_the_density_changes_under_the_hand(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "noise_transform", view="flow")
    page.wait_for_timeout(QUIET)
    page.evaluate("() => { window.animated = 0; Plotly.animate = () => { window.animated += 1; }; }")
    keep(page)
    before = places(page)
    traffic.clear()
    Hand(page, f"'{KEY}'").drag(0.6, 0.2)
    page.wait_for_timeout(QUIET)
    assert not traffic
    assert page.evaluate("window.animated") == 0, "the short cut no longer fits this plotly.js"
    moved = places(page)
    assert len(moved) == len(before) > 600
    assert sum(now != was for now, was in zip(moved, before, strict=True)) > 300
    page.mouse.up()
    page.wait_for_function(f"new URLSearchParams(location.search).has('{KEY}')")
    wait_ready(page)
    assert kept(page)
    assert places(page) == moved
    assert query(page)["view"] == "flow"
