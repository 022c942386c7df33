"""Gradients of the ELBO in a browser: it grows in the same nodes, and a click on the map chooses the coordinate."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.visit import PLOT, keep, kept, n_samples, query, show, wait_n, wait_query

MAP = f"{PLOT}[data-chart-key='elbo_gradient.map']"


def test_it_grows_in_the_same_nodes_and_the_map_chooses_the_coordinate(page: Page, app_url: str) -> None:
    show(page, app_url, "elbo_gradient")
    page.wait_for_selector(f"{MAP}[data-draws]")
    keep(page)
    page.evaluate(f'() => {{ window.map = document.querySelector("{MAP}"); }}')
    wait_n(page, f"n > {n_samples(page) + 2000}")
    box = page.locator(f"{MAP} .nsewdrag").bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 6)
    wait_query(page, **{"mnist-2d.coordinate": "loc_2"})
    page.wait_for_function("document.querySelector('.st-key-picture').innerText.includes('Exact gradient in μ₂')")
    wait_n(page, "n > 1000")
    assert kept(page)
    assert page.evaluate("() => window.map.isConnected")
    assert query(page) == {"mnist-2d.coordinate": "loc_2"}
