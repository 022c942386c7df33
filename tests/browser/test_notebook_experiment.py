"""The notebook's experiment in a browser: it runs to its end by itself, and again at a click."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.visit import PLOT, dots, keep, kept, show, wait_query

FINISHED = """() => document.querySelector('.st-key-picture').innerText.includes('N = 100,000')
    && !document.querySelector('.st-key-picture [data-testid=stProgress]')"""


def test_it_runs_to_its_end_and_again_at_a_click(page: Page, app_url: str) -> None:
    show(page, app_url, "notebook_experiment")
    page.wait_for_function(FINISHED)
    page.wait_for_function(f"document.querySelectorAll('{PLOT} .scatterlayer .points path').length >= 18 + 1800")
    keep(page)
    before = dots(page)
    page.get_by_role("button", name="Run again").click()
    wait_query(page, seed="1")
    page.wait_for_function(FINISHED)
    page.wait_for_function(f"document.querySelectorAll('{PLOT} .scatterlayer .points path').length >= 18 + 1800")
    after = dots(page)
    assert len(after) == len(before)
    assert sum(one != other for one, other in zip(before, after, strict=True)) > 1800
    assert kept(page)
