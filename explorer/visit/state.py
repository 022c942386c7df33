"""What a page's state may be: a field a key, with its type, default and range. A page's line in PAGES lists its fields.

The key is the same in the link, in the visit's memory and in the tests, and so is a value's form: registry names and
numbers, never what a menu shows of them. `read` takes what a link says and answers None to what is not allowed;
`write` gives what a link should say. A menu also understands its labels, in any language: old links carry those.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.variance_curves import Setting
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import MAX_CHARACTERS
from explorer.core.parameters import Parameter
from explorer.text import understood, word
from explorer.vae.manifest import ModelEntry


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
    """A number in a parameter's range."""

    key: str
    parameter: Parameter

    @property
    def default(self) -> float:
        return self.parameter.default

    def allows(self, value: object) -> bool:
        low, high = self.parameter.slider
        return isinstance(value, float) and low <= value <= high

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


Field: TypeAlias = Menu | Several | Number | Whole | Switch | Text | Point
State: TypeAlias = Mapping[str, Field]
"""A page's fields by their keys."""

PAIR = ("score_function", "pathwise")
"""The two estimators that every comparison starts from."""
FIRST_FORMULA = "exp(-x**2) * sin(3*x)"
SEED = Whole("seed", 2**31 - 1, "seed")
PLAY = Switch("play", True, "play")
FORMULA = "formula"
"""The choice on the menu of objectives that is the visitor's own."""


def table(fields: Iterable[Field]) -> State:
    """The fields by their keys; one field a key."""
    return {field.key: field for field in fields}


def family(families: Mapping[str, Family]) -> list[Field]:
    """The menu of families, and a number for each parameter of each."""
    menu = Menu("family", tuple(families), "normal", "family", "family", ".title")
    return [menu, *(Number(f"{each.name}.{p.name}", p) for each in families.values() for p in each.parameters)]


def objective(default: str = "square") -> list[Field]:
    """The menu of objectives, a number for each of their parameters, and the visitor's own formula."""
    return [
        Menu("objective", (*OBJECTIVES, FORMULA), default, "objective", "objective", ".title"),
        Text("f", FIRST_FORMULA, MAX_CHARACTERS),
        *(Number(f"{each.name}.{p.name}", p) for each in OBJECTIVES.values() for p in each.parameters),
    ]


def parameter(families: Mapping[str, Family], label: str, what: str = "gradient") -> list[Field]:
    """A menu of each family's parameters, "family.what", under its label."""
    names = {each.name: tuple(p.name for p in each.parameters) for each in families.values()}
    return [Menu(f"{name}.{what}", of, of[0], label) for name, of in names.items()]


def estimators() -> list[Field]:
    """The choice of estimators."""
    menu = Menu("estimators", tuple(ESTIMATORS), PAIR[0], "estimators", "estimator", ".short")
    return [Several("estimators", menu, PAIR, 4)]


def moved(families: Mapping[str, Family]) -> list[Field]:
    """For each parameter of each family where it is moved to, "family.name.to"; it starts a little way off its default.

    There the two uses of the same samples part.
    """
    return [Number(f"{each.name}.{p.name}.to", _away(p)) for each in families.values() for p in each.parameters]


_STEPS_AWAY = 12


def _away(parameter: Parameter) -> Parameter:
    up, down = (round(parameter.default + sign * _STEPS_AWAY * parameter.step, 9) for sign in (1, -1))
    return dataclasses.replace(parameter, default=up if up <= parameter.slider[1] else down)


def against(families: Mapping[str, Family], others: Sequence[Parameter]) -> list[Field]:
    """What a variance is drawn against: for each pair, "family.objective.against"; and the `others`, "axis.name"."""
    own = dataclasses.replace(OBJECTIVES["square"], name=FORMULA)
    found: list[Field] = [Number(f"axis.{each.name}", each) for each in others]
    for each in families.values():
        theta = {p.name: p.default for p in each.parameters}
        for f in (*OBJECTIVES.values(), own):
            axes = tuple(Setting(Problem(each, f, theta, next(iter(theta)))).axes)
            first = next(iter((*f.values, *theta)))
            found.append(Menu(f"{each.name}.{f.name}.against", axes, first, "against"))
    return found


def views(models: Mapping[str, ModelEntry]) -> list[Field]:
    """The menu of the shipped models and, for each, "model.view"; only two latents make a plane."""
    found: list[Field] = [Menu("model", tuple(models), next(iter(models), ""), "model")]
    for name, entry in models.items():
        first = "plane" if entry.recipe.architecture.n_latents == 2 else "traversals"
        found.append(Menu(f"{name}.view", (first, "prior"), first, "view", "view"))
    return found
