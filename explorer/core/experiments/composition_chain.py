"""The composition route as its chain of steps, and the derivative that is passed along it.

Contract of a `Chain`, asserted for every entry of CHAINS by the tests: fed with its noises, its last step has the law
that `law` names; where `as_family` is given, that family's. Each step is differentiable in what comes before it and in
every parameter but one with choices, which counts how many noises are used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.core.experiments.sweep import in_frames
from explorer.core.families import FAMILIES
from explorer.core.families.family import Theta
from explorer.core.families.noises import NORMAL, UNIFORM, Noise
from explorer.core.numerics.isolation import differentiation, isolated
from explorer.core.parameters import POSITIVE, Parameter, check_values

MOST = 5
"""So many noises are drawn where a parameter counts them."""


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
    low, high = parameter.slider
    steps = [low + i * parameter.step for i in range(round((high - low) / parameter.step) + 1)]
    kept = [each for each in steps if abs(each - now) > 0.01 * parameter.step]
    return torch.tensor(sorted([*kept, now]), dtype=torch.float64)


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


def _columns(*parts: Tensor) -> Tensor:
    return torch.stack(torch.broadcast_tensors(*parts), dim=-1)


def _gamma(eps: Tensor, concentration: Tensor) -> Tensor:
    """F^-1(Phi(eps)) of the Gamma law of rate 1, with its slopes in both: the implicit route, for use in a chain.

    Its value is solved for outside of autograd, and its two slopes are put beside it: in eps the ratio of densities, in
    the concentration that of Figurnov, Mohamed & Mnih 2018.
    """
    family = FAMILIES["gamma"]
    law = {"concentration": concentration.detach(), "rate": torch.ones_like(concentration.detach())}
    fixed = eps.detach()
    x = family.transform(fixed, law)
    across = (NORMAL.log_prob(fixed) - family.log_prob(x, law)).exp()
    along = family.paths(fixed.expand_as(x), law, "concentration")
    return x + across * (eps - fixed) + along * (concentration - concentration.detach())


def _summed(count: str) -> Callable[[Tensor, Theta], Tensor]:
    """The sum of the first so many."""

    def function(before: Tensor, theta: Theta) -> Tensor:
        used = torch.arange(before.shape[-1]) < theta[count].unsqueeze(-1)
        return torch.where(used, before, 0.0).sum(-1, keepdim=True)

    return function


def _counting(name: str, symbol: str, default: float) -> Parameter:
    choices = tuple(float(i) for i in range(1, MOST + 1))
    return Parameter(name, symbol, default, (1.0, float(MOST)), POSITIVE, choices)


def _named(name: str, of: str, **new: object) -> Parameter:
    return replace(FAMILIES[of].parameter(name), **new)  # type: ignore[arg-type]


_DEGREES = (1.5, 12.0)
CHAINS: dict[str, Chain] = {
    chain.name: chain
    for chain in (
        Chain(
            "log_normal",
            NORMAL,
            1,
            FAMILIES["log_normal"].parameters,
            (
                Step(lambda e, theta: theta["scale"].unsqueeze(-1) * e, (-3.0, 3.0)),
                Step(lambda e, theta: theta["loc"].unsqueeze(-1) + e, (-4.0, 4.0)),
                Step(lambda e, theta: e.exp(), (0.0, 8.0)),
            ),
            lambda t: ("lognorm", {"s": t["scale"], "scale": math.exp(t["loc"])}),
            lambda t: ("log_normal", dict(t)),
        ),
        Chain(
            "gamma",
            UNIFORM,
            MOST,
            (_counting("concentration", r"\alpha", 3.0), _named("rate", "gamma")),
            (
                Step(lambda u, theta: -u.log(), (0.0, 6.0)),
                Step(_summed("concentration"), (0.0, 12.0)),
                Step(lambda s, theta: s / theta["rate"].unsqueeze(-1), (0.0, 12.0)),
            ),
            lambda t: ("gamma", {"a": t["concentration"], "scale": 1 / t["rate"]}),
            lambda t: ("gamma", dict(t)),
        ),
        Chain(
            "chi2",
            NORMAL,
            MOST,
            (_counting("df", r"\nu", 3.0),),
            (Step(lambda e, theta: e.square(), (0.0, 8.0)), Step(_summed("df"), (0.0, 16.0))),
            lambda t: ("chi2", {"df": t["df"]}),
            lambda t: ("gamma", {"concentration": t["df"] / 2, "rate": 0.5}),
        ),
        Chain(
            "student_t",
            NORMAL,
            2,
            FAMILIES["student_t"].parameters,
            (
                Step(lambda e, theta: _columns(e[..., 0], 2 * _gamma(e[..., 1], theta["df"] / 2)), (-4.0, 24.0)),
                Step(lambda p, theta: _columns(p[..., 0] / (p[..., 1] / theta["df"]).sqrt()), (-5.0, 5.0)),
                Step(lambda t, theta: theta["loc"].unsqueeze(-1) + theta["scale"].unsqueeze(-1) * t, (-7.0, 7.0)),
            ),
            lambda t: ("t", {"df": t["df"], "loc": t["loc"], "scale": t["scale"]}),
            lambda t: ("student_t", dict(t)),
        ),
        Chain(
            "beta",
            NORMAL,
            2,
            FAMILIES["beta"].parameters,
            (
                Step(
                    lambda e, theta: _columns(
                        _gamma(e[..., 0], theta["concentration1"]), _gamma(e[..., 1], theta["concentration0"])
                    ),
                    (0.0, 12.0),
                ),
                Step(lambda g, theta: g[..., :1] / g.sum(-1, keepdim=True), (0.0, 1.0)),
            ),
            lambda t: ("beta", {"a": t["concentration1"], "b": t["concentration0"]}),
            lambda t: ("beta", dict(t)),
        ),
        Chain(
            "dirichlet",
            NORMAL,
            3,
            FAMILIES["dirichlet"].parameters,
            (
                Step(
                    lambda e, theta: _columns(*(_gamma(e[..., i], theta[f"concentration_{i + 1}"]) for i in range(3))),
                    (0.0, 12.0),
                ),
                Step(lambda g, theta: g / g.sum(-1, keepdim=True), (0.0, 1.0)),
            ),
            # What is left of the stick beside the first share.
            lambda t: ("beta", {"a": t["concentration_1"], "b": t["concentration_2"] + t["concentration_3"]}),
            lambda t: ("dirichlet", dict(t)),
        ),
        Chain(
            "f",
            NORMAL,
            2,
            (Parameter("df1", r"\nu_1", 4.0, _DEGREES, POSITIVE), Parameter("df2", r"\nu_2", 6.0, _DEGREES, POSITIVE)),
            (
                Step(
                    lambda e, theta: _columns(*(2 * _gamma(e[..., i], theta[f"df{i + 1}"] / 2) for i in range(2))),
                    (0.0, 24.0),
                ),
                Step(lambda c, theta: _columns(*(c[..., i] / theta[f"df{i + 1}"] for i in range(2))), (0.0, 4.0)),
                Step(lambda r, theta: r[..., :1] / r[..., 1:], (0.0, 8.0)),
            ),
            lambda t: ("f", {"dfn": t["df1"], "dfd": t["df2"]}),
        ),
    )
}
"""The chains by name."""
