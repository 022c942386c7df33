"""What a visitor's browser sees of the speed: the real server, the real pages, a headless Chromium.

Needs Playwright and a Chromium on the machine (tests/requirements.txt); without them it says so in one line.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.vae.pretrained import manifest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
LIVE_SECONDS = 15
DRAG_STEPS = 120
ATLASES = 6
LIVE_LINK = "two_estimators?batch=320%2C000"


def run() -> Iterator[str]:
    """The lines of the table, or one line saying what is missing."""
    with browser_page() as page:
        if isinstance(page, str):
            yield page
            return
        browser = page.context.browser
        assert browser is not None
        with server() as (process, address):
            yield from warm_visit(browser, address)
            yield from live_rate(page, address)
            yield from pad_drag(page, address)
            yield from atlas_of_another_model(browser)
            yield from film_drag(page, address)
            for path in ("", "noise_then_transform", "latent_space?model=mnist-50d"):
                page.goto(f"{address}/{path}")
                page.wait_for_selector("[data-draws]")
            page.wait_for_timeout(2000)
            yield f"{'server memory after a visit to every page':<78}{resident_mib(process.pid)}"


@contextmanager
def browser_page() -> Iterator[Page | str]:
    """A page of a projector's size in a headless Chromium, or the line that says what is missing."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield "In the browser: not measured, Playwright is not installed (pip install -r tests/requirements.txt)."
        return
    browser_path = os.environ.get("EXPLORER_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        yield f"In the browser: not measured, none of {', '.join(BROWSERS)} is installed."
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=list(QUIET))
        yield browser.new_page(viewport={"width": 1280, "height": 720})
        browser.close()


@contextmanager
def server(app: Path = ROOT / "app.py") -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """An app on a free port, ready to answer; ended with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app), f"--server.port={port}", "--server.headless=true"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
                break
            except urllib.error.URLError:
                time.sleep(0.5)
        yield process, address
    finally:
        process.terminate()
        process.wait(10)


BARE_APP = """import plotly.graph_objects as go
import streamlit as st

st.plotly_chart(go.Figure(go.Scatter(y=[1, 2, 3])))
"""
WARM_VISITS = 9


def warm_visit(browser: Browser, address: str) -> Iterator[str]:
    """Seconds from following a link to the first picture, the browser's cache warm, beside a bare Streamlit page's.

    The two take turns, each visit in a tab of its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE_APP)
        with server(bare) as (_, bare_address):
            context = browser.new_context(viewport={"width": 1280, "height": 720})
            targets = {"ours": (f"{address}/", "[data-draws]"), "bare": (bare_address, ".js-plotly-plot .main-svg")}
            times: dict[str, list[float]] = {name: [] for name in targets}
            for _ in range(WARM_VISITS + 1):
                for name, (link, picture) in targets.items():
                    page = context.new_page()
                    start = time.perf_counter()
                    page.goto(link, wait_until="commit")
                    page.wait_for_selector(picture, state="attached")
                    times[name].append(time.perf_counter() - start)
                    page.close()
            context.close()
    # The first of each fills the cache.
    ours, bare_time = (statistics.median(times[name][1:]) for name in ("ours", "bare"))
    each = statistics.median(one / other for one, other in zip(times["ours"][1:], times["bare"][1:], strict=True))
    label = "warm visit to first picture / a bare page with one st.plotly_chart (seconds)"
    yield f"{label:<78}{each:.2f} ({ours:.2f} / {bare_time:.2f})"


def live_rate(page: Page, address: str) -> Iterator[str]:
    """Pictures and samples a second of the live page at its largest batch."""
    page.goto(f"{address}/{LIVE_LINK}")
    page.wait_for_selector("[data-draws]")
    page.wait_for_timeout(5000)
    before, start = _samples(page), time.perf_counter()
    page.wait_for_timeout(1000 * LIVE_SECONDS)
    after, elapsed = _samples(page), time.perf_counter() - start
    rate = (after - before) / elapsed
    yield f"{'live page: pictures a second':<78}{rate / 320_000:.1f}"
    yield f"{'live page: samples a second, each estimator':<78}{rate / 1e6:.2f} million"


