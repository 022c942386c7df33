"""Words and numbers that every verdict shares."""

from __future__ import annotations

import math

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def lowered(title: str) -> str:
    """A title inside a sentence; an acronym stays as it is."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def said(value: float | None, form: str) -> str:
    """A number in a format such as "{:.3g}"; words for what is infinite, a dash for what is not known."""
    if value is None or math.isnan(value):
        return "–"
    return "without bound" if math.isinf(value) else form.format(value)


def plain(sentence: str) -> str:
    """A sentence without its Markdown, for an attribute."""
    return sentence.replace("**", "")


def number(value: float, digits: int = 2) -> str:
    """To so many digits, very small and very large ones by powers of ten: 8.7 × 10⁻⁴."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{float(f'{value:.{digits}g}'):.12g}"
    front, _, power = f"{value:.{digits - 1}e}".partition("e")
    return f"{front} × 10{str(int(power)).translate(_RAISED)}"
