"""The training race in a browser: it trains in the same node, pauses, ends its messages when left."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Traffic, wait_ready
from tests.browser.visit import QUIET, find_link, keep, kept, picture_text, show, wait_query

SMALL = {"minibatch": "10", "draws": "2"}


def steps(page: Page) -> int:
    found = re.search(r"After ([\d,]+) of", picture_text(page))
    assert found
    return int(found[1].replace(",", ""))


def wait_steps(page: Page, least: int) -> None:
    page.wait_for_function(
        f"Number(/After ([\\d,]+) of/.exec(document.querySelector('.st-key-picture').innerText)?.[1] ?? 0) >= {least}"
    )


def test_it_trains_in_the_same_node_pauses_and_stops_when_left(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "race", **SMALL)
    keep(page)
    wait_steps(page, 12)
    assert kept(page)
    images = page.locator(".st-key-picture .explorer-chart .plot").nth(1).locator(".heatmaplayer image")
    before = images.nth(1).get_attribute("href")
    expect(images.nth(1)).not_to_have_attribute("href", before or "", timeout=60_000)
    toggle = page.locator("[data-testid=stCheckbox] label", has_text="Play")
    toggle.click()
    wait_query(page, play="false")
    wait_ready(page)
    page.get_by_text("Take the race with you").click()
    page.get_by_role("button", name="Download the race as a script").wait_for()
    n = steps(page)
    page.wait_for_timeout(QUIET)
    assert steps(page) == n
    toggle.click()
    wait_steps(page, n + 1)
    assert kept(page)
    find_link(page, "The trick", "Noise, then transform").click()
    page.wait_for_selector("input[data-film]")
    wait_ready(page)
    page.wait_for_timeout(QUIET)
    traffic.clear()
    page.wait_for_timeout(QUIET)
    assert not traffic
