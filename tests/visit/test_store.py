"""The store: one computation a key, nobody held up, what is given up ends, memory bounded."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from explorer.core.experiments.answers import Answers
from explorer.core.numerics.interruption import go_on
from explorer.visit import store as module
from explorer.visit.store import Answer, Store, size_of

LONG = 20.0
"""Seconds that no test waits in full."""


class Count:
    """A computation that counts its calls and waits for leave to end."""

    def __init__(self) -> None:
        self.calls, self.leave = 0, threading.Event()

    def __call__(self) -> int:
        self.calls += 1
        assert self.leave.wait(LONG)
        return 7


def wait_until(condition: object) -> None:
    end = time.monotonic() + LONG
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.005)


def test_an_answer_is_computed_once_for_all() -> None:
    store, work = Store(), Count()
    found: list[Answer[int] | None] = []
    visitors = [threading.Thread(target=lambda: found.append(store.ask("key", work, LONG))) for _ in range(30)]
    for visitor in visitors:
        visitor.start()
    work.leave.set()
    for visitor in visitors:
        visitor.join()
    assert found == [Answer(7)] * 30
    assert work.calls == 1


def test_nobody_is_held_up_longer_than_their_patience() -> None:
    store, work = Store(), Count()
    start = time.monotonic()
    assert store.ask("key", work, 0.05) is None
    assert time.monotonic() - start < LONG / 2
    work.leave.set()
    assert store.ask("key", work, LONG) == Answer(7)
    assert work.calls == 1


def test_an_error_is_told_to_everybody() -> None:
    store, calls = Store(), []

    def fails() -> int:
        calls.append(1)
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            store.ask("key", fails, LONG)
    assert len(calls) == 1


def test_the_question_asked_last_comes_first() -> None:
    store, first, order = Store(workers=1), Count(), []
    store.ask("first", first, 0.01)
    for name in ("early", "late"):
        store.ask(name, lambda name=name: order.append(name), 0.0)  # type: ignore[misc]
    first.leave.set()
    wait_until(lambda: len(order) == 2)
    assert order == ["late", "early"]


def test_what_nobody_waits_for_is_never_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LATELY", 0.05)
    store, first, begun = Store(workers=1), Count(), []
    store.ask("first", first, 0.01)
    store.ask("given up", lambda: begun.append(1), 0.0)
    time.sleep(0.1)
    first.leave.set()
    wait_until(lambda: store._running == 0)
    assert not begun


def test_work_that_nobody_waits_for_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LATELY", 0.05)
    store, ended = Store(workers=1), threading.Event()

    def endless() -> None:
        try:
            while True:
                time.sleep(0.005)
                go_on()
        finally:
            ended.set()

    store.ask("endless", endless, 0.0)
    assert ended.wait(LONG)
    wait_until(lambda: store._running == 0)
    assert store.ask("endless", lambda: 3, LONG) == Answer(3), "a question that was given up may be asked again"


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    store = Store()
    for key in range(20):
        assert store.ask(key, lambda key=key: key, LONG) == Answer(key)  # type: ignore[misc]
    wait_until(lambda: threading.active_count() <= before)


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    store, calls = Store(capacity=3_000), []

    def made(key: int) -> Tensor:
        calls.append(key)
        return torch.zeros(250)

    for key in (0, 1, 2, 0, 3, 0, 1):
        store.ask(key, lambda key=key: made(key), LONG)  # type: ignore[misc]
        wait_until(lambda: store._running == 0)
    assert calls == [0, 1, 2, 3, 1]


@dataclass
class Box:
    parts: dict[str, list[Tensor]]
    text: str = ""


def test_sizes_are_those_of_the_tensors_within() -> None:
    box = Box({"a": [torch.zeros(1000), torch.zeros(10, dtype=torch.float64)]})
    assert 4080 <= size_of(box) < 4200
    assert size_of("x" * 5000) > 5000
    answers = Answers(1.0, {}, {}, {}, "")
    assert size_of(answers) < 500


def test_work_that_somebody_waits_for_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it takes: one who waits has asked once only."""
    monkeypatch.setattr(module, "LATELY", 0.05)
    store = Store()

    def slow() -> int:
        for _ in range(40):
            time.sleep(0.005)
            go_on()
        return 5

    assert store.ask("slow", slow, LONG) == Answer(5)
