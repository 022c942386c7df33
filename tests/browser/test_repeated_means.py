"""The notebook's experiment in a browser: it runs to its end by itself, and again at a click."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.visit import PLOT, dots, keep, kept, picture_text, show, wait_query

DOTS = 2 * 9 + 2 * 9 * 100
"""Two estimators' variances at nine sizes, and the hundred estimates behind each."""
FINISHED = f"""([first, last]) => {{
  const dots = [...document.querySelectorAll('{PLOT} .scatterlayer .points path')];
  return dots.length === {DOTS} && dots[0].getAttribute('transform') !== first
    && dots.at(-1).getAttribute('transform') !== last;
}}"""


def test_it_runs_to_its_end_and_again_at_a_click(page: Page, app_url: str) -> None:
    show(page, app_url, "repeated_means")
    page.wait_for_function(FINISHED, arg=["", ""])
    page.locator(".st-key-picture [data-testid=stProgress]").wait_for(state="detached")
    assert "At N = 100,000" in picture_text(page)
    keep(page)
    before = dots(page)
    page.get_by_role("button", name="Run again").click()
    wait_query(page, seed="1")
    page.wait_for_function(FINISHED, arg=[before[0], before[-1]])
    assert sum(one != other for one, other in zip(before, dots(page), strict=True)) > 0.99 * DOTS
    assert kept(page)
