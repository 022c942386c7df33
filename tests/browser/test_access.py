"""That axe-core sees what is wrong, and the size of what is pressed. What it finds on each page is in test_pages."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.axe import WITH_TARGETS, weighty
from tests.browser.visit import box_of

LEAST = 24
"""Pixels along a side of what is pressed (WCAG 2.5.8)."""


def test_axe_would_find_what_is_wrong(page: Page, harness_url: str) -> None:
    """Planted faults: pale text and two small buttons side by side, one of them without a name."""
    page.goto(f"{harness_url}/?show=pad")
    page.wait_for_selector(".latent-pad .plane")
    page.evaluate(
        """() => document.querySelector('.latent-pad').insertAdjacentHTML('beforeend', `
          <p style="color: #AAAAAA; background: #FFFFFF">pale</p>
          <div><button style="padding: 0">a</button><button style="padding: 0"></button></div>`)"""
    )
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
