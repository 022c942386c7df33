"""Work that does not depend on how the caller has set torch: its autograd mode, default type, default device, autocast.

A notebook may be in `torch.inference_mode()`, where nothing can be differentiated, or have float64 as its default type.
What the engine answers, and above all what it keeps in a cache for others, is the same there.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import ParamSpec, TypeVar

import torch
from torch import Tensor

P = ParamSpec("P")
T = TypeVar("T")


class _Float32:
    """The default type is one for all threads: the first who enters sets it, the last who leaves puts it back."""

    def __init__(self) -> None:
        self._lock, self._inside, self._before = threading.Lock(), 0, torch.float32

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = torch.get_default_dtype()
                if self._before != torch.float32:
                    torch.set_default_dtype(torch.float32)
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._before != torch.float32:
                torch.set_default_dtype(self._before)


_FLOAT32 = _Float32()


@contextmanager
def isolation() -> Iterator[None]:
    """Inside, torch is as it is after its import, and no gradients are recorded."""
    # Leaving inference mode turns gradients on: no_grad comes after it.
    with ExitStack() as stack, _FLOAT32, torch.inference_mode(False), torch.no_grad():
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        for kind in ("cpu", "cuda"):
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        yield


def isolated(function: Callable[P, T]) -> Callable[P, T]:
    """The function, each call of it in `isolation`: for entrances, for what fills a cache and for what pages call."""

    @functools.wraps(function)
    def alone(*arguments: P.args, **named: P.kwargs) -> T:
        with isolation():
            return function(*arguments, **named)

    return alone


@contextmanager
def differentiation() -> Iterator[None]:
    """Inside, gradients are recorded, whatever the caller's mode. Tensors from outside it pass through `ordinary`."""
    with torch.inference_mode(False), torch.enable_grad():
        yield


def ordinary(tensor: Tensor) -> Tensor:
    """The tensor, or a copy of one made in inference mode, through which nothing could be differentiated."""
    if not tensor.is_inference():
        return tensor
    with torch.inference_mode(False):
        return tensor.clone()
