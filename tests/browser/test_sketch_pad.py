"""The sketch pad in a browser: ink by pointer, touch and keys; the server hears of it when the pen is lifted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from explorer.text import word
from tests.browser.conftest import NewPage, Traffic, wait_ready

PAPER = ".sketch-pad .paper"
SETTLED = 400


def show(page: Page, url: str) -> tuple[float, float, float]:
    """Opens the pad; its left, top and side in pixels."""
    page.goto(f"{url}/?show=sketch")
    wait_ready(page)
    page.locator(PAPER).wait_for()
    page.wait_for_timeout(SETTLED)
    box = page.locator(PAPER).bounding_box()
    assert box
    assert box["width"] == pytest.approx(box["height"], abs=1)
    return box["x"], box["y"], box["width"]


def told(page: Page, share: str, x: str, y: str) -> None:
    expect(page.get_by_text(re.compile(f"ink {share} at {x} {y}"))).to_be_visible()


def test_a_stroke_is_told_when_the_pen_is_lifted(page: Page, traffic: Traffic, harness_url: str) -> None:
    left, top, side = show(page, harness_url)
    traffic.clear()
    page.mouse.move(left + 0.25 * side, top + 0.5 * side)
    page.mouse.down()
    page.mouse.move(left + 0.75 * side, top + 0.5 * side, steps=20)
    page.wait_for_timeout(SETTLED)
    assert not traffic
    assert page.evaluate("performance.getEntriesByName('sketch_pad.draw').length") > 3
    page.mouse.up()
    # Half the side long, 0.085 wide, with round ends: 0.0425 + 0.0057 of the sheet.
    told(page, r"0\.0(47|48|49)", r"0\.50", r"0\.50")
    assert sum(kind == "sent" for kind, _ in traffic) == 1


def test_undo_and_clear(page: Page, harness_url: str) -> None:
    left, top, side = show(page, harness_url)
    for x in (0.2, 0.8):
        page.mouse.click(left + x * side, top + 0.3 * side)
    told(page, r"0\.01[01]", r"0\.50", r"0\.30")
    page.get_by_role("button", name=word("sketch_pad.undo")).click()
    told(page, r"0\.00[56]", r"0\.20", r"0\.30")
    page.get_by_role("button", name=word("sketch_pad.clear")).click()
    expect(page.get_by_text("ink 0.000")).to_be_visible()


def test_keys_draw(page: Page, harness_url: str) -> None:
    show(page, harness_url)
    paper = page.get_by_role("application", name="The sheet")
    paper.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    # From (0.7, 0.5) down to (0.7, 0.7): 0.2 long and 0.085 wide.
    told(page, r"0\.02[123]", r"0\.70", r"0\.60")
    page.keyboard.press("Backspace")
    expect(page.get_by_text("ink 0.000")).to_be_visible()
    assert page.evaluate(f"document.querySelector('{PAPER}').getAttribute('aria-describedby')")


def test_a_finger_draws_on_a_phone(new_page: NewPage, harness_url: str) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    left, top, side = show(page, harness_url)
    assert left + side <= 390
    page.touchscreen.tap(left + 0.5 * side, top + 0.5 * side)
    told(page, r"0\.00[56]", r"0\.50", r"0\.50")
