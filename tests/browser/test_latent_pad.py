"""The latent pad in a browser: the picture follows the hand, and the server hears of it on release."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from explorer.text import word
from explorer.vae.half_precision import rounding_error
from tests.browser.apps.small_vae import small_vae
from tests.browser.conftest import NewPage, Traffic, wait_ready

PLANE = ".latent-pad .plane"
PAD = f"document.querySelector('{PLANE}').closest('.latent-pad').parentElement.latentPad"
READOUT, NOISE, LENS = ".latent-pad output.latent", ".latent-pad output.noise", ".latent-pad .lens"
SETTLED = 400


def show(page: Page, url: str, more: str = "") -> None:
    page.goto(f"{url}/?show=pad{more}")
    wait_ready(page)
    page.wait_for_selector(PLANE)
    page.wait_for_function(f"{PAD}.decoder.value && document.querySelector('.latent-pad .notice').hidden")
    page.wait_for_timeout(50)


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """The pixel of a point of the plane."""
    box = page.locator(PLANE).bounding_box()
    assert box
    left, top = page.evaluate(f"{PAD}.toPixels({x}, {y})")
    return box["x"] + left, box["y"] + top


def picture(page: Page) -> np.ndarray:
    """The decoded picture on the screen, (side, side), in 255ths."""
    return np.array(
        page.evaluate(
            """() => {
              const canvas = document.querySelector('.latent-pad .decoded');
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              return Array.from({ length: canvas.height }, (_, y) =>
                Array.from({ length: canvas.width }, (_, x) => data[4 * (y * canvas.width + x)]));
            }"""
        )
    )


def decoded(*z: float) -> np.ndarray:
    """What the harness's model decodes at z, in 255ths."""
    return 255 * small_vae().decode(torch.tensor([z]))[0, 0].numpy()


def z_of(page: Page) -> tuple[float, float]:
    x, y = page.evaluate(f"{PAD}.z")
    return x, y


def assert_decoded(page: Page, z: tuple[float, float]) -> None:
    """The picture is the model's at z: within half a step of a byte, and what half precision does to this model."""
    off = np.abs(picture(page) - decoded(*z)).max()
    assert off < 0.5 + 255 * rounding_error(small_vae(), torch.tensor([z])) + 0.01
    assert np.abs(picture(page) - decoded(z[0] + 0.3, z[1])).max() > 10, "any place would do"


def test_picture_is_the_decoder_s(page: Page, harness_url: str) -> None:
    show(page, harness_url)
    expect(page.locator(READOUT)).to_have_text("z = (0.42, −1.10)")
    assert_decoded(page, (0.42, -1.1))


def test_drag_redraws_with_no_message_and_tells_its_release_once(
    page: Page, traffic: Traffic, harness_url: str
) -> None:
    show(page, harness_url)
    page.wait_for_timeout(SETTLED)
    page.evaluate("performance.clearMeasures()")
    traffic.clear()
    page.mouse.move(*place(page, 0.42, -1.1))
    page.mouse.down()
    page.mouse.move(*place(page, -1.0, 1.5), steps=40)
    page.wait_for_timeout(SETTLED)
    assert not traffic
    assert page.evaluate("performance.getEntriesByName('latent_pad.draw').length") > 5
    assert z_of(page) == pytest.approx((-1.0, 1.5), abs=0.02)
    assert_decoded(page, z_of(page))
    page.mouse.up()
    expect(page.get_by_text("point -1.00 1.50", exact=False)).to_be_visible()
    page.wait_for_timeout(SETTLED)
    assert sum(kind == "sent" for kind, _ in traffic) == 1
    assert sum(size for _, size in traffic) < 60e3, "the decoder travelled again"
    assert_decoded(page, z_of(page))


def test_plane_is_to_scale(page: Page, harness_url: str) -> None:
    show(page, harness_url)
    origin, right, top = (place(page, *point) for point in ((0, 0), (3, 0), (0, 3)))
    assert right[0] - origin[0] == pytest.approx(origin[1] - top[1])
    page.mouse.click(*place(page, 1, 2))
    expect(page.get_by_text(re.compile(r"point (0\.99|1\.0[01]) (1\.99|2\.0[01])"))).to_be_visible()


def test_keyboard_moves_the_point(page: Page, traffic: Traffic, harness_url: str) -> None:
    show(page, harness_url)
    plane = page.get_by_role("slider", name="The latent plane")
    plane.focus()
    traffic.clear()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("point 0.47 -1.10")).to_be_visible()
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_text("point 0.47 -0.60")).to_be_visible()
    expect(plane).to_have_attribute("aria-valuetext", "z1 0.47, z2 −0.60")
    assert sum(kind == "sent" for kind, _ in traffic) == 2


