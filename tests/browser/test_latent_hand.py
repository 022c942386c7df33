"""The latent pad with the noise under the hand, by a finger, and with the atlas behind it."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from explorer.text import word
from tests.browser.apps.small_vae import small_vae
from tests.browser.conftest import NewPage, Traffic
from tests.browser.test_latent_pad import LENS, NOISE, PAD, PLANE, READOUT, SETTLED, assert_decoded, place, show, z_of

LOC, SCALE_TRIL = np.array([0.5, -0.4]), np.array([[0.6, 0.0], [0.3, 0.25]])
"""The harness's posterior."""


def numbers(text: str) -> list[float]:
    """The last pair in a text."""
    return [float(part.replace("−", "-")) for part in re.findall(r"[−\d.]+\.\d+", text)][-2:]


def assert_carried(page: Page, eps: tuple[float, float], *, within: float = 0.03) -> None:
    """The noise, z = loc + L eps and the picture there are on the screen."""
    assert numbers(page.locator(NOISE).inner_text()) == pytest.approx(eps, abs=within)
    exact = page.evaluate(f"{PAD}.eps")
    assert z_of(page) == pytest.approx(tuple(LOC + SCALE_TRIL @ exact), abs=1e-6)
    assert numbers(page.locator(READOUT).inner_text()) == pytest.approx(z_of(page), abs=0.0051)
    assert_decoded(page, z_of(page))


def test_noise_follows_the_mouse_and_z_follows_the_noise(page: Page, traffic: Traffic, harness_url: str) -> None:
    show(page, harness_url, "&hand=eps")
    page.wait_for_timeout(SETTLED)
    traffic.clear()
    page.mouse.move(*place(page, 0.42, -1.1))
    page.mouse.down()
    page.mouse.move(*place(page, 1.0, -0.5), steps=10)
    page.wait_for_timeout(SETTLED)
    assert_carried(page, (1.0, -0.5))
    assert not traffic, "a drag asks the server for nothing"
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"point (0\.99|1\.0[01]) -0\.(49|50|51)"))).to_be_visible()
    shown = page.locator(".latent-pad output.transform").inner_text()
    assert re.findall(r"[−\d.]+\.\d+", shown) == ["0.50", "−0.40", "0.60", "0.00", "0.30", "0.25"]
    assert word("latent_pad.held") in page.locator(".latent-pad .held .name").inner_text()


def test_noise_follows_keys_and_the_lens(page: Page, harness_url: str) -> None:
    show(page, harness_url, "&hand=eps")
    plane, lens = (page.get_by_role("slider", name=name) for name in ("The latent plane", "The lens"))
    plane.focus()
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_text("point 0.42 -0.60")).to_be_visible()
    expect(plane).to_have_attribute("aria-valuetext", "epsilon1 0.42, epsilon2 −0.60, z1 0.75, z2 −0.42")
    lens.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("point 0.47 -0.60")).to_be_visible()
    lens.scroll_into_view_if_needed()
    box = lens.bounding_box()
    assert box
    # The lens is 4 wide and shows an eps of 1 as 0.4, from loc in its middle.
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.7 * box["height"])
    page.wait_for_timeout(SETTLED)
    assert_carried(page, (1.0, -2.0), within=0.05)


@pytest.mark.parametrize("hand", ["z", "eps"])
def test_a_finger_moves_it_on_a_phone(new_page: NewPage, harness_url: str, hand: str) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    show(page, harness_url, f"&hand={hand}")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    for part in (PLANE, LENS, ".latent-pad .decoded", READOUT):
        box = page.locator(part).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    # Both are under the plane side by side, so that neither is a scroll away.
    picture, lens = (page.locator(part).bounding_box() for part in (".latent-pad .decoded", LENS))
    assert picture
    assert lens
    assert picture["y"] == pytest.approx(lens["y"], abs=1)
    start, end = place(page, 0.42, -1.1), place(page, 1.5, 1.5)
    finger = page.context.new_cdp_session(page)
    for step in range(11):
        x, y = (one + (other - one) * step / 10 for one, other in zip(start, end, strict=True))
        kind = "touchMove" if step else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    page.wait_for_timeout(SETTLED)
    assert page.evaluate(f"{PAD}.point") == pytest.approx([1.5, 1.5], abs=0.03)
    assert_decoded(page, z_of(page))
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.get_by_text(re.compile(r"point 1\.(49|5\d) 1\.(49|5\d)"))).to_be_visible()


def test_the_atlas_is_behind_the_plane(page: Page, harness_url: str) -> None:
    show(page, harness_url, "&atlas=1")
    page.wait_for_function(f"{PAD}.atlas.value")
    size, side = 6, 28
    found = np.array(
        page.evaluate(
            f"""() => {{
              const {{ value }} = {PAD}.atlas;
              const {{ data }} = value.getContext('2d').getImageData(0, 0, value.width, value.height);
              return Array.from({{ length: data.length / 4 }}, (_, p) => data[4 * p]);
            }}"""
        )
    ).reshape(size, side, size, side)
    for row, column in ((0, 0), (5, 2), (3, 4)):
        z = [2 * 3.0 * (index + 0.5) / size - 3.0 for index in (column, row)]
        expected = 255 * small_vae().decode(torch.tensor([z]))[0, 0].numpy()
        assert np.abs(found[size - 1 - row, :, column] - expected).max() < 0.51
    corner, ground = page.evaluate(
        f"""() => {{
          const context = {PAD}.still.getContext('2d');
          return [[2.9, 2.9], [3.2, 2.9]].map(([x, y]) =>
            [...context.getImageData(...{PAD}.toPixels(x, y).map((v) => Math.round(v * devicePixelRatio)), 1, 1).data]);
        }}"""
    )
    assert corner[3] == 255, "the atlas fills the plane"
    assert ground[3] < 255, "and no more"
