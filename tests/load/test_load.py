"""Several visitors at once: no error, nobody starved, one link computed once. Speeds are for the benchmark to print."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from explorer.benchmark.browser import server
from explorer.benchmark.load import SCENARIOS, Outcome, Scenario, described, play, share_within
from explorer.benchmark.release import processor_seconds
from explorer.benchmark.visitor import Visitor

FEW = 4
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """The work's result, from a thread of its own: where browser tests ran before, this one has a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as (_, url):
        yield url.removeprefix("http://")


def shortened(scenario: Scenario) -> Scenario:
    return dataclasses.replace(scenario, visitors=FEW, seconds=6.0, arrival=0.5, every=3.0 if scenario.every else None)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.page)
def test_nobody_is_starved(address: str, scenario: Scenario) -> None:
    short = shortened(scenario)
    outcome = run(play(address, short))
    assert not outcome.errors
    assert len(outcome.loads) == FEW
    assert len(outcome.changes) >= FEW * bool(scenario.every)
    assert len(outcome.rates) == FEW * scenario.live
    assert all(rate > 0 for rate in outcome.rates)
    assert all("nan" not in line for line in described(short, outcome))


def test_a_moved_slider_is_answered_with_its_own_numbers(address: str) -> None:
    """The visitor is a real one: what it moves is what the page shows."""

    async def moved() -> tuple[set[str], set[str]]:
        async with Visitor(address, "two_estimators", "play=false") as visitor:
            await visitor.open(60)
            before = set(visitor.texts)
            await visitor.move(1.0, 60)
            return before, set(visitor.texts) - before

    before, after = run(moved())
    assert any("Exact gradient **2**" in text for text in before)
    assert any("Exact gradient **8**" in text for text in after), "E[x²] under N(4, 1) has the slope 8"


def test_a_released_slider_is_the_page_s_from_then_on(address: str) -> None:
    """What the benchmark releases reaches the link, and costs the server some time that can be told."""

    async def released() -> str:
        async with Visitor(address, "move_or_weigh") as visitor:
            await visitor.open(60)
            await visitor.release(0.2, 60)
            return visitor.query

    assert run(released()) == "normal.loc.to=-2.4"
    before, start = processor_seconds(os.getpid()), time.process_time()
    sum(range(3_000_000))
    assert processor_seconds(os.getpid()) - before == pytest.approx(time.process_time() - start, abs=0.03)


def test_a_server_that_is_not_there_is_an_error_for_each() -> None:
    outcome = run(play("127.0.0.1:1", shortened(SCENARIOS[0])))
    assert len(outcome.errors) == FEW
    assert not outcome.loads


@pytest.mark.parametrize(("values", "expected"), [([3.0, 1.0, 2.0], 3.0), ([float(i) for i in range(100)], 95.0)])
def test_share_within(values: list[float], expected: float) -> None:
    assert share_within(values) == expected
    assert Outcome().errors == []
