"""Where boxes and lines stand: by topological depth, none upon another, for an objective that is on no menu too."""

from __future__ import annotations

import itertools

import pytest

from explorer.core.experiments.autograd_graph import OBJECTIVES, autograd_films
from explorer.core.experiments.autograd_record import Graph
from explorer.core.objectives import catalogue
from explorer.core.objectives.formula import formula
from explorer.figures.autograd_graph import COLOURS, layout

FORMULA = "exp(-x^2) * sin(3*x) + x"
GRAPHS = [
    pytest.param(graph, id=f"{f.title} {graph.name}")
    for f in (*(catalogue.OBJECTIVES[name] for name in OBJECTIVES), formula(FORMULA))
    for graph in autograd_films(f, {"loc": 1.0, "scale": 1.0}, 0)[0].graphs
]


@pytest.mark.parametrize("graph", GRAPHS)
def test_lines_go_down_and_nothing_stands_upon_another(graph: Graph) -> None:
    found = layout(graph)
    rows = [row for row, _ in found.boxes]
    assert rows[graph.output] == 0
    assert max(rows) == found.rows - 1
    for edge in graph.edges:
        bends = found.bends[edge.source, edge.consumer]
        assert [row for row, _ in bends] == list(range(rows[edge.consumer] + 1, rows[edge.source]))
    # Lines to one and the same box share their place in a row.
    passing = {(edge.source, bend) for edge in graph.edges for bend in found.bends[edge.source, edge.consumer]}
    taken = [*found.boxes, *(bend for _, bend in passing)]
    assert all(one != other for one, other in itertools.combinations(taken, 2))
    assert all(0 < at < 1 for _, at in taken)


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_box_stands_below_the_last_that_uses_it(graph: Graph) -> None:
    rows = [row for row, _ in layout(graph).boxes]
    for place in range(graph.output):
        assert rows[place] == 1 + max(rows[edge.consumer] for edge in graph.edges if edge.source == place)


def test_each_graph_has_its_colour() -> None:
    assert set(COLOURS) == {each.values[0].name for each in GRAPHS}
