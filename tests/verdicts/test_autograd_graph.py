"""Autograd's graph in words: formulas that compute what stands in the box, and sentences with the engine's numbers."""

from __future__ import annotations

import csv
import math
import re

import pytest

from explorer.core.experiments.autograd_graph import OBJECTIVES, autograd_films, averaged
from explorer.core.objectives import catalogue
from explorer.text.numbers import number
from explorer.verdicts.autograd_graph import COLUMNS, as_csv, described, formulas, gradients, letters, verdict, written

THETA = {"loc": 0.7, "scale": 1.3}
PYTHON = {"−": "-", "·": "*", "²": "**2", "log q": "logq", "log ": "log ", "exp ": "exp ", "cos ": "cos "}


PLAIN = str.maketrans("₁₂₃₄₅₆₇₈₉", "123456789")


def value_of(formula: str, known: dict[str, float]) -> float:
    """What a formula of the screen gives, computed here from the values of the letters in it."""
    text = formula.translate(PLAIN)
    for sign, code in PYTHON.items():
        text = text.replace(sign, code)
    text = re.sub(r"\b(log|exp|cos) (\S+)", r"\1(\2)", text)
    text = text.replace("[", "float(").replace("]", ")").replace("to(", "float(")
    names = {"log": math.log, "exp": math.exp, "cos": math.cos, "float": float}
    return float(eval(text, {"__builtins__": {}}, names | known))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_each_formula_gives_the_value_in_its_box(name: str) -> None:
    film = autograd_films(catalogue.OBJECTIVES[name], THETA, 0)[1]
    for graph in film.graphs:
        known: dict[str, float] = {}
        for node, letter, formula in zip(graph.nodes, letters(graph), formulas(graph), strict=True):
            now = float(node.value.reshape(-1)[min(film.start, node.value.numel() - 1)])
            left, _, right = formula.partition(" = ")
            if right and "normal" not in right:
                # A constant is written to three digits.
                assert value_of(right, known) == pytest.approx(now, rel=2e-3, abs=1e-3), formula
                assert left == letter
            known[letter.translate(PLAIN).replace("log q", "logq")] = now
    assert not any(re.search(r"\be[+-]?\d", text) for graph in film.graphs for text in formulas(graph))


def test_two_gradients_of_one_line_are_two_numbers() -> None:
    film = autograd_films(catalogue.OBJECTIVES["square"], THETA, 0)[0]
    graph = film.graphs[1]
    (texts,) = (text for text, edge in zip(gradients(graph), graph.edges, strict=True) if edge.consumer == graph.output)
    x = number(float(graph.node("x").value[film.start]), 3)
    assert texts[film.start] == f"{x} + {x}"
    assert all(len(text) in (0, len(film.values)) for text in gradients(graph))


def test_nothing_is_written_as_minus_nought() -> None:
    film = autograd_films(catalogue.OBJECTIVES["square"], {"loc": 0.0, "scale": 1.0}, 0)[0]
    for graph in film.graphs:
        assert not [text for node in graph.nodes for text in written(node.value) if text == "−0"]


def test_the_verdict_says_what_the_engine_says() -> None:
    objective = catalogue.OBJECTIVES["square"]
    film, means = autograd_films(objective, THETA, 5)[0], averaged(objective, THETA, 5)
    said = verdict(film, means, {"loc": 1.4, "scale": 2.6})
    assert "`sample()`: `backward()` raises, and no gradient reaches μ or σ." in said
    for graph in film.graphs[1:]:
        for parameter, letter in (("loc", "μ"), ("scale", "σ")):
            gradient = graph.gradient(parameter)
            assert gradient is not None
            assert f"{letter}.grad = **{number(float(gradient[film.start]), 3)}**" in said
    assert "exact **1.4**, within" in said
    assert "exact **2.6**, within" in said
    worst = max(abs(m.mean - 2.6) / m.standard_error for (_, p), m in means.moments.items() if p == "scale")
    assert f"within {number(worst)} standard errors" in said


def test_what_raises_is_not_averaged() -> None:
    objective = catalogue.OBJECTIVES["step"]
    film, means = autograd_films(objective, THETA, 0)[0], averaged(objective, THETA, 0)
    said = verdict(film, means, {"loc": None, "scale": 0.1})
    assert "`rsample()`: `backward()` raises" in said
    assert "Pathwise" not in said
    assert "there is no exact gradient" in said


def test_a_graph_is_read_out_box_by_box() -> None:
    film = autograd_films(catalogue.OBJECTIVES["square"], THETA, 0)[0]
    sample, moved, _ = (described(graph, film.start) for graph in film.graphs)
    assert sample.endswith("does not have a grad_fn.")
    assert "μ = 0.7; σ = 1.3; ε = 1.54; u₁ = ε · σ = 2; x = μ + u₁ = 2.7" in moved
    assert "μ.grad = 5.41" in moved


def test_the_table_has_every_node_with_the_engines_numbers() -> None:
    film = autograd_films(catalogue.OBJECTIVES["square"], THETA, 0)[0]
    header, *rows = csv.reader(as_csv(film).splitlines())
    assert tuple(header) == COLUMNS
    assert len(rows) == sum(len(graph.nodes) for graph in film.graphs)
    for graph in film.graphs:
        found = {row[1]: row for row in rows if row[0] == graph.name}
        gradient = graph.gradient("scale")
        assert found["σ"][5] == ("" if gradient is None else repr(float(gradient[film.start])))
        assert float(found["x"][4]) == float(graph.node("x").value.reshape(-1)[film.start])
