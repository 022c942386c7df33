"""Where sliders stand, as a link says it: a type of field, beside those in `fields`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Places:
    """Where at most `most` sliders stand, each within ±extent; None is where the page itself puts them."""

    key: str
    most: int
    extent: float
    default: None = None

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, tuple) and 0 < len(value) <= self.most and all(abs(each) <= self.extent for each in value)
        )

    def read(self, texts: Sequence[str]) -> tuple[float, ...] | None:
        parts = texts[-1].split(",")
        try:
            value = tuple(float(part) for part in parts) if len(parts) <= self.most else ()
        except ValueError:
            return None
        return value if self.allows(value) else None

    def write(self, value: tuple[float, ...]) -> str:
        return ",".join(f"{round(each, 2) + 0.0:g}" for each in value)
