"""Samples move, or weights change: under the hand one panel's dots grow, the other's slide, with no message."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import Traffic, wait_ready
from tests.browser.screen import Hand
from tests.browser.visit import PLOT, QUIET, keep, kept, query, show

WEIGHED, MOVED = 0, 1


def dots(page: Page, panel: int) -> list[tuple[str, str]]:
    """(place, outline) of each dot of a panel: xy2 holds those that are weighed, x2y4 those that move."""
    layer = f"{PLOT} .{('xy2', 'x2y4')[panel]} .scatterlayer .points path"
    script = "(dots) => dots.map((dot) => [dot.getAttribute('transform'), dot.getAttribute('d')])"
    return [(place, outline) for place, outline in page.eval_on_selector_all(layer, script)]


def test_dots_grow_or_slide_under_the_hand_with_no_message(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "reweighting", **{"normal.loc.to": "1.2"})
    page.wait_for_timeout(QUIET)
    page.evaluate("() => { window.animated = 0; Plotly.animate = () => { window.animated += 1; }; }")
    keep(page)
    stay, move = dots(page, WEIGHED), dots(page, MOVED)
    assert len(stay) == len(move) == 50
    caption = page.locator(".explorer-chart .caption").inner_text()
    traffic.clear()
    Hand(page, "'normal.loc.to'").drag(0.65, 0.3)
    page.wait_for_timeout(QUIET)
    assert not traffic
    assert page.evaluate("window.animated") == 0, "the short cut no longer fits this plotly.js"
    stayed, moved = dots(page, WEIGHED), dots(page, MOVED)
    assert [place for place, _ in stayed] == [place for place, _ in stay]
    assert sum(now != was for (_, now), (_, was) in zip(stayed, stay, strict=True)) > 40
    assert sum(now != was for (now, _), (was, _) in zip(moved, move, strict=True)) == 50
    assert {outline for _, outline in moved} == {outline for _, outline in move}
    assert page.locator(".explorer-chart .caption").inner_text() != caption
    page.mouse.up()
    page.wait_for_function("new URLSearchParams(location.search).get('normal.loc.to') !== '1.2'")
    wait_ready(page)
    assert kept(page)
    assert dots(page, MOVED) == moved
    assert dots(page, WEIGHED) == stayed
    assert -2 < float(query(page)["normal.loc.to"]) < -1
