"""The autograd graph: three computations side by side, stepped through forward and backward, numbers under the hand.

The films over μ and σ are sent whole: the browser picks a frame, and computes nothing. A release, of a slider or of the
step, sends where all three stand. Read it with `reported_stand(key)` before the page computes; it is told once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.components.script import script
from explorer.components.told_once import answered, released
from explorer.core.experiments.autograd_graph import AutogradFilm
from explorer.core.experiments.autograd_record import LEAF, Graph
from explorer.figures.autograd_graph import COLOURS, layout
from explorer.text import word
from explorer.verdicts import autograd_graph as verdicts

_HERE = Path(__file__).parent
_WORDS = ("step", "back", "on", "forward", "backward", "done", "error")
_graph = st.components.v2.component(
    "explorer_autograd_graph",
    js=script(_HERE, "autograd_graph.js", "panel.js"),
    css=(_HERE / "autograd_graph.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def reported_stand(key: str, n_films: int) -> tuple[tuple[float, ...], int] | None:
    """The films' values and the step that the visitor left since the graph was last drawn."""
    told = released(key, "stand")
    if told is None or len(told) != n_films + 1 or not all(math.isfinite(each) for each in told):
        return None
    *values, step = told
    return tuple(float(value) for value in values), int(step)


def last_step(graphs: Sequence[Graph]) -> int:
    """The step at which every value and every gradient is on the screen: up all the rows, and down again."""
    return 2 * (max(layout(graph).rows for graph in graphs) - 1)


def autograd_graph(*, key: str, films: Mapping[str, AutogradFilm], step: int) -> None:
    """The graphs of the films, by the key that each film's slider is reported under, at this step.

    All films must start from the same state. Raises ValueError where there is none, or where a step is out of range.
    """
    if not films:
        raise ValueError("there must be a film to show")
    first = next(iter(films.values()))
    last = last_step(first.graphs)
    if not 0 <= step <= last:
        raise ValueError(f"step must be in [0, {last}], got {step}")
    _graph(
        key=key,
        data=[  # in a list, as the chart's
            {
                "panels": [_panel(graph, first.start) for graph in first.graphs],
                "films": [
                    {
                        "label": film.parameter.label,
                        "values": film.values.tolist(),
                        "start": film.start,
                        "panels": [_numbers(graph) for graph in film.graphs],
                    }
                    for film in films.values()
                ],
                "step": step,
                "last": last,
                "answered": answered(key),
                "words": {name: word(f"autograd_graph.{name}") for name in _WORDS},
            }
        ],
        on_stand_change=lambda: None,
    )


def _panel(graph: Graph, start: int) -> dict[str, Any]:
    """What of a graph does not move: its title, boxes and lines, and what `backward()` raised."""
    places = layout(graph)
    texts = verdicts.formulas(graph)
    boxes = [
        {
            "row": row,
            "at": at,
            "text": text,
            "name": node.grad_fn or word("autograd_graph.grad_fn"),
            "kind": "leaf" if node.operation == LEAF else "followed" if node.grad_fn else "apart",
        }
        for node, text, (row, at) in zip(graph.nodes, texts, places.boxes, strict=True)
    ]
    lines = [
        {
            "source": edge.source,
            "consumer": edge.consumer,
            "bends": places.bends[edge.source, edge.consumer],
            "followed": edge.is_followed,
        }
        for edge in graph.edges
    ]
    return {
        "title": word(f"autograd_graph.title.{graph.name}"),
        "colour": COLOURS[graph.name],
        "rows": places.rows,
        "boxes": boxes,
        "lines": lines,
        "fault": graph.fault,
        "alt": verdicts.described(graph, start),
    }


def _numbers(graph: Graph) -> dict[str, Any]:
    """What moves: each box's value, each line's gradient, and each leaf's, at every frame, or once where it stays."""
    received = {}
    for place, (node, letter) in enumerate(zip(graph.nodes, verdicts.letters(graph), strict=True)):
        if node.operation == LEAF:
            values = [] if node.received is None else verdicts.written(node.received)
            found = [word("autograd_graph.grad", letter=letter, value=value) for value in values]
            received[place] = found or [word("autograd_graph.unset", letter=letter)]
    return {
        "values": [verdicts.written(node.value) for node in graph.nodes],
        "gradients": verdicts.gradients(graph),
        "received": received,
    }
