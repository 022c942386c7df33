"""The same samples in two uses: drawn at theta_0 and weighed for another theta, or moved there with their noise.

    E_q_theta[f] = E_q_theta_0[w f],  w = q_theta / q_theta_0,      and      E_q_theta[f] = E_p[f(g(eps; theta))].

At theta_0 every weight is 1 and no sample has moved: the two estimates are one number. Their slopes there are the two
gradient estimators, mean of f d log q / d theta (dw / d theta is the score) and mean of f'(g) dg / d theta.
Source: Mohamed, Rosca, Figurnov & Mnih 2020, Section 3; importance weights and their effective sample size: Kong 1992.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.gradients import expectations
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.sweep import CURVE_POINTS, Estimates, sample_axis, sweep
from explorer.core.families.family import Family, Theta
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.summaries import Moments
from explorer.core.parameters import Parameter

F_POINTS = 1001
"""Enough for the fastest wave of f; the curve is sent once, not once a frame."""
SLOPES = ("score_function", "pathwise")
"""The estimators that the slopes of the two curves are: by weights, by motion."""
ENOUGH = 0.5
"""The share of the samples that weights should leave effective."""


@dataclass(frozen=True, eq=False)
class Truth:
    """The exact E_q[f] (F,) along a sweep, NaN where `fault` says why it is not known, and `answers` at theta_0.

    `slope` is the exact gradient at theta_0, if it is known.
    """

    value: Tensor
    fault: str
    answers: Answers

    @property
    def slope(self) -> float | None:
        return self.answers.gradient


@dataclass(frozen=True, eq=False)
class Reweighting:
    """One parameter's sweep over F values, the others held at theta_0, for n samples drawn at theta_0.

    samples, f (n,): x_i and f(x_i) at theta_0, frame `origin`; weights (F, n); moved, f_moved (F, n): the samples of
    the same noise at each value and f there. `weighted` and `shifted` are the two estimates of E_q[f]; `truth` is None
    until it is known. `effective` (F,) is (sum w)² / sum w², in samples; `unseen` (F,) the share of q_theta where
    q_theta_0 is 0, so that no sample will ever speak for it.
    On the range `axis` of x, f_levels at f_axis (G,) draw f, and density (F, Z) at levels (Z,) draws q_theta.
    """

    problem: Problem
    parameter: Parameter
    values: Tensor
    origin: int
    samples: Tensor
    f: Tensor
    weights: Tensor
    moved: Tensor
    f_moved: Tensor
    weighted: Estimates
    shifted: Estimates
    effective: Tensor
    unseen: Tensor
    slopes: Mapping[str, Moments]
    """The two gradient estimators at theta_0, by name: mean and standard error of their n samples."""
    axis: tuple[float, float]
    f_axis: Tensor
    f_levels: Tensor
    levels: Tensor
    density: Tensor
    truth: Truth | None = None

    @property
    def n(self) -> int:
        return len(self.samples)

    @property
    def exact(self) -> Tensor:
        """The exact E_q[f] (F,), NaN where it is not known or not yet."""
        return torch.full_like(self.values, math.nan) if self.truth is None else self.truth.value

    def nearest(self, value: float) -> int:
        """The frame whose value is nearest."""
        return int((self.values - value).abs().argmin())

    @property
    def effective_range(self) -> tuple[float, float]:
        """The values around theta_0 up to which at least half of the samples stay effective."""
        enough = (self.effective >= ENOUGH * self.n).tolist()
        low = high = self.origin
        while low > 0 and enough[low - 1]:
            low -= 1
        while high < len(enough) - 1 and enough[high + 1]:
            high += 1
        return float(self.values[low]), float(self.values[high])


def reweighting(problem: Problem, eps: Tensor) -> Reweighting:
    """The film with its truth; see `weighed` and `truth_along`, and for their errors."""
    return replace(weighed(problem, eps), truth=truth_along(problem))


@isolated
def truth_along(problem: Problem) -> Truth:
    """The exact E_q[f] while the problem's parameter sweeps its slider, the others held at theta_0."""
    family, objective, theta, name = problem.family, problem.objective, problem.theta, problem.parameter
    values, _ = sweep(family.parameter(name), theta[name], family, theta)
    rows = {key: torch.full_like(values, value) for key, value in theta.items()} | {name: values}
    exact = expectations(family, objective, rows)
    return Truth(exact.value, next(filter(None, exact.faults), ""), Answers.of(problem, SLOPES))


@isolated
def weighed(problem: Problem, eps: Tensor) -> Reweighting:
    """The film of the problem's parameter for noise eps (n,), n >= 2, drawn once by the caller; its theta is theta_0.

    What samples say, without the truth. Raises FloatingPointError when f or its slope is not finite at a sample.
    """
    family, objective, theta, name = problem.family, problem.objective, problem.theta, problem.parameter
    parameter = family.parameter(name)
    eps = eps.double().cpu()
    values, origin = sweep(parameter, theta[name], family, theta)
    start = problem.tensors(eps)
    column = {**start, name: values.unsqueeze(1)}
    here = problem.draw(eps)
    slopes = {method: Moments.of(ESTIMATORS[method](here, name)) for method in SLOPES}
    x, f = here.x, here.f
    Moments.of(f)
    log_weights = family.log_prob(x.expand(len(values), -1), column) - family.log_prob(x, start)
    moved = family.transform(eps, column).expand(len(values), -1)
    f_moved = objective(moved)
    axis = sample_axis(family)
    f_axis = torch.linspace(*axis, F_POINTS, dtype=torch.float64)
    levels = torch.linspace(*axis, CURVE_POINTS, dtype=torch.float64)
    if family.discrete:
        levels = torch.tensor(family.support.points, dtype=torch.float64)
    return Reweighting(
        *(problem, parameter, values, origin, x, f),
        weights=log_weights.exp(),
        moved=moved,
        f_moved=f_moved,
        weighted=Estimates.of(log_weights.exp() * f),
        shifted=Estimates.of(f_moved),
        effective=effective_size(log_weights),
        unseen=_unseen(family, start, column),
        slopes=slopes,
        axis=axis,
        f_axis=f_axis,
        f_levels=objective(f_axis),
        levels=levels,
        density=family.log_prob(levels.expand(len(values), -1), column).exp(),
    )


def effective_size(log_weights: Tensor) -> Tensor:
    """(sum w)² / sum w² over the last axis, in samples: n for equal weights, 0 where every weight is 0.

    Source: Kong 1992. From logarithms, since far away the weights themselves underflow.
    """
    size = (2 * log_weights.logsumexp(-1) - (2 * log_weights).logsumexp(-1)).exp()
    return size.nan_to_num(nan=0.0)


def _unseen(family: Family, start: Theta, column: Theta) -> Tensor:
    """The mass of q_theta outside the support of q_theta_0, (F,): zero but for supports that move."""
    n_frames = len(torch.broadcast_tensors(*column.values())[0])
    if not family.support.moves:
        return torch.zeros(n_frames, dtype=torch.float64)
    assert family.cdf is not None
    low, high = family.transform(family.noise.stretch(torch.tensor(family.noise.interval).double())[0], start)
    return (family.cdf(low, column) + 1 - family.cdf(high, column)).expand(n_frames, 1).squeeze(1)
