"""Where the boxes and lines of a computation's graph stand: rows by topological depth, the output on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.experiments.autograd_record import Graph
from explorer.figures import theme

COLOURS: Mapping[str, str] = {
    "sample": "currentColor",
    "pathwise": theme.ESTIMATOR_COLOURS["pathwise"],
    "score_function": theme.ESTIMATOR_COLOURS["score_function"],
}
Place = tuple[int, float]
"""A row, counted from the top, and how far to the right in it, in (0, 1)."""


@dataclass(frozen=True)
class Layout:
    """The place of each node, and the places that the line of each edge (source, consumer) bends at, from above."""

    rows: int
    boxes: tuple[Place, ...]
    bends: Mapping[tuple[int, int], tuple[Place, ...]]


def layout(graph: Graph) -> Layout:
    """A node stands in the row below the last of those that use it, beside the others in the order of their use.

    A line that passes a row has a place in it, as a box has.
    """
    rows = _rows(graph)
    operands = {place: [e.source for e in graph.edges if e.consumer == place] for place in range(len(graph.nodes))}
    at: dict[tuple[int, int], float] = {}
    above: list[tuple[int, int]] = []
    for row in range(max(rows) + 1):
        # (node, row): a node where its row is this one, else a line on its way down to it.
        wanted: dict[tuple[int, int], list[float]] = {}
        for source, _ in above:
            if rows[source] > row - 1:
                wanted.setdefault((source, row), []).append(at[source, row - 1])
            else:
                for order, operand in enumerate(operands[source]):
                    wanted.setdefault((operand, row), []).append(at[source, row - 1] + 1e-3 * order)
        here = [(graph.output, 0)] if row == 0 else sorted(wanted, key=lambda key: sum(wanted[key]) / len(wanted[key]))
        at.update({key: (order + 0.5) / len(here) for order, key in enumerate(here)})
        above = here
    bends = {
        (edge.source, edge.consumer): tuple(
            (row, at[edge.source, row]) for row in range(rows[edge.consumer] + 1, rows[edge.source])
        )
        for edge in graph.edges
    }
    return Layout(max(rows) + 1, tuple((row, at[place, row]) for place, row in enumerate(rows)), bends)


def _rows(graph: Graph) -> list[int]:
    """For each node the longest way to it from the output. Nodes without a way to the output have no place."""
    rows = [0] * len(graph.nodes)
    for edge in sorted(graph.edges, key=lambda edge: -edge.consumer):
        rows[edge.source] = max(rows[edge.source], rows[edge.consumer] + 1)
    return rows
