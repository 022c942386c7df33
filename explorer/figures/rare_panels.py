"""The panels of rare events against the distance of the bump: medians, coverage and effective samples, n beside n."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from explorer.core.experiments.rare_events import COARSE, Averages
from explorer.figures import theme
from explorer.figures.panels import scatter
from explorer.text import word

MEDIAN, COVERED, EFFECTIVE = ("x3", "y3"), ("x3", "y4"), ("x3", "y5")
MEDIANS = (-0.1, 1.75)
PANELS = ((MEDIAN, list(MEDIANS)), (COVERED, [0.0, 1.0]), (EFFECTIVE, [1.0, 1e4]))
"""The panels and the ranges of their heights."""
AIMED_COLOUR = theme.CURVE


def colour_of(what: str) -> str:
    """An estimator's own colour; averages of f itself have the samples'."""
    return theme.SAMPLE if what == "value" else theme.ESTIMATOR_COLOURS[what]


def against(plain: Averages, aimed: Averages | None, others: Sequence[Averages]) -> list[dict[str, Any]]:
    """The panels against the distance: other n faint, this n bold, aimed draws in their own colour."""
    faint = {"color": theme.MARK, "width": 1.2, "dash": "dot"}
    looks = [(each, faint) for each in others]
    looks.append((plain, {"color": colour_of(plain.what), "width": 3}))
    if aimed is not None:
        looks.append((aimed, {"color": AIMED_COLOUR, "width": 2.5, "dash": "8px,3px"}))
    found = [
        scatter("lines", on, x=part.distances, y=y, line=line, **_told(part, name))
        for part, line in looks
        for name, on, y in _rows(part)
    ]
    return [*found, *(_errors(part, str(line["color"])) for part, line in looks[len(others) :])]


def _errors(part: Averages, colour: str) -> dict[str, Any]:
    """The standard errors of a share, at a few of the distances."""
    few = slice(None, None, 5 if len(part.distances) > len(COARSE) else 1)
    bars = {"type": "data", "array": part.covered_error[few], "width": 4, "thickness": 1.5, "color": colour}
    dots = {"size": 4, "color": colour}
    quiet = {"hoverinfo": "skip", "showlegend": False}
    return scatter("markers", COVERED, x=part.distances[few], y=part.covered[few], error_y=bars, marker=dots, **quiet)


def _rows(part: Averages) -> list[tuple[str, tuple[str, str], Tensor]]:
    return [
        ("median", MEDIAN, part.median),
        ("covered", COVERED, part.covered),
        ("effective", EFFECTIVE, part.effective),
    ]


def _told(part: Averages, name: str) -> dict[str, Any]:
    label = word(f"rare_events.axis.{name}")
    kind = word("rare_events.aimed" if part.aimed else "rare_events.plain", n=f"{part.n:,}")
    return {"hovertemplate": f"{label} %{{y:.3~r}}<extra>{kind}</extra>", "showlegend": False}
