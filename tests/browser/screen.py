"""What the chart's tests see and do on a page of the harness."""

from __future__ import annotations

import re
from itertools import chain

import numpy as np
from playwright.sync_api import Page

from tests.browser.conftest import SECONDS, wait_ready

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


def bars(page: Page) -> list[str]:
    return page.eval_on_selector_all(f"{PLOT} .barlayer path", "(paths) => paths.map((path) => path.getAttribute('d'))")


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


CHART = f"document.querySelector('{PLOT}').closest('.explorer-chart').parentElement.explorerChart"
"""The chart's own object, in a browser's script."""


def drawing(page: Page) -> dict[str, list[list[str]]]:
    """What stands in each trace, by its index: [class, path, place] of each of its lines, fills and dots."""
    return page.evaluate(
        f"""() => Object.fromEntries([...document.querySelectorAll('{PLOT} .scatterlayer .trace')].map((trace) => [
          trace.__data__[0].trace.index,
          [...trace.querySelectorAll('path')].map((path) =>
            ['class', 'd', 'transform'].map((name) => path.getAttribute(name) ?? '')),
        ]))"""
    )


def same(one: list[list[str]], other: list[list[str]], within: float = 0.02) -> bool:
    """Whether what stands in two traces is the same, to so many pixels."""
    pairs = zip(chain.from_iterable(one), chain.from_iterable(other), strict=True)
    return len(one) == len(other) and all(_same(*pair, within) for pair in pairs)


def _same(one: str, other: str, within: float) -> bool:
    number = r"-?\d+\.?\d*(?:e-?\d+)?"
    pixels = [np.array([float(each) for each in re.findall(number, text)]) for text in (one, other)]
    if re.sub(number, "", one) != re.sub(number, "", other) or pixels[0].shape != pixels[1].shape:
        return False
    return bool(np.allclose(*pixels, rtol=0, atol=within))
