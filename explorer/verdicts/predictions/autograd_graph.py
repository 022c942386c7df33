"""Where the gradient stops: what to predict."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.experiments.answers import Answers
from explorer.core.experiments.autograd_graph import FAMILY, AutogradFilm, autograd_films, undetached
from explorer.core.experiments.autograd_record import Graph
from explorer.core.experiments.problem import Problem
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts.autograd_graph import DIGITS
from explorer.verdicts.predictions.contract import Revealed, Settings, prediction
from explorer.verdicts.words import measured, said

PAGE = "autograd_graph"


def _asked(settings: Settings) -> tuple[Objective, dict[str, float]]:
    objective = OBJECTIVES[settings["objective"]]
    values = {each.name: settings[f"{objective.name}.{each.name}"] for each in objective.parameters}
    theta = {each.name: settings[f"{FAMILY.name}.{each.name}"] for each in FAMILY.parameters}
    return objective.at(**values) if values else objective, theta


def _film(settings: Settings) -> tuple[AutogradFilm, Mapping[str, Graph]]:
    film = autograd_films(*_asked(settings), settings["seed"])[0]
    return film, {graph.name: graph for graph in film.graphs}


@prediction(PAGE, "unset", ("zero", "nothing", "slope"), {})
def unset(settings: Settings) -> Revealed:
    """What is in mu.grad after backward() from a sample."""
    film, graphs = _film(settings)
    gradient = graphs["sample"].gradient("loc")
    passed = graphs["pathwise"].gradient("loc")
    right = "nothing" if gradient is None else "zero" if not float(gradient[film.start]) else "slope"
    parts = {"fault": graphs["sample"].fault, "other": said(None if passed is None else float(passed[film.start]))}
    return Revealed(right, word("prediction.autograd_graph.unset.shown", **parts))


@prediction(PAGE, "through", ("pathwise", "surrogate", "both"), {"objective": "cosine"})
def through(settings: Settings) -> Revealed:
    """In which graph a gradient passes the node of f."""
    _, graphs = _film(settings)
    counts = {name: sum(bool(edge.gradients) for edge in graphs[name].edges) for name in ("pathwise", "score_function")}
    passes = {name: bool(_below_f(graphs[name])) for name in counts}
    right = "both" if all(passes.values()) else "pathwise" if passes["pathwise"] else "surrogate"
    sentence = word(
        "prediction.autograd_graph.through.shown",
        path=_below_f(graphs["pathwise"]),
        score=_below_f(graphs["score_function"]),
        all=counts["score_function"],
    )
    return Revealed(right, sentence)


def _below_f(graph: Graph) -> int:
    """How many lines out of the node of f, and on towards x, a gradient passes."""
    reached = {place for place, node in enumerate(graph.nodes) if node.name == "f" and node.received is not None}
    lines = 0
    for edge in sorted(graph.edges, key=lambda each: -each.consumer):
        if edge.consumer in reached and edge.gradients:
            lines += len(edge.gradients)
            if graph.nodes[edge.source].name != "x":
                reached.add(edge.source)
    return lines


@prediction(PAGE, "jump", ("pathwise", "surrogate", "both"), {"objective": "step"})
def jump(settings: Settings) -> Revealed:
    """Which of the two brings a gradient where f is a step."""
    film, graphs = _film(settings)
    works = {name: graphs[name].gradient("loc") for name in ("pathwise", "score_function")}
    right = "both" if all(each is not None for each in works.values()) else "surrogate"
    found = works["score_function"]
    assert found is not None
    objective, theta = _asked(settings)
    exact = Answers.of(Problem(FAMILY, objective, theta, "loc"), ()).gradient
    sentence = word(
        "prediction.autograd_graph.jump.shown",
        draw=number(float(found[film.start]) + 0.0, DIGITS),
        exact=said(exact, 4),
    )
    return Revealed(right, sentence)


@prediction(PAGE, "detach", ("same", "twice", "sign"), {"normal.loc": "2"})
def detach(settings: Settings) -> Revealed:
    """What the surrogate's gradient averages to with x from rsample() and f left attached."""
    objective, theta = _asked(settings)
    moments = undetached(objective, theta, settings["seed"])
    exact = Answers.of(Problem(FAMILY, objective, theta, "loc"), ()).gradient
    assert exact is not None
    choices = {"same": exact, "twice": 2 * exact, "sign": -exact}
    right = min(choices, key=lambda name: abs(choices[name] - moments.mean))
    sentence = word(
        "prediction.autograd_graph.detach.shown",
        mean=measured(moments.mean, moments.standard_error, DIGITS),
        exact=number(exact, 4),
    )
    return Revealed(right, sentence)
