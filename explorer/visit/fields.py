"""The types of field that a page's state is made of: what each allows, how a link says it and how it is read.

`read` takes what a link says and answers None to what is not allowed; `write` gives what a link should say. A value's
form is registry names and numbers, never what a menu shows of them. A menu also understands its labels, in any
language: old links carry those.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from explorer.core.parameters import Parameter
from explorer.text import understood, word
from explorer.vae.gradients.coordinates import letter_of
from explorer.visit.places import Along, Places


@dataclass(frozen=True)
class Menu:
    """One of `names`. The screen shows the catalogue's "words.name" for it; without `words`, the name itself.

    `label` is what the menu is called: "control.label" in the catalogue.
    """

    key: str
    names: tuple[str, ...]
    default: str
    label: str
    words: str = ""
    form: str = ""
    """What follows the name in the catalogue's key: ".title"."""

    def entry(self, name: str) -> str:
        """The catalogue's key for a name; empty for a name that is shown as it is, such as a parameter's."""
        return f"{self.words}.{name}{self.form}" if self.words else ""

    def title(self, name: str) -> str:
        """A name as the screen has it."""
        return word(self.entry(name)) if self.words else name

    def name(self, text: str) -> str | None:
        """The name that a link's text means: itself, or its label in some language."""
        if text in self.names:
            return text
        known = understood(text)
        return next((name for name in self.names if self.entry(name) in known), None)

    def allows(self, value: object) -> bool:
        return value in self.names

    def read(self, texts: Sequence[str]) -> str | None:
        return self.name(texts[-1])

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Lettered(Menu):
    """A menu whose names stand on the screen as letters: "scale_tril_2_1" as L₂₁; any other has its words."""

    def title(self, name: str) -> str:
        return letter_of(name) if name[-1].isdigit() else word(f"coordinate.{name}")


@dataclass(frozen=True)
class Several:
    """At most `most` of a menu's names. None at all is not said in a link, which then asks for the default."""

    key: str
    menu: Menu
    default: tuple[str, ...]
    most: int

    def allows(self, value: object) -> bool:
        return isinstance(value, tuple) and len(value) <= self.most and all(map(self.menu.allows, value))

    def read(self, texts: Sequence[str]) -> tuple[str, ...] | None:
        """Those that can be read, as many as are allowed."""
        found = dict.fromkeys(filter(None, map(self.menu.name, texts)))
        return tuple(found)[: self.most] or None

    def write(self, value: tuple[str, ...]) -> list[str]:
        return list(value)


@dataclass(frozen=True)
class Number:
    """A number in a parameter's range, or among its choices.

    `owner` is the catalogue's key for what the parameter belongs to, where its label has to say so.
    """

    key: str
    parameter: Parameter
    owner: str = ""

    @property
    def default(self) -> float:
        return self.parameter.default

    @property
    def label(self) -> str:
        """What its slider is called."""
        label = self.parameter.label
        return word("setting.of", owner=word(self.owner), label=label) if self.owner else label

    def allows(self, value: object) -> bool:
        low, high = self.parameter.slider
        on_offer = not self.parameter.choices or value in self.parameter.choices
        return isinstance(value, float) and low <= value <= high and on_offer

    def read(self, texts: Sequence[str]) -> float | None:
        try:
            value = float(texts[-1])
        except ValueError:
            return None
        return value if self.allows(value) else None

    def write(self, value: float) -> str:
        return f"{value:g}"


@dataclass(frozen=True)
class Whole:
    """A whole number from 0 to `most`."""

    key: str
    most: int
    label: str
    default: int = 0

    def allows(self, value: object) -> bool:
        return isinstance(value, int) and 0 <= value <= self.most

    def read(self, texts: Sequence[str]) -> int | None:
        # So many digits and no more: int() refuses numbers of thousands of digits.
        value = int(texts[-1]) if texts[-1].isdecimal() and len(texts[-1]) <= len(str(self.most)) else -1
        return value if self.allows(value) else None

    def write(self, value: int) -> str:
        return f"{value}"


@dataclass(frozen=True)
class Switch:
    """On or off."""

    key: str
    default: bool
    label: str

    def allows(self, value: object) -> bool:
        return isinstance(value, bool)

    def read(self, texts: Sequence[str]) -> bool | None:
        return {"true": True, "false": False}.get(texts[-1])

    def write(self, value: bool) -> str:
        return f"{value}".lower()


@dataclass(frozen=True)
class Text:
    """A line of text."""

    key: str
    default: str
    most: int

    def allows(self, value: object) -> bool:
        return isinstance(value, str) and 0 < len(value) <= self.most

    def read(self, texts: Sequence[str]) -> str | None:
        return texts[-1] if self.allows(texts[-1]) else None

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Point:
    """A point (x, y) within ±extent; None is where the page itself puts it."""

    key: str
    extent: float
    default: None = None

    def allows(self, value: object) -> bool:
        return isinstance(value, tuple) and len(value) == 2 and all(abs(each) <= self.extent for each in value)

    def read(self, texts: Sequence[str]) -> tuple[float, float] | None:
        try:
            x, y = (float(part) for part in texts[-1].split(","))
        except ValueError:
            return None
        return (x, y) if self.allows((x, y)) else None

    def write(self, value: tuple[float, float]) -> str:
        return f"{value[0]:.2f},{value[1]:.2f}"


@dataclass(frozen=True)
class Bytes:
    """So many bytes, a drawn picture say; None before there are any. A link has them in the base64 of addresses."""

    key: str
    length: int
    default: None = None

    def allows(self, value: object) -> bool:
        return isinstance(value, bytes) and len(value) == self.length

    def read(self, texts: Sequence[str]) -> bytes | None:
        try:
            value = base64.urlsafe_b64decode(texts[-1] + "=" * (-len(texts[-1]) % 4))
        except ValueError:
            return None
        return value if self.allows(value) else None

    def write(self, value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


Field: TypeAlias = Menu | Several | Number | Whole | Switch | Text | Point | Along | Places | Bytes
State: TypeAlias = Mapping[str, Field]
"""A page's fields by their keys."""
