"""The parts that pictures are put together from: traces, axes over a part of the picture, lines across it, notes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from explorer.text.numbers import number

_NARROW = 1.7
"""Fewer decades than these have ticks between the powers of ten."""
UNMARKED = {"showticklabels": False, "showgrid": False}
"""For an axis whose numbers say nothing."""


def scatter(mode: str, on: tuple[str, str] = ("x", "y"), **parts: Any) -> dict[str, Any]:
    """A trace of dots or lines on a pair of axes, e.g. ("x2", "y4")."""
    return {"type": "scatter", "mode": mode, "xaxis": on[0], "yaxis": on[1], **parts}


def axis(title: str = "", /, **parts: Any) -> dict[str, Any]:
    """An axis without a line at nought, its large and small numbers by powers of ten."""
    named = {"title": {"text": title}} if title else {}
    return {"zeroline": False, "exponentformat": "power", **named, **parts}


def stacked(heights: Sequence[float], gap: float) -> list[list[float]]:
    """The domains [from, to] in [0, 1] of panels one above the other, the first on top, in these proportions."""
    room = 1 - gap * (len(heights) - 1)
    domains, top = [], 1.0
    for height in heights:
        foot = top - room * height / sum(heights)
        domains.append([max(0.0, foot), top])
        top = foot - gap
    return domains


def beside(widths: Sequence[float], gap: float) -> list[list[float]]:
    """The domains [from, to] in [0, 1] of panels beside each other, the first at the left, in these proportions."""
    return [[1 - right, 1 - left] for left, right in stacked(widths, gap)]


def logarithmic_ticks(low: float, high: float) -> dict[str, Any]:
    """For an axis between two exponents of ten: a tick every so many decades.

    Within one or two decades they are at 1, 2 and 5 times a power of ten, written out.
    """
    if high - low >= _NARROW:
        return {"dtick": float(math.ceil((high - low) / 8))}
    powers = range(math.floor(low), math.ceil(high) + 1)
    values = [front * 10.0**power for power in powers for front in (1, 2, 5)]
    values = [value for value in values if low <= math.log10(value) <= high]
    return {"tickvals": values, "ticktext": [number(value, 1) for value in values]}


def upright(at: float, line: Mapping[str, Any], on: tuple[str, str] = ("x", "y")) -> dict[str, Any]:
    """A line from the foot of a panel to its top."""
    ends = {"x0": at, "x1": at, "y0": 0, "y1": 1}
    return {"type": "line", "line": line, "xref": on[0], "yref": f"{on[1]} domain", **ends}


def level(at: float, line: Mapping[str, Any]) -> dict[str, Any]:
    """A line from the left of the panel to its right."""
    ends = {"x0": 0, "x1": 1, "y0": at, "y1": at}
    return {"type": "line", "line": line, "xref": "x domain", "yref": "y", **ends}


def note(text: str, x: float, y: float, **place: Any) -> dict[str, Any]:
    """Words in the picture, without an arrow."""
    return {"text": text, "x": x, "y": y, "showarrow": False, **place}
