"""The app in a browser: every page draws, follows the hand, restores its link, and asks nobody but its server."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from explorer.live import FIRST_BATCH
from tests.browser import conftest
from tests.browser.conftest import SECONDS, NewPage, Traffic, wait_ready

PLOT = ".st-key-picture .explorer-chart .plot"
PLANE = ".latent-pad .plane"
PICTURE = f"{PLOT}[data-draws], .st-key-picture {PLANE}"
DIGIT = ".latent-pad .digit"
LIVE = ("start", "two_estimators")
PAGES = ("start", "noise_then_transform", "two_estimators", "latent_space")
QUIET = 700
"""Milliseconds in which a message under way would have arrived."""
PAUSED = {"play": "false"}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(autouse=True)
def _only_our_own_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a page below the root Streamlit looks for its server there first, and Chromium reports the two it misses."""
    ours = conftest._fault

    def fault(message: ConsoleMessage) -> list[str]:
        return [] if "/_stcore/" in message.location.get("url", "") else ours(message)

    monkeypatch.setattr(conftest, "_fault", fault)


def address(url: str, name: str, **query: str) -> str:
    return f"{url}/{'' if name == 'start' else name}?{urlencode(query)}"


def show(page: Page, url: str, name: str, **query: str) -> None:
    """Follows a link to a page and waits until it has drawn."""
    page.set_default_timeout(90 * SECONDS)
    page.goto(address(url, name, **query))
    page.wait_for_selector(PICTURE)
    if name not in LIVE or query.get("play") == "false":
        wait_ready(page)
        page.wait_for_selector(f"{DIGIT}, {PLOT}")


def query(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def wait_query(page: Page, **expected: str) -> None:
    for name, value in expected.items():
        page.wait_for_function(
            "([name, value]) => new URLSearchParams(location.search).get(name) === value", arg=[name, value]
        )


def picture_text(page: Page) -> str:
    return " ".join(page.locator(".st-key-picture").inner_text().split())


def verdict(page: Page) -> str:
    """The picture's text from the number of samples on."""
    found = re.search(r"[\d,]+ samples.*", picture_text(page))
    assert found
    return found[0]


def n_samples(page: Page) -> int:
    """The number of samples the verdict speaks of."""
    found = re.search(r"([\d,]+) samples", picture_text(page))
    assert found
    return int(found[1].replace(",", ""))


def wait_n(page: Page, condition: str) -> None:
    """Waits until the verdict's number of samples meets a condition on `n`."""
    page.wait_for_function(
        f"""() => {{
          const text = document.querySelector('.st-key-picture').innerText.match(/([\\d,]+) samples/);
          const n = text && Number(text[1].replaceAll(',', ''));
          return n !== null && ({condition});
        }}"""
    )


def keep(page: Page) -> None:
    """Remembers the first chart's node, and says when it is lost."""
    page.evaluate(f"() => {{ window.kept = document.querySelector('{PLOT}'); }}")


def kept(page: Page) -> bool:
    return bool(page.evaluate(f"() => window.kept.isConnected && window.kept === document.querySelector('{PLOT}')"))


def box_of(locator: Locator) -> dict[str, float]:
    box = locator.bounding_box()
    assert box
    return dict(box)  # type: ignore[call-overload]


def canvas(page: Page, selector: str = DIGIT) -> str:
    return str(page.evaluate(f"document.querySelector('{selector}').toDataURL()"))


def contrast(page: Page, selector: str) -> float:
    """The least contrast (WCAG) of these texts with the page's background."""
    return float(
        page.evaluate(
            """(selector) => {
              const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
              const back = numbers(getComputedStyle(document.querySelector('.stApp')).backgroundColor);
              const light = (rgb) => {
                const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                const [r, g, b] = rgb.map((v) => linear(v / 255));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const ratios = [...document.querySelectorAll(selector)].map((text) => {
                const style = getComputedStyle(text);
                const [r, g, b, a = 1] = numbers(text instanceof SVGElement ? style.fill : style.color);
                const alpha = a * Number(text instanceof SVGElement ? style.fillOpacity : 1) * Number(style.opacity);
                const seen = [r, g, b].map((v, i) => alpha * v + (1 - alpha) * back[i]);
                const [low, high] = [light(seen), light(back)].sort((one, other) => one - other);
                return (high + 0.05) / (low + 0.05);
              });
              return Math.min(...ratios);
            }""",
            selector,
        )
    )


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("device", ["projector", "phone"])
def test_page_draws_in_sight_in_readable_colours(new_page: NewPage, app_url: str, name: str, device: str) -> None:
    """The projector is light and the phone dark, then each takes the other theme."""
    theme, other = ("light", "dark") if device == "projector" else ("dark", "light")
    page = new_page(color_scheme=theme, **(PHONE if device == "phone" else {}))
    hosts = asked_hosts(page)
    show(page, app_url, name, **(PAUSED if name in LIVE else {}))
    size = page.viewport_size
    assert size
    picture = box_of(page.locator(PICTURE).first)
    assert 0 <= picture["y"] < 0.4 * size["height"], "the picture does not begin in the upper part of the first screen"
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    texts = f"{PLOT} .xtick text, .st-key-picture [data-testid=stMarkdownContainer] p:not(button *)"
    grounds = set()
    for scheme in (theme, other):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_function(
            """(dark) => {
              const [red] = getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/g);
              return red < 128 === dark;
            }""",
            arg=scheme == "dark",
        )
        page.wait_for_function(f"() => ({CONTRAST_SETTLED})({texts!r})")
        grounds.add(page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor"))
        assert contrast(page, texts) >= 4.5
    assert len(grounds) == 2
    assert hosts == {urlsplit(app_url).netloc}


CONTRAST_SETTLED = """(selector) => {
  const [ground] = getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/g).map(Number);
  return [...document.querySelectorAll(selector)].every((text) => {
    const style = getComputedStyle(text);
    const [ink] = (text instanceof SVGElement ? style.fill : style.color).match(/\\d+/g).map(Number);
    return (ink < 128) !== (ground < 128);
  });
}"""
"""Whether the charts have followed a change of theme."""


def asked_hosts(page: Page) -> set[str]:
    """The hosts this page asks for anything, as it goes on."""
    hosts: set[str] = set()

    def note(request: Request) -> None:
        if urlsplit(request.url).scheme not in ("data", "blob"):
            hosts.add(urlsplit(request.url).netloc)

    page.on("request", note)
    page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).netloc))
    return hosts


