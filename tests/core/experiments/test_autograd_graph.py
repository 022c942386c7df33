"""Autograd's graphs: against torch.distributions, against the two estimators by hand, and by walks of their own."""

from __future__ import annotations

import functools
import math
from collections import Counter
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal

from explorer.core.by_name import exact_gradient
from explorer.core.experiments.autograd_graph import (
    FAMILY,
    GRAPHS,
    OBJECTIVES,
    AutogradFilm,
    autograd_films,
    averaged,
    undetached,
)
from explorer.core.experiments.autograd_record import LEAF, Graph
from explorer.core.objectives import catalogue
from explorer.core.objectives.objective import Objective

THETA = {"loc": 0.7, "scale": 1.3}
SEED = 3
SMOOTH = [name for name in OBJECTIVES if name != "step"]


@functools.cache
def films(name: str) -> list[AutogradFilm]:
    return autograd_films(catalogue.OBJECTIVES[name], THETA, SEED)


def graph_of(name: str, graph: str, film: int = 0) -> Graph:
    return films(name)[film].graphs[GRAPHS.index(graph)]


def leaves() -> tuple[Tensor, Tensor]:
    loc, scale = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in THETA.values())
    return loc, scale


def of_torch(method: str) -> tuple[Tensor, Tensor, Tensor]:
    """mu, sigma and a draw by torch's own Normal, whose global generator is put to our seed and back."""
    loc, scale = leaves()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return loc, scale, getattr(Normal(loc, scale), method)()


def names_below(function: Any) -> Counter[str]:
    """The names of autograd's nodes from here down, each once however many ways lead to it."""
    found, waiting = {function}, [function]
    while waiting:
        new = {each for each, _ in waiting.pop().next_functions if each is not None} - found
        found |= new
        waiting += new
    return Counter(each.name().rpartition("::")[2] for each in found)


def at_start(graph: Graph, values: Tensor | None, film: int = 0) -> float:
    assert values is not None
    return float(values[films("square")[film].start])


@pytest.mark.parametrize("film", [0, 1])
def test_the_draws_are_those_of_torchs_own_normal(film: int) -> None:
    sample, moved, surrogate = films("square")[film].graphs
    drawn = of_torch("sample")[2]
    assert not drawn.requires_grad
    for graph in (sample, surrogate):
        assert at_start(graph, graph.node("x").value, film) == float(drawn)
    assert at_start(moved, moved.node("x").value, film) == pytest.approx(of_torch("rsample")[2].item(), rel=1e-15)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_moved_graph_is_that_of_torchs_rsample(name: str) -> None:
    loc, scale, x = of_torch("rsample")
    graph = graph_of(name, "pathwise")
    place = graph.nodes.index(graph.node("x"))
    below = {place}
    for edge in sorted(graph.edges, key=lambda edge: -edge.consumer):
        if edge.consumer in below and edge.is_followed:
            below.add(edge.source)
    assert Counter(graph.nodes[each].grad_fn for each in below) == names_below(x.grad_fn)
    f = catalogue.OBJECTIVES[name](x)
    if f.requires_grad:
        f.backward()
        for parameter, leaf in (("loc", loc), ("scale", scale)):
            assert at_start(graph, graph.gradient(parameter)) == pytest.approx(float(leaf.grad), rel=1e-12)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_node_of_autograds_graph_has_its_box(name: str) -> None:
    """A walk of its own, of a surrogate built anew."""
    _, _, drawn = of_torch("sample")
    loc, scale = leaves()
    f = catalogue.OBJECTIVES[name](drawn)
    output = f.detach() * FAMILY.log_prob(drawn, {"loc": loc, "scale": scale})
    graph = graph_of(name, "score_function")
    assert Counter(node.grad_fn for node in graph.nodes if node.grad_fn) == names_below(output.grad_fn)
    assert float(graph.nodes[graph.output].value[films(name)[0].start]) == pytest.approx(output.item())


