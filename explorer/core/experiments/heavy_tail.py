"""Infinite variance: running means and sample variances under a Student-t, while its tails grow thinner.

The mean exists, so the running mean tends to it; but not at the pace 1 / sqrt(n), and a sample variance has nothing to
tend to. Where the variance ends is read from how fast a sample grows against how fast the density falls (`tails`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import finite_moments, moments, space_of
from explorer.core.expectations.space import Rows
from explorer.core.expectations.tails import exists
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.numerics.isolation import isolated
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.core.parameters import Parameter

HEAVY: Mapping[str, Objective] = {name: OBJECTIVES[name] for name in ("square", "absolute", "cosine")}
"""Objectives under a Student-t around 0, gradient in its scale."""
DF = Parameter("df", r"\nu", 3.5, (1.5, 10.0))
VALUES = (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
REPETITIONS, SAMPLES = 10, 20_000
SIZES = torch.unique(torch.logspace(1, 4.30103, 60, dtype=torch.float64).round().long())
"""The numbers of samples at which a running mean is read, up to SAMPLES."""
_HALVINGS = 12


@dataclass(frozen=True, eq=False)
class HeavyTail:
    """What is exact along F values of df (F,), frame `now` of them shown; infinite variances are inf.

    `ends` are two df between which the variance becomes finite, and `fourth_ends` the same for the fourth moment, on
    which the error of a sample variance depends: None where it is finite, or infinite, at all VALUES. Of a wave the
    fourth moment is not asked for: how fast its samples grow is read off too roughly.
    """

    problem: Problem
    estimator: str
    values: Tensor
    gradient: Tensor
    variance: Tensor
    ends: tuple[float, float] | None
    fourth_ends: tuple[float, float] | None
    now: int = 0

    def at(self, value: float) -> HeavyTail:
        """The same at the frame nearest to a df."""
        return replace(self, now=int((self.values - value).abs().argmin()))


@dataclass(frozen=True, eq=False)
class Running:
    """The mean and the sample variance of the first SIZES samples, (F, REPETITIONS, len(SIZES)), the noise common."""

    mean: Tensor
    variance: Tensor

    @property
    def error(self) -> Tensor:
        """The standard error that a program prints."""
        return (self.variance / SIZES).sqrt()


def heavy_problem(objective: str) -> Problem:
    """E of one of HEAVY under a Student-t, at the default df."""
    theta = {"df": DF.default, "loc": 0.0, "scale": 1.0}
    return Problem(FAMILIES["student_t"], HEAVY[objective].at(**_at_nought(objective)), theta, "scale")


def _at_nought(objective: str) -> dict[str, float]:
    return {"absolute": {"k": 0.0}, "cosine": {"k": 1.0}}.get(objective, {})


@isolated
def heavy_tail(problem: Problem, estimator: str) -> HeavyTail:
    """The exact part for a problem of `heavy_problem`. Values of df without a gradient are left out."""
    rows = _rows(problem, torch.tensor(VALUES, dtype=torch.float64))
    found = gradients(problem.family, problem.objective, rows, problem.parameter)
    known = torch.tensor([not fault for fault in found.faults])
    values, gradient = rows["df"][known], found.value[known]
    rows = _rows(problem, values)
    variance = moments(problem.family, problem.objective, ESTIMATORS[estimator], rows, problem.parameter).variance
    end = _end(problem, estimator, 2)
    fourth = None if problem.objective.period else _end(problem, estimator, 4)
    return HeavyTail(problem, estimator, values, gradient, variance, end, fourth)


def _rows(problem: Problem, values: Tensor) -> Rows:
    return {name: torch.full_like(values, value) for name, value in problem.theta.items()} | {"df": values}


def _end(problem: Problem, estimator: str, moment: int) -> tuple[float, float] | None:
    """Between which two df a moment of one sample becomes finite; None where that is not so in the range of DF.

    Of a wave only VALUES are asked: how fast it grows is read off too roughly for the places between them.
    """
    method = ESTIMATORS[estimator]

    def are_finite(values: list[float]) -> list[bool]:
        rows = _rows(problem, torch.tensor(values, dtype=torch.float64))
        space = space_of(problem.family, problem.objective, method, rows, problem.parameter)
        found: list[bool] = exists(finite_moments(method, space, problem.parameter), moment).tolist()
        return found

    finite = are_finite(list(VALUES))
    if all(finite) or not any(finite):
        return None
    low, high = VALUES[finite.index(True) - 1], VALUES[finite.index(True)]
    for _ in range(0 if problem.objective.period else _HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if are_finite([middle])[0] else (middle, high)
    return low, high


@isolated
def running(film: HeavyTail, eps: Tensor) -> Running:
    """From noise eps (REPETITIONS, SAMPLES), drawn once by the caller and common to all df."""
    problem, method = film.problem, ESTIMATORS[film.estimator]
    eps, places = eps.double().cpu(), SIZES - 1
    means, variances = [], []
    for df in film.values.tolist():
        theta = {**problem.tensors(eps), "df": torch.tensor(df, dtype=torch.float64)}
        samples = method(Draw(problem.family, problem.objective, theta, eps), problem.parameter)
        mean = samples.cumsum(-1)[:, places] / SIZES
        square = samples.square().cumsum(-1)[:, places] / SIZES
        means.append(mean)
        variances.append((square - mean.square()).clamp(min=0) * SIZES / (SIZES - 1))
    return Running(torch.stack(means), torch.stack(variances))
