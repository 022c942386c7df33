"""The live pages in a browser: they grow in the same node, obey play, step and reset, and stop when left."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from explorer.visit.live import FIRST_BATCH
from tests.browser.conftest import SECONDS, NewPage, Traffic, wait_ready
from tests.browser.visit import (
    LIVE,
    PAUSED,
    PICTURE,
    PLOT,
    QUIET,
    find_link,
    keep,
    kept,
    n_samples,
    query,
    show,
    verdict,
    wait_n,
    wait_query,
)


def test_start_grows_in_the_same_node(page: Page, app_url: str) -> None:
    show(page, app_url, "start")
    keep(page)
    first, text = n_samples(page), verdict(page)
    wait_n(page, f"n > {first + 20_000}")
    assert kept(page)
    assert verdict(page) != text
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    wait_query(page, theta="2.1")
    page.wait_for_function("document.querySelector('.st-key-picture').innerText.includes('4.2')")
    assert kept(page)
    wait_n(page, "n > 10000")


def test_start_comes_to_rest(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "start", **PAUSED)
    n = n_samples(page)
    traffic.clear()
    page.wait_for_timeout(QUIET)
    assert not traffic
    assert n_samples(page) == n == FIRST_BATCH


def test_gradient_stream_step_reset_play_and_pause(page: Page, app_url: str) -> None:
    show(page, app_url, "gradient_stream", batch=f"{FIRST_BATCH}", **PAUSED)
    keep(page)
    first = verdict(page)
    step, reset = (page.get_by_role("button", name=name) for name in ("Step", "Reset"))
    for steps in (2, 3):
        step.click()
        wait_n(page, f"n === {steps * FIRST_BATCH}")
    reset.click()
    wait_n(page, f"n === {FIRST_BATCH}")
    wait_ready(page)
    assert verdict(page) == first
    toggle = page.locator("[data-testid=stCheckbox] label", has_text="Play")
    toggle.click()
    wait_n(page, f"n > {8 * FIRST_BATCH}")
    toggle.click()
    expect(step).to_be_enabled()
    wait_query(page, **PAUSED)
    page.wait_for_timeout(QUIET)
    n = n_samples(page)
    page.wait_for_timeout(QUIET)
    assert n_samples(page) == n
    step.click()
    wait_n(page, f"n === {n + FIRST_BATCH}")
    reset.click()
    wait_n(page, f"n === {FIRST_BATCH}")
    assert kept(page)


LINK = {
    "family": "laplace",
    "objective": "cosine",
    "cosine.k": "2.5",
    "laplace.loc": "-0.5",
    "laplace.scale": "0.5",
    "laplace.gradient": "scale",
    "seed": "7",
    **PAUSED,
}


def test_link_restores_gradient_stream_to_the_digit(new_page: NewPage, app_url: str) -> None:
    pages = [new_page(), new_page()]
    for page in pages:
        show(page, app_url, "gradient_stream", **LINK)
    assert verdict(pages[0]) == verdict(pages[1])
    assert query(pages[0]) == LINK
    text = verdict(pages[0])
    pages[0].reload()
    pages[0].wait_for_selector(PICTURE)
    wait_ready(pages[0])
    assert verdict(pages[0]) == text
    show(pages[1], app_url, "gradient_stream", **{**LINK, "seed": "8"})
    assert verdict(pages[1]) != text


@pytest.mark.parametrize("name", LIVE)
def test_leaving_a_live_page_ends_its_messages(page: Page, traffic: Traffic, app_url: str, name: str) -> None:
    show(page, app_url, name)
    wait_n(page, f"n > {FIRST_BATCH}")
    find_link(page, "The trick", "Noise, then transform").click()
    page.wait_for_selector("input[data-film]")
    wait_ready(page)
    page.wait_for_timeout(QUIET)
    traffic.clear()
    page.wait_for_timeout(2 * QUIET)
    assert not traffic


CHART = f"document.querySelector('{PLOT}').closest('.explorer-chart').parentElement.explorerChart"


@pytest.mark.parametrize("name", ["start", "elbo_gradient"])
def test_a_batch_asked_for_on_the_way_out_leaves_no_blank_page(page: Page, app_url: str, name: str) -> None:
    """The click on the next page goes to the server first, the chart's request three milliseconds later."""
    show(page, app_url, name)
    wait_n(page, f"n > {FIRST_BATCH}")
    find_link(page, "The trick", "Noise, then transform")
    page.evaluate(
        f"""() => {{
          const chart = {CHART};
          [...document.querySelectorAll('a')].find(({{ href }}) => href.includes('noise_then_transform')).click();
          chart.owed = chart.data.pull;
          setTimeout(() => chart.ask(), 3);
        }}"""
    )
    expect(page.locator("input[data-film]").first).to_be_visible(timeout=90 * SECONDS)


def test_a_batch_asked_for_on_the_way_back_leaves_no_blank_page(page: Page, app_url: str) -> None:
    """The same with the browser's Back."""
    show(page, app_url, "noise_transform")
    find_link(page, "The laboratory", "Two estimators").click()
    page.wait_for_url(re.compile("two_estimators"))
    page.wait_for_selector(f"{PLOT}[data-draws]")
    wait_n(page, f"n > {FIRST_BATCH}")
    page.evaluate(
        f"""() => {{
          const chart = {CHART};
          addEventListener('popstate', () => setTimeout(() => {{ chart.owed = chart.data.pull; chart.ask(); }}, 3));
          history.back();
        }}"""
    )
    expect(page.locator("input[data-film]").first).to_be_visible(timeout=90 * SECONDS)
    wait_ready(page)