def test_a_link_cannot_make_the_browser_ask_elsewhere(page: Page, app_url: str) -> None:
    hosts = asked_hosts(page)
    picture = "![](http://127.0.0.2:9/a.png)"
    show(page, app_url, "noise_then_transform", **{"normal.loc": picture, "family": picture})
    page.wait_for_timeout(QUIET)
    assert hosts == {urlsplit(app_url).netloc}


def test_start_grows_in_the_same_node(page: Page, app_url: str) -> None:
    show(page, app_url, "start")
    keep(page)
    first, text = n_samples(page), verdict(page)
    wait_n(page, f"n > {first + 20_000}")
    assert kept(page)
    assert verdict(page) != text
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    wait_query(page, theta="2.1")
    page.wait_for_function("document.querySelector('.st-key-picture').innerText.includes('4.2')")
    assert kept(page)
    wait_n(page, "n > 10000")


def test_start_comes_to_rest(page: Page, traffic: Traffic, app_url: str) -> None:
    show(page, app_url, "start", **PAUSED)
    n = n_samples(page)
    traffic.clear()
    page.wait_for_timeout(QUIET)
    assert not traffic
    assert n_samples(page) == n == FIRST_BATCH


def test_two_estimators_step_reset_play_and_pause(page: Page, app_url: str) -> None:
    show(page, app_url, "two_estimators", batch=f"{FIRST_BATCH}", **PAUSED)
    keep(page)
    first = verdict(page)
    step, reset = (page.get_by_role("button", name=name) for name in ("Step", "Reset"))
    for steps in (2, 3):
        step.click()
        wait_n(page, f"n === {steps * FIRST_BATCH}")
    reset.click()
    wait_n(page, f"n === {FIRST_BATCH}")
    wait_ready(page)
    assert verdict(page) == first
    toggle = page.locator("[data-testid=stCheckbox] label", has_text="Play")
    toggle.click()
    wait_n(page, f"n > {8 * FIRST_BATCH}")
    toggle.click()
    expect(step).to_be_enabled()
    wait_query(page, **PAUSED)
    page.wait_for_timeout(QUIET)
    n = n_samples(page)
    page.wait_for_timeout(QUIET)
    assert n_samples(page) == n
    step.click()
    wait_n(page, f"n === {n + FIRST_BATCH}")
    reset.click()
    wait_n(page, f"n === {FIRST_BATCH}")
    assert kept(page)


LINK = {
    "family": "Laplace",
    "objective": "cos(k x)",
    "cosine.k": "2.5",
    "laplace.loc": "-0.5",
    "laplace.scale": "0.5",
    "laplace.gradient": "scale",
    "seed": "7",
    **PAUSED,
}


def test_link_restores_two_estimators_to_the_digit(new_page: NewPage, app_url: str) -> None:
    pages = [new_page(), new_page()]
    for page in pages:
        show(page, app_url, "two_estimators", **LINK)
    assert verdict(pages[0]) == verdict(pages[1])
    assert query(pages[0]) == LINK
    text = verdict(pages[0])
    pages[0].reload()
    pages[0].wait_for_selector(PICTURE)
    wait_ready(pages[0])
    assert verdict(pages[0]) == text
    show(pages[1], app_url, "two_estimators", **{**LINK, "seed": "8"})
    assert verdict(pages[1]) != text


