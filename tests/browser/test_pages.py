"""The app in a browser: every page draws in sight, is typeset, open to all, and asks nobody but its server."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.axe import COLOURS, WITH_TARGETS, weighty
from tests.browser.conftest import NewPage, wait_ready
from tests.browser.visit import (
    CONTRAST_SETTLED,
    PAGES,
    PAUSED,
    PHONE,
    PHONE_WIDTH,
    PICTURE,
    PLAYING,
    PLOT,
    PROJECTOR,
    QUIET,
    asked_hosts,
    box_of,
    contrast,
    query,
    show,
)


@pytest.mark.parametrize("name", PAGES)
def test_page_draws_in_sight_for_every_reader(new_page: NewPage, app_url: str, name: str) -> None:
    """On a phone, then as wide as a projector, in both themes: readable, and nothing that axe minds.

    The derivation is typeset.
    """
    page = new_page(color_scheme="dark", **PHONE)
    hosts = asked_hosts(page)
    show(page, app_url, name, **(PAUSED if name in PLAYING else {}))
    assert_in_sight(page)
    dark = ground_of_readable(page, "dark")
    page.set_viewport_size(PROJECTOR)
    page.wait_for_function(f"(width) => document.querySelector('{PICTURE}').clientWidth > width", arg=PHONE_WIDTH)
    assert_in_sight(page)
    findings = weighty(page, "dark", COLOURS)
    assert ground_of_readable(page, "light") != dark
    findings += weighty(page, "light", WITH_TARGETS)
    assert not findings, "\n".join(findings)
    page.locator("[data-testid=stExpander] summary", has_text="The whole derivation").click()
    page.locator("[data-testid=stExpanderDetails] .katex-display").first.wait_for()
    assert page.locator(".katex-error").count() == 0
    assert hosts == {urlsplit(app_url).netloc}


def assert_in_sight(page: Page) -> None:
    """The picture begins in the upper part of the first screen, and nothing is wider than the screen."""
    size = page.viewport_size
    assert size
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    assert 0 <= box_of(page.locator(PICTURE).first)["y"] < 0.4 * size["height"]
    # A chart follows a new width a moment later.
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


def ground_of_readable(page: Page, scheme: Literal["light", "dark"]) -> str:
    """Asks for a theme, sees that its texts stand out, and returns the colour of its ground."""
    texts = f"{PLOT} .xtick text, .st-key-picture [data-testid=stMarkdownContainer] p:not(button *)"
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(
        """(dark) => {
          const [red] = getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/g);
          return red < 128 === dark;
        }""",
        arg=scheme == "dark",
    )
    page.wait_for_function(f"() => ({CONTRAST_SETTLED})({texts!r})")
    assert contrast(page, texts) >= 4.5
    return str(page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor"))


def test_a_link_cannot_make_the_browser_ask_elsewhere(page: Page, app_url: str) -> None:
    hosts = asked_hosts(page)
    picture = "![](http://127.0.0.2:9/a.png)"
    show(page, app_url, "noise_transform", **{"normal.loc": picture, "family": picture})
    page.wait_for_timeout(QUIET)
    assert hosts == {urlsplit(app_url).netloc}


def test_a_wide_menu_of_families_restores_its_own_values(page: Page, app_url: str) -> None:
    """Each family keeps its own film through a change of family and back."""
    show(page, app_url, "noise_transform", **{"normal.loc": "2.5"})
    menu = page.locator("[data-testid=stSelectbox]").first
    for title in ("Uniform", "Normal"):
        menu.locator("input, [role=combobox]").first.click()
        page.get_by_role("option", name=title, exact=True).click()
        key = title.lower()
        page.wait_for_selector(f"input[data-film^='{key}.']")
        wait_ready(page)
    assert query(page)["normal.loc"] == "2.5"
    assert "2.50" in page.locator(".explorer-chart .caption").inner_text()
