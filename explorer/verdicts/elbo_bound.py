"""The K-sample bound in words: what it gains, and signal beside noise against K."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explorer.text import word
from explorer.text.numbers import number
from explorer.vae.gradients.k_samples import SignalToNoise
from explorer.verdicts.words import listed

CURVES = ("pathwise", "doubly_reparameterized", "decoder")


def curve_labels() -> dict[str, str]:
    """What the curves against K are called."""
    return {name: word(f"elbo_bound.curve.{name}") for name in CURVES}


def gains(found: Sequence[SignalToNoise]) -> str:
    """From the first K to the last: the bound and each signal beside its noise (Markdown)."""
    first, last = found[0], found[-1]
    gained = word(
        "elbo_bound.bound",
        first=first.count,
        last=last.count,
        gain=number(last.bound.value - first.bound.value, 3),
        error=number(math.hypot(last.bound.error, first.bound.error)),
    )
    parts = [
        word(
            "elbo_bound.signal",
            name=label,
            first=_estimate(getattr(first, name).value, getattr(first, name).error),
            last=_estimate(getattr(last, name).value, getattr(last, name).error),
        )
        for name, label in curve_labels().items()
    ]
    return f"{gained} {'; '.join(parts)}."


def _estimate(value: float, error: float) -> str:
    return f"{number(value, 3)} ± {number(error)}" if value > 0 else word("elbo_bound.unseen")


def described(counts: Sequence[int]) -> str:
    """The curves against K in words."""
    return word("elbo_bound.alt", counts=listed([f"{count}" for count in counts]))


def table(found: Sequence[SignalToNoise]) -> dict[str, list[float]]:
    """The curves' numbers, a column a name."""
    columns = {"K": [float(each.count) for each in found]}
    for name in (*CURVES, "bound"):
        columns[name] = [getattr(each, name).value for each in found]
        columns[f"{name}_standard_error"] = [getattr(each, name).error for each in found]
    return columns
