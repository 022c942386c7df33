"""Answers computed once in the process, whoever asks: thirty students who open one link make one computation.

`ask` waits a moment and gives back the answer or None: a picture is drawn without it, and asks again when its browser
does. The work is done by a few threads of the store's own, the question asked last first. One that nobody has asked for
lately is not begun, or ends, so that it holds no core from others.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Generic, TypeVar

from torch import Tensor

from explorer.core.numerics.interruption import Interrupted, while_wanted

T = TypeVar("T")

CAPACITY = 64 * 2**20
"""Bytes of answers kept; past that the ones asked for longest ago are dropped."""
LATELY = 5.0
"""Seconds after which a question counts as given up."""
WORKERS = max(1, (os.cpu_count() or 1) - 1)
"""A core is left for the samples, which nobody should wait for."""


@dataclass(eq=False)
class _Question:
    make: Callable[[], Any]
    asked: float
    waiting: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: Exception | None = None
    size: int = 0
    begun: bool = False

    @property
    def is_wanted(self) -> bool:
        return self.waiting > 0 or time.monotonic() - self.asked < LATELY


@dataclass(frozen=True)
class Answer(Generic[T]):
    """An answer that has come; it may itself be None."""

    value: T


class Store:
    """A bounded store of answers by key. Answers are shared between threads: they must not be changed."""

    def __init__(self, capacity: int = CAPACITY, workers: int = WORKERS) -> None:
        self._capacity, self._workers = capacity, workers
        self._lock = threading.Lock()
        self._questions: OrderedDict[Hashable, _Question] = OrderedDict()
        self._running = 0

    def ask(self, key: Hashable, make: Callable[[], T], patience: float) -> Answer[T] | None:
        """What `make()` gave for this key, or None when it is not there within `patience` seconds.

        An error that `make` raised is raised again for everybody who asks, until the key is dropped.
        """
        with self._lock:
            question = self._questions.get(key)
            if question is None:
                question = self._questions[key] = _Question(make, time.monotonic())
                if self._running < self._workers:
                    self._running += 1
                    threading.Thread(target=self._work, name="explorer-store", daemon=True).start()
            question.waiting += 1
            self._questions.move_to_end(key)
        try:
            if not question.done.wait(patience):
                return None
        finally:
            with self._lock:
                question.asked = time.monotonic()
                question.waiting -= 1
        if question.error is not None:
            raise question.error
        return Answer(question.answer)

    def _work(self) -> None:
        """Answers questions until there is none; the thread ends then."""
        while (next_one := self._next()) is not None:
            key, question = next_one
            try:
                with while_wanted(lambda question=question: question.is_wanted):  # type: ignore[misc]
                    question.answer = question.make()
            except Interrupted:
                self._drop(key)
                continue
            except Exception as error:  # told to whoever asks, in their own thread
                question.error = error
            question.size = size_of(question.answer)
            question.done.set()
            self._make_room()

    def _next(self) -> tuple[Hashable, _Question] | None:
        """The question asked last that nobody works on; those given up are dropped on the way."""
        with self._lock:
            for key, question in reversed(list(self._questions.items())):
                if question.begun:
                    continue
                if question.is_wanted:
                    question.begun = True
                    return key, question
                del self._questions[key]
            self._running -= 1
            return None

    def _drop(self, key: Hashable) -> None:
        with self._lock:
            self._questions.pop(key, None)

    def _make_room(self) -> None:
        with self._lock:
            total = sum(question.size for question in self._questions.values())
            for key in list(self._questions):
                if total <= self._capacity:
                    break
                if self._questions[key].done.is_set():
                    total -= self._questions.pop(key).size


def size_of(value: object) -> int:
    """About how many bytes an answer holds: its tensors, arrays and strings."""
    if isinstance(value, Tensor):
        return value.nbytes
    if isinstance(value, Mapping):
        return sum(size_of(part) for part in value.values())
    if is_dataclass(value) and not isinstance(value, type):
        return sum(size_of(getattr(value, part.name)) for part in fields(value))
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return sys.getsizeof(value)
    return sum(size_of(part) for part in value)


STORE = Store()
"""The one of this process."""
