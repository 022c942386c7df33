"""Where the gradient stops in a browser: numbers follow the hand, steps go by key and button, the link says both."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.conftest import Traffic, wait_ready
from tests.browser.visit import GRAPHS, QUIET, box_of, query, show, wait_query


def texts(page: Page, panel: int, what: str) -> list[str]:
    """The texts of a panel that are in sight."""
    script = "(found) => found.filter((each) => !each.hidden).map((each) => each.innerText)"
    return list(page.locator(GRAPHS).nth(panel).locator(what).evaluate_all(script))


def test_numbers_follow_the_hand_and_steps_the_keys(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "autograd_graph")
    page.wait_for_timeout(QUIET)
    assert "μ.grad = 5.08" in "\n".join(texts(page, 1, ".box"))
    assert "2.54 + 2.54" in texts(page, 1, ".number")
    assert not texts(page, 0, ".number")
    expect(page.locator(".autograd-graph .fault").first).to_contain_text("does not have a grad_fn")
    boxes = [box_of(each) for each in page.locator(f"{GRAPHS} .box").all()]
    assert max(box["y"] + box["height"] for box in boxes) < 720, "on the first screen"
    assert not overlaps(boxes)
    # The hand: every number of the film, and no message.
    slider = page.get_by_role("slider", name="μ · loc")
    box = box_of(slider)
    page.evaluate("performance.clearMeasures()")
    traffic.clear()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2, steps=30)
    page.wait_for_timeout(QUIET)
    assert not traffic
    moved = texts(page, 1, ".box")
    assert "μ.grad = 5.08" not in "\n".join(moved)
    costs = page.evaluate("performance.getEntriesByName('autograd_graph.draw').map((each) => each.duration)")
    assert len(costs) > 5
    assert float(np.median(costs)) < 16, "within a frame"
    page.mouse.up()
    page.wait_for_function("new URLSearchParams(location.search).has('normal.loc')")
    wait_ready(page)
    page.wait_for_timeout(QUIET)
    assert texts(page, 1, ".box") == moved
    # Steps: back to the first by key, on by button; the wall comes with the way back.
    step = page.get_by_role("slider", name="Step")
    step.focus()
    page.keyboard.press("Home")
    wait_query(page, step="0")
    assert not [text for panel in range(3) for text in texts(page, panel, ".number")]
    expect(page.locator(".autograd-graph .wall:visible")).to_have_count(0)
    on = page.get_by_role("button", name="One step on")
    for _ in range(8):
        on.click()
    wait_query(page, step="8")
    expect(page.locator(".autograd-graph .wall:visible")).to_have_count(1)
    assert [len(texts(page, panel, ".number")) for panel in range(3)] == [0, 1, 1]
    wait_ready(page)
    page.reload()
    page.wait_for_selector(GRAPHS)
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuetext", "8 / 14")
    assert query(page)["step"] == "8"


def overlaps(boxes: list[dict[str, float]]) -> bool:
    return any(
        one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
        for place, one in enumerate(boxes)
        for other in boxes[:place]
    )
