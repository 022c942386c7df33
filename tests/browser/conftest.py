"""One browser and one server an app for the whole session; a fresh visit for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocket, expect, sync_playwright

from tests.browser.find_browser import find_browser
from tests.browser.server import ROOT, Server

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 1000
TIMEOUT = 30 * SECONDS
expect.set_options(timeout=TIMEOUT)

NewPage: TypeAlias = Callable[..., Page]
Traffic: TypeAlias = list[tuple[str, int]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        yield browser
        browser.close()


Contexts: TypeAlias = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[Contexts]:
    """One context for each set of what `browser.new_context` takes: its cache spares pages Streamlit's own scripts."""
    opened: dict[str, BrowserContext] = {}

    def context(**options: object) -> BrowserContext:
        wanted = {"viewport": {"width": 1280, "height": 720}, "color_scheme": "light", **options}
        key = repr(sorted(wanted.items()))
        if key not in opened:
            opened[key] = browser.new_context(**wanted)  # type: ignore[arg-type]
        return opened[key]

    yield context
    for each in opened.values():
        each.close()


@pytest.fixture(scope="session")
def servers() -> list[Server]:
    """The servers started so far; each test looks for tracebacks in their logs."""
    return []


@pytest.fixture(scope="session")
def harness_url(tmp_path_factory: pytest.TempPathFactory, servers: list[Server]) -> Iterator[str]:
    """The harness: each component by itself, `?show=` film, live, heatmap or pad; plotly.js comes by message."""
    harness = Path(__file__).parent / "apps" / "harness.py"
    yield from _serve(harness, tmp_path_factory, servers, "--server.enableStaticServing", "false")


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory, servers: list[Server]) -> Iterator[str]:
    """The app itself."""
    yield from _serve(ROOT / "app.py", tmp_path_factory, servers)


def _serve(app: Path, folders: pytest.TempPathFactory, servers: list[Server], *options: str) -> Iterator[str]:
    with Server(app, folders.mktemp("server") / "log", *options) as server:
        servers.append(server)
        yield server.url


@pytest.fixture
def new_page(contexts: Contexts, servers: list[Server]) -> Iterator[NewPage]:
    """Makes pages, each a visit of its own; takes what `browser.new_context` takes.

    The test fails when a page reports an error or a server wrote a traceback.
    """
    faults: list[str] = []
    opened: list[Page] = []

    def make(**options: object) -> Page:
        page = contexts(**options).new_page()
        opened.append(page)
        page.set_default_timeout(TIMEOUT)
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
        page.on("console", lambda message: faults.extend(_fault(message)))
        return page

    yield make
    for page in opened:
        page.close()
    faults += [fault for server in servers if (fault := server.faults())]
    assert not faults, "\n".join(faults)


def _fault(message: ConsoleMessage) -> list[str]:
    # On a page below the root Streamlit looks for its server there first, and Chromium reports the two it misses.
    if "/_stcore/" in message.location.get("url", ""):
        return []
    # Streamlit looks whether a download is there as its button is drawn: where hands are quick, the next run has put
    # another in its place by then, and its button too.
    if "/media/" in message.location.get("url", "") or "Download Button source error - 404" in message.text:
        return []
    return [f"console: {message.text}"] if message.type == "error" or message.text.startswith("chart:") else []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page of 1280 x 720 in the light theme."""
    return new_page()


@pytest.fixture
def traffic(page: Page) -> Traffic:
    """("sent" or "received", bytes) of each websocket message of `page`; clear it to start counting."""
    frames: Traffic = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: frames.append(("sent", len(frame))))
        socket.on("framereceived", lambda frame: frames.append(("received", len(frame))))

    page.on("websocket", listen)
    return frames


def wait_ready(page: Page) -> None:
    """Waits until the script has run and each chart has drawn. On a live page wait for content instead."""
    page.wait_for_selector("[data-test-connection-state=CONNECTED][data-test-script-state=notRunning]")
    page.wait_for_function(
        "[...document.querySelectorAll('.explorer-chart .plot')].every((plot) => Number(plot.dataset.draws) > 0)"
    )