@pytest.mark.parametrize("name", OBJECTIVES)
def test_what_backward_raises_is_what_it_raises_on_a_sample_of_torchs(name: str) -> None:
    _, _, drawn = of_torch("sample")
    with pytest.raises(RuntimeError) as error:
        catalogue.OBJECTIVES[name](drawn).backward()
    graph = graph_of(name, "sample")
    assert graph.fault == str(error.value)
    assert not any(edge.is_followed or edge.gradients for edge in graph.edges)
    assert graph.gradient("loc") is graph.gradient("scale") is None
    assert not graph.node("x").grad_fn
    assert not graph_of(name, "score_function").fault


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("film", [0, 1])
def test_gradients_are_the_two_estimators_at_every_frame(name: str, film: int) -> None:
    """By hand: f'(x) and f'(x) eps; f(x) times the score."""
    objective, shown = catalogue.OBJECTIVES[name], films(name)[film]
    rows = {key: torch.full_like(shown.values, value) for key, value in THETA.items()}
    rows[shown.parameter.name] = shown.values
    x = rows["loc"] + shown.eps * rows["scale"]
    f, slope = of_x(objective, x)
    _, moved, surrogate = shown.graphs
    score = {"loc": shown.eps / rows["scale"], "scale": (shown.eps**2 - 1) / rows["scale"]}
    for parameter, path in (("loc", 1.0), ("scale", shown.eps)):
        torch.testing.assert_close(moved.gradient(parameter), slope * path)
        torch.testing.assert_close(surrogate.gradient(parameter), f * score[parameter])


def of_x(objective: Objective, x: Tensor) -> tuple[Tensor, Tensor]:
    """f and f' in closed form."""
    return {
        "square": lambda: (x**2, 2 * x),
        "cosine": lambda: (x.cos(), -x.sin()),
        "squared_exponential": lambda: ((-(x**2)).exp(), -2 * x * (-(x**2)).exp()),
    }[objective.name]()


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("graph", GRAPHS)
def test_what_a_node_receives_is_the_sum_of_its_lines(name: str, graph: str) -> None:
    found = graph_of(name, graph)
    for place, node in enumerate(found.nodes[:-1]):
        sent = [each for edge in found.edges if edge.source == place for each in edge.gradients]
        if node.received is None:
            assert not sent
        else:
            torch.testing.assert_close(sum(sent), node.received)


def test_a_factor_that_is_there_twice_gets_two_gradients() -> None:
    graph = graph_of("square", "pathwise")
    (edge,) = (each for each in graph.edges if each.consumer == graph.output)
    assert [at_start(graph, each) for each in edge.gradients] == [at_start(graph, graph.node("x").value)] * 2


def test_lines_into_noise_and_into_what_is_detached_end() -> None:
    for graph, names in (("pathwise", {"eps"}), ("score_function", {"x", "f"})):
        found = graph_of("square", graph)
        assert {found.nodes[edge.source].name for edge in found.edges if not edge.is_followed} == names
        assert {node.name for node in found.nodes if node.operation == LEAF} == {"loc", "scale"}


def test_a_step_stops_the_gradient_below_f_alone() -> None:
    graph = graph_of("step", "pathwise")
    assert graph.node("x").grad_fn
    assert not graph.nodes[graph.output].grad_fn
    assert "does not require grad" in graph.fault
    assert graph.gradient("loc") is None


@pytest.mark.parametrize("name", OBJECTIVES)
def test_averages_agree_with_the_exact_gradient(name: str) -> None:
    found = averaged(catalogue.OBJECTIVES[name], THETA, SEED)
    exact = exact_gradient("normal", name, THETA)
    wanted = GRAPHS[1:] if name in SMOOTH else GRAPHS[2:]
    assert set(found.moments) == {(graph, parameter) for graph in wanted for parameter in THETA}
    for (_, parameter), moments in found.moments.items():
        assert moments.n == found.n
        assert abs(moments.mean - exact[parameter]) < 5 * moments.standard_error


def test_without_detach_the_average_is_another() -> None:
    """E[f'(x) log q(x)], as log q does not change along the path: 2 mu (-1/2 - log(2 pi)/2 - log sigma) for x²."""
    moments = undetached(catalogue.OBJECTIVES["square"], {"loc": 2.0, "scale": 1.0}, SEED)
    expected = 4 * (-0.5 - 0.5 * math.log(2 * math.pi))
    assert abs(moments.mean - expected) < 5 * moments.standard_error


def test_theta_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="scale"):
        autograd_films(catalogue.OBJECTIVES["square"], {"loc": 0.0, "scale": 0.0}, 0)


def test_the_callers_setting_and_generator_are_left_alone() -> None:
    before = torch.get_rng_state()
    with torch.inference_mode():
        inside = autograd_films(catalogue.OBJECTIVES["square"], THETA, SEED)
    assert torch.equal(torch.get_rng_state(), before)
    for graph, other in zip(inside[0].graphs, films("square")[0].graphs, strict=True):
        assert [node.grad_fn for node in graph.nodes] == [node.grad_fn for node in other.nodes]
        assert torch.equal(graph.nodes[-1].value, other.nodes[-1].value)
