"""An attempt to match a picture in words: how far it has come, what its pictures show, other models' attempts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.text import counted, word
from explorer.text.numbers import number, per_cent, placed

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
NEAR = 0.005
"""Nats: what is written as 0.00 above the best is a match."""


@dataclass(frozen=True)
class Standing:
    """Distances in nats at the start, now and at the best that is known; pixels now and at the best."""

    start: float
    now: float
    best: float
    pixels: float
    best_pixels: float
    moves: int
    is_shown: bool
    can_match: bool
    """Whether the best is an exact match."""

    @property
    def is_best(self) -> bool:
        return self.now < self.best + NEAR

    @property
    def share(self) -> float:
        """Of the way from the start to the best what is behind; below 0 where it is farther off than at the start."""
        return (self.start - self.now) / (self.start - self.best) if self.start > self.best + NEAR else 1.0


def label(dimension: int) -> str:
    """A latent's name on the screen; `dimension` counts from 0."""
    return f"z{dimension + 1}".translate(_LOWERED)


def best(nats: float, pixels: float) -> tuple[str, str]:
    """The nearest that is known, as the browser writes it beside its own two numbers."""
    return placed(nats), placed(pixels, 3)


def verdict(standing: Standing) -> str:
    """How far the attempt has come (Markdown)."""
    parts = {"nats": placed(standing.now), "pixels": placed(standing.pixels, 3)}
    moves = counted("reconstruct.moves", standing.moves)
    least = word("reconstruct.least_exact" if standing.can_match else "reconstruct.least", best=placed(standing.best))
    if standing.is_best:
        ended = "shown" if standing.is_shown else "matched" if standing.can_match else "reached"
        return word(f"reconstruct.{ended}", moves=moves, **parts)
    begun = word("reconstruct.begun", **parts)
    if not standing.moves:
        return f"{begun} {least}"
    way = "reconstruct.way" if standing.share > 0 else "reconstruct.astray"
    said = word(way, moves=moves, start=placed(standing.start), share=per_cent(max(0.0, standing.share)))
    return " ".join([begun, said, least, *([word("reconstruct.was_shown")] if standing.is_shown else [])])


def which_sliders(n_sliders: int, n_active: int, n_latents: int, steps: tuple[float, float]) -> str:
    """Which latents have sliders, and where the others stand; `steps` are a slider's step and reach."""
    step, reach = map(number, steps)
    if n_sliders == n_latents:
        return word("reconstruct.every", n=n_latents, step=step, reach=reach)
    return word("reconstruct.some", sliders=n_sliders, active=n_active, n=n_latents, step=step, reach=reach)


def live(nats: float, pixels: float, n: int) -> str:
    """How true the browser's numbers are."""
    return word("reconstruct.live", nats=_at_most(nats), pixels=_at_most(pixels), n=n)


def _at_most(value: float) -> str:
    """To one digit, rounded up."""
    size = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return number(math.ceil(value / size) * size, 1)


def alternatives(target: str, now: Standing) -> dict[str, str]:
    """What is read out in place of the three pictures."""
    return {
        "target": word("reconstruct.target_alt", target=target),
        "yours": word("reconstruct.yours_alt", nats=placed(now.now)),
        "difference": word("reconstruct.difference_alt", pixels=placed(now.pixels, 3)),
    }


def described(standing: Standing) -> str:
    """The record in words."""
    moves = counted("reconstruct.moves", standing.moves)
    return word("reconstruct.alt", moves=moves, start=placed(standing.start), nats=placed(standing.now))


def record_table(moves: Sequence[int], nats: Sequence[float], pixels: Sequence[float]) -> dict[str, list[float]]:
    """The record's numbers, a column a name."""
    return {"moves": [float(each) for each in moves], "nats": list(nats), "pixels": list(pixels)}


def others(attempts: Mapping[str, Standing]) -> str:
    """This visit's attempts at the same image, a row a model (Markdown)."""
    rows = [
        f"| {name} | {each.moves} | {placed(each.start)} | {placed(each.now)} | {per_cent(max(0.0, each.share))} |"
        for name, each in attempts.items()
    ]
    return "\n".join([word("reconstruct.table"), "|---|---|---|---|---|", *rows])