def test_ellipses_are_the_posteriors(page: Page, harness_url: str) -> None:
    show(page, harness_url)
    tril, loc = ((0.6, 0.0), (0.3, 0.25)), (0.5, -0.4)
    for radius, least in ((1, 0.8), (2, 0.4)):
        dark = []
        for k in range(40):
            c, s = math.cos(2 * math.pi * k / 40), math.sin(2 * math.pi * k / 40)
            x, y = loc[0] + radius * tril[0][0] * c, loc[1] + radius * (tril[1][0] * c + tril[1][1] * s)
            dark.append(
                page.evaluate(
                    f"""() => {{
                      const [x, y] = {PAD}.toPixels({x}, {y}).map(Math.round);
                      const [r, g, b, a] = {PAD}.still.getContext('2d').getImageData(x, y, 1, 1).data;
                      return a > 200 && Math.max(r, g, b) < 140;
                    }}"""
                )
            )
        assert sum(dark) / len(dark) >= least, f"the ellipse of {radius} standard deviations is not where it should be"


def test_the_lens_moves_the_point_and_says_its_noise(page: Page, traffic: Traffic, harness_url: str) -> None:
    """z = loc + L eps, with the harness's loc (0.5, -0.4) and L ((0.6, 0), (0.3, 0.25))."""
    show(page, harness_url)
    lens = page.locator(LENS)
    lens.scroll_into_view_if_needed()
    page.wait_for_timeout(SETTLED)
    box = lens.bounding_box()
    assert box
    # The plane, which loses the focus to the lens, must not let go for it.
    page.locator(PLANE).evaluate("plane => plane.focus({ preventScroll: true })")
    traffic.clear()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    # From the middle, loc, a quarter of the lens to the right: z1 is 1 larger, so that eps is (1 / 0.6, -0.3 / 0.15).
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2, steps=10)
    expect(page.locator(READOUT)).to_have_text(re.compile(r"z = \(1\.(49|50|51), −0\.(39|40|41)\)"))
    found = re.findall(r"[−\d.]+\.\d+", page.locator(NOISE).inner_text())
    assert [float(part.replace("−", "-")) for part in found] == pytest.approx([1.667, -2.0], abs=0.06)
    assert not traffic, "a drag asks the server for nothing"
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"point 1\.(49|50|51) -0\.(39|40|41)"))).to_be_visible()


def test_the_lens_answers_to_keys_and_shades_the_density(page: Page, harness_url: str) -> None:
    show(page, harness_url)
    lens = page.get_by_role("slider", name="The lens")
    lens.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("point 0.62 -1.10")).to_be_visible()
    expect(lens).to_have_attribute("aria-valuetext", "epsilon1 0.20, epsilon2 −3.04")
    inked = page.evaluate(
        f"""() => {{
          const {{ still, length, ratio }} = {PAD}.lens;
          const context = still.getContext('2d'), scale = length * ratio;
          const ink = (x, y) => context.getImageData(x * scale, y * scale, 1, 1).data[3];
          return [ink(0.06, 0.94), ink(0.94, 0.06), ink(0.06, 0.06)];
        }}"""
    )
    assert inked[0] > 150, "the lowest row of the density is at the foot"
    assert inked[1] > 150
    assert inked[2] == 0


def test_its_words_are_the_catalogue_s(page: Page, harness_url: str) -> None:
    show(page, harness_url)
    expect(page.locator(PLANE)).to_have_attribute("aria-roledescription", word("latent_pad.role"))
    notice = page.locator(".latent-pad .notice")
    page.evaluate(f"{PAD}.load('decoder', 'explorerDecoders', 'lost')")
    expect(notice).to_have_text(word("latent_pad.loading"))
    page.evaluate("explorerDecoders.get('lost').reject(new Error('lost'))")
    expect(notice).to_have_text(word("latent_pad.unreadable", error="lost"))
    expect(notice).to_be_visible()


def test_pad_follows_the_theme_and_fits_a_phone(new_page: NewPage, harness_url: str) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True, is_mobile=True)
    show(page, harness_url)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    plane, decoded = page.locator(PLANE).bounding_box(), page.locator(".latent-pad .decoded").bounding_box()
    assert plane
    assert decoded
    assert plane["x"] + plane["width"] <= 390
    assert decoded["y"] > plane["y"] + plane["height"]
    in_the_dark = page.evaluate(f"{PAD}.still.toDataURL()")
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{PAD}.still.toDataURL() !== {in_the_dark!r}")
