"""Latent sliders in a browser: the picture follows the hand without a message, keys reach a match, links restore it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Traffic, wait_ready
from tests.browser.visit import QUIET, box_of, canvas, query, show, wait_query

YOURS = ".latent-sliders canvas.yours"
SLIDERS = ".latent-sliders input"


def nats(page: Page) -> float:
    found = re.match(r"[\d.]+", page.locator(".latent-sliders .distance").inner_text())
    assert found
    return float(found[0])


def test_the_hand_moves_the_picture_and_keys_reach_the_match(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "reconstruct")
    page.wait_for_function("/^[\\d.]+ nats/.test(document.querySelector('.latent-sliders .distance').innerText)")
    page.wait_for_timeout(QUIET)
    before, start = canvas(page, YOURS), nats(page)
    assert f"{start:.0f}" in page.locator(".st-key-picture").inner_text()
    for slider in page.locator(SLIDERS).all()[:2]:
        box = box_of(slider)
        traffic.clear()
        # Beside its thumb: it jumps there before the slider moved last has lost the focus.
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2, steps=20)
        page.wait_for_function(f"(before) => document.querySelector('{YOURS}').toDataURL() !== before", arg=before)
        page.wait_for_timeout(QUIET)
        assert not traffic
        page.mouse.up()
        page.wait_for_function("(at) => location.search.includes(at)", arg=f"{float(slider.input_value()):g}")
        wait_ready(page)
        page.wait_for_timeout(QUIET)
        before = canvas(page, YOURS)
    expect(page.locator(".st-key-picture")).to_contain_text("2 moves")
    # The answer is read off, the way begun again, and the answer set by keys alone.
    page.get_by_role("button", name="Show me").click()
    expect(page.locator(".st-key-picture")).to_contain_text("This is the answer")
    answer = [float(part) for part in query(page)["places"].split(",")]
    page.get_by_role("button", name="Start over").click()
    page.wait_for_function("!new URLSearchParams(location.search).has('places')")
    wait_ready(page)
    expect(page.locator(".st-key-picture")).not_to_contain_text("of the way")
    for each, wanted in zip(page.locator(SLIDERS).all(), answer, strict=True):
        steps = round((wanted - float(each.input_value())) / 0.05)
        each.focus()
        page.keyboard.down("Shift")
        for _ in range(abs(steps)):
            page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")
        page.keyboard.up("Shift")
    page.locator(SLIDERS).last.blur()
    expect(page.locator(".st-key-picture")).to_contain_text("Matched, in 2 moves")
    wait_query(page, places=",".join(f"{each:g}" for each in answer))
    assert nats(page) < 0.05
    matched = canvas(page, YOURS)
    page.reload()
    page.wait_for_function(f"(matched) => document.querySelector('{YOURS}')?.toDataURL() === matched", arg=matched)
    expect(page.locator(".st-key-picture")).to_contain_text("Matched, in 0 moves")
