"""The record of an attempt to match a picture: how far it stood from the target after each move."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.figures import theme
from explorer.figures.panels import axis, level, scatter
from explorer.figures.picture import Picture


def attempt(moves: Sequence[int], nats: Sequence[float], shown: Sequence[bool], best: float) -> Picture:
    """Distances (nats) against moves; `shown`: whether the answer was known there. `best` can be reached."""
    symbols = ["diamond" if each else "circle" for each in shown]
    # Both axes grow with the attempt, and are never without width.
    last, most = max(5, moves[-1]), max([*nats, best, 1.0])
    line = scatter(
        "lines+markers",
        x=list(moves),
        y=list(nats),
        line={"color": theme.SAMPLE, "width": 3},
        marker={"color": theme.SAMPLE, "symbol": symbols, "size": 10},
        showlegend=False,
        hovertemplate="%{y:.2f}<extra></extra>",
    )
    layout = {
        "xaxis": axis("moves", range=[-0.3, last + 0.3], tickformat="d"),
        "yaxis": axis("nats from the target", range=[-0.05 * most, 1.08 * most]),
        "shapes": [level(best, theme.EXACT_LINE)],
    }
    return Picture({"data": [line], "layout": layout})
