"""A visitor of the real app: follows links, waits for what is drawn, reads the screen."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Locator, Page, Request, ViewportSize

from explorer import pages
from tests.browser.conftest import SECONDS, wait_ready

PLOT = ".st-key-picture .explorer-chart .plot"
PLANE = ".latent-pad .plane"
SLIDERS = ".latent-sliders .pictures"
ROWS = ".traversal-pad .field"
GRAPHS = ".autograd-graph .graph"
PICTURE = f"{PLOT}[data-draws], .st-key-picture :is({PLANE}, {SLIDERS}, .traversal-pad, {GRAPHS})"
DIGIT = ".latent-pad .decoded"
LIVE = ("start", "gradient_stream", "elbo_gradient")
PLAYING = (*LIVE, "race")
"""Those that go on by themselves; the race counts steps, the others samples."""
PAGES = tuple(pages.PAGES)
QUIET = 700
"""Milliseconds in which a message under way would have arrived."""
PAUSED = {"play": "false"}
PHONE_WIDTH = 390
PHONE = {"viewport": {"width": PHONE_WIDTH, "height": 844}, "has_touch": True, "is_mobile": True}
PROJECTOR: ViewportSize = {"width": 1280, "height": 720}


def address(url: str, name: str, **query: str) -> str:
    return f"{url}/{pages.PAGES[name].address}?{urlencode(query)}"


def show(page: Page, url: str, name: str, **query: str) -> None:
    """Follows a link to a page and waits until it has drawn."""
    page.set_default_timeout(90 * SECONDS)
    page.goto(address(url, name, **query))
    page.wait_for_selector(PICTURE)
    if name not in PLAYING or query.get("play") == "false":
        wait_ready(page)
        page.wait_for_selector(f"{DIGIT}, {PLOT}, {ROWS}, {GRAPHS}")


def find_link(page: Page, section: str, title: str) -> Locator:
    """The navigation's link to a page, its group opened."""
    page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
    link = page.get_by_role("menuitem", name=title)
    link.wait_for()
    return link


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
    """The picture's text from the number of samples on, once the exact answers are in it."""
    page.wait_for_function("!document.querySelector('.st-key-picture').innerText.includes('on their way')")
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


def dots(page: Page) -> list[str]:
    """Where the dots stand, as the screen has them."""
    return [
        str(place)
        for place in page.evaluate(
            f"""[...document.querySelectorAll('{PLOT} .scatterlayer .points path')]
                .map((dot) => dot.getAttribute('transform'))"""
        )
    ]


def wait_atlas(page: Page) -> None:
    page.wait_for_function(
        f"""() => {{
          const digit = document.querySelector('{DIGIT}');
          return digit && document.querySelector('.latent-pad .notice').hidden
            && new Set(digit.getContext('2d').getImageData(0, 0, digit.width, digit.height).data).size > 10;
        }}"""
    )