def test_link_with_a_registry_key_stays_a_link(page: Page, app_url: str) -> None:
    """The registry key is the state: such a link restores the page, and a reload does so again."""
    show(page, app_url, "two_estimators", family="laplace", objective="cosine", **PAUSED)
    text = verdict(page)
    menus = [page.get_by_role("combobox", name=name) for name in ("Distribution", "Objective")]
    for _ in range(2):
        expect(menus[0]).to_have_value("Laplace")
        expect(menus[1]).to_have_value(re.compile("cos"))
        assert query(page).keys() >= {"family", "objective"}
        page.reload()
        page.wait_for_selector(PICTURE)
        wait_ready(page)
        assert verdict(page) == text


def dots(page: Page) -> list[str]:
    """Where the dots stand, as the screen has them."""
    return [
        str(place)
        for place in page.evaluate(
            f"""[...document.querySelectorAll('{PLOT} .scatterlayer .points path')]
                .map((dot) => dot.getAttribute('transform'))"""
        )
    ]


def test_film_moves_the_dots_under_the_hand_and_its_release_makes_a_link(
    page: Page, traffic: Traffic, app_url: str
) -> None:
    show(page, app_url, "noise_then_transform")
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


def wait_atlas(page: Page) -> None:
    page.wait_for_function(
        f"""() => {{
          const digit = document.querySelector('{DIGIT}');
          return digit && document.querySelector('.latent-pad .notice').hidden
            && new Set(digit.getContext('2d').getImageData(0, 0, 28, 28).data).size > 10;
        }}"""
    )


def test_strip_chooses_the_image(page: Page, app_url: str) -> None:
    show(page, app_url, "latent_space")
    wait_atlas(page)
    text, digit = picture_text(page), canvas(page)
    strip = box_of(page.locator("[data-chart-key='latent.picker'] .nsewdrag"))
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
    readout = page.locator(".latent-pad output").inner_text()
    assert [float(part.replace("−", "-")) for part in re.findall(r"[−-]?[\d.]+", readout)] == [x, y]


def test_prior_draws_again(page: Page, app_url: str) -> None:
    name = "mnist-2d"
    show(page, app_url, "latent_space", **{f"{name}.view": "Prior", "seed": "5"})
    keep(page)
    pictures = f"{PLOT}[data-chart-key='latent.prior'] image"
    page.wait_for_selector(pictures, state="attached")
    before = page.locator(pictures).first.get_attribute("href")
    page.get_by_role("button", name="Draw again").click()
    wait_query(page, seed="6")
    page.wait_for_function(
        "([pictures, before]) => document.querySelector(pictures)?.getAttribute('href') !== before",
        arg=[pictures, before],
    )
    assert kept(page)


@pytest.mark.parametrize("name", LIVE)
def test_leaving_a_live_page_ends_its_messages(page: Page, traffic: Traffic, app_url: str, name: str) -> None:
    show(page, app_url, name)
    wait_n(page, f"n > {FIRST_BATCH}")
    page.get_by_role("link", name="Noise, then transform").first.click()
    page.wait_for_selector("input[data-film]")
    wait_ready(page)
    page.wait_for_timeout(QUIET)
    traffic.clear()
    page.wait_for_timeout(2 * QUIET)
    assert not traffic


def test_a_wide_menu_of_families_restores_its_own_values(page: Page, app_url: str) -> None:
    """Each family keeps its own film through a change of family and back."""
    show(page, app_url, "noise_then_transform", **{"normal.loc": "2.5"})
    menu = page.locator("[data-testid=stSelectbox]").first
    for title in ("Uniform", "Normal"):
        menu.locator("input, [role=combobox]").first.click()
        page.get_by_role("option", name=title, exact=True).click()
        key = title.lower()
        page.wait_for_selector(f"input[data-film^='{key}.']")
        wait_ready(page)
    assert query(page)["normal.loc"] == "2.5"
    assert "2.50" in page.locator(".explorer-chart .caption").inner_text()


def test_derivations_are_typeset_without_a_fault(page: Page, app_url: str) -> None:
    for name in ("start", "noise_then_transform", "two_estimators", "latent_space"):
        show(page, app_url, name, **({"play": "false"} if name in ("start", "two_estimators") else {}))
        page.locator("[data-testid=stExpander] summary", has_text="The whole derivation").click()
        page.locator("[data-testid=stExpanderDetails] .katex-display").first.wait_for()
        assert page.locator(".katex-error").count() == 0
