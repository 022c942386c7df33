"""The works that the explorer rests on, and which of them a text cites.

Bibliographies do not change with the language: they stand beside the languages' folders, in works.toml. What was taken
from a work is a sentence of the catalogue, "work.name.taken".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class Work:
    """A paper, a book, a talk. A text cites it by the words `cite` and, after them, its year if it has one."""

    name: str
    cite: str
    authors: str
    title: str
    where: str
    year: int | None = None


def _read() -> Mapping[str, Work]:
    table = tomllib.loads((Path(__file__).parent / "works.toml").read_text(encoding="utf-8"))
    return {name: Work(name, **entry) for name, entry in table.items()}


WORKS = _read()
"""By name, in the order of their years, those without one first."""


def citations(text: str) -> list[tuple[str, list[Work]]]:
    """For each year that a text names: the words since the year before it, with the year, and the works they cite."""
    text, found, start = " ".join(text.split()), [], 0
    for year in _YEAR.finditer(text):
        words = text[start : year.end()]
        found.append((words.strip(), [each for each in WORKS.values() if _names(each, words)]))
        start = year.end()
    return found


def cited(*texts: str) -> list[Work]:
    """The works that texts cite, each once, in the order of WORKS."""
    names = {each.name for text in texts for _, works in citations(text) for each in works}
    return [each for each in WORKS.values() if each.name in names or (each.year is None and _without_year(each, texts))]


def _without_year(work: Work, texts: tuple[str, ...]) -> bool:
    return any(work.cite in text for text in texts)


def _names(work: Work, words: str) -> bool:
    """Whether the words before a year name the work: its authors just as they are, not as the tail of a longer list."""
    return words.endswith(f"{work.year}") and re.search(rf"(?<!& ){re.escape(work.cite)}(?! &)", words) is not None