def _samples(page: Page) -> int:
    """The number of samples that the verdict names."""
    text = page.get_by_text("samples. Exact gradient").first.inner_text()
    return int(text.split(" samples")[0].replace(",", "").split()[-1])


def pad_drag(page: Page, address: str) -> Iterator[str]:
    """The cost of a changed picture while the point is dragged, and the bytes the server sent for it."""
    received: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    page.goto(f"{address}/latent_space")
    plane = page.locator(".latent-pad .plane")
    plane.wait_for()
    page.wait_for_timeout(5000)
    box = plane.bounding_box()
    if box is None:
        yield "latent pad: not on the screen"
        return
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("performance.clearMeasures('latent_pad.draw')")
    received.clear()
    for step in range(DRAG_STEPS):
        page.mouse.move(x + 100 * (step / DRAG_STEPS), y - 60 * (step / DRAG_STEPS))
    costs = page.evaluate("performance.getEntriesByName('latent_pad.draw').map(entry => entry.duration)")
    sent = sum(received)
    page.mouse.up()
    yield (
        f"{'latent pad: milliseconds to a changed picture while dragging, median (most)':<78}"
        f"{statistics.median(costs):.2f} ({max(costs):.2f})"
    )
    yield f"{'latent pad: bytes from the server during the drag':<78}{sent}"


def atlas_of_another_model(browser: Browser) -> Iterator[str]:
    """Seconds from the click on a model of two latents to its atlas on the screen, in a server of its own."""
    models = {name: entry.recipe.architecture for name, entry in manifest().models.items()}
    flat = next((name for name, each in models.items() if each.n_latents == 2 and each.posterior != "bernoulli"), None)
    other = next((name for name, each in models.items() if each.n_latents != 2), None)
    if flat is None or other is None:
        yield "atlas: no model of two latents beside another"
        return
    drawn = "performance.getEntriesByName('latent_pad.atlas').length"
    with server() as (_, address):
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"{address}/latent_space?model={other}&background=atlas")
        times = []
        for _ in range(ATLASES):
            page.wait_for_selector("[data-test-script-state=notRunning] [data-draws]")
            page.wait_for_timeout(3000)
            menu = page.get_by_role("combobox").first
            menu.click()
            option = page.get_by_role("option", name=flat, exact=True)
            option.wait_for()
            before, start = page.evaluate(drawn), time.perf_counter()
            option.click()
            page.wait_for_function(f"{drawn} > {before}", polling="raf")
            times.append(time.perf_counter() - start)
            page.wait_for_timeout(3000)
            menu.click()
            page.get_by_role("option", name=other, exact=True).click()
        page.close()
    label = "another model: seconds to its atlas on the screen, the first time (median after)"
    yield f"{label:<78}{times[0]:.2f} ({statistics.median(times[1:]):.2f})"


def film_drag(page: Page, address: str) -> Iterator[str]:
    """The script time of a film's frame while its slider is dragged, and the frames played a second."""
    page.goto(f"{address}/noise_then_transform")
    page.wait_for_selector("[data-draws]")
    page.wait_for_timeout(3000)
    box = page.locator("input[type=range][data-film]").first.bounding_box()
    if box is None:
        yield "film: not on the screen"
        return
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.evaluate("performance.clearMeasures('chart.film')")
    start = time.perf_counter()
    for step in range(DRAG_STEPS):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.4 * step / DRAG_STEPS), y)
    elapsed = time.perf_counter() - start
    costs = page.evaluate("performance.getEntriesByName('chart.film').map(entry => entry.duration)")
    page.mouse.up()
    label = "film: milliseconds of script a frame, median (most); frames played a second"
    yield f"{label:<78}{statistics.median(costs):.1f} ({max(costs):.1f}); {len(costs) / elapsed:.0f}"


def resident_mib(pid: int) -> str:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    sizes = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")]
    return f"{sizes[0]:.0f} MiB" if sizes else "not told by this system"
