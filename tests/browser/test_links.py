"""Links in a browser: they say keys, old labels still open, Back undoes, and quick hands lose nothing."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import wait_ready
from tests.browser.visit import PAUSED, PICTURE, query, show, verdict, wait_query

FAMILY, OBJECTIVE = "Distribution", "Objective"


def choose(page: Page, menu: str, title: str) -> None:
    page.get_by_role("combobox", name=menu).click()
    page.get_by_role("option", name=title, exact=True).click()


def test_an_old_link_of_labels_becomes_one_of_keys(page: Page, app_url: str) -> None:
    show(page, app_url, "gradient_stream", family="Laplace", objective="cos(k x)", batch="800", **PAUSED)
    wait_query(page, family="laplace", objective="cosine")
    assert query(page) == {"family": "laplace", "objective": "cosine", "batch": "800", **PAUSED}
    text = verdict(page)
    page.reload()
    page.wait_for_selector(PICTURE)
    wait_ready(page)
    expect(page.get_by_role("combobox", name=FAMILY)).to_have_value("Laplace")
    expect(page.get_by_role("combobox", name=OBJECTIVE)).to_have_value(re.compile("cos"))
    assert verdict(page) == text


def test_back_undoes_and_forward_does_again(page: Page, app_url: str) -> None:
    show(page, app_url, "gradient_stream", **PAUSED)
    choose(page, FAMILY, "Laplace")
    wait_query(page, family="laplace")
    wait_ready(page)
    page.get_by_role("slider", name="μ · loc").focus()
    page.keyboard.press("ArrowRight")
    wait_query(page, **{"laplace.loc": "1.1"})
    wait_ready(page)
    page.go_back()
    page.wait_for_function("!new URLSearchParams(location.search).has('laplace.loc')")
    wait_ready(page)
    expect(page.get_by_role("slider", name="μ · loc")).to_have_attribute("aria-valuetext", "1.00")
    page.go_back()
    page.wait_for_function("!new URLSearchParams(location.search).has('family')")
    expect(page.get_by_role("combobox", name=FAMILY)).to_have_value("Normal")
    wait_ready(page)
    assert query(page) == PAUSED
    page.go_forward()
    expect(page.get_by_role("combobox", name=FAMILY)).to_have_value("Laplace")
    wait_query(page, family="laplace")


def test_quick_hands_lose_nothing(page: Page, app_url: str) -> None:
    """A menu, a slider and another menu, each before the server has answered the last; and once more."""
    show(page, app_url, "variance_curves")
    slider = page.get_by_role("slider", name="μ · loc")
    for axis, estimator in (("scale", "Implicit pathwise"), ("samples", "Finite differences")):
        page.get_by_role("radio", name=axis, exact=True).click()
        slider.focus()
        page.keyboard.press("ArrowRight")
        chosen = page.get_by_test_id("stMultiSelect").get_by_text(estimator, exact=True)
        # A list that is drawn anew under the pointer swallows the click, for all to see: a visitor clicks again.
        for _ in range(3):
            choose(page, "Estimators", estimator)
            page.keyboard.press("Escape")
            if chosen.count():
                break
    wait_query(page, **{"normal.cosine.against": "samples", "normal.loc": "1.2", "estimators": "score_function"})
    wait_ready(page)
    expect(slider).to_have_attribute("aria-valuetext", "1.20")
    # The last choice may still be on its way to the server.
    chosen = "score_function,pathwise,implicit_pathwise,finite_differences"
    page.wait_for_function(f"new URLSearchParams(location.search).getAll('estimators').join() == '{chosen}'")
    assert query(page).keys() == {"normal.cosine.against", "normal.loc", "estimators"}


def test_what_was_set_goes_along_to_another_page(page: Page, app_url: str) -> None:
    show(page, app_url, "gradient_stream", family="gamma", batch="800", **PAUSED)
    page.get_by_test_id("stTopNavSection").filter(has_text="The laboratory").click()
    page.get_by_role("menuitem", name="Descent").click()
    page.wait_for_url(re.compile("/descent"))
    expect(page.get_by_role("combobox", name=FAMILY)).to_have_value("Gamma")
    wait_query(page, family="gamma")
