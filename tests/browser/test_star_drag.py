"""A dot of the picture under the hand: a press or a drag in its panel moves its film, with no message until let go."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewPage, Traffic, wait_ready
from tests.browser.visit import PLOT, QUIET, keep, kept, query, show

STAR = "input[data-film='star.normal']"
PLACE = f"""() => {{
  const plot = document.querySelector('{PLOT}'), {{ left, top }} = plot.getBoundingClientRect();
  const {{ xaxis2: x, yaxis2: upper, yaxis3: lower }} = plot._fullLayout;
  const middle = ({{ _offset, _length }}) => top + _offset + _length / 2;
  return [left + x._offset, x._length, x.range[0], x.range[1], middle(upper), middle(lower)];
}}"""


def at(page: Page, eps: float, panel: int = 0) -> tuple[float, float]:
    """Where a noise is on the screen, in the panel of the curve or in the one below it."""
    left, length, low, high, *heights = page.evaluate(PLACE)
    return left + length * (eps - low) / (high - low), heights[panel]


def test_the_star_is_dragged_along_the_noise(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "noise_transform")
    page.wait_for_timeout(QUIET)
    keep(page)
    page.evaluate("() => { window.animated = 0; Plotly.animate = () => { window.animated += 1; }; }")
    traffic.clear()
    page.mouse.move(*at(page, -2.0))
    page.mouse.down()
    caption = page.locator(".explorer-chart .caption")
    assert caption.inner_text().startswith("ε = −2.00")
    page.mouse.move(*at(page, 1.5), steps=20)
    page.wait_for_timeout(QUIET)
    assert caption.inner_text().startswith("ε = 1.50")
    assert not traffic
    assert page.evaluate("window.animated") == 0, "the short cut no longer fits this plotly.js"
    page.mouse.up()
    page.wait_for_function("new URLSearchParams(location.search).get('star.normal') === '1.5'")
    wait_ready(page)
    assert kept(page)
    # Keys go on from where the pointer let go; a press alone is enough; theta stays.
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("new URLSearchParams(location.search).get('star.normal') === '1.4'")
    page.mouse.click(*at(page, -1.0, panel=1))
    page.wait_for_function("new URLSearchParams(location.search).get('star.normal') === '-1'")
    wait_ready(page)
    assert query(page) == {"star.normal": "-1"}
    assert page.evaluate(f"document.querySelector('{PLOT}')._fullLayout.xaxis2.range[0]") == pytest.approx(-3.432)


def test_a_route_opens_its_first_family(page: Page, app_url: str) -> None:
    show(page, app_url, "noise_transform", family="pareto")
    for title, family in (("composition", "log_normal"), ("none", "bernoulli"), ("location-scale", None)):
        page.get_by_role("radio", name=title, exact=True).click()
        page.wait_for_function("(to) => new URLSearchParams(location.search).get('family') === to", arg=family)
    wait_ready(page)
    page.wait_for_selector(STAR)
    assert query(page) == {}


def test_a_small_picture_opens_its_family(page: Page, app_url: str) -> None:
    show(page, app_url, "noise_transform", view="gallery", seed="3")
    place = page.evaluate(
        f"""() => {{
          const plot = document.querySelector('{PLOT}'), {{ left, top }} = plot.getBoundingClientRect();
          const {{ xaxis, yaxis }} = plot._fullLayout;
          const {{ x, y }} = plot.calcdata.at(-1)[plot.data[2].text.indexOf('Gamma')];
          return [left + xaxis._offset + xaxis.c2p(x), top + yaxis._offset + yaxis.c2p(y)];
        }}"""
    )
    page.mouse.click(place[0] + 12, place[1] + 8)
    page.wait_for_selector("input[data-film='gamma.rate']")
    wait_ready(page)
    assert query(page) == {"family": "gamma", "seed": "3"}


def test_the_star_is_dragged_by_a_finger(new_page: NewPage, app_url: str) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    show(page, app_url, "noise_transform")
    page.wait_for_timeout(QUIET)
    page.locator(PLOT).scroll_into_view_if_needed()
    finger = page.context.new_cdp_session(page)
    moves = [("touchStart", -1.0), *(("touchMove", -1.0 + 0.25 * step) for step in range(1, 11)), ("touchEnd", 1.5)]
    for kind, eps in moves:
        x, y = at(page, eps)
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function("new URLSearchParams(location.search).get('star.normal') === '1.5'")
    wait_ready(page)
    assert query(page) == {"star.normal": "1.5"}
