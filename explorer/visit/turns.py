"""What is done once for the whole server process, and the limit on how much of it computes at a time."""

from __future__ import annotations

import functools
import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_PLACES = threading.BoundedSemaphore(os.cpu_count() or 1)


@functools.cache
def settle() -> None:
    """One core for each who computes, and everything imported so far out of the garbage collector's sight.

    As many visitors compute at a time as there are cores (`computing`), and threads of their own would only get in each
    other's way. Walking torch's and Streamlit's modules at each full collection would cost more than a live picture.
    """
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()


@contextmanager
def computing() -> Iterator[None]:
    """Heavy work waits here for a free core, so that many visitors slow down together and none is starved."""
    with _PLACES:
        yield
