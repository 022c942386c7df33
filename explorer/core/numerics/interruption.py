"""Long work that can be ended from outside: what loops asks here from time to time whether it is still wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Interrupted(Exception):
    """Nobody wants the answer any more."""


_is_wanted: ContextVar[Callable[[], bool] | None] = ContextVar("is_wanted", default=None)


@contextmanager
def while_wanted(is_wanted: Callable[[], bool]) -> Iterator[None]:
    """Work inside, in this thread, ends with Interrupted soon after `is_wanted` says no."""
    token = _is_wanted.set(is_wanted)
    try:
        yield
    finally:
        _is_wanted.reset(token)


def go_on() -> None:
    """Called by what loops. Raises Interrupted where the work is wanted no more."""
    is_wanted = _is_wanted.get()
    if is_wanted is not None and not is_wanted():
        raise Interrupted
