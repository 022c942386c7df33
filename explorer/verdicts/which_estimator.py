"""Which estimator when, as a table in Markdown: each cell in words, and a link to the state that shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.core.experiments.which_estimator import COMPARED, SITUATIONS, Cell, Row
from explorer.text import short, word
from explorer.text.numbers import number, times

NOT_YET = "…"
_EQUAL = 1e-6


def said(cell: Cell) -> str:
    """A cell in words."""
    if cell.kind == "unbiased":
        if cell.variance == 0:
            return word("which_estimator.exact")
        assert cell.ratio is not None
        if cell.ratio <= 1 + _EQUAL:
            return word("which_estimator.least")
        return word("which_estimator.unbiased", ratio=times(cell.ratio))
    if cell.kind == "biased":
        assert cell.bias is not None
        return word("which_estimator.biased", bias=number(cell.bias, 3))
    return word(f"which_estimator.kind.{cell.kind}")


def table(rows: Mapping[str, Row], link: Callable[[str, str], str]) -> str:
    """The table with the rows that are known so far; `link(situation, estimator)` is where a cell leads."""
    lines = [
        " | ".join([word("which_estimator.situation"), *(short(name) for name in COMPARED)]),
        " | ".join(["---"] * (len(COMPARED) + 1)),
    ]
    for situation in SITUATIONS:
        row = rows.get(situation)
        cells = [NOT_YET if row is None else f"[{said(row[name])}]({link(situation, name)})" for name in COMPARED]
        lines.append(" | ".join([f"**{word(f'which_estimator.of.{situation}')}**", *cells]))
    return "\n".join(f"| {line} |" for line in lines)
