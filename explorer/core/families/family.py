"""What a family of distributions q_theta is: sampled in two steps, noise that never sees theta, then a transformation.

Contract of a `Family`, asserted for every entry of FAMILIES by the tests:
- `noise` is the distribution of eps; `transform(eps, theta)` has the law q_theta when eps has the law of `noise`;
- `log_prob(x, theta)` is the log density (or mass) of q_theta, -inf outside the support;
- `inverse(x, theta)` undoes `transform`, where it is given; `cdf(x, theta)` is the distribution function;
- eps and x have one shape S, or S + (size,) for a vector; theta maps each parameter's name to a tensor that broadcasts
  against S, so that many values of theta are worked on in one batch. Parameters are single numbers: a vector's or a
  matrix's entries carry their index, `loc_1`, `scale_tril_21`;
- `route` says how g was found (Kingma & Welling 2013, Section 2.4), "implicit" where only the distribution function is
  known (Figurnov, Mohamed & Mnih 2018), or "none" when g is not differentiable in theta;
- where `score` or `path` is given in closed form, it equals what autograd finds from `log_prob` and `transform`;
- E|x|^r is finite for r below `tail(theta)`, and only there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import torch
from torch import Tensor

from explorer.core.families.float32 import Fault
from explorer.core.families.noises import Noise
from explorer.core.numerics.isolation import differentiation, ordinary
from explorer.core.parameters import Parameter, check_n_samples, check_values

Theta = Mapping[str, Tensor]
Route = Literal["location-scale", "inverse CDF", "composition", "implicit", "none"]


@dataclass(frozen=True)
class Support:
    """Where q_theta puts its mass. `points` lists the atoms of a discrete family; `moves` when it depends on theta.

    Of infinitely many atoms, those that hold all but 1e-20 of the mass over the sliders' range are listed.
    """

    latex: str
    points: tuple[float, ...] = ()
    moves: bool = False


@dataclass(frozen=True)
class WeakDerivative:
    """d q / d theta_name = constant (q_plus - q_minus), q_plus and q_minus being laws one can draw from.

    `plus` and `minus` map (x, eps, extra, theta) to such draws, where x = g(eps) and `extra` is a standard exponential
    variable; from the same arguments the two come coupled. Source: Mohamed et al. 2020, Section 6 and Table 1.
    """

    constant: Callable[[Theta], Tensor]
    plus: Callable[[Tensor, Tensor, Tensor, Theta], Tensor]
    minus: Callable[[Tensor, Tensor, Tensor, Theta], Tensor]


@dataclass(frozen=True, eq=False)
class Line:
    """A law that is known by its density, as integrals see it: x(t) with no equation to be solved.

    `transform(t, theta)` gives x, `path(t, theta, name)` its derivative at fixed noise, `log_density(t, theta)` the log
    density of t, and `ends(theta)`, theta (M, 1), the ends (M, 1) between which its mass lies.
    """

    transform: Callable[[Tensor, Theta], Tensor]
    path: Callable[[Tensor, Theta, str], Tensor]
    log_density: Callable[[Tensor, Theta], Tensor]
    ends: Callable[[Theta], tuple[Tensor, Tensor]]
    inverse: Callable[[Tensor, Theta], Tensor] | None = None
    """x to t, where the family's own noise has an inverse."""


