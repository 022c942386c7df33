"""What a reader reads, a folder a language: the prose, a Markdown file a page, and a catalogue of short strings.

Code knows keys alone ("estimator.pathwise.short"); `word` looks them up for the screen. A language is complete when its
folder has the files, sections and keys of the others, which the tests hold.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

LANGUAGE = "en"
_HERE = Path(__file__).parent


def languages() -> tuple[str, ...]:
    """The languages there are, by the names of their folders."""
    return tuple(sorted(path.name for path in _HERE.iterdir() if any(path.glob("*.toml"))))


@functools.cache
def sections(page: str) -> dict[str, str]:
    """The sections of a page's prose, by heading: {"question": "…", "derivation": "…"}."""
    text = (_HERE / LANGUAGE / f"{page}.md").read_text(encoding="utf-8")
    parts = ("\n" + text).split("\n## ")[1:]
    return {heading.strip(): body.strip() for heading, _, body in (part.partition("\n") for part in parts)}


@functools.cache
def catalogue(language: str = LANGUAGE) -> Mapping[str, str]:
    """Every short string of a language under its dotted key."""
    found: dict[str, str] = {}

    def gather(prefix: str, table: Mapping[str, object]) -> None:
        for name, value in table.items():
            key = f"{prefix}.{name}" if prefix else name
            if isinstance(value, dict):
                gather(key, value)
            else:
                found[key] = str(value)

    for path in sorted((_HERE / language).glob("*.toml")):
        gather("", tomllib.loads(path.read_text(encoding="utf-8")))
    return found


def word(key: str, **parts: object) -> str:
    """The short string of a key, its {parts} filled in. Raises KeyError on a key that is not in the catalogue."""
    text = catalogue()[key]
    return text.format(**parts) if parts else text


def counted(key: str, n: int, **parts: object) -> str:
    """The string "key.one" for 1, else "key.many"; {n} is filled in with a comma in thousands."""
    return word(f"{key}.{'one' if n == 1 else 'many'}", n=f"{n:,}", **parts)


def short(estimator: str) -> str:
    """The short name of an estimator, as menus, legends and verdicts have it."""
    return word(f"estimator.{estimator}.short")


def understood(text: str) -> frozenset[str]:
    """The keys whose string is this text, in any language."""
    return _by_string().get(text, frozenset())


@functools.cache
def _by_string() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for language in languages():
        for key, string in catalogue(language).items():
            found.setdefault(string, set()).add(key)
    return {string: frozenset(keys) for string, keys in found.items()}
