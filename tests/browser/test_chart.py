"""The chart in a browser: one node for ever, films under the hand, batches pulled, clicks, themes, saving."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from explorer.components.chart import plotly_script
from tests.browser.conftest import SECONDS, NewPage, Traffic, wait_ready

PLOT = ".js-plotly-plot"
SETTLED = 400
"""Milliseconds in which a message under way would have arrived."""


def show(page: Page, url: str, scene: str, **options: str) -> None:
    query = "".join(f"&{name}={value}" for name, value in options.items())
    page.goto(f"{url}/?show={scene}{query}")
    page.wait_for_selector(f"{PLOT}[data-draws]")
    if scene != "live":
        wait_ready(page)


def draws(page: Page) -> int:
    return int(page.get_attribute(PLOT, "data-draws") or 0)


def wait_draws(page: Page, more: int) -> None:
    page.wait_for_function(
        f"(end) => Number(document.querySelector('{PLOT}').dataset.draws) >= end",
        arg=draws(page) + more,
        timeout=90 * SECONDS,
    )


def line(page: Page, index: int = 0) -> np.ndarray:
    """The pixels (n, 2) of a line as it stands on the screen."""
    path = page.locator(f"{PLOT} .scatterlayer .trace path.js-line").nth(index).get_attribute("d") or ""
    return np.array([float(number) for number in re.findall(r"-?[\d.]+", path)]).reshape(-1, 2)


def peak(page: Page) -> float:
    """Where the first line is highest, in pixels from the left."""
    pixels = line(page)
    return float(pixels[pixels[:, 1].argmin(), 0])


def x_range(page: Page) -> list[float]:
    return page.evaluate(f"document.querySelector('{PLOT}')._fullLayout.xaxis.range")


def zoom(page: Page) -> list[float]:
    """Drags a horizontal zoom over the middle of the plot; returns the range it leads to."""
    box = page.locator(f"{PLOT} .nsewdrag").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], y, steps=5)
    page.mouse.up()
    page.wait_for_function(
        f"document.querySelector('{PLOT}')._fullLayout.xaxis.range.every((end) => Math.abs(end) < 3.5)"
    )
    return x_range(page)


class Hand:
    """The mouse on a film's slider, over shares (0 to 1) of its length."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.slider = page, page.locator(f"input[data-film={name}]")
        box = self.slider.bounding_box()
        assert box
        self.box = box

    def go(self, share: float, steps: int = 1) -> None:
        self.page.mouse.move(
            self.box["x"] + 8 + share * (self.box["width"] - 16), self.box["y"] + self.box["height"] / 2, steps=steps
        )

    def drag(self, start: float, end: float, steps: int = 40) -> None:
        self.go(start)
        self.page.mouse.down()
        self.go(end, steps)
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


WATCH = f"""() => {{
  const first = document.querySelector('{PLOT}');
  window.watched = {{ frames: 0, other: 0, empty: 0 }};
  const look = () => {{
    const plot = document.querySelector('{PLOT}');
    window.watched.frames += 1;
    if (plot !== first) window.watched.other += 1;
    if (!plot?.clientWidth || !plot.querySelector('.main-svg .plot path')) window.watched.empty += 1;
    requestAnimationFrame(look);
  }};
  look();
}}"""


def test_live_chart_keeps_its_node_and_its_zoom_over_a_hundred_batches(page: Page, harness_url: str) -> None:
    show(page, harness_url, "live")
    zoomed = zoom(page)
    before = page.locator(f"{PLOT} .barlayer path").first.get_attribute("d")
    page.evaluate(WATCH)
    wait_draws(page, 100)
    watched = page.evaluate("window.watched")
    assert watched["frames"] > 100
    assert watched["other"] == watched["empty"] == 0
    assert x_range(page) == pytest.approx(zoomed)
    assert page.locator(f"{PLOT} .barlayer path").first.get_attribute("d") != before
    assert page.get_attribute(PLOT, "aria-label") != "Batch 0."


def test_each_batch_is_asked_for_once(page: Page, traffic: Traffic, harness_url: str) -> None:
    show(page, harness_url, "live")
    wait_draws(page, 2)
    traffic.clear()
    start = draws(page)
    wait_draws(page, 20)
    sent = sum(kind == "sent" for kind, _ in traffic)
    assert abs(sent - (draws(page) - start)) <= 2


