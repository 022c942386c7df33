"""What axe-core finds on a page: what a reader by ear or by keyboard would stumble over. Nothing is let through."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WEIGHTY = ("serious", "critical")
WITH_TARGETS = {"rules": {"target-size": {"enabled": True}}}
"""All of axe's usual rules and WCAG 2.2's on the size of targets."""
COLOURS = {"runOnly": ["color-contrast"]}
RUN = "(options) => axe.run({ exclude: [['.js-plotly-plot svg']] }, options)"
"""Not within a chart's drawing: that is one image with an alternative text, and axe cannot tell what lies behind its
texts, whose contrast test_pages holds."""
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
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [
        f"{scheme}: {found['id']} at {node['target']}: {node['failureSummary']}"
        for found in page.evaluate(RUN, options)["violations"]
        if found["impact"] in WEIGHTY
        for node in found["nodes"]
    ]
