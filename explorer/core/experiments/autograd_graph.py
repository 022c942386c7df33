"""What autograd recorded: one draw x of N(mu, sigma²) and f(x) as `sample()`, as `rsample()` and as a surrogate.

The three, as `autograd_record` reads them: x drawn without gradients, as torch.distributions' `Normal.sample` does
(`torch.normal` under `no_grad`), here from a generator; x = mu + eps sigma, as its `rsample` does; and
f(x).detach() log q(x), whose gradient is the score-function estimate.
Source: Schulman, Heess, Weber & Abbeel 2015, Section 3 (surrogate losses).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.experiments.autograd_record import GIVEN, LEAF, Graph, Tape
from explorer.core.experiments.sweep import sweep
from explorer.core.families import FAMILIES
from explorer.core.numerics.isolation import differentiation, isolated
from explorer.core.numerics.summaries import Moments
from explorer.core.objectives.objective import Objective
from explorer.core.parameters import Parameter
from explorer.core.randomness import Streams

FAMILY = FAMILIES["normal"]
OBJECTIVES = ("square", "cosine", "squared_exponential", "step")
"""Those that a graph of a few nodes shows; the last has no derivative that autograd could follow."""
GRAPHS = ("sample", "pathwise", "score_function")
DRAWS = 20_000


@dataclass(frozen=True, eq=False)
class AutogradFilm:
    """The three graphs at F values of one parameter, (F,), the other held and the noise eps the same throughout."""

    parameter: Parameter
    values: Tensor
    start: int
    eps: float
    graphs: tuple[Graph, ...]


def recorded(
    objective: Objective, theta: Mapping[str, Tensor], drawn: Tensor, eps: Tensor
) -> tuple[Graph, Graph, Graph]:
    """The three graphs for F values of theta, (F,) each, with `drawn` (F,) from `sample()` and eps, () or (F,)."""
    with differentiation():
        return (
            _sampled(objective, theta, drawn),
            _moved(objective, theta, eps),
            _surrogate(objective, theta, drawn),
        )


def _leaves(theta: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone().requires_grad_() for name, value in theta.items()}


def _begun(theta: Mapping[str, Tensor]) -> tuple[Tape, dict[str, Tensor]]:
    """A tape with the leaves on it, and those."""
    tape, own = Tape(), _leaves(theta)
    for name, value in own.items():
        tape.note(LEAF, (), value, name)
    return tape, own


def _sampled(objective: Objective, theta: Mapping[str, Tensor], drawn: Tensor) -> Graph:
    tape, own = _begun(theta)
    tape.note("normal", tuple(own.values()), drawn, "x")
    with tape:
        output = objective(drawn)
    return tape.graph("sample", tape.named(output, "f"))


def _moved(objective: Objective, theta: Mapping[str, Tensor], eps: Tensor) -> Graph:
    tape, own = _begun(theta)
    tape.note(GIVEN, (), eps, "eps")
    with tape:
        x = tape.named(own["loc"] + eps * own["scale"], "x")
        output = objective(x)
    return tape.graph("pathwise", tape.named(output, "f"))


def _surrogate(objective: Objective, theta: Mapping[str, Tensor], drawn: Tensor) -> Graph:
    tape, own = _begun(theta)
    tape.note(GIVEN, (), drawn, "x")
    f = tape.note(GIVEN, (), objective(drawn).detach(), "f")
    with tape:
        log_prob = tape.named(FAMILY.log_prob(drawn, own), "log_prob")
        output = f * log_prob
    return tape.graph("score_function", tape.named(output, "surrogate"))


@isolated
def autograd_films(objective: Objective, theta: Mapping[str, float], seed: int) -> list[AutogradFilm]:
    """A film over mu and one over sigma from the same state, for the one draw of this seed.

    Raises ValueError when theta lies outside its range.
    """
    theta = FAMILY.check(theta)
    zero, one = torch.zeros((), dtype=torch.float64), torch.ones((), dtype=torch.float64)
    eps = _draw(zero, one, seed)
    films = []
    for parameter in FAMILY.parameters:
        values, start = sweep(parameter, theta[parameter.name], FAMILY, theta)
        rows = {name: torch.full_like(values, value) for name, value in theta.items()} | {parameter.name: values}
        drawn = torch.stack([_draw(*pair, seed) for pair in zip(rows["loc"], rows["scale"], strict=True)])
        films.append(AutogradFilm(parameter, values, start, float(eps), recorded(objective, rows, drawn, eps)))
    return films


def _draw(loc: Tensor, scale: Tensor, seed: int) -> Tensor:
    """What `Normal(loc, scale).sample()` runs, with the generator of this seed in place of the global one."""
    with torch.no_grad():
        return torch.normal(loc, scale, generator=generator_for(seed, torch.device("cpu")))


@dataclass(frozen=True)
class Averages:
    """For each parameter the gradient that `pathwise` and `score_function` bring it, over so many draws.

    `moments` maps a graph's name and a parameter's to its moments; a graph whose `backward()` raises is not in it.
    """

    n: int
    moments: Mapping[tuple[str, str], Moments] = field(default_factory=dict)


@isolated
def averaged(objective: Objective, theta: Mapping[str, float], seed: int, n: int = DRAWS) -> Averages:
    """The same graphs for n draws. Raises FloatingPointError when a gradient is not finite."""
    theta = FAMILY.check(theta)
    eps = _noise(seed, n)
    rows = {name: torch.full_like(eps, value) for name, value in theta.items()}
    _, *graphs = recorded(objective, rows, rows["loc"] + eps * rows["scale"], eps)
    found = {
        (graph.name, name): Moments.of(gradient)
        for graph in graphs
        for name in theta
        if (gradient := graph.gradient(name)) is not None
    }
    return Averages(n, found)


@isolated
def undetached(objective: Objective, theta: Mapping[str, float], seed: int, n: int = DRAWS) -> Moments:
    """What the surrogate brings to mu, over n draws, with x from `rsample()` and f(x) left attached: not the gradient.

    Raises FloatingPointError when a gradient is not finite.
    """
    eps = _noise(seed, n)
    rows = {name: torch.full_like(eps, value) for name, value in FAMILY.check(theta).items()}
    with differentiation():
        own = _leaves(rows)
        x = own["loc"] + eps * own["scale"]
        (gradient,) = torch.autograd.grad((objective(x) * FAMILY.log_prob(x, own)).sum(), own["loc"])
    return Moments.of(gradient)


def _noise(seed: int, n: int) -> Tensor:
    source = Streams(seed, torch.device("cpu")).named("averages")
    return torch.randn(n, generator=source, dtype=torch.float64)
