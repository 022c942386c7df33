"""Variances along an axis: a parameter of q or of f, the sample size, or the dimension; and where the winner changes.

A whole curve is one batch of exact moments.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from explorer.core.estimators import Choice, Estimator, get_estimator
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
MOST_STEPS = 40
EQUAL = 1e-6
"""Variances closer than this, relatively, are not told apart."""


@dataclass(frozen=True, eq=False)
class Curve:
    """An estimator's variance (P,) at the points `at` (P,): inf where it is infinite, NaN where it is not known."""

    at: Tensor
    variance: Tensor
    faults: tuple[str, ...] = ()
    """Why points are not known, each reason once."""


@dataclass(frozen=True)
class Turn:
    """Going up the axis, `before` has the smallest variance until `at`, then `after` has."""

    at: float
    before: str
    after: str


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
        if axis == SAMPLES.name:
            return Curve(at, found.spread / at, faults)
        if axis == DIMENSION.name:
            return Curve(at, self._in_dimensions(method, at, theta, found.variance), faults)
        return Curve(at, found.variance, faults)

    def _in_dimensions(self, method: Estimator, at: Tensor, theta: Rows, alone: Tensor) -> Tensor:
        """The variance for f(x_1) + … + f(x_D), coordinates independent and alike, theta being the first one's.

        With R the sum of f over the others, s the score, and c = E R where a baseline takes that away, else 0, a sample
        is G(f) + (R - c) s. R is independent of the first coordinate, so

            Var = Var G(f) + 2 (E R - c) E[G(f) s] + (Var R + (E R - c)²) E[s²].

        Source: the argument of Rezende, Mohamed & Wierstra 2014, Appendix D, with its constants kept.
        """
        if method.remainder == "not simple":
            raise QuadratureError(f"{method.title} has no closed form against the dimension")
        if method.remainder == "drops out" or not alone.isfinite():
            return alone.expand_as(at)
        name = self.problem.parameter
        space = Space(self.problem.family, self.problem.objective, theta)
        if not exists(finite_order(space, lambda draw: draw.f), 2):
            return torch.where(at > 1, math.inf, alone)
        found = expect(
            space,
            lambda draw: [
                draw.f,
                draw.f.square(),
                method(draw, name) * draw.score(name),
                draw.score(name).square(),
            ],
        )
        if found.faults[0]:
            return torch.where(at > 1, math.nan, alone)
        mean, square, cross, fisher = found.values[:, 0]
        others = at - 1
        shift = others * mean * (method.remainder == "weighted")
        return alone + 2 * shift * cross + (others * (square - mean.square()) + shift.square()) * fisher

    def turns(self, curves: Mapping[str, Curve], axis: str, estimators: Choice | None = None) -> list[Turn]:
        """Where along the axis the smallest variance passes from one of these estimators to another, in order.

        `curves` are of `estimators`, by default at their settings' defaults, and share one grid; only estimators that
        are unbiased here belong in it. A passing is found between two points at which both variances are finite and
        positive; one that comes and goes between two is not seen.
        """
        if not curves:
            return []
        names, at = list(curves), next(iter(curves.values())).at
        methods = estimators or Choice(curves)
        levels = torch.stack([curve.variance.log() for curve in curves.values()])
        best = winners(levels)
        found = []
        for left, (one, other) in enumerate(pairwise(best)):
            if one != other and min(one, other) >= 0 and levels[[one, other], left : left + 2].isfinite().all():
                passing = self._crossing(methods[names[one]], methods[names[other]], axis, at[left : left + 2])
                found.append(Turn(passing, names[one], names[other]))
        return found

    def _crossing(self, before: Estimator, after: Estimator, axis: str, cell: Tensor) -> float:
        """Where in a cell of the grid (2,) the two variances are equal: regula falsi on the log of their ratio.

        In the Illinois form (Dowell & Jarratt 1971): an end that stays counts half.
        """

        def gap(at: Tensor) -> list[float]:
            one, other = (self.curve(method, axis, at).variance.log() for method in (before, after))
            return (one - other).tolist()

        low, high = cell.tolist()
        at_low, at_high = gap(cell)
        kept = 0
        for _ in range(MOST_STEPS):
            if not at_low < 0 < at_high:
                break
            middle = (low * at_high - high * at_low) / (at_high - at_low)
            (found,) = gap(torch.tensor([middle], dtype=torch.float64))
            if abs(found) < EQUAL * 1e-3:
                return middle
            if found > 0:
                high, at_high, at_low = middle, found, at_low * (0.5 if kept == 1 else 1.0)
                kept = 1
            else:
                low, at_low, at_high = middle, found, at_high * (0.5 if kept == -1 else 1.0)
                kept = -1
        return 0.5 * (low + high)


def winners(levels: Tensor) -> list[int]:
    """Which of some log variances (E, P) is the least at each point: P indices, -1 where all are infinite or unknown.

    Between equals it stays with the one before, so that rounding makes no turn.
    """
    known = levels.nan_to_num(nan=math.inf, posinf=math.inf, neginf=-math.inf)
    least, first = known.min(0)
    best: list[int] = []
    for low, index, column in zip(least.tolist(), first.tolist(), known.T.tolist(), strict=True):
        before = best[-1] if best else index
        stays = before >= 0 and column[before] <= low + EQUAL
        best.append(-1 if low == math.inf else before if stays else index)
    return best
