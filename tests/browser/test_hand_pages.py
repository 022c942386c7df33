"""The pages that follow the hand, in a browser: the film, the strip of images, the pad, the prior."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Traffic, wait_ready
from tests.browser.visit import (
    DIGIT,
    PICTURE,
    PLANE,
    PLOT,
    QUIET,
    box_of,
    canvas,
    dots,
    keep,
    kept,
    picture_text,
    query,
    show,
    wait_atlas,
    wait_query,
)


def test_film_moves_the_dots_under_the_hand_and_its_release_makes_a_link(
    page: Page, traffic: Traffic, app_url: str
) -> None:
    show(page, app_url, "noise_transform")
    page.wait_for_timeout(QUIET)
    keep(page)
    before = dots(page)
    slider = page.locator("input[type=range][data-film]").first
    box = box_of(slider)
    y = box["y"] + box["height"] / 2
    start = float(slider.input_value()) / float(slider.get_attribute("max") or 1)
    traffic.clear()
    page.mouse.move(box["x"] + 8 + start * (box["width"] - 16), y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.85 * box["width"], y, steps=20)
    page.wait_for_function(
        f"""(before) => document.querySelectorAll('{PLOT} .scatterlayer .points path')[0]
            .getAttribute('transform') !== before""",
        arg=before[0],
    )
    page.wait_for_timeout(QUIET)
    assert not traffic
    held = dots(page)
    assert sum(one != other for one, other in zip(before, held, strict=True)) > 60
    page.mouse.up()
    page.wait_for_function("new URLSearchParams(location.search).has('normal.loc')")
    wait_ready(page)
    assert kept(page)
    released = dots(page)
    value = float(query(page)["normal.loc"])
    assert value == pytest.approx(-4 + 8 * (0.85 * box["width"] - 8) / (box["width"] - 16), abs=0.11)
    caption = page.locator(".explorer-chart .caption").inner_text()
    assert f"{value:.2f}" in caption
    page.reload()
    page.wait_for_selector(PICTURE)
    wait_ready(page)
    assert query(page)["normal.loc"] == f"{value:g}"
    assert page.locator(".explorer-chart .caption").inner_text() == caption
    assert dots(page) == released


def test_strip_chooses_the_image(page: Page, app_url: str) -> None:
    show(page, app_url, "latent_space")
    wait_atlas(page)
    text, digit = picture_text(page), canvas(page)
    strip = box_of(page.locator("[data-chart-key='latent_space.picker'] .nsewdrag"))
    page.mouse.click(strip["x"] + strip["width"] * 4.5 / 10, strip["y"] + strip["height"] * 1.5 / 3)
    wait_query(page, image="14")
    page.wait_for_function("(text) => document.querySelector('.st-key-picture').innerText !== text", arg=text)
    page.wait_for_function(f"(digit) => document.querySelector('{DIGIT}').toDataURL() !== digit", arg=digit)
    wait_ready(page)
    expect(page.get_by_role("spinbutton", name="Test image")).to_have_value("14")
    assert "z" not in query(page)


def test_pad_follows_the_hand_and_its_release_makes_a_link(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "latent_space")
    wait_atlas(page)
    page.wait_for_timeout(QUIET)
    before = canvas(page)
    plane = box_of(page.locator(PLANE))
    traffic.clear()
    page.mouse.move(plane["x"] + 0.5 * plane["width"], plane["y"] + 0.5 * plane["height"])
    page.mouse.down()
    page.mouse.move(plane["x"] + 0.75 * plane["width"], plane["y"] + 0.25 * plane["height"], steps=20)
    page.wait_for_function(f"(before) => document.querySelector('{DIGIT}').toDataURL() !== before", arg=before)
    page.wait_for_timeout(QUIET)
    assert not traffic
    held = canvas(page)
    page.mouse.up()
    page.wait_for_function("new URLSearchParams(location.search).has('z')")
    wait_ready(page)
    assert canvas(page) == held
    x, y = (float(part) for part in query(page)["z"].split(","))
    assert x > 0.5
    assert y > 0.5
    page.reload()
    page.wait_for_selector(PICTURE)
    wait_atlas(page)
    wait_ready(page)
    assert query(page)["z"] == f"{x:.2f},{y:.2f}"
    readout = page.locator(".latent-pad output.latent").inner_text()
    assert [float(part.replace("−", "-")) for part in re.findall(r"[−-]?[\d.]+", readout)] == [x, y]


def test_prior_draws_again(page: Page, app_url: str) -> None:
    name = "mnist-2d"
    show(page, app_url, "latent_space", **{f"{name}.view": "prior", "seed": "5"})
    keep(page)
    pictures = f"{PLOT}[data-chart-key='latent_space.prior'] image"
    page.wait_for_selector(pictures, state="attached")
    before = page.locator(pictures).first.get_attribute("href")
    page.get_by_role("button", name="Draw again").click()
    wait_query(page, seed="6")
    page.wait_for_function(
        "([pictures, before]) => document.querySelector(pictures)?.getAttribute('href') !== before",
        arg=[pictures, before],
    )
    assert kept(page)
