"""Live pictures in a browser: what stands still is sent and drawn once, what moves ends as if all were drawn anew."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Traffic
from tests.browser.screen import CHART, PLOT, SETTLED, drawing, same, show, wait_draws, x_range

COUNT = """() => {
  const react = Plotly.react;
  window.reacted = 0;
  Plotly.react = (...given) => { window.reacted += 1; return react(...given); };
}"""
"""Counts the pictures drawn whole."""


def wait_batch(page: Page, batch: int) -> None:
    page.wait_for_function(f"{CHART}.data.alt === 'Batch {batch}.' && {CHART}.data.pull === null")
    page.wait_for_timeout(SETTLED)


def test_updates_end_in_the_picture_drawn_anew(new_page: NewPage, harness_url: str) -> None:
    """A line and its axis grow, a note changes, and a new line makes another still part."""
    seen = []
    for options in ({}, {"whole": "1"}):
        page = new_page()
        show(page, harness_url, "growing", until="25", **options)
        wait_batch(page, 25)
        assert (page.evaluate(f"{CHART}.data.still.figure") is None) == (not options)
        texts = page.locator(f"{PLOT} .xtick text, {PLOT} .annotation-text").all_text_contents()
        seen.append((list(drawing(page).values()), texts, x_range(page)))
    (moved, texts, axis), (drawn, *others) = seen
    assert [texts, axis] == others
    assert "batch 25" in texts
    assert len(moved) == len(drawn) == 3
    assert all(same(one, other) for one, other in zip(moved, drawn, strict=True))


def test_what_stands_still_is_drawn_and_sent_once(page: Page, traffic: Traffic, harness_url: str) -> None:
    show(page, harness_url, "growing", until="8")
    page.evaluate(COUNT)
    traffic.clear()
    wait_batch(page, 8)
    assert page.evaluate("window.reacted") == 0
    received = [size for kind, size in traffic if kind == "received" and size > 500]
    assert received
    assert max(received) < 6000


def test_a_still_part_that_was_lost_is_sent_again(page: Page, harness_url: str) -> None:
    show(page, harness_url, "live")
    wait_draws(page, 3)
    assert page.evaluate(f"{CHART}.data.still.figure") is None
    page.evaluate("() => explorerStills.get('live').figure = null")
    wait_draws(page, 5)


def test_a_zoom_outlives_a_range_that_moves(page: Page, harness_url: str) -> None:
    show(page, harness_url, "growing", until="1000")
    wait_draws(page, 22)  # no other still part is to come
    box = page.locator(f"{PLOT} .nsewdrag").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.2 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.mouse.up()
    reset = page.get_by_role("button", name="Reset the zoom")
    expect(reset).to_be_attached()
    page.wait_for_function(f"!{CHART}.tools.reset.hidden")
    wait_draws(page, 2)
    zoomed = x_range(page)
    wait_draws(page, 5)
    page.emulate_media(color_scheme="dark")
    wait_draws(page, 3)
    assert x_range(page) == pytest.approx(zoomed)
    reset.focus()
    page.keyboard.press("Enter")
    wait_draws(page, 3)
    batch = int(page.evaluate(f"{CHART}.data.alt").split()[1].rstrip("."))
    assert x_range(page)[0] == -1
    assert x_range(page)[1] == pytest.approx(batch + 2, abs=1.5)


def test_targets_are_large_enough(page: Page, harness_url: str) -> None:
    """WCAG 2.5.8: 24 by 24 pixels."""
    show(page, harness_url, "film")
    page.locator(PLOT).hover()
    targets = page.locator(".explorer-chart button:visible, .explorer-chart input").all()
    assert len(targets) == 4
    for target in targets:
        box = target.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
