"""Finds a Chromium for the browser tests, or installs the system's: `python -m tests.browser.find_browser` prints it.

Playwright's own download is not available everywhere, so a system browser comes first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HELP = (
    "No Chromium was found. Install one (Debian: apt-get install chromium; elsewhere: python -m playwright install "
    "chromium), or set EXPLORER_BROWSER to the path of a Chromium or Chrome."
)


def find_browser() -> str:
    """The path of a browser. Raises RuntimeError, saying what to do, when there is none and none can be installed."""
    path = _chosen() or _installed() or _downloaded()
    if path is None and _may_install():
        subprocess.run(["apt-get", "update"], check=True)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], check=True)
        path = _installed()
    if path is None:
        raise RuntimeError(HELP)
    return path


def _chosen() -> str | None:
    path = os.environ.get("EXPLORER_BROWSER")
    if path and not shutil.which(path):
        raise RuntimeError(f"EXPLORER_BROWSER is {path!r}, which cannot be run")
    return path or None


def _installed() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


def _downloaded() -> str | None:
    try:
        with sync_playwright() as playwright:
            path = Path(playwright.chromium.executable_path)
    except Error:
        return None
    return str(path) if path.exists() else None


def _may_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


if __name__ == "__main__":
    sys.stdout.write(f"{find_browser()}\n")