def test_hidden_page_asks_for_nothing(page: Page, traffic: Traffic, harness_url: str) -> None:
    show(page, harness_url, "live")
    wait_draws(page, 2)
    hide = """(hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(hide, True)
    page.wait_for_timeout(2 * SETTLED)
    traffic.clear()
    page.wait_for_timeout(2 * SETTLED)
    assert not traffic
    page.evaluate(hide, False)
    wait_draws(page, 3)


def test_leaving_the_page_ends_the_asking(page: Page, traffic: Traffic, harness_url: str) -> None:
    show(page, harness_url, "live")
    wait_draws(page, 2)
    plot = page.query_selector(PLOT)
    assert plot
    page.get_by_text("Away").click()
    expect(page.get_by_text("Nothing to see here.")).to_be_visible()
    expect(page.locator(PLOT)).to_have_count(0)
    page.wait_for_timeout(SETTLED)
    traffic.clear()
    page.wait_for_timeout(2 * SETTLED)
    assert not traffic
    assert plot.evaluate("(plot) => plot._fullLayout === undefined"), "the plot was not purged"


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


def test_answer_to_an_earlier_release_leaves_the_slider_under_the_hand(page: Page, harness_url: str) -> None:
    show(page, harness_url, "film", slow="1.5")
    hand = Hand(page, "loc")
    hand.drag(0.5, 0.6)
    page.mouse.up()
    hand.drag(0.6, 0.9)
    value, at = page.input_value("input[data-film=loc]"), peak(page)
    drawn = draws(page)
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


def test_click_on_a_heatmap_arrives_and_is_told_once(page: Page, harness_url: str) -> None:
    show(page, harness_url, "heatmap")
    box = page.locator(f"{PLOT} .nsewdrag").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 3.5 / 12, box["y"] + box["height"] * 4.5 / 10)
    expect(page.get_by_text("click {'x': 1.5, 'y': 50, 'z': 15, 'curve': 0, 'point': [5, 3]}")).to_be_visible()
    page.get_by_text("Again").click()
    expect(page.get_by_text("click None")).to_be_visible()


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_colours_follow_the_theme_also_when_it_changes(
    new_page: NewPage, harness_url: str, scheme: str, other: str
) -> None:
    page = new_page(color_scheme=scheme)
    show(page, harness_url, "film")
    assert _ink_and_text(page) == (scheme == "dark", scheme == "dark")
    node = page.query_selector(PLOT)
    page.emulate_media(color_scheme=other)  # type: ignore[arg-type]
    wait_draws(page, 1)
    assert _ink_and_text(page) == (other == "dark", other == "dark")
    assert node
    assert node.evaluate(f"(node) => node === document.querySelector('{PLOT}')")


def _ink_and_text(page: Page) -> tuple[bool, bool]:
    """Whether the line in the theme's text colour, and the tick labels, are light."""
    colours = page.evaluate(
        f"""() => [
          getComputedStyle(document.querySelectorAll('{PLOT} .scatterlayer path.js-line')[2]).stroke,
          getComputedStyle(document.querySelector('{PLOT} .xtick text')).fill,
        ]"""
    )
    ink, text = (np.mean([float(part) for part in re.findall(r"[\d.]+", colour)[:3]]) > 128 for colour in colours)
    return bool(ink), bool(text)


def test_chart_has_a_sentence_for_who_cannot_see_it(page: Page, harness_url: str) -> None:
    show(page, harness_url, "film")
    expect(page.get_by_role("img", name="Four curves at loc 0.0.")).to_be_visible()
    assert page.get_attribute(PLOT, "data-chart-key") == "film"
    for label in ("μ (loc)", "σ (scale)"):
        expect(page.get_by_label(label)).to_have_attribute("type", "range")


def test_figure_is_saved_as_picture_and_its_data_as_csv(new_page: NewPage, harness_url: str) -> None:
    page = new_page(color_scheme="dark")
    show(page, harness_url, "film")
    name, content = _saved(page, "Save the figure as PNG")
    picture = Image.open(io.BytesIO(content)).convert("RGBA")
    assert name == "curves.png"
    assert picture.width == 2 * page.evaluate(f"document.querySelector('{PLOT}').clientWidth")
    corner = picture.getpixel((2, 2))
    assert isinstance(corner, tuple)
    assert corner[3] == 255
    assert max(corner[:3]) < 64
    name, content = _saved(page, "Save the data as CSV")
    assert name == "curves.csv"
    header, *rows = content.decode().splitlines()
    assert header == "x,q"
    assert len(rows) == 200
    assert float(rows[0].split(",")[0]) == -4


def _saved(page: Page, name: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_first_visit_is_light(page: Page, traffic: Traffic, harness_url: str) -> None:
    assert len(plotly_script()) < 1.6e6
    show(page, harness_url, "heatmap")
    assert max(size for _, size in traffic) < 1.6e6
    traffic.clear()
    page.get_by_text("Again").click()
    expect(page.get_by_text("again True")).to_be_visible()
    assert sum(size for _, size in traffic) < 20e3, "plotly.js travelled again"


def test_chart_fits_a_phone(new_page: NewPage, harness_url: str) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    show(page, harness_url, "film")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    plot = page.locator(PLOT).bounding_box()
    assert plot
    assert plot["x"] >= 0
    assert plot["x"] + plot["width"] <= 390
    page.set_viewport_size({"width": 844, "height": 390})
    page.wait_for_function(f"document.querySelector('{PLOT} .main-svg').clientWidth > 700")
