"""Somebody's own gradient samples against the exact gradient, and beside the known estimators' exact moments."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from explorer.core.estimators import ESTIMATORS, Estimator
from explorer.core.exact.bias import LARGEST_ERROR
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import moments
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.problem import Problem
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.sample_variance import LEAST_FREEDOM, PowerSums, degrees_of_freedom

FEWEST = 100
"""Samples that are asked for at least."""
LEAST_CHANCE = 1e-3
"""An estimator is called biased when one without bias is so far off with a smaller chance than this."""
WITHIN = 4.0
"""Standard errors within which samples behave like a known estimator."""
ROUNDING = 1e-5
"""What float32 may do to a mean or a deviation, as a share of the samples' size."""
TOLD_APART = 0.5
"""Exact moments closer than so many standard errors of the samples are not told apart by them."""
Verdict = Literal["agrees", "biased", "constant", "unknown", "wild"]
"""`constant`: all samples are the same wrong number; `unknown`: there is no exact gradient; `wild`: the variance of the
samples rests on a few of them, so that nothing is said of bias or variance."""


@dataclass(frozen=True)
class Known:
    """A known estimator's exact mean and variance, NaN where `reason` says why; the variance may be infinite.

    `ratio` is the variance of the samples over the exact one, with its standard error; None where they cannot be
    compared.
    """

    estimator: str
    mean: float
    variance: float
    reason: str
    ratio: float | None = None
    ratio_error: float | None = None


@dataclass(frozen=True)
class Checked:
    """What n samples for one parameter amount to.

    `gradient` is exact, NaN where `reason` says why. `bias` is the mean less the gradient, `errors` the same in
    standard errors of the mean, `chance` that of being further off without bias. `like` are the known estimators that
    the samples behave like: the closest, and those whose exact moments they cannot tell from its; `perhaps` are others
    that they do not rule out.
    """

    parameter: str
    n: int
    gradient: float
    reason: str
    mean: float
    standard_error: float
    bias: float
    errors: float
    chance: float
    verdict: Verdict
    variance: float
    variance_error: float
    known: tuple[Known, ...]
    like: tuple[str, ...]
    perhaps: tuple[str, ...]


def samples_of(given: Mapping[str, object], family: Family) -> dict[str, Tensor]:
    """The samples of each parameter as (n,) float64 on the CPU.

    Raises ValueError on no mapping, a name that is none of the family's parameters, and samples that are not FEWEST or
    more finite real numbers in one row.
    """
    names = ", ".join(parameter.name for parameter in family.parameters)
    if not isinstance(given, Mapping) or not given:
        raise ValueError(
            f"samples must map some of {family.name}'s parameters ({names}) to gradients, got {given!r:.80}"
        )
    for name in given:
        if name not in [parameter.name for parameter in family.parameters]:
            raise ValueError(f"{family.name} has no parameter {name!r}; its parameters: {names}")
    return {name: _row(name, values) for name, values in given.items()}


def _row(name: str, values: object) -> Tensor:
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        values = values.float() if values.dtype == torch.bfloat16 else values
    try:
        row = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"the samples of {name} must be one row of numbers, got rows of different lengths") from error
    if row.dtype.kind not in "fiu":
        raise ValueError(f"the samples of {name} must be real numbers, got {row.dtype}")
    if row.ndim != 1:
        raise ValueError(f"the samples of {name} must have the shape (n,), got {row.shape}")
    if len(row) < FEWEST:
        raise ValueError(f"the samples of {name} must be at least {FEWEST}, got {len(row)}")
    found = torch.tensor(row.astype(np.float64))
    if lost := int((~found.isfinite()).sum()):
        raise ValueError(f"{lost} of the {len(found)} samples of {name} are not finite")
    if not math.isfinite(float((found - found.mean()).square().square().sum())):
        raise ValueError(f"the samples of {name} are too large for their fourth powers to be numbers")
    return found


