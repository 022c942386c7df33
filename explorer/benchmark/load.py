"""How many visitors one server process serves at once, and how fast: visits over Streamlit's websocket protocol.

The server and the visitors run on this machine, on loopback only; every scenario is bounded in time and number.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from explorer.benchmark.browser import resident_mib, server
from explorer.benchmark.visitor import Visitor

UPDATES, SETTLING, FEW = 20_000, 500, 4
"""Live updates over which memory is watched, those before it is first read, and the visitors who have them."""
LIMIT = 60.0
"""Seconds after which a visitor who waits gives up."""


@dataclass(frozen=True)
class Scenario:
    """So many visitors of one page, all there within `arrival` seconds; each moves a slider every `every` seconds."""

    name: str
    page: str
    visitors: int
    seconds: float
    every: float | None = None
    live: bool = False
    query: str = ""
    arrival: float = 1.0


SCENARIOS = (
    Scenario("live, sliders every 10 s", "two_estimators", 30, 40.0, every=10.0, live=True, arrival=10.0),
    Scenario("live, gradients of a real VAE", "elbo_gradients", 30, 40.0, live=True, arrival=10.0),
    Scenario(
        *("one link of Variance curves at once", "variance_curves", 30, 5.0),
        query="family=laplace&objective=cosine&estimators=score_function&estimators=pathwise&normal.cosine.against=k",
        arrival=0.2,
    ),
    Scenario("readers who move sliders", "noise_then_transform", 100, 40.0, every=10.0, arrival=20.0),
)


@dataclass
class Outcome:
    """What the visitors of a scenario met: seconds of first loads and slider changes, updates a second, errors."""

    loads: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


async def visit(address: str, scenario: Scenario, place: int, outcome: Outcome) -> None:
    """One visitor from arrival to leaving."""
    chance = random.Random(place)
    await asyncio.sleep(scenario.arrival * place / scenario.visitors)
    try:
        async with Visitor(address, scenario.page, scenario.query) as visitor:
            outcome.loads.append(await visitor.open(LIMIT))
            start, end = time.monotonic(), time.monotonic() + scenario.seconds
            pulling = asyncio.create_task(visitor.live(scenario.seconds)) if scenario.live else None
            # Not all at the same moment: the first wait is any part of the pause.
            wait = chance.random()
            while scenario.every and time.monotonic() + scenario.every * wait < end:
                await asyncio.sleep(scenario.every * wait)
                outcome.changes.append(await visitor.move(chance.random(), LIMIT))
                wait = 1.0
            if pulling:
                await pulling
                outcome.rates.append(visitor.updates / (time.monotonic() - start))
            outcome.errors += visitor.errors
    except (TimeoutError, OSError) as error:
        outcome.errors.append(f"visitor {place}: {type(error).__name__} {error}")


async def play(address: str, scenario: Scenario) -> Outcome:
    """All visitors of a scenario."""
    outcome = Outcome()
    await asyncio.gather(*(visit(address, scenario, place, outcome) for place in range(scenario.visitors)))
    return outcome


def share_within(values: list[float], share: float = 0.95) -> float:
    """The least number that so large a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def described(scenario: Scenario, outcome: Outcome) -> Iterator[str]:
    """The lines of the table for one scenario."""
    title = f"{scenario.visitors} × {scenario.name}"
    yield f"{f'{title}: first load, median and p95, s':<78}{_pair(outcome.loads)}"
    if outcome.changes:
        yield f"{f'{title}: slider to answer, median and p95, s':<78}{_pair(outcome.changes)}"
    if outcome.rates:
        rates = f"{statistics.median(outcome.rates):.2f} ({min(outcome.rates):.2f})"
        yield f"{f'{title}: updates a second each, median (least)':<78}{rates}"
    yield f"{f'{title}: errors':<78}{len(outcome.errors)}{''.join(f'; {error}' for error in outcome.errors[:3])}"


def _pair(values: list[float]) -> str:
    return f"{statistics.median(values):.2f}, {share_within(values):.2f}" if values else "–"


async def update_many(address: str, updates: int) -> int:
    """Lets a few visitors of the live page have so many updates together, as fast as they come; how many came."""
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(Visitor(address, "two_estimators")) for _ in range(FEW)]
        for visitor in visitors:
            await visitor.open(LIMIT)
        await asyncio.gather(*(visitor.live(20 * LIMIT, updates=updates / FEW, pause=0.0) for visitor in visitors))
    return sum(visitor.updates for visitor in visitors)


async def warm_up(address: str) -> None:
    """The first visit of a process imports everything: it is nobody's of the scenario."""
    async with Visitor(address, "two_estimators", "play=false") as visitor:
        await visitor.open(LIMIT)


def run() -> Iterator[str]:
    """The lines of the table, a fresh and warm server for each scenario."""
    for scenario in SCENARIOS:
        with server() as (_, url):
            address = url.removeprefix("http://")
            asyncio.run(warm_up(address))
            yield from described(scenario, asyncio.run(play(address, scenario)))
    with server() as (process, url):
        address = url.removeprefix("http://")
        asyncio.run(update_many(address, SETTLING))
        before = resident_mib(process.pid)
        came = asyncio.run(update_many(address, UPDATES))
        yield f"{f'server memory before and after {came:,} live updates':<78}{before}, {resident_mib(process.pid)}"
