"""The chart in a browser: one node for ever, batches pulled, clicks, themes, saving."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from explorer.components.chart.plotly_script import compressed
from tests.browser.conftest import NewPage, Traffic
from tests.browser.screen import PLOT, SETTLED, bars, draws, show, wait_draws, x_range, zoom

WATCH = f"""() => {{
  const first = document.querySelector('{PLOT}');
  window.watched = {{ frames: 0, other: 0, empty: 0 }};
  const look = () => {{
    const plot = document.querySelector('{PLOT}');
    window.watched.frames += 1;
    if (plot !== first) window.watched.other += 1;
    if (!plot?.clientWidth || !plot.querySelector('.barlayer path')) window.watched.empty += 1;
    requestAnimationFrame(look);
  }};
  look();
}}"""


def test_live_chart_keeps_its_node_and_its_zoom_over_a_hundred_batches(
    page: Page, traffic: Traffic, harness_url: str
) -> None:
    show(page, harness_url, "live")
    zoomed = zoom(page)
    before = bars(page)
    page.evaluate(WATCH)
    traffic.clear()
    start = draws(page)
    wait_draws(page, 100)
    watched = page.evaluate("window.watched")
    assert watched["frames"] > 100
    assert watched["other"] == watched["empty"] == 0
    assert x_range(page) == pytest.approx(zoomed)
    assert bars(page) != before
    assert page.get_attribute(PLOT, "aria-label") != "Batch 0."
    asked = sum(kind == "sent" for kind, _ in traffic)
    assert abs(asked - (draws(page) - start)) <= 2, "each batch is asked for once"


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


def test_a_pressed_link_ends_the_asking_only_if_it_leads_to_another_page_here(
    page: Page, traffic: Traffic, harness_url: str
) -> None:
    """The server may take long to change the page; a request meanwhile would bring the old one back."""
    show(page, harness_url, "live")
    wait_draws(page, 2)
    for link, asks in (
        ({"href": "#below"}, True),
        ({"href": "x", "target": "_blank"}, True),
        ({"href": "another_page"}, False),
    ):
        page.evaluate(
            """(properties) => {
              const link = Object.assign(document.createElement('a'), properties);
              link.onclick = (event) => event.preventDefault();
              document.body.append(link);
              link.click();
            }""",
            link,
        )
        page.wait_for_timeout(SETTLED)
        traffic.clear()
        page.wait_for_timeout((2 if asks else 8) * SETTLED)
        assert bool(traffic) == asks, link


def test_click_on_a_heatmap_arrives_and_is_told_once(page: Page, harness_url: str) -> None:
    show(page, harness_url, "heatmap")
    box = page.locator(f"{PLOT} .nsewdrag").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 3.5 / 12, box["y"] + box["height"] * 4.5 / 10)
    expect(page.get_by_text("click {'x': 1.5, 'y': 50, 'z': 15, 'curve': 0, 'point': [5, 3]}")).to_be_visible()
    page.get_by_text("Once more").click()
    expect(page.get_by_text("click None")).to_be_visible()


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_colours_follow_the_theme_also_when_it_changes(
    new_page: NewPage, harness_url: str, scheme: str, other: str
) -> None:
    page = new_page(color_scheme=scheme)
    show(page, harness_url, "film")
    expect_theme(page, scheme)
    node = page.query_selector(PLOT)
    page.emulate_media(color_scheme=other)  # type: ignore[arg-type]
    expect_theme(page, other)
    assert node
    assert node.evaluate(f"(node) => node === document.querySelector('{PLOT}')")


def expect_theme(page: Page, scheme: str) -> None:
    """Waits until the line in the theme's text colour, and the tick labels, stand out from the background."""
    bright = re.compile(r"rgb\(2\d\d, 2\d\d, 2\d\d\)")
    dark = re.compile(r"rgb\(\d{1,2}, \d{1,2}, \d{1,2}\)")
    colour = bright if scheme == "dark" else dark
    expect(page.locator(f"{PLOT} .scatterlayer path.js-line").nth(2)).to_have_css("stroke", colour)
    expect(page.locator(f"{PLOT} .xtick text").first).to_have_css("fill", colour)


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


def test_without_an_address_plotly_travels_once_by_message(page: Page, traffic: Traffic, harness_url: str) -> None:
    assert len(compressed()) < 1.6e6
    show(page, harness_url, "heatmap")
    assert max(size for _, size in traffic) < 1.6e6
    traffic.clear()
    page.get_by_text("Once more").click()
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
