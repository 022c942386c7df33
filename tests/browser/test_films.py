"""Films in a browser: they play under the hand with no message, and the server hears of a release once."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser import visit
from tests.browser.conftest import Traffic, wait_ready
from tests.browser.screen import CHART, PLOT, SETTLED, Hand, drawing, draws, line, peak, same, show, x_range, zoom


def test_film_plays_with_no_message_and_tells_its_release_once(page: Page, traffic: Traffic, harness_url: str) -> None:
    show(page, harness_url, "film")
    page.wait_for_timeout(SETTLED)
    page.evaluate("() => { window.animated = 0; Plotly.animate = () => { window.animated += 1; }; }")
    start = peak(page)
    caption = page.locator(".caption").inner_text()
    traffic.clear()
    Hand(page, "loc").drag(0.5, 0.8)
    page.wait_for_timeout(SETTLED)
    assert not traffic
    assert peak(page) > start + 100
    assert page.locator(".caption").inner_text() != caption
    assert page.evaluate("window.animated") == 0, "the short cut no longer fits this plotly.js"

    under_hand, value = line(page), page.input_value("input[data-film=loc]")
    page.evaluate(
        """() => {
          window.seen = new Set();
          const slider = document.querySelector('input[data-film=loc]');
          const look = () => { window.seen.add(slider.value); requestAnimationFrame(look); };
          look();
        }"""
    )
    page.mouse.up()
    expect(page.get_by_text("theta 1.80 1.00")).to_be_visible()
    wait_ready(page)
    page.wait_for_timeout(SETTLED)
    assert sum(kind == "sent" for kind, _ in traffic) == 1
    assert page.evaluate("[...window.seen]") == [value], "the slider jumped"
    assert page.evaluate("document.activeElement.dataset.film") == "loc"
    np.testing.assert_allclose(line(page)[:, 1], under_hand[:, 1], atol=0.1)


def test_second_film_starts_from_the_first_ones_release(page: Page, harness_url: str) -> None:
    show(page, harness_url, "film")
    Hand(page, "loc").drag(0.5, 0.8)
    page.mouse.up()
    expect(page.get_by_text("theta 1.80 1.00")).to_be_visible()
    wait_ready(page)
    at = peak(page)
    flat = line(page)[:, 1].min()
    Hand(page, "scale").drag(0.26, 0.05)
    assert peak(page) == pytest.approx(at, abs=12)
    assert line(page)[:, 1].min() < flat - 20
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"theta 1\.80 0\."))).to_be_visible()


def test_release_is_told_once_so_the_server_can_move_the_slider_too(page: Page, harness_url: str) -> None:
    show(page, harness_url, "film")
    at = peak(page)
    Hand(page, "loc").drag(0.5, 0.8)
    page.mouse.up()
    expect(page.get_by_text("theta 1.80 1.00")).to_be_visible()
    page.get_by_text("Start over").click()
    expect(page.get_by_text("theta 0.00 1.00")).to_be_visible()
    expect(page.get_by_label("μ (loc)")).to_have_js_property("value", "30")
    wait_ready(page)
    assert peak(page) == pytest.approx(at, abs=1)
    page.get_by_label("σ (scale)").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("theta 0.00 1.05")).to_be_visible()


def test_answer_to_an_earlier_release_leaves_the_slider_under_the_hand(page: Page, harness_url: str) -> None:
    show(page, harness_url, "film", slow="2.5")
    hand = Hand(page, "loc")
    hand.drag(0.5, 0.6, steps=5)
    drawn = draws(page)
    page.mouse.up()
    hand.drag(0.6, 0.9, steps=5)
    value, at = page.input_value("input[data-film=loc]"), peak(page)
    page.wait_for_function(f"(drawn) => Number(document.querySelector('{PLOT}').dataset.draws) > drawn", arg=drawn)
    wait_ready(page)
    assert page.input_value("input[data-film=loc]") == value
    assert peak(page) == pytest.approx(at, abs=1)
    page.mouse.up()
    expect(page.get_by_text("theta 2.40 1.00")).to_be_visible()
    assert page.input_value("input[data-film=loc]") == value


def test_keyboard_moves_a_film(page: Page, traffic: Traffic, harness_url: str) -> None:
    show(page, harness_url, "film")
    slider = page.get_by_label("μ (loc)")
    slider.focus()
    start = peak(page)
    traffic.clear()
    page.keyboard.down("ArrowRight")
    for _ in range(9):
        page.keyboard.down("ArrowRight")
    page.wait_for_timeout(SETTLED)
    assert not traffic, "a key held down is released once, when it is up"
    page.keyboard.up("ArrowRight")
    expect(page.get_by_text("theta 1.00 1.00")).to_be_visible()
    assert peak(page) > start + 50
    assert slider.get_attribute("aria-valuetext") == "1.0"
    page.keyboard.press("Home")
    expect(page.get_by_text("theta -3.00 1.00")).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.film") == "loc"


def test_zoom_survives_films_and_can_be_reset(page: Page, harness_url: str) -> None:
    show(page, harness_url, "film")
    reset = page.get_by_role("button", name="Reset the zoom")
    expect(reset).to_be_hidden()
    zoomed = zoom(page)
    Hand(page, "loc").drag(0.5, 0.8)
    assert x_range(page) == pytest.approx(zoomed)
    page.mouse.up()
    expect(page.get_by_text("theta 1.80 1.00")).to_be_visible()
    wait_ready(page)
    assert x_range(page) == pytest.approx(zoomed)
    reset.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelector('{PLOT}')._fullLayout.xaxis.range[0] === -4")
    expect(reset).to_be_hidden()


FILMS = [
    *(("noise_transform", family) for family in ("normal", "cauchy", "poisson", "bernoulli", "gamma")),
    *(("reweighting", family) for family in ("normal", "poisson")),
    *(("score_size", "normal"), ("score_size", "uniform"), ("descent", "normal"), ("variance_curves", "normal")),
]
TO_FRAME = f"""async ([share, plain]) => {{
  const chart = {CHART};
  const row = [...chart.films.rows.values()][0];
  row.index = Math.round(share * (row.film.values.length - 1));
  if (plain) {{
    const data = chart.plot.data.map(() => ({{}}));
    for (const [i, values] of row.frame())
      for (const [name, part] of Object.entries(values))
        if (name === 'marker.size') data[i].marker = {{ size: part.slice() }};
        else data[i][name] = part.slice();
    const instant = {{ mode: 'immediate', frame: {{ duration: 0, redraw: false }}, transition: {{ duration: 0 }} }};
    await Plotly.animate(chart.plot, {{ data, traces: data.map((_, i) => i) }}, instant);
  }} else {{
    chart.films.move(row);
  }}
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}}"""


@pytest.mark.parametrize(("name", "family"), FILMS)
def test_the_short_cut_draws_what_plotly_would(page: Page, app_url: str, name: str, family: str) -> None:
    visit.show(page, app_url, name, family=family)
    page.wait_for_function(f"{CHART}.data.pull == null && Number({CHART}.plot.dataset.draws) > 0")
    page.wait_for_timeout(SETTLED)
    page.evaluate("() => { window.animate = Plotly.animate; }")
    for share in (0.05, 0.4, 0.93):
        before = drawing(page)
        page.evaluate("() => { window.animated = 0; Plotly.animate = () => { window.animated += 1; }; }")
        page.evaluate(TO_FRAME, [share, False])
        assert page.evaluate("window.animated") == 0
        quick = drawing(page)
        page.evaluate("() => { Plotly.animate = window.animate; }")
        page.evaluate(TO_FRAME, [0.6, True])
        page.evaluate(TO_FRAME, [share, True])
        plain = drawing(page)
        assert quick.keys() == plain.keys()
        assert any(not same(quick[trace], before[trace]) for trace in quick), "nothing moved"
        for trace in quick:
            assert same(quick[trace], plain[trace]), trace
    # Plotly's own numbers have moved too: what hovers, what is zoomed and what comes next start from them.
    page.evaluate(TO_FRAME, [0.2, False])
    quick = drawing(page)
    page.evaluate(f"Plotly.redraw({CHART}.plot)")
    page.wait_for_timeout(SETTLED)
    again = drawing(page)
    assert all(same(quick[trace], again[trace]) for trace in quick)