@dataclass(frozen=True, eq=False)
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
    cdf: Callable[[Tensor, Theta], Tensor] | None = None
    score: Callable[[Tensor, Theta, str], Tensor] | None = None
    """Closed form of d log q(x) / d theta_name."""
    path: Callable[[Tensor, Theta, str], Tensor] | None = None
    """Closed form of d g(eps, theta) / d theta_name; that of `shift` is not asked for."""
    shift: str = ""
    """The parameter that is added: x = shift + what does not depend on it, so its path is 1 everywhere."""
    jumps: Callable[[Theta], Tensor] | None = None
    """Points eps where `transform` jumps, in a last axis of their own (discrete families)."""
    logits: Callable[[Theta], Tensor] | None = None
    """The log mass of each atom up to a constant, in a last axis (finitely many atoms): what relaxations start from."""
    line: Line | None = None
    """Where g is the solution of an equation: the same law without it."""
    steep: Callable[[Theta], Tensor] | None = None
    """At which thetas g is so steep somewhere that integrals over the noise miss its path; those on `line` do not."""
    weak: Mapping[str, WeakDerivative] = field(default_factory=dict)
    """The weak derivative with respect to each parameter that has one."""
    tail: Callable[[Mapping[str, float]], float] = lambda values: math.inf
    fault: Fault = lambda values: ""
    """What is wrong with the parameters taken together; empty when nothing is."""
    float32_fault: Fault = lambda values: ""
    """What keeps samples in float32 from showing the law; empty when nothing does. Never so within the sliders."""

    @property
    def size(self) -> int:
        """The number of coordinates of x."""
        return self.noise.size

    @property
    def discrete(self) -> bool:
        return bool(self.support.points)

    def on_line(self) -> Family:
        """The same family with the line's t in the place of the noise. Needs `line`."""
        assert self.line is not None
        return replace(self, transform=self.line.transform, path=self.line.path, inverse=self.line.inverse)

    def check(self, theta: Mapping[str, object]) -> dict[str, float]:
        """theta as floats in the parameters' order. Raises ValueError naming the parameter and its range."""
        values = check_values(self.name, self.parameters, theta)
        if fault := self.fault(values):
            raise ValueError(fault)
        return values

    def parameter(self, name: str) -> Parameter:
        """The parameter of this name, which must be one of the family's."""
        return next(parameter for parameter in self.parameters if parameter.name == name)

    def check_parameter(self, name: object) -> str:
        """The name of a parameter. Raises ValueError with the known names."""
        names = [parameter.name for parameter in self.parameters]
        if not isinstance(name, str) or name not in names:
            raise ValueError(f"parameter must be one of {', '.join(names)}, got {name!r}")
        return name

    def tensors(self, theta: Mapping[str, object], like: Tensor) -> dict[str, Tensor]:
        """The checked theta as scalar tensors with the dtype and device of `like`.

        Raises ValueError where samples in that dtype would not show the law.
        """
        values = self.check(theta)
        if like.dtype == torch.float32 and (fault := self.float32_fault(values)):
            raise ValueError(f"{self.name}: {fault}")
        return {name: torch.tensor(value, dtype=like.dtype, device=like.device) for name, value in values.items()}

    def scores(self, x: Tensor, theta: Theta, name: str) -> Tensor:
        """d log q(x) / d theta_name at each x, of shape S: the closed form, else autograd with one theta a sample."""
        x = ordinary(x)
        if self.score is not None:
            return self.score(x, theta, name)
        shape = x.shape[:-1] if self.size > 1 else x.shape
        return per_sample_derivative(lambda each: self.log_prob(x, each), theta, name, x.new_empty(shape))

    def paths(self, eps: Tensor, theta: Theta, name: str) -> Tensor:
        """d g(eps, theta) / d theta_name at each eps, of x's shape: the closed form, else autograd.

        Zero for a family with no route: there g is a step function of theta.
        """
        eps = ordinary(eps)
        if name == self.shift:
            return torch.ones_like(eps)
        if self.path is not None:
            return self.path(eps, theta, name)
        return per_sample_derivative(lambda each: self.transform(eps, each), theta, name, eps)

    def implicit_paths(self, x: Tensor, theta: Theta, name: str) -> Tensor:
        """-(dF / d theta_name) / q at each x, of shape S: the path from the distribution function alone.

        Source: Figurnov, Mohamed & Mnih 2018, equation 5. Needs `cdf`.
        """
        assert self.cdf is not None
        cdf, x = self.cdf, ordinary(x)
        slope = per_sample_derivative(lambda each: cdf(x, each), theta, name, x)
        density = self.log_prob(x, theta).exp()
        # Where the density has underflowed to 0, the slope of F has too.
        return torch.where(density > 0, -slope / density, 0.0)


def per_sample_derivative(function: Callable[[Theta], Tensor], theta: Theta, name: str, like: Tensor) -> Tensor:
    """The derivative of each element of function(theta) with respect to that element's own copy of theta_name."""
    with differentiation():
        others = {key: ordinary(value) for key, value in theta.items()}
        own = others[name].detach().expand_as(like).clone().requires_grad_()
        total = function({**others, name: own}).sum()
        return torch.autograd.grad(total, own)[0] if total.requires_grad else torch.zeros_like(like)


def inside(x: Tensor, within: Tensor, log_prob: Tensor) -> Tensor:
    """log_prob where `within`, -inf elsewhere; differentiable inside."""
    return torch.where(within, log_prob, -math.inf)


def draw_noise(family: Family, n_samples: int, generator: torch.Generator) -> Tensor:
    """Step one: eps (n_samples,) or (n_samples, size), float32, on the generator's device.

    Raises ValueError when n_samples is not an integer in [1, MAX_SAMPLES].
    """
    return family.noise.sample(check_n_samples(n_samples), generator)
