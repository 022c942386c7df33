"""The score function with something taken from f: a constant, or what the other samples say."""

from __future__ import annotations

import dataclasses
import functools
import math
from functools import partial

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import NO_MEAN, Coupling, Integration, Moments, estimator
from explorer.core.estimators.score import SURVEY
from explorer.core.expectations.quadrature import QuadratureError, expect
from explorer.core.expectations.space import Rows, Space
from explorer.core.expectations.tails import exists, finite_order
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import faulty
from explorer.core.numerics.rows import distinct_rows
from explorer.core.objectives.objective import Objective
from explorer.core.parameters import Parameter

_GROUP = Parameter("group", "K", 8.0, (2.0, 16.0), (1.0, 17.0), choices=(2.0, 4.0, 8.0, 16.0))
"""Powers of two: batches are multiples of 16, so that all groups in them are full."""
Columns = tuple[tuple[str, tuple[float, ...]], ...]
"""Rows of parameters that can be looked up: (name, its value in each row), ..."""


@estimator(
    "mean_baseline",
    "Score function, baseline E f",
    latex=r"\left(f(x) - \mathbb{E} f\right)\nabla_\theta \log q_\theta(x)",
    source=f"Williams 1992; {SURVEY}",
    needs_fixed_support=True,
    remainder="centred",
)
def mean_baseline(draw: Draw, name: str) -> Tensor:
    """(f(x) - E f) d log q(x) / d theta: a common baseline, and not always a better one."""
    return (draw.f - _constant(draw, "mean", name)) * draw.score(name)


def _leave_one_out_moments(space: Space, name: str, group: int) -> Moments:
    """Exact moments of a sample among K = `group`. Its baseline is independent of it, so that its square splits.

    With m = E f and s the score: E[(f - m)² s²] + Var f / (K - 1) E[s²]. Two samples of a group have the covariance
    E[f s]² / (K - 1)², from the terms in which each enters the other's baseline.
    """
    faults = [""] * space.n_rows
    order = finite_order(space, lambda draw: draw.f * draw.score(name))
    of_f = finite_order(space, lambda draw: draw.f)
    first = expect(space, lambda draw: [draw.f, draw.f * draw.score(name), draw.score(name)])
    mean_f, mean_fs, mean_s = first.values

    def integrands(draw: Draw) -> list[Tensor]:
        deviation, score = draw.f - draw.of_row(mean_f.nan_to_num()), draw.score(name)
        return [(deviation * score).square(), deviation.square(), score.square(), deviation * score.square()]

    second = expect(space, integrands)
    centred, variance_f, score_squared, _ = second.values
    mean = mean_fs - mean_f * mean_s
    variance = (centred + variance_f * score_squared / (group - 1) - mean.square()).clamp(min=0)
    finite = exists(order, 2) & exists(of_f, 2)
    has_mean = exists(order, 1)
    for row, fault in enumerate(first.faults):
        faults[row] = fault or (second.faults[row] if finite[row] else "")
        if not has_mean[row]:
            faults[row] = NO_MEAN
    variance = torch.where(finite, variance, math.inf)
    lost = faulty(faults)
    mean, variance = mean.masked_fill(lost, math.nan), variance.masked_fill(lost, math.nan)
    return Moments(mean, variance, variance + mean_fs.square() / (group - 1), faults)


def _in_groups(group: float) -> Integration:
    return Integration(coupling=Coupling(int(group), partial(_leave_one_out_moments, group=int(group))))


@estimator(
    "leave_one_out",
    "Score function, leave-one-out baseline of {group}",
    latex=r"\left(f(x_i) - \tfrac{1}{K-1}\textstyle\sum_{j \neq i} f(x_j)\right)\nabla_\theta \log q_\theta(x_i)",
    source="Kool, van Hoof & Welling 2019",
    needs_fixed_support=True,
    settings=(_GROUP,),
    integration_at=_in_groups,
)
def leave_one_out(draw: Draw, name: str, group: float) -> Tensor:
    """Each sample's baseline is the mean of f over the other samples of its group: unbiased, but coupled.

    Groups lie along the last axis of S. Samples that do not fill one make a smaller one; a single one has no baseline.
    """
    f, size = draw.f.expand(draw.shape), int(group)
    full = f.shape[-1] - f.shape[-1] % size
    parts = [f[..., :full].unflatten(-1, (-1, size)), f[..., full:].unsqueeze(-2)]
    baselines = [(part.sum(-1, keepdim=True) - part) / max(1, part.shape[-1] - 1) for part in parts]
    return (f - torch.cat([part.flatten(-2) for part in baselines], dim=-1)) * draw.score(name)


@estimator(
    "optimal_baseline",
    "Score function, optimal baseline b*",
    latex=r"\left(f(x) - b^*\right)\nabla_\theta \log q_\theta(x),\quad "
    r"b^* = \mathbb{E}[f s^2] / \mathbb{E}[s^2],\ s = \nabla_\theta \log q_\theta(x)",
    source=f"Greensmith, Bartlett & Baxter 2004; {SURVEY}",
    needs_fixed_support=True,
    remainder="centred",
)
def optimal_baseline(draw: Draw, name: str) -> Tensor:
    """(f(x) - b*) d log q(x) / d theta with the constant of least variance, one for each parameter."""
    return (draw.f - _constant(draw, "optimal", name)) * draw.score(name)


def _constant(draw: Draw, kind: str, name: str) -> Tensor:
    """A baseline at the draw's theta, exact, in a shape that broadcasts against f.

    NaN in a row in which it does not exist or cannot be had; raises QuadratureError where that is so in every row.
    """
    of_theta, of_f = list(draw.theta), [parameter.name for parameter in draw.objective.parameters]
    values = [torch.as_tensor(draw.objective.values[key], dtype=torch.float64) for key in of_f]
    rows, index = distinct_rows([*draw.theta.values(), *values])
    columns = [tuple(row.tolist()) for row in rows]
    theta = tuple(zip(of_theta, columns[: len(of_theta)], strict=True))
    values_of_f = tuple(zip(of_f, columns[len(of_theta) :], strict=True))
    objective = dataclasses.replace(draw.objective, values={})
    found = _constants(draw.family, objective, kind, name, theta, values_of_f)
    return found.to(draw.eps.device, draw.eps.dtype)[index.to(draw.eps.device)]


def _rows(columns: Columns) -> Rows:
    return {name: torch.tensor(numbers, dtype=torch.float64) for name, numbers in columns}


@functools.lru_cache(maxsize=64)
@isolated
def _constants(family: Family, objective: Objective, kind: str, name: str, theta: Columns, values: Columns) -> Tensor:
    space = Space(family, objective, _rows(theta), _rows(values))

    def integrands(draw: Draw) -> list[Tensor]:
        if kind == "mean":
            return [draw.f]
        squares = draw.score(name).square()
        return [draw.f * squares, squares]

    found = expect(space, integrands)
    lost = faulty(found.faults)
    if lost.all():
        raise QuadratureError(f"the baseline of {objective.title} under {family.title} is not known: {found.faults[0]}")
    baseline = found.values[0]
    if kind == "optimal":
        # Where the score is 0 throughout, any baseline gives the same samples: 0.
        baseline = torch.where(found.values[1] > 0, baseline / found.values[1].clamp(min=1e-300), 0.0)
    return baseline.masked_fill(lost, math.nan)
