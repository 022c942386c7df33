"""What is missed where f jumps, or where the support ends and moves: a boundary term, along a sweep of theta.

A jump of f at k, under a density that does not jump:

    d/dtheta E f = E[f'(g) dg/dtheta] + sum_k (f(k+) - f(k-)) q(k) dx/dtheta|_k

A support that ends at b(theta), with a density that is differentiable in theta inside:

    d/dtheta E f = E[f d log q/dtheta] + f(b) q(b) db/dtheta - f(a) q(a) da/dtheta

Both are Leibniz's rule; an estimator that leaves the last terms out is biased by exactly them.
Source: Mohamed, Rosca, Figurnov & Mnih 2020, Section 4.3.1; Lee, Yu & Yang 2018, Theorem 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.gradients import expectations, gradients
from explorer.core.exact.moments import moments
from explorer.core.expectations.space import Rows
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.sweep import Estimates, in_frames, sweep
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import TOLERANCE
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from explorer.core.objectives.objective import Objective
from explorer.core.parameters import Parameter

PAIR = ("score_function", "pathwise")
JUMPING: Mapping[str, Objective] = {
    "step": OBJECTIVES["step"],
    "ramp": formula("x/2 + (x > 1)"),
    "stairs": formula("(x > -1) + (x > 0) + (x > 1)"),
    "kink": OBJECTIVES["absolute"],
}
"""Objectives that jump, and one that only has a kink, by which pathwise is right."""
ENDING: Mapping[str, Objective] = {name: OBJECTIVES[name] for name in ("identity", "square", "cosine", "constant")}
"""Objectives under a Uniform whose upper end moves."""
REPAIRED = "boundary_pathwise"
"""The row of the estimator that gets its boundary term back."""


def jump_at(name: str) -> Problem:
    """E of one of JUMPING under a Normal, whose mean moves."""
    return Problem(FAMILIES["normal"], JUMPING[name], {"loc": 1.0, "scale": 1.0}, "loc")


def moving_end(name: str) -> Problem:
    """E of one of ENDING under a Uniform, whose upper end moves."""
    return Problem(FAMILIES["uniform"], ENDING[name], {"low": 0.0, "high": 2.0}, "high")


@dataclass(frozen=True, eq=False)
class Discontinuity:
    """What is exact along a sweep of the problem's parameter: F values, (F,) each, frame `now` at the problem's theta.

    `value` is E f and `slope` its derivative; `means` and `deviations` are those of one sample of each of PAIR.
    `boundary` is the boundary term that the estimator `lacking` leaves out, computed on its own.
    """

    problem: Problem
    parameter: Parameter
    values: Tensor
    now: int
    value: Tensor
    slope: Tensor
    means: Mapping[str, Tensor]
    deviations: Mapping[str, Tensor]
    boundary: Tensor
    lacking: str

    @property
    def expected(self) -> dict[str, Tensor]:
        """What each row of the picture has for mean: those of PAIR, and REPAIRED."""
        return {**self.means, REPAIRED: _known(self.means[self.lacking] + self.boundary)}

    def at(self, value: float) -> Discontinuity:
        """The same film at the frame that is nearest to a value of the parameter."""
        return replace(self, now=int((self.values - value).abs().argmin()))


@isolated
def discontinuity(problem: Problem) -> Discontinuity:
    """The sweep of the problem's parameter, for a family of one coordinate with a distribution function.

    Raises ValueError where an exact answer is not known.
    """
    family, objective, name = problem.family, problem.objective, problem.parameter
    parameter = family.parameter(name)
    values, now = sweep(parameter, problem.theta[name], family, problem.theta)
    rows = {key: torch.full_like(values, value) for key, value in problem.theta.items()} | {name: values}
    value, slope = expectations(family, objective, rows), gradients(family, objective, rows, name)
    found = {each: moments(family, objective, ESTIMATORS[each], rows, name) for each in PAIR}
    for fault in (*value.faults, *slope.faults, *(fault for each in found.values() for fault in each.faults)):
        if fault:
            raise ValueError(fault)
    return Discontinuity(
        *(problem, parameter, values, now, value.value, _known(slope.value)),
        means={each: _known(part.mean) for each, part in found.items()},
        deviations={each: part.variance.sqrt() for each, part in found.items()},
        boundary=flow_over_ends(family, objective, rows, name)
        if family.support.moves
        else flow_over_jumps(family, objective, rows, name),
        lacking="score_function" if family.support.moves else "pathwise",
    )


def _known(values: Tensor) -> Tensor:
    """What is 0 as far as exact answers go, as 0."""
    return torch.where(values.abs() < TOLERANCE, 0.0, values)


def flow_over_jumps(family: Family, objective: Objective, rows: Rows, name: str) -> Tensor:
    """Each jump's height times the mass that flows over it, -dF(k)/dtheta: (R,)."""
    total = torch.zeros_like(rows[name])
    for jump in objective.jumps:
        at = torch.full_like(total, float(jump.at))
        total += jump.height * family.implicit_paths(at, rows, name) * family.log_prob(at, rows).exp()
    return total


def flow_over_ends(family: Family, objective: Objective, rows: Rows, name: str) -> Tensor:
    """f times density times speed at each finite end of the support, outward: (R,)."""
    total = torch.zeros_like(rows[name])
    for eps, outward in zip(family.noise.support, (-1.0, 1.0), strict=True):
        if math.isfinite(eps):
            at = torch.full_like(total, eps)
            x = family.transform(at, rows)
            total += outward * objective(x) * family.log_prob(x, rows).exp() * family.paths(at, rows, name)
    return total


@isolated
def sampled_slopes(film: Discontinuity, eps: Tensor) -> dict[str, Estimates]:
    """What noise eps (n,), n >= 2, drawn once by the caller, says of the slope at every value, row by row."""
    problem, name = film.problem, film.problem.parameter
    draw = problem.draw(eps.double().cpu().expand(len(film.values), -1))
    draw = draw.at(in_frames(problem.theta, film.parameter, film.values))
    samples = {each: ESTIMATORS[each](draw, name) for each in PAIR}
    if film.lacking == "pathwise":
        samples[REPAIRED] = ESTIMATORS[REPAIRED](draw, name)
    else:
        samples[REPAIRED] = samples[film.lacking] + film.boundary.unsqueeze(1)
    return {each: Estimates.of(values) for each, values in samples.items()}
