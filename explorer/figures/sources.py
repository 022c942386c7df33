"""The works by their years, and the pages that rest on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.figures import theme
from explorer.figures.panels import axis, scatter
from explorer.figures.picture import Picture

_APART = 0.45
"""Years by which works of one year stand apart on a row."""


def sources(rows: Sequence[str], points: Sequence[tuple[int, int, str]]) -> Picture:
    """A dot for each work on each row: `points` are (row, year, what the work is called); the first row is on top."""
    places: dict[tuple[int, int], int] = {}
    x = []
    for row, year, _ in points:
        n = places[row, year] = places.get((row, year), 0) + 1
        x.append(year + _APART * (n // 2) * (-1) ** n)
    dots = scatter(
        "markers",
        x=np.array(x),
        y=np.array([row for row, _, _ in points]),
        text=[called for _, _, called in points],
        hovertemplate="%{text}<extra></extra>",
        marker={"color": theme.SAMPLE, "size": 10, "line": {"color": theme.BACKGROUND, "width": 1}},
    )
    layout = {
        "showlegend": False,
        "margin": {"l": 10, "r": 10, "t": 8, "b": 34},
        "xaxis": axis(range=[min(x) - 2, max(x) + 2]),
        "yaxis": axis(
            tickvals=list(range(len(rows))), ticktext=list(rows), range=[len(rows) - 0.4, -0.6], automargin=True
        ),
    }
    return Picture({"data": [dots], "layout": layout})
