"""What axe-core finds on each page, in both themes, and the size of what is pressed. Nothing is let through."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.visit import LIVE, PAGES, PAUSED, box_of, show

WEIGHTY = ("serious", "critical")
WITH_TARGETS = {"rules": {"target-size": {"enabled": True}}}
"""All of axe's usual rules and WCAG 2.2's on the size of targets."""
COLOURS = {"runOnly": ["color-contrast"]}
RUN = "(options) => axe.run({ exclude: [['.js-plotly-plot svg']] }, options)"
"""Not within a chart's drawing: that is one image with an alternative text, and axe cannot tell what lies behind its
texts, whose contrast test_pages holds."""
LEAST = 24
"""Pixels along a side of what is pressed (WCAG 2.5.8)."""
SETTLED = """(dark) => {
  const [red] = getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/g);
  const moves = document.getAnimations().some((each) => each instanceof CSSTransition && each.playState === 'running');
  return red < 128 === dark && !moves && !document.querySelector('.stMain [data-stale=true]');
}"""
"""Whether the page has taken on its theme and nothing of it is still fading."""


def weighty(page: Page, scheme: Literal["light", "dark"], options: dict[str, Any]) -> list[str]:
    """axe's serious and critical findings in a theme: rule, selector and what is wrong."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(SETTLED, arg=scheme == "dark")
    return [
        f"{scheme}: {found['id']} at {node['target']}: {node['failureSummary']}"
        for found in page.evaluate(RUN, options)["violations"]
        if found["impact"] in WEIGHTY
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(page: Page, app_url: str, name: str) -> None:
    show(page, app_url, name, **(PAUSED if name in LIVE else {}))
    page.evaluate(AXE_SCRIPT)
    findings = weighty(page, "light", WITH_TARGETS) + weighty(page, "dark", COLOURS)
    assert not findings, "\n".join(findings)


def test_axe_would_find_what_is_wrong(page: Page, harness_url: str) -> None:
    """Planted faults: pale text and two small buttons side by side, one of them without a name."""
    page.goto(f"{harness_url}/?show=pad")
    page.wait_for_selector(".latent-pad .plane")
    page.evaluate(
        """() => document.querySelector('.latent-pad').insertAdjacentHTML('beforeend', `
          <p style="color: #AAAAAA; background: #FFFFFF">pale</p>
          <div><button style="padding: 0">a</button><button style="padding: 0"></button></div>`)"""
    )
    page.evaluate(AXE_SCRIPT)
    findings = "\n".join(weighty(page, "light", WITH_TARGETS))
    for rule in ("color-contrast", "target-size", "button-name"):
        assert f"light: {rule} at" in findings


def test_the_pad_is_large_enough_to_press(page: Page, harness_url: str) -> None:
    page.goto(f"{harness_url}/?show=pad")
    page.wait_for_selector(".latent-pad .plane")
    pressed = page.locator(".latent-pad :is(button, input, a, [tabindex])").all()
    assert pressed
    for each in pressed:
        box = box_of(each)
        assert min(box["width"], box["height"]) >= LEAST
