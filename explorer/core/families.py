"""Families of distributions q_theta, each sampled in two steps: noise that never sees theta, then a transformation.

Contract of a `Family`, asserted for every entry of FAMILIES by the tests:
- `noise` is the distribution of eps; `transform(eps, theta)` has the law q_theta when eps has the law of `noise`;
- `log_prob(x, theta)` is the log density (or mass) of q_theta, -inf outside the support;
- `inverse(x, theta)` undoes `transform` (families with a route only);
- eps and x are (n,); theta maps each parameter's name to a tensor that broadcasts against them;
- `route` says how g was found (Kingma & Welling 2013, Section 2.4), or "none" when g is not differentiable in theta;
- where `score` or `path` is given in closed form, it equals what autograd finds from `log_prob` and `transform`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from explorer.core import noises
from explorer.core.noises import Noise
from explorer.core.parameters import POSITIVE, Parameter, check_n_samples, check_values

Theta = Mapping[str, Tensor]
Route = Literal["location-scale", "inverse CDF", "composition", "implicit", "none"]

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
_PAPER = "Kingma & Welling 2013, Section 2.4"


@dataclass(frozen=True)
class Support:
    """Where q_theta puts its mass. `points` lists the atoms of a discrete family; `moves` when it depends on theta."""

    latex: str
    points: tuple[float, ...] = ()
    moves: bool = False


@dataclass(frozen=True)
class Family:
    """A parametrised distribution with its two-step sampler. See the module's contract."""

    name: str
    title: str
    latex: str
    parameters: tuple[Parameter, ...]
    support: Support
    route: Route
    source: str
    noise: Noise
    transform: Callable[[Tensor, Theta], Tensor]
    log_prob: Callable[[Tensor, Theta], Tensor]
    inverse: Callable[[Tensor, Theta], Tensor] | None = None
    score: Callable[[Tensor, Theta, str], Tensor] | None = None
    """Closed form of d log q(x) / d theta_name, (n,)."""
    path: Callable[[Tensor, Theta, str], Tensor] | None = None
    """Closed form of d g(eps, theta) / d theta_name, (n,) or a scalar."""
    jumps: Callable[[Theta], tuple[Tensor, ...]] = lambda theta: ()
    """Points eps where `transform` jumps (discrete families)."""
    fault: Callable[[Mapping[str, float]], str] = lambda values: ""
    """What is wrong with the parameters taken together; empty when nothing is."""

    def check(self, theta: Mapping[str, object]) -> dict[str, float]:
        """theta as floats in the parameters' order. Raises ValueError naming the parameter and its range."""
        values = check_values(self.name, self.parameters, theta)
        if fault := self.fault(values):
            raise ValueError(fault)
        return values

    def tensors(self, theta: Mapping[str, object], like: Tensor) -> dict[str, Tensor]:
        """The checked theta as scalar tensors with the dtype and device of `like`."""
        return {
            name: torch.tensor(value, dtype=like.dtype, device=like.device) for name, value in self.check(theta).items()
        }

    def scores(self, x: Tensor, theta: Theta, name: str) -> Tensor:
        """d log q(x) / d theta_name at each x, (n,): the closed form, else autograd with one theta a sample."""
        if self.score is not None:
            return self.score(x, theta, name)
        return _per_sample_derivative(lambda each: self.log_prob(x, each), theta, name, x)

    def paths(self, eps: Tensor, theta: Theta, name: str) -> Tensor:
        """d g(eps, theta) / d theta_name at each eps, (n,): the closed form, else autograd with one theta a sample.

        Zero for a family with no route: there g is a step function of theta.
        """
        if self.path is not None:
            return self.path(eps, theta, name)
        return _per_sample_derivative(lambda each: self.transform(eps, each), theta, name, eps)


def _per_sample_derivative(function: Callable[[Theta], Tensor], theta: Theta, name: str, like: Tensor) -> Tensor:
    """The derivative of each element of function(theta) with respect to that element's own copy of theta_name."""
    own = theta[name].detach().expand_as(like).clone().requires_grad_()
    with torch.enable_grad():
        total = function({**theta, name: own}).sum()
    return torch.autograd.grad(total, own)[0] if total.requires_grad else torch.zeros_like(like)


def _normal_score(x: Tensor, theta: Theta, name: str) -> Tensor:
    loc, scale = theta["loc"], theta["scale"]
    if name == "loc":
        return (x - loc) / scale.square()
    return (((x - loc) / scale).square() - 1) / scale


def _normal_path(eps: Tensor, theta: Theta, name: str) -> Tensor:
    return torch.ones_like(theta["loc"]) if name == "loc" else eps


def _normal_log_prob(x: Tensor, theta: Theta) -> Tensor:
    return -0.5 * ((x - theta["loc"]) / theta["scale"]).square() - theta["scale"].log() - _HALF_LOG_2PI


def _inside(x: Tensor, within: Tensor, log_prob: Tensor) -> Tensor:
    """log_prob where `within`, -inf elsewhere; differentiable inside."""
    return torch.where(within, log_prob, torch.full_like(x, -math.inf))


