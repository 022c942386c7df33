"""Where latents stand, as a link says it: types of field, beside those in `fields`."""

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


@dataclass(frozen=True)
class Along:
    """A latent, counted from 0 to `most`, and its value within ±extent; None where none has been moved.

    A link counts from 1, as the screen does.
    """

    key: str
    most: int
    extent: float
    default: None = None

    def allows(self, value: object) -> bool:
        if not (isinstance(value, tuple) and len(value) == 2):
            return False
        latent, place = value
        return isinstance(latent, int) and 0 <= latent <= self.most and abs(place) <= self.extent

    def read(self, texts: Sequence[str]) -> tuple[int, float] | None:
        latent, _, place = texts[-1].partition(",")
        if not (latent.isdecimal() and len(latent) <= len(str(self.most + 1))):
            return None
        try:
            value = (int(latent) - 1, float(place))
        except ValueError:
            return None
        return value if self.allows(value) else None

    def write(self, value: tuple[int, float]) -> str:
        return f"{value[0] + 1},{value[1]:.3f}"
