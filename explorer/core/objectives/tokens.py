"""A formula's text cut into tokens, and what is wrong with a text said with its place.

A fault's sentence may be shown as Markdown: it quotes a few characters of the text at most, and of those only what
Markdown and HTML leave alone.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from explorer.core.objectives.expression import CONSTANTS
from explorer.core.objectives.functions import FUNCTIONS

NAMES: tuple[str, ...] = (*FUNCTIONS, "ln")
ALLOWED = f"allowed: x, {', '.join(CONSTANTS)} and {', '.join(NAMES)}"
BAR = "|"
END = "end"

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+−]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*|π)"
    r"|(?P<sign>\*\*|[<>]=|[-+*/^(),²³−·×<>≤≥|∣])"
)
_SPACE = re.compile(r"\s*")
_SPELLINGS = {"**": "^", "−": "-", "·": "*", "×": "*", "π": "pi", "ln": "log", "≤": "<=", "≥": ">=", "∣": BAR}
_EXCERPT = 12
_SHOWN = {"**": "^", "*": "·", "<=": "≤", ">=": "≥", "<": " < ", ">": " > ", BAR: "∣"}
"""How an excerpt writes what Markdown or HTML would take for its own: a < before a space opens no tag."""
_UNSAFE = re.compile(r"[^A-Za-z0-9+/^(),. ·−²³π<>≤≥∣-]|(?<=[A-Za-z])\.|\.(?=[A-Za-z])")


class Token(NamedTuple):
    kind: str
    """"number", "name", "sign" or "end"."""
    text: str
    position: int
    """Counts characters from 1."""


def harmless(fragment: str) -> str:
    """A fragment that forms no link, image, tag, table, emphasis or mathematics where Markdown is shown."""
    for mark, shown in _SHOWN.items():
        fragment = fragment.replace(mark, shown)
    return re.sub(" +", " ", _UNSAFE.sub("?", fragment))


def fault(text: str, what: str, position: int, hint: str = "") -> ValueError:
    """What is wrong at a position of the text, with the characters around it."""
    start = max(0, position - 1 - _EXCERPT // 2)
    excerpt = harmless(text[start : start + _EXCERPT])
    return ValueError(f"{what} at character {position}, near '{excerpt}'{hint and '; '}{hint}")


def unknown_name(name: str, position: int) -> ValueError:
    shown = harmless(name[:_EXCERPT]) + "…" * (len(name) > _EXCERPT)
    return ValueError(f"unknown name '{shown}' at character {position}; {ALLOWED}")


def tokens(text: str) -> list[Token]:
    """The tokens of a text, each spelled in one way, and an end. Raises ValueError at a character that has no use."""
    found: list[Token] = []
    end = 0
    while True:
        space = _SPACE.match(text, end)
        start = space.end() if space else end
        if start == len(text):
            return [*found, Token(END, "", start + 1)]
        match = _TOKEN.match(text, start)
        if match is None or match.lastgroup is None:
            character = text[start]
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            raise fault(text, f"unexpected {name if name.startswith('U+') else name.lower()}", start + 1, ALLOWED)
        end = match.end()
        written = match.group().lower() if match.lastgroup == "name" else match.group()
        found.append(Token(match.lastgroup, _SPELLINGS.get(written, written), start + 1))
