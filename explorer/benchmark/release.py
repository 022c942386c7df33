"""What the release of a film's slider costs the server: its processor time for one answer, apart from the mathematics.

A visitor releases the slider at a row of values, then once more at the same ones. The second time the store has what is
exact in the film, so what is left is the page, its captions and its message.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from explorer.benchmark.browser import server
from explorer.benchmark.visitor import Visitor

FILMS = ("noise_then_transform", "move_or_weigh", "score_size", "variance_curves", "descent?play=false")
"""Links to the pages with a film."""
RELEASES = 25
LIMIT = 120.0
"""Seconds after which a visitor who waits gives up."""


def run() -> Iterator[str]:
    """The lines of the table."""
    with server() as (process, url):
        if not _clock(process.pid).exists():
            yield f"{'release of a film: server time':<78}not told by this system"
            return
        for link in FILMS:
            first, again = asyncio.run(releases(url.removeprefix("http://"), link, process.pid))
            label = f"film's release on {link.partition('?')[0]}: server ms apart from mathematics (with it)"
            yield f"{label:<78}{1000 * again:.0f} ({1000 * first:.0f})"


async def releases(address: str, link: str, pid: int, n: int = RELEASES) -> tuple[float, float]:
    """The server's processor seconds for one release at a new value, and for one at a value released before."""
    page, _, query = link.partition("?")
    spent = []
    async with Visitor(address, page, query) as visitor:
        await visitor.open(LIMIT)
        # What is done once a process or a visit is nobody's.
        await visitor.release(0.5, LIMIT)
        await visitor.release(0.55, LIMIT)
        for _ in range(2):
            before = processor_seconds(pid)
            for place in range(n):
                await visitor.release((place + 0.5) / n, LIMIT)
            spent.append((processor_seconds(pid) - before) / n)
    if visitor.errors:
        raise RuntimeError(f"{page} failed: {visitor.errors[0]}")
    return spent[0], spent[1]


def processor_seconds(pid: int) -> float:
    """What all threads of a process have used of the processors."""
    ticks = _clock(pid).read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _clock(pid: int) -> Path:
    return Path(f"/proc/{pid}/stat")
