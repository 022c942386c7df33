"""plotly.js comes from an address the browser keeps; where that address fails, by message."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import Contexts, NewPage
from tests.browser.visit import show


def script_bytes(page: Page) -> list[int]:
    """The bytes that came over the network for each plotly.js the page ran from an address."""
    return [
        int(size)
        for size in page.evaluate(
            """performance.getEntriesByType('resource')
                 .filter(({ name }) => name.includes('/app/static/plotly')).map(({ transferSize }) => transferSize)"""
        )
    ]


def test_the_second_visit_asks_the_server_for_no_script(new_page: NewPage, app_url: str) -> None:
    show(new_page(), app_url, "start", play="false")
    again = new_page()
    show(again, app_url, "start", play="false")
    assert script_bytes(again) == [0], "it comes from the browser's own cache"


def test_where_the_address_fails_it_comes_by_message(contexts: Contexts, app_url: str) -> None:
    page = contexts().new_page()
    page.route("**/app/static/*", lambda route: route.abort())
    try:
        show(page, app_url, "start", play="false")
        assert script_bytes(page) in ([], [0])
        assert page.locator(".explorer-chart .plot[data-draws]").count()
    finally:
        page.close()