@isolated
def checked(samples: Tensor, problem: Problem) -> Checked:
    """The report on samples (n,) for the problem's parameter, taken to be independent."""
    n, mean = len(samples), float(samples.mean())
    powers = PowerSums(mean).add(samples)
    variance = float(samples.var())
    size = max(abs(mean), float(samples.abs().max()))
    if variance <= (ROUNDING * size) ** 2:
        variance = 0.0
    kurtosis = powers.kurtosis if variance else 0.0
    error = math.sqrt(variance / n)
    of_variance = variance * math.sqrt(max(0.0, kurtosis + 2) / n)
    wild = degrees_of_freedom(n, kurtosis) < LEAST_FREEDOM
    exact = gradients(problem.family, problem.objective, problem.row, problem.parameter)
    gradient, reason = float(exact.value), exact.faults[0]
    bias = mean - gradient
    near = abs(bias) <= max(LARGEST_ERROR, ROUNDING * max(abs(gradient), size))
    errors = bias / error if error else 0.0 if near else math.copysign(math.inf, bias)
    chance = math.erfc(abs(errors) / math.sqrt(2))
    verdict: Verdict = "agrees"
    if math.isnan(gradient):
        verdict = "unknown"
    elif wild:
        verdict = "wild"
    elif not near and chance < LEAST_CHANCE:
        verdict = "biased" if variance else "constant"
    known = tuple(
        replace(each, ratio=variance / each.variance, ratio_error=of_variance / each.variance)
        if 0 < each.variance < math.inf and not wild
        else each
        for each in _known(problem, tuple(ESTIMATORS.values()))
    )
    like, perhaps = _alike(known, mean, (error, of_variance), variance, size)
    return Checked(
        problem.parameter,
        n,
        gradient,
        reason,
        mean,
        error,
        bias,
        errors,
        chance,
        verdict,
        variance,
        of_variance,
        known,
        () if wild else like,
        () if wild else perhaps,
    )


@functools.lru_cache(maxsize=32)
def _known(problem: Problem, estimators: tuple[Estimator, ...]) -> tuple[Known, ...]:
    """The exact moments of those estimators that are defined: kept, since a reader comes again with other samples."""
    known = []
    for method in estimators:
        if problem.parameter not in method.covers(problem.family):
            continue
        try:
            found = moments(problem.family, problem.objective, method, problem.row, problem.parameter)
        except QuadratureError as error:
            known.append(Known(method.name, math.nan, math.nan, str(error)))
        else:
            known.append(Known(method.name, float(found.mean), float(found.variance), found.faults[0]))
    return tuple(known)


def _alike(
    known: tuple[Known, ...], mean: float, errors: tuple[float, float], variance: float, size: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The closest known estimator with those that cannot be told from it, and the others within the samples' errors."""
    distances = {}
    for each in known:
        if each.reason or math.isinf(each.variance):
            continue
        off = _apart((mean, variance), (each.mean, each.variance), errors, size)
        if max(off) <= WITHIN:
            distances[each.estimator] = math.hypot(*off)
    if not distances:
        return (), ()
    by_name = {each.estimator: each for each in known}
    closest = by_name[min(distances, key=distances.__getitem__)]
    middle = closest.mean, closest.variance
    like = [
        name
        for name in distances
        if max(_apart((by_name[name].mean, by_name[name].variance), middle, errors, size)) <= TOLD_APART
    ]
    return tuple(like), tuple(name for name in distances if name not in like)


def _apart(
    one: tuple[float, float], other: tuple[float, float], errors: tuple[float, float], size: float
) -> tuple[float, float]:
    """How far two means and two variances are apart, in the samples' standard errors or what float32 may do."""
    (mean, variance), (other_mean, other_variance) = one, other
    of_mean = max(errors[0], ROUNDING * max(size, abs(mean), abs(other_mean)), 1e-300)
    of_variance = max(errors[1], ROUNDING * max(variance, other_variance, ROUNDING * size**2), 1e-300)
    return abs(mean - other_mean) / of_mean, abs(variance - other_variance) / of_variance
