"""Autograd's graph in words: a formula a node, its numbers, what arrives at μ and σ, and the averages of that."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping

from torch import Tensor

from explorer.core.experiments.autograd_graph import FAMILY, AutogradFilm, Averages
from explorer.core.experiments.autograd_record import GIVEN, LEAF, Graph, Node
from explorer.core.numerics.panels import TOLERANCE
from explorer.core.numerics.summaries import Moments
from explorer.text import short, word
from explorer.text.numbers import number
from explorer.verdicts.words import listed, lowered, measured

DIGITS, FEW, SMALL = 3, 2, 1e-3
"""Digits of a number in a box; fewer of a small one, whose power of ten takes room."""
_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def letters(graph: Graph) -> list[str]:
    """What each node is called: its letter, or u₁, u₂, … for a step on the way."""
    known = {each.name: each.letter for each in FAMILY.parameters}
    steps = 0
    found = []
    for node in graph.nodes:
        if not node.name:
            steps += 1
            found.append(f"u{str(steps).translate(_LOW)}")
        else:
            found.append(known[node.name] if node.name in known else word(f"autograd_graph.letter.{node.name}"))
    return found


def formulas(graph: Graph) -> list[str]:
    """Each node as an equation without its value: "u₁ = ε · σ"; what is no result, by its letter alone."""
    called = letters(graph)
    return [
        _given(graph, node, letter) if node.operation in (LEAF, GIVEN) else f"{letter} = {_right_side(node, called)}"
        for node, letter in zip(graph.nodes, called, strict=True)
    ]


def _given(graph: Graph, node: Node, letter: str) -> str:
    is_detached = graph.name == "score_function" and node.name == "f"
    return word("autograd_graph.detached", f=letter) if is_detached else letter


def _right_side(node: Node, called: list[str]) -> str:
    parts = [called[each] if isinstance(each, int) else number(each, DIGITS) for each in node.operands]
    if node.operation == "mul" and isinstance(node.operands[-1], float):
        parts.reverse()
    return word(f"autograd_graph.operation.{node.operation}", a=parts[0], b=parts[-1])


def written(values: Tensor) -> list[str]:
    """Numbers (F,), or one, as the graph has them."""
    return [number(value + 0.0, FEW if 0 < abs(value) < SMALL else DIGITS) for value in values.reshape(-1).tolist()]


def gradients(graph: Graph) -> list[list[str]]:
    """What `backward()` sends along each edge at each of the F values; two numbers where there are two ways."""
    return [
        [word("autograd_graph.plus").join(parts) for parts in zip(*map(written, edge.gradients), strict=True)]
        for edge in graph.edges
    ]


def verdict(film: AutogradFilm, averages: Averages, exact: Mapping[str, float | None]) -> str:
    """What the one draw's graphs bring to μ and σ, then their averages beside the exact gradients (Markdown)."""
    said = [_arrives(graph, film.start) for graph in film.graphs]
    said += [_average(parameter.name, parameter.letter, averages, exact) for parameter in FAMILY.parameters]
    return " ".join(said)


def _arrives(graph: Graph, frame: int) -> str:
    title = word(f"autograd_graph.short.{graph.name}")
    if graph.fault:
        return word("autograd_graph.nothing", title=title)
    found = []
    for each in FAMILY.parameters:
        gradient = graph.gradient(each.name)
        assert gradient is not None
        found.append(word("autograd_graph.grad", letter=each.letter, value=f"**{written(gradient)[frame]}**"))
    return word("autograd_graph.arrives", title=title, gradients=", ".join(found))


def _average(name: str, letter: str, averages: Averages, exact: Mapping[str, float | None]) -> str:
    found = [
        f"{lowered(short(graph))} {measured(moments.mean, moments.standard_error, DIGITS)}"
        for (graph, parameter), moments in averages.moments.items()
        if parameter == name
    ]
    means = word("autograd_graph.averages", n=f"{averages.n:,}", letter=letter, means=listed(found))
    truth = exact[name]
    if truth is None:
        return f"{means} {word('autograd_graph.no_exact')}"
    parts = {"exact": number(truth, 4)}
    errors = [_errors(moments, truth) for (_, parameter), moments in averages.moments.items() if parameter == name]
    if math.inf in errors:
        return f"{means} {word('autograd_graph.unseen', **parts)}"
    return f"{means} {word('autograd_graph.exact', errors=number(max(errors)), **parts)}"


def _errors(moments: Moments, truth: float) -> float:
    """How many standard errors a mean is off; infinite where all draws brought one value and it is another."""
    off = abs(moments.mean - truth)
    if moments.standard_error:
        return off / moments.standard_error
    return 0.0 if off < TOLERANCE else math.inf


def described(graph: Graph, frame: int) -> str:
    """A graph in words, for a reader who cannot see it: every node with its value, then what `backward()` brought."""
    nodes = [
        f"{formula} = {values[min(frame, len(values) - 1)]}"
        for formula, values in ((formula, written(node.value)) for formula, node in _each(graph))
    ]
    ends = (
        word("autograd_graph.raises", fault=graph.fault)
        if graph.fault
        else word(
            "autograd_graph.ends",
            gradients=", ".join(
                word("autograd_graph.grad", letter=each.letter, value=written(gradient)[frame])
                for each in FAMILY.parameters
                if (gradient := graph.gradient(each.name)) is not None
            ),
        )
    )
    return word(
        "autograd_graph.alt", title=word(f"autograd_graph.title.{graph.name}"), nodes="; ".join(nodes), ends=ends
    )


def _each(graph: Graph) -> list[tuple[str, Node]]:
    return list(zip(formulas(graph), graph.nodes, strict=True))


COLUMNS = ("graph", "node", "formula", "grad_fn", "value", "gradient", "sent_to")


def as_csv(film: AutogradFilm) -> str:
    """Every node where the picture stands: its value, the gradient it receives, and the nodes it computes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for graph in film.graphs:
        called = letters(graph)
        for place, (formula, node) in enumerate(_each(graph)):
            value = float(node.value.reshape(-1)[min(film.start, node.value.numel() - 1)])
            gradient = "" if node.received is None else float(node.received[film.start])
            uses = " ".join(called[edge.consumer] for edge in graph.edges if edge.source == place)
            writer.writerow([graph.name, called[place], formula, node.grad_fn, value, gradient, uses])
    return text.getvalue()