_LOC = Parameter("loc", r"\mu", 1.0, (-4.0, 4.0))
_SCALE = Parameter("scale", r"\sigma", 1.0, (0.1, 3.0), POSITIVE)

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(
            name="normal",
            title="Normal",
            latex=r"x = \mu + \sigma\,\varepsilon,\quad \varepsilon \sim \mathcal{N}(0, 1)",
            parameters=(_LOC, _SCALE),
            support=Support(r"\mathbb{R}"),
            route="location-scale",
            source=_PAPER,
            noise=noises.NORMAL,
            transform=lambda eps, theta: theta["loc"] + theta["scale"] * eps,
            inverse=lambda x, theta: (x - theta["loc"]) / theta["scale"],
            log_prob=_normal_log_prob,
            score=_normal_score,
            path=_normal_path,
        ),
        Family(
            name="laplace",
            title="Laplace",
            latex=r"x = \mu + b\,\varepsilon,\quad \varepsilon \sim \mathrm{Laplace}(0, 1)",
            parameters=(_LOC, Parameter("scale", "b", 1.0, (0.1, 3.0), POSITIVE)),
            support=Support(r"\mathbb{R}"),
            route="location-scale",
            source=_PAPER,
            noise=noises.LAPLACE,
            transform=lambda eps, theta: theta["loc"] + theta["scale"] * eps,
            inverse=lambda x, theta: (x - theta["loc"]) / theta["scale"],
            log_prob=lambda x, theta: -((x - theta["loc"]) / theta["scale"]).abs() - (2 * theta["scale"]).log(),
        ),
        Family(
            name="exponential",
            title="Exponential",
            latex=r"x = -\log(1 - \varepsilon) / \lambda,\quad \varepsilon \sim \mathcal{U}(0, 1)",
            parameters=(Parameter("rate", r"\lambda", 1.0, (0.4, 4.0), POSITIVE),),
            support=Support(r"[0, \infty)"),
            route="inverse CDF",
            source=_PAPER,
            noise=noises.UNIFORM,
            transform=lambda eps, theta: -torch.log1p(-eps) / theta["rate"],
            inverse=lambda x, theta: -torch.expm1(-theta["rate"] * x),
            log_prob=lambda x, theta: _inside(x, x >= 0, theta["rate"].log() - theta["rate"] * x),
        ),
        Family(
            name="uniform",
            title="Uniform",
            latex=r"x = a + (b - a)\,\varepsilon,\quad \varepsilon \sim \mathcal{U}(0, 1)",
            parameters=(
                Parameter("low", "a", 0.0, (-4.0, 0.9)),
                Parameter("high", "b", 2.0, (1.0, 5.0)),
            ),
            support=Support("[a, b]", moves=True),
            route="location-scale",
            source=_PAPER,
            noise=noises.UNIFORM,
            transform=lambda eps, theta: theta["low"] + (theta["high"] - theta["low"]) * eps,
            inverse=lambda x, theta: (x - theta["low"]) / (theta["high"] - theta["low"]),
            log_prob=lambda x, theta: _inside(
                x, (x >= theta["low"]) & (x <= theta["high"]), -(theta["high"] - theta["low"]).log().expand_as(x)
            ),
            fault=lambda values: (
                ""
                if values["low"] < values["high"]
                else f"low must be below high, got low={values['low']:g} and high={values['high']:g}"
            ),
        ),
        Family(
            name="log_normal",
            title="Log-Normal",
            latex=r"x = e^{\mu + \sigma\,\varepsilon},\quad \varepsilon \sim \mathcal{N}(0, 1)",
            parameters=(
                Parameter("loc", r"\mu", 0.0, (-1.5, 1.0)),
                Parameter("scale", r"\sigma", 0.5, (0.1, 1.0), POSITIVE),
            ),
            support=Support(r"(0, \infty)"),
            route="composition",
            source=_PAPER,
            noise=noises.NORMAL,
            transform=lambda eps, theta: (theta["loc"] + theta["scale"] * eps).exp(),
            inverse=lambda x, theta: (x.clamp(min=0).log() - theta["loc"]) / theta["scale"],
            log_prob=lambda x, theta: _inside(
                x, x > 0, _normal_log_prob(x.clamp(min=torch.finfo(x.dtype).tiny).log(), theta) - x.abs().log()
            ),
        ),
        Family(
            name="bernoulli",
            title="Bernoulli",
            latex=r"x = \mathbf{1}[\varepsilon < p],\quad \varepsilon \sim \mathcal{U}(0, 1)",
            parameters=(Parameter("probs", "p", 0.4, (0.02, 0.98), (0.0, 1.0)),),
            support=Support(r"\{0, 1\}", points=(0.0, 1.0)),
            route="none",
            source="Mohamed, Rosca, Figurnov & Mnih 2020, Section 4",
            noise=noises.UNIFORM,
            transform=lambda eps, theta: (eps < theta["probs"]).to(eps.dtype),
            log_prob=lambda x, theta: _inside(
                x,
                (x == 0) | (x == 1),
                torch.where(x > 0.5, theta["probs"].log(), torch.log1p(-theta["probs"])),
            ),
            jumps=lambda theta: (theta["probs"],),
        ),
    )
}


def get_family(name: object) -> Family:
    """The entry of FAMILIES. Raises ValueError with the known names."""
    if not isinstance(name, str) or name not in FAMILIES:
        raise ValueError(f"family must be one of {', '.join(FAMILIES)}, got {name!r}")
    return FAMILIES[name]


def draw_noise(family: Family, n_samples: int, generator: torch.Generator) -> Tensor:
    """Step one: eps (n_samples,), float32, on the generator's device.

    Raises ValueError when n_samples is not an integer in [1, MAX_SAMPLES].
    """
    return family.noise.sample(check_n_samples(n_samples), generator)
