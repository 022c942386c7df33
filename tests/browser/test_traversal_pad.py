"""The traversal pad on its page: a row under the hand, decoded in the browser, told on release, restored by a link."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from explorer.vae.pretrained import load_vae, manifest
from explorer.visit.model_state import with_gaussian_latents
from tests.browser.conftest import NewPage, Traffic
from tests.browser.visit import PHONE, QUIET, ROWS, box_of, show, wait_query

MODELS = with_gaussian_latents(manifest().models)
MANY = max(MODELS, key=lambda name: MODELS[name].recipe.architecture.n_latents)
PAD = f"document.querySelector('{ROWS}').closest('.traversal-pad').parentElement.traversalPad"
READOUT = ".traversal-pad output"


def open_pad(page: Page, url: str, **query: str) -> None:
    show(page, url, "traversals", model=MANY, **query)
    page.wait_for_function(f"{PAD}.ready && {PAD}.ready === {PAD}.wanted")
    page.wait_for_timeout(QUIET)


def place(page: Page, row: int, value: float) -> tuple[float, float]:
    """The pixel of a value on a row."""
    box = box_of(page.locator(ROWS))
    x, height = page.evaluate(
        f"""() => {{
          const {{ first, step, height }} = {PAD}.places, [, , , low, high] = {PAD}.data.rows[{row}];
          return [first + (step * ({PAD}.data.ticks.length - 1) * ({value} - low)) / (high - low), height];
        }}"""
    )
    return box["x"] + x, box["y"] + (row + 0.5) * height


def held(page: Page) -> tuple[int, float]:
    """The latent under the hand and its value."""
    latent, value = page.evaluate(f"[{PAD}.data.rows[{PAD}.row][0], {PAD}.value]")
    return int(latent), float(value)


def off(page: Page) -> float:
    """The most that a pixel of the large picture is off the model's, in [0, 1]."""
    latent, value = held(page)
    z = torch.tensor(page.evaluate(f"{PAD}.data.loc"))[None]
    z[0, latent] = value
    shown = page.evaluate(
        """() => {
          const canvas = document.querySelector('.traversal-pad .decoded');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return [...data].filter((_, k) => k % 4 === 0);
        }"""
    )
    return float(np.abs(np.array(shown) / 255 - load_vae(MANY, "cpu").decode(z).flatten().numpy()).max())


def test_a_row_follows_the_hand_with_no_message(page: Page, traffic: Traffic, app_url: str) -> None:
    open_pad(page, app_url)
    traffic.clear()
    page.mouse.move(*place(page, 1, 0.0))
    page.mouse.down()
    page.evaluate("performance.clearMeasures()")
    page.mouse.move(*place(page, 1, 2.0), steps=30)
    page.wait_for_timeout(QUIET)
    assert not traffic
    costs = page.evaluate("performance.getEntriesByName('traversal_pad.draw').map((each) => each.duration)")
    assert len(costs) > 5
    latent, value = held(page)
    assert latent == page.evaluate(f"{PAD}.data.rows[1][0]")
    assert value == pytest.approx(2.0, abs=0.03)
    assert off(page) < 0.02
    page.mouse.up()
    wait_query(page, moved=f"{latent + 1},{value:.3f}")
    page.wait_for_timeout(QUIET)
    assert sum(kind == "sent" for kind, _ in traffic) == 1
    assert sum(size for _, size in traffic) < 60e3, "the pictures travelled again"
    assert held(page) == (latent, value)


def test_keys_choose_a_row_and_move_along_it(page: Page, app_url: str) -> None:
    open_pad(page, app_url)
    field = page.locator(ROWS)
    field.focus()
    loc = page.evaluate(f"{PAD}.data.loc")
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    latent = page.evaluate(f"{PAD}.data.rows[14][0]")
    assert held(page) == (latent, pytest.approx(loc[latent], abs=6e-4))
    chosen, scroller = box_of(page.locator(".traversal-pad .chosen")), box_of(page.locator(".traversal-pad .scroller"))
    assert scroller["y"] < chosen["y"]
    assert chosen["y"] + chosen["height"] <= scroller["y"] + scroller["height"] + 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert held(page)[1] == pytest.approx(loc[latent] + 0.55, abs=2e-3)
    page.wait_for_timeout(50)
    assert off(page) < 0.02
    expect(field).to_have_attribute("aria-valuetext", re.compile(rf"^z{latent + 1} .*row 15 of"))
    page.keyboard.press("Home")
    assert held(page)[1] == pytest.approx(loc[latent], abs=6e-4)
    wait_query(page, moved=f"{latent + 1},{held(page)[1]:.3f}")


def test_a_link_restores_the_latent_on_a_phone_and_a_finger_moves_it(new_page: NewPage, app_url: str) -> None:
    page = new_page(**PHONE)
    open_pad(page, app_url, unit="posterior", moved="3,0.250")
    assert held(page) == (2, 0.25)
    expect(page.locator(READOUT)).to_contain_text("z₃ = 0.250")
    assert off(page) < 0.02
    chosen, scroller = box_of(page.locator(".traversal-pad .chosen")), box_of(page.locator(".traversal-pad .scroller"))
    assert scroller["y"] < chosen["y"] < scroller["y"] + scroller["height"], "the row of the link is out of sight"
    page.evaluate(f"{PAD}.scroller.scrollTop = 0")
    page.touchscreen.tap(*place(page, 0, page.evaluate(f"{PAD}.data.rows[0][4]")))
    latent = page.evaluate(f"{PAD}.data.rows[0][0]")
    page.wait_for_function(f"{PAD}.row === 0")
    assert held(page)[0] == latent
    assert held(page)[1] == pytest.approx(page.evaluate(f"{PAD}.data.rows[0][4]"), abs=2e-2)
    wait_query(page, moved=f"{latent + 1},{held(page)[1]:.3f}")
