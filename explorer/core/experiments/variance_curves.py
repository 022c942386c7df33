"""Variances along an axis: a parameter of q or of f, the sample size, or the dimension.

A whole curve is one batch of exact moments. `curve_winners` says which of them is the lowest where.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.estimators import Choice, Estimator, get_estimator
from explorer.core.estimators.contract import Moments
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import moments
from explorer.core.expectations.quadrature import QuadratureError, expect
from explorer.core.expectations.space import Rows, Space
from explorer.core.expectations.tails import exists, finite_order
from explorer.core.experiments.problem import Problem
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import Parameter

SAMPLES = Parameter("samples", "n", 256.0, (16.0, 4096.0))
DIMENSION = Parameter("dimension", "D", 10.0, (1.0, 100.0))
FEW, FEWEST = 20, 10
"""So many steps where an estimator draws something beside the noise: each point is then a double integral, and dear;
the dearest where f jumps."""


@dataclass(frozen=True, eq=False)
class Curve:
    """An estimator's variance (P,) at the points `at` (P,): inf where it is infinite, NaN where it is not known."""

    at: Tensor
    variance: Tensor
    mean: Tensor
    """The mean of a sample (P,), NaN where it is not known."""
    faults: tuple[str, ...] = ()
    """Why points are not known, each reason once."""

    @classmethod
    def unknown(cls, at: Tensor) -> Curve:
        """Before anything is known."""
        nothing = torch.full_like(at, math.nan)
        return cls(at, nothing, nothing)


@dataclass(frozen=True, eq=False)
class Setting:
    """What is held while an axis is walked along: a problem whose family has one coordinate."""

    problem: Problem

    @property
    def axes(self) -> dict[str, Parameter]:
        """The axes by name; the dimension only for an f that is a sum over coordinates."""
        family, objective = self.problem.family, self.problem.objective
        walked = (*family.parameters, *objective.parameters, SAMPLES, *([] if objective.joint else [DIMENSION]))
        return {parameter.name: parameter for parameter in walked}

    def grid(self, axis: str, estimators: Iterable[str | Estimator]) -> Tensor:
        """The points at which the curves of these estimators are drawn: (P,) float64, increasing.

        The slider's own steps from the default, as far as the family allows them; powers of two for the sample size.
        """
        parameter = self.axes[axis]
        low, high = parameter.slider
        if parameter is SAMPLES:
            return 2.0 ** torch.arange(round(math.log2(low)), round(math.log2(high)) + 1, dtype=torch.float64)
        stride, family = 1, self.problem.family
        dear = any(method.integration.extras(family) for method in Choice(estimators).values())
        if dear and parameter is not DIMENSION:
            stride = max(1, round((high - low) / parameter.step) // (FEWEST if self.problem.objective.jumps else FEW))
        step = stride * parameter.step
        below, above = (math.floor(room / step + 1e-9) for room in (parameter.default - low, high - parameter.default))
        at = parameter.default + step * torch.arange(-below, above + 1, dtype=torch.float64)
        if axis in self.problem.theta:
            theta = self.problem.theta
            at = at[torch.tensor([not family.fault({**theta, axis: value}) for value in at.tolist()])]
        return at

    def rows(self, axis: str, at: Tensor) -> tuple[Rows, Rows]:
        """theta, and f's own values, at each point of an axis: (P,) each."""
        theta = {name: torch.full_like(at, value) for name, value in self.problem.theta.items()}
        if axis in theta:
            return {**theta, axis: at}, {}
        return theta, ({axis: at} if axis in self.problem.objective.values else {})

    def is_own(self, axis: str) -> bool:
        """Whether the axis is a parameter of the family or of f."""
        return axis in self.problem.theta or axis in self.problem.objective.values

    @isolated
    def curve(self, estimator: str | Estimator, axis: str, at: Tensor) -> Curve:
        """The exact variance of one sample at each point; against the sample size, of the mean of so many.

        Raises QuadratureError on the dimension's axis for an estimator that has no closed form there.
        """
        method = get_estimator(estimator)
        theta, values = self.rows(axis, at if self.is_own(axis) else at[:1])
        found = moments(self.problem.family, self.problem.objective, method, theta, self.problem.parameter, values)
        faults = tuple(dict.fromkeys(fault for fault in found.faults if fault))
        mean = found.mean.expand_as(at)
        if axis == SAMPLES.name:
            return Curve(at, found.spread / at, mean, faults)
        if axis == DIMENSION.name:
            return self._in_dimensions(method, at, theta, found, faults)
        return Curve(at, found.variance, mean, faults)

    @isolated
    def gradient(self, axis: str, at: Tensor) -> Tensor:
        """The exact gradient at each point, (P,), NaN where it is not known: in every dimension the same."""
        theta, values = self.rows(axis, at if self.is_own(axis) else at[:1])
        problem = self.problem
        return gradients(problem.family, problem.objective, theta, problem.parameter, values).value.expand_as(at)

    def _in_dimensions(
        self, method: Estimator, at: Tensor, theta: Rows, alone: Moments, faults: tuple[str, ...]
    ) -> Curve:
        """The curve for f(x_1) + … + f(x_D), coordinates independent and alike, theta being the first one's.

        With R the sum of f over the others, s the score, and c = E R where a baseline takes that away, else 0, a sample
        is G(f) + (R - c) s. R is independent of the first coordinate, so with r = E R - c

            E   = E G(f) + r E s,
            Var = Var G(f) + 2 r (E[G(f) s] - E G(f) E s) + Var R E[s²] + r² Var s.

        E s is 0 unless the support moves. Source: the argument of Rezende, Mohamed & Wierstra 2014, Appendix D, with
        its constants kept.
        """
        if method.remainder == "not simple":
            raise QuadratureError(f"{method.title} has no closed form against the dimension")
        variance, mean = alone.variance, alone.mean
        if method.remainder == "drops out" or not variance.isfinite():
            return Curve(at, variance.expand_as(at), mean.expand_as(at), faults)
        name = self.problem.parameter
        space = Space(self.problem.family, self.problem.objective, theta)
        if not exists(finite_order(space, lambda draw: draw.f), 2):
            return Curve(at, torch.where(at > 1, math.inf, variance), mean.expand_as(at), faults)
        found = expect(
            space,
            lambda draw: [
                draw.f,
                draw.f.square(),
                method(draw, name) * draw.score(name),
                draw.score(name),
                draw.score(name).square(),
            ],
        )
        if found.faults[0]:
            unknown = torch.where(at > 1, math.nan, 0.0)
            return Curve(at, variance + unknown, mean + unknown, (*faults, found.faults[0]))
        m, square, cross, score, fisher = found.values[:, 0]
        if not self.problem.family.support.moves:
            score = torch.zeros_like(score)
        others = at - 1
        shift = others * m * (method.remainder == "weighted")
        spread = (others * (square - m.square())) * fisher + shift.square() * (fisher - score.square())
        return Curve(at, variance + 2 * shift * (cross - mean * score) + spread, mean + shift * score, faults)
