"""Words that every verdict shares: what is infinite or not known, estimates with their errors, lists."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explorer.text import word
from explorer.text.numbers import number


def lowered(title: str) -> str:
    """A title inside a sentence; one that begins with an acronym, such as DisARM, or a name stays as it is."""
    first = title.partition(" ")[0]
    proper = first[1:] != first[1:].lower() or title.startswith(tuple(word("words.proper").split()))
    return title if proper else title[:1].lower() + title[1:]


def listed(parts: Sequence[str]) -> str:
    """Parts joined by "and"."""
    return word("words.and").join(parts)


def plain(sentence: str) -> str:
    """A sentence without its Markdown, for an attribute."""
    return sentence.replace("**", "")


def said(value: float | None, digits: int = 2) -> str:
    """The same; words for what is infinite, a dash for what is not known."""
    if value is None or math.isnan(value):
        return "–"
    return word("words.unbounded") if math.isinf(value) else number(value, digits)


def measured(value: float, error: float, digits: int = 4) -> str:
    """An estimate and its standard error."""
    return f"{number(value, digits)} ± {number(error)}"
