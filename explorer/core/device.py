"""The one place that asks which device there is: CUDA, else MPS, else the CPU.

Everything else receives a `torch.device`, or creates tensors beside the ones it was given.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch

from explorer.core.parameters import as_integer

KINDS = ("cpu", "cuda", "mps")


@dataclass(frozen=True)
class Choice:
    """A device that has been tried, and a sentence for the visitor when a better one failed (else empty)."""

    device: torch.device
    notice: str = ""


def _fault(name: str) -> str:
    """Why the device cannot be used: empty when a small computation on it gives the right answer."""
    try:
        ones = torch.ones(8, dtype=torch.float32, device=name)
        total = float((ones @ ones).cpu())
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        # Torch appends a list of every backend it knows: the first sentence says it.
        return str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
    return "" if total == 8.0 else f"a test sum gave {total} instead of 8"


def try_devices(names: tuple[str, ...]) -> Choice:
    """The first of `names` that computes correctly; the CPU when none does.

    The notice names each device that was offered and failed.
    """
    notices: list[str] = []
    for name in names:
        fault = _fault(name)
        if not fault:
            return Choice(torch.device(name), " ".join(notices))
        notices.append(f"The {name.upper()} device could not be used ({fault}); the next one is tried.")
    return Choice(torch.device("cpu"), " ".join(notices))


@functools.cache
def best_device() -> Choice:
    """The device this process computes on, chosen once."""
    offered = []
    if torch.cuda.is_available():
        offered.append("cuda")
    if torch.backends.mps.is_available():
        offered.append("mps")
    return try_devices(tuple(offered))


def resolve_device(device: str | torch.device | None) -> torch.device:
    """The device asked for, or the best one when `device` is None.

    Raises ValueError when `device` is not a device this machine can use.
    """
    if device is None:
        return best_device().device
    known = f"device must be 'cpu', 'cuda' or 'mps', got {device!r}"
    if str(device).partition(":")[0] not in KINDS:
        raise ValueError(known)
    try:
        wanted = torch.device(device)
    except RuntimeError as error:
        raise ValueError(known) from error
    fault = _fault(str(wanted))
    if fault:
        raise ValueError(f"device {device!r} cannot be used here: {fault}")
    return wanted


def generator_for(seed: int, device: torch.device) -> torch.Generator:
    """A generator of its own on `device`, started from `seed` (an integer in [0, 2**63 - 1])."""
    number = as_integer(seed)
    if number is None or not 0 <= number < 2**63:
        raise ValueError(f"seed must be an integer in [0, 2**63 - 1], got {seed!r}")
    generator = torch.Generator(device=device)
    generator.manual_seed(number)
    return generator
