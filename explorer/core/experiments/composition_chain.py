"""The composition route as its chain of steps, and the derivative that is passed along it.

Contract of a `Chain`, asserted for every entry of `chain_catalogue` by the tests: fed with its noises, its last step
has the law that `law` names; where `as_family` is given, that family's. Each step is differentiable in what comes
before it and in every parameter but one with choices, which counts how many noises are used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.experiments.sweep import in_frames, visited
from explorer.core.families.family import Theta
from explorer.core.families.noises import Noise
from explorer.core.numerics.isolation import differentiation, isolated
from explorer.core.parameters import Parameter, check_values


@dataclass(frozen=True)
class Step:
    """From the numbers before (..., k) to the next (..., m), theta against (...); `window` is what a figure shows."""

    function: Callable[[Tensor, Theta], Tensor]
    window: tuple[float, float]


@dataclass(frozen=True)
class Chain:
    """Noises (..., n_noises), then steps. `law` maps theta to scipy's name of the law and its arguments."""

    name: str
    noise: Noise
    n_noises: int
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    law: Callable[[Mapping[str, float]], tuple[str, dict[str, float]]]
    as_family: Callable[[Mapping[str, float]], tuple[str, dict[str, float]]] | None = None

    @property
    def count(self) -> Parameter | None:
        """The parameter that counts noises."""
        return next((each for each in self.parameters if each.choices), None)

    @property
    def windows(self) -> list[tuple[float, float]]:
        """What is shown of the noise and of each step."""
        return [self.noise.window, *(step.window for step in self.steps)]


@dataclass(frozen=True)
class ChainFilm:
    """The noise and each step for each of F values of one parameter: (F, n, k) each, NaN where a noise is not used."""

    parameter: Parameter
    values: Tensor
    start: int
    stages: tuple[Tensor, ...]


@dataclass(frozen=True)
class Link:
    """One step at one dot: values (m,), slopes in the values before (m, k) and, its own, in theta (m,), and the speed.

    speed = slopes @ (speed before) + own: d value / d theta with the noises held.
    """

    values: Tensor
    slopes: Tensor
    own: Tensor
    speed: Tensor


def stages(chain: Chain, eps: Tensor, theta: Theta) -> list[Tensor]:
    """The noises eps (..., n_noises) and what each step makes of them; theta broadcasts against (...)."""
    found = [eps]
    for step in chain.steps:
        found.append(step.function(found[-1], theta))
    return found


@isolated
def chain_films(chain: Chain, theta: Mapping[str, float], eps: Tensor) -> list[ChainFilm]:
    """One film a parameter from the same state; eps (n, n_noises) is drawn once by the caller.

    Raises ValueError when theta lies outside its range.
    """
    theta = check_values(chain.name, chain.parameters, theta)
    eps = eps.double().cpu()
    films = []
    for parameter in chain.parameters:
        values = _frames(parameter, theta[parameter.name])
        column = in_frames(theta, parameter, values)
        shown = [each.expand(len(values), len(eps), -1) for each in stages(chain, eps, column)]
        if chain.count:
            used = torch.arange(chain.n_noises) < column[chain.count.name].unsqueeze(-1)
            shown = [torch.where(used, each, math.nan) if each.shape[-1] == chain.n_noises else each for each in shown]
        start = int((values - theta[parameter.name]).abs().argmin())
        films.append(ChainFilm(parameter, values, start, tuple(shown)))
    return films


def _frames(parameter: Parameter, now: float) -> Tensor:
    """The values of a film: the choices, or the slider's steps with `now` among them."""
    if parameter.choices:
        return torch.tensor(parameter.choices, dtype=torch.float64)
    return torch.tensor(visited(parameter, now), dtype=torch.float64)


@isolated
def links(chain: Chain, theta: Mapping[str, float], eps: Tensor, name: str) -> list[Link]:
    """The chain rule at one dot, eps (n_noises,), step by step, for the parameter `name`.

    Raises ValueError for a parameter that counts: along it there is no derivative.
    """
    theta = check_values(chain.name, chain.parameters, theta)
    if chain.count and name == chain.count.name:
        raise ValueError(f"{name} counts the noises of {chain.name}: a count has no derivative")
    before = eps.double().cpu()
    speed = torch.zeros_like(before)
    found = []
    for step in chain.steps:
        with differentiation():
            at = {key: torch.tensor(value, dtype=torch.float64) for key, value in theta.items()}
            at[name].requires_grad_()
            inner = before.detach().clone().requires_grad_()
            # In a batch of one, since laws that are solved for take batches.
            values = step.function(inner.unsqueeze(0), at)[0]
            gradients = [
                torch.autograd.grad(each, (inner, at[name]), retain_graph=True, materialize_grads=True)
                for each in values
            ]
        slopes, own = (torch.stack(parts) for parts in zip(*gradients, strict=True))
        before, speed = values.detach(), slopes @ speed + own
        found.append(Link(before, slopes, own, speed))
    return found
