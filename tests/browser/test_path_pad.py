"""The path pad in a browser: both pictures follow the slider, and the server hears of it when it is let go."""

from __future__ import annotations

import numpy as np
import torch
from playwright.sync_api import Page, expect

from explorer.vae.half_precision import rounding_error
from explorer.vae.pretrained import load_vae
from tests.browser.axe import WITH_TARGETS, weighty
from tests.browser.conftest import Traffic, wait_ready

SETTLED = 400
CANVASES = ".path-pad canvas"
ENDS = {0: (1.5, 1.0), 1: (0.0, -2.0)}


def show(page: Page, url: str) -> None:
    page.goto(f"{url}/?show=path")
    wait_ready(page)
    page.wait_for_function("document.querySelector('.path-pad .notice')?.hidden")
    page.wait_for_timeout(SETTLED)


def check_pictures(page: Page, t: float) -> None:
    """Each canvas shows what the model decodes at t on its way, to a grey of 256 and the rounding of the weights."""
    vae = load_vae("mnist-2d", "cpu")
    for number, (x, y) in ENDS.items():
        z = torch.tensor([[-1 + t * (x + 1), 0.5 + t * (y - 0.5)]])
        found = page.evaluate(
            f"""() => {{
              const canvas = document.querySelectorAll('{CANVASES}')[{number}];
              const {{ data }} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              return [...data.filter((_, place) => place % 4 === 0)];
            }}"""
        )
        off = np.abs(np.array(found) / 255 - vae.decode(z).flatten().numpy()).max()
        assert off < 1 / 255 + rounding_error(vae, z)


def test_pictures_follow_the_slider_with_no_message(page: Page, traffic: Traffic, harness_url: str) -> None:
    show(page, harness_url)
    check_pictures(page, 0.5)
    slider = page.get_by_role("slider", name="The place between two images")
    box = slider.bounding_box()
    assert box
    page.evaluate("performance.clearMeasures()")
    traffic.clear()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=30)
    page.wait_for_timeout(SETTLED)
    assert not traffic
    check_pictures(page, 1.0)
    expect(page.locator(".path-pad figure output").first).to_have_text("first 100")
    costs = page.evaluate("performance.getEntriesByName('path_pad.draw').map((each) => each.duration)")
    assert len(costs) > 5
    assert float(np.median(costs)) < 16, "both pictures within a frame"
    page.mouse.up()
    expect(page.get_by_text("share 1.00")).to_be_visible()
    assert sum(kind == "sent" for kind, _ in traffic) == 1
    assert sum(size for _, size in traffic) < 60e3, "the weights travelled again"


def test_keys_move_it_and_axe_finds_nothing(page: Page, harness_url: str) -> None:
    show(page, harness_url)
    slider = page.get_by_role("slider", name="The place between two images")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("share 0.51")).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", "t = 0.51")
    page.keyboard.press("Home")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("share 0.08")).to_be_visible()
    page.wait_for_timeout(SETTLED)
    expect(page.locator(".path-pad .row output")).to_have_text("0.08")
    check_pictures(page, 0.08)
    assert not [each for each in weighty(page, "light", WITH_TARGETS) if "path-pad" in each]
