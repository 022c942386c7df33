"""The walk through the story in a browser: how soon each page's first picture stands, and what its films cost a frame.

The server is warm and the visitor goes on by the link at the end of each page, as a reader does.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from explorer.benchmark.browser import browser_page, server

if TYPE_CHECKING:
    from playwright.sync_api import Page

DRAG_STEPS = 60
_PICTURES = ".st-key-picture :is(.plot[data-draws], canvas, svg)"
_NEW = f"[...document.querySelectorAll('{_PICTURES}')].some((each) => !each.dataset.walked)"


def run(pages: Mapping[str, str]) -> Iterator[str]:
    """A line a page; `pages` are the addresses by their names, in the order in which each leads to the next."""
    with browser_page() as page:
        if isinstance(page, str):
            yield page
            return
        with server() as (_, address):
            # The first walk makes what all visitors share.
            for _ in range(2):
                walked = list(_walk(page, address, pages))
        yield from walked


def _walk(page: Page, address: str, pages: Mapping[str, str]) -> Iterator[str]:
    page.goto(address)
    page.wait_for_function(_NEW)
    for name, path in list(pages.items())[1:]:
        page.evaluate(f"document.querySelectorAll('{_PICTURES}').forEach((each) => (each.dataset.walked = true))")
        link = page.locator(f".st-key-lead_on a[href$='{path}']")
        link.wait_for()
        start = time.perf_counter()
        link.click()
        page.wait_for_function(f"location.pathname.endsWith('/{path}') && {_NEW}", polling="raf")
        seconds = time.perf_counter() - start
        page.wait_for_timeout(1500)
        yield f"{f'{name}: seconds to the first picture; a film frame, median (most)':<78}{seconds:.2f}; {_drag(page)}"


def _drag(page: Page) -> str:
    """Milliseconds of script a frame while the page's first film is dragged."""
    slider = page.locator("input[type=range][data-film]").first
    box = slider.bounding_box() if slider.count() else None
    if box is None:
        return "–"
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box() or box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.evaluate("performance.clearMeasures('chart.film')")
    for step in range(DRAG_STEPS):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.4 * step / DRAG_STEPS), y)
    costs = page.evaluate("performance.getEntriesByName('chart.film').map(entry => entry.duration)")
    page.mouse.up()
    return f"{statistics.median(costs):.1f} ({max(costs):.1f}) ms" if costs else "–"
