"""What is done once for the whole server process, and the limit on how much of it computes at a time."""

from __future__ import annotations

import functools
import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PLACES = threading.BoundedSemaphore(os.cpu_count() or 1)


@functools.cache
def settle() -> None:
    """Moves everything imported so far out of the garbage collector's sight.

    Streamlit collects fully after every run; walking torch's and Plotly's modules each time would cost more than a
    live frame.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def computing() -> Iterator[None]:
    """Heavy work waits here for a free core, so that many visitors slow down together and none is starved."""
    with _PLACES:
        yield
