"""Words and numbers that every verdict shares: one minus sign, one way to write a power of ten, one list."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explorer.text import word

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def lowered(title: str) -> str:
    """A title inside a sentence; an acronym stays as it is, and so does a person's name."""
    proper = title[:2].isupper() or title.startswith(tuple(word("words.proper").split()))
    return title if proper else title[:1].lower() + title[1:]


def listed(parts: Sequence[str]) -> str:
    """Parts joined by "and"."""
    return word("words.and").join(parts)


def plain(sentence: str) -> str:
    """A sentence without its Markdown, for an attribute."""
    return sentence.replace("**", "")


def number(value: float, digits: int = 2) -> str:
    """To so many digits, very small and very large ones by powers of ten: 8.7 × 10⁻⁴."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{float(f'{value:.{digits}g}'):.12g}".replace("-", "−")
    front, _, power = f"{value:.{digits - 1}e}".partition("e")
    return f"{front} × 10{str(int(power)).translate(_RAISED)}".replace("-", "−")


def said(value: float | None, digits: int = 2) -> str:
    """The same; words for what is infinite, a dash for what is not known."""
    if value is None or math.isnan(value):
        return "–"
    return word("words.unbounded") if math.isinf(value) else number(value, digits)


def measured(value: float, error: float, digits: int = 4) -> str:
    """An estimate and its standard error."""
    return f"{number(value, digits)} ± {number(error)}"


def times(ratio: float) -> str:
    """A ratio written out: 647,000."""
    return f"{float(f'{ratio:.3g}'):,.12g}"
