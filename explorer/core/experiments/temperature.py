"""One bit, softened: bias and variance of the relaxed estimators against their temperature, beside the others.

A Bernoulli sample has no path: torch refuses `rsample`. The binary Concrete, x = sigmoid((logit p + L) / tau) with L
logistic, has one, for another problem. Its density is that of Maddison, Mnih & Teh 2017, Appendix B.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.bias import bias
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import moments
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.numerics.isolation import isolated
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.core.parameters import Parameter

RELAXED = ("gumbel_softmax", "straight_through", "rebar")
STEADY = ("score_function", "leave_one_out", "disarm", "enumeration")
"""Those that have no temperature."""
ON_A_BIT: Mapping[str, Objective] = {
    "shifted_square": OBJECTIVES["shifted_square"].at(k=0.4),
    "cosine": OBJECTIVES["cosine"].at(k=3.0),
    "step": OBJECTIVES["step"].at(k=0.5),
}
"""Objectives at values of k that suit a bit; what lies between 0 and 1 is seen by relaxed samples alone."""
TEMPERATURE = Parameter("temperature", r"\tau", 0.5, (0.1, 2.0))
_STEP = 0.05
NEAR = 0.05
"""A softened sample this near 0 or 1 looks like a bit."""
X = torch.sigmoid(torch.linspace(-9.0, 9.0, 241, dtype=torch.float64))
"""Where the density is drawn: closer together near the ends."""


@dataclass(frozen=True, eq=False)
class Temperature:
    """A sweep of tau over F values (F,), frame `now` of it shown. All is exact.

    gradient: that of E f in p. biases and variances: of each estimator (F,), n times the variance of the mean of n
    samples; those without a temperature are the same in every frame. density (F, Z): of the softened bit at X.
    """

    problem: Problem
    values: Tensor
    gradient: float
    biases: Mapping[str, Tensor]
    variances: Mapping[str, Tensor]
    density: Tensor
    now: int = 0

    def at(self, value: float) -> Temperature:
        """The same at the frame nearest to a temperature."""
        return replace(self, now=int((self.values - value).abs().argmin()))

    def squared_error(self, name: str, n: int) -> Tensor:
        """The mean squared error of the mean of n samples, (F,): bias² + variance / n."""
        return self.biases[name].square() + self.variances[name] / n

    @property
    def near_a_bit(self) -> Tensor:
        """The share of softened samples within NEAR of 0 or 1, (F,)."""
        p = self.problem.theta["probs"]
        end = math.log(NEAR / (1 - NEAR))
        shift = math.log(p / (1 - p))
        below, above = (torch.sigmoid(self.values * at - shift) for at in (end, -end))
        return below + 1 - above


def bit_problem(objective: str, probs: float) -> Problem:
    """E of one of ON_A_BIT under a Bernoulli."""
    return Problem(FAMILIES["bernoulli"], ON_A_BIT[objective], {"probs": probs}, "probs")


def concrete_density(x: Tensor, probs: float, temperature: Tensor) -> Tensor:
    """The density of the binary Concrete at x, of the shape that x and the temperature broadcast to."""
    y = x.logit()
    at = temperature * y - math.log(probs / (1 - probs))
    return temperature * torch.sigmoid(at) * torch.sigmoid(-at) / (x * (1 - x))


@isolated
def temperature(problem: Problem) -> Temperature:
    """The sweep for a problem of `bit_problem`. Raises ValueError where an exact answer is not known."""
    family, objective, rows = problem.family, problem.objective, problem.row
    low, high = TEMPERATURE.slider
    values = low + _STEP * torch.arange(round((high - low) / _STEP) + 1, dtype=torch.float64)
    gradient = gradients(family, objective, rows, problem.parameter)
    methods = {name: [ESTIMATORS[name].at(temperature=value) for value in values.tolist()] for name in RELAXED}
    methods |= {name: [ESTIMATORS[name]] for name in STEADY}
    biases, variances, faults = {}, {}, list(gradient.faults)
    for name, each in methods.items():
        found = [moments(family, objective, method, rows, problem.parameter) for method in each]
        faults += [fault for one in found for fault in one.faults]
        mean, spread = (torch.cat([getattr(one, part) for one in found]) for part in ("mean", "spread"))
        biases[name] = bias(mean, gradient.value, spread.sqrt()).expand(len(values))
        variances[name] = spread.expand(len(values))
    if fault := next(filter(None, faults), ""):
        raise ValueError(fault)
    density = concrete_density(X, problem.theta["probs"], values.unsqueeze(1))
    return Temperature(problem, values, float(gradient.value), biases, variances, density)


def refused(probs: float) -> str:
    """What torch says to a reparameterized sample of a Bernoulli: the exception's own name and text."""
    try:
        torch.distributions.Bernoulli(probs).rsample()
    except NotImplementedError as error:
        return f"{type(error).__name__}({error})"
    raise AssertionError("this torch has a reparameterized Bernoulli")
