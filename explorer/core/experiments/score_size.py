"""The size of the score against x, and where each estimator's second moment comes from.

The score function's second moment is the integral of f² s² q, pathwise's that of (f' dg/dtheta)² q. Here both
integrands are laid out over x, and the shares of both that come from beyond the middle 95 % of q's mass are computed.
Source: Mohamed, Rosca, Figurnov & Mnih 2020, Sections 4 and 5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS, Estimator
from explorer.core.exact.bias import bias
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import moments
from explorer.core.expectations.quadrature import QuadratureError, expect
from explorer.core.expectations.space import Rows, Space
from explorer.core.experiments.problem import Problem
from explorer.core.families import SCALAR
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import Integrals, faulty
from explorer.core.objectives.objective import NO_OBJECTIVE, Objective
from explorer.core.parameters import Parameter

OUTER = 0.05
"""The share of q's mass beyond the middle, half of it at each end."""
CONTINUOUS: Mapping[str, Family] = {name: family for name, family in SCALAR.items() if not family.discrete}
COMPARED = ("score_function", "pathwise")
_POINTS, _SEARCHED = 241, 1025
_FAINT = 25.0
"""The curves end where the density along them has fallen by exp(25), 11 decades."""
_AROUND = 0.6
"""How much of the middle's width the picture shows at either side of it."""
_HELD = 0.8
"""The share of the frames that the axis holds whole: the widest would make all others narrow."""


@dataclass(frozen=True)
class Part:
    """An estimator at F values of theta, (F,) each: NaN where `faults` gives a reason.

    `second` is the second moment of one sample, `variance` its variance, inf where they are infinite; `share` is the
    share of `second` from beyond the middle of q, NaN too where `second` is 0 or infinite; `mean` is that of a sample.
    """

    second: Tensor
    share: Tensor
    variance: Tensor
    mean: Tensor
    faults: list[str]


@dataclass(frozen=True)
class ScoreFilm:
    """What the picture needs at F values of one parameter, the others held.

    values (F,); x (F, G) and there: `density` q over its largest value in the middle, `score` |s| over its own root
    mean square, and per estimator `heights`, its integrand scaled to the area `ends[:, 1] - ends[:, 0]`, NaN where that
    cannot be done; ends (F, 2) of the middle; samples (F, n) at each eps; fisher (F,) the exact E s²; `axis` is a
    range of x; `gradient` (F,) is the exact one, NaN where it is not known.
    """

    problem: Problem
    values: Tensor
    axis: tuple[float, float]
    x: Tensor
    density: Tensor
    score: Tensor
    heights: Mapping[str, Tensor]
    ends: Tensor
    samples: Tensor
    fisher: Tensor
    parts: Mapping[str, Part]
    gradient: Tensor

    def bias(self, estimator: str) -> Tensor:
        """An estimator's exact bias at each value, (F,): see `exact.bias`."""
        part = self.parts[estimator]
        return bias(part.mean, self.gradient, part.variance.sqrt())

    @property
    def parameter(self) -> Parameter:
        """The one that is swept."""
        return self.problem.family.parameter(self.problem.parameter)


def noise_ends(family: Family) -> tuple[float, float]:
    """The noises between which all but OUTER of the mass lies, as much beyond one as beyond the other."""
    return family.noise.quantile(OUTER / 2), family.noise.quantile(1 - OUTER / 2)


def middle(family: Family, theta: Rows) -> Tensor:
    """The x between which all but OUTER of q's mass lies, (R, 2) increasing. g is monotone in one noise."""
    eps = torch.tensor(noise_ends(family), dtype=torch.float64)
    column = {name: value.unsqueeze(1) for name, value in theta.items()}
    return family.transform(eps.expand(len(next(iter(theta.values()))), 2), column).sort(dim=1).values


@isolated
def part(family: Family, objective: Objective, estimator: str, theta: Rows, name: str) -> Part:
    """The second moment of an estimator of the gradient in `name`, and its share from beyond the middle, at R rows."""
    method = ESTIMATORS[estimator]
    found = moments(family, objective, method, theta, name)
    faults = list(found.faults)
    second = found.variance.clone()
    share = torch.full_like(second, math.nan)
    known = found.variance.isfinite().nonzero().squeeze(1)
    if len(known):
        theta = {key: value[known] for key, value in theta.items()}
        try:
            integrals = _split(family, objective, method, theta, name)
        except QuadratureError as error:
            integrals = Integrals(torch.full((2, len(known)), math.nan, dtype=torch.float64), [str(error)] * len(known))
        for row, fault in zip(known.tolist(), integrals.faults, strict=True):
            faults[row] = fault
        second[known], outer = integrals.values
        share[known] = torch.where(second[known] > 0, outer / second[known], math.nan)
    lost = faulty(faults)
    second, share, variance = (each.masked_fill(lost, math.nan) for each in (second, share, found.variance))
    return Part(second, share, variance, found.mean, faults)


def _split(family: Family, objective: Objective, method: Estimator, theta: Rows, name: str) -> Integrals:
    """E[G²] and the part of it from beyond the middle, G one sample of the estimator: values (2, R)."""
    low, high = middle(family, theta).unbind(1)

    def integrands(draw: Draw) -> list[Tensor]:
        square = method(draw, name).square()
        beyond = (draw.x < draw.of_row(low)) | (draw.x > draw.of_row(high))
        return [square, torch.where(beyond, square, 0.0)]

    return expect(Space(family, objective, theta, splits=(low, high)), integrands)


@isolated
def fisher_information(family: Family, theta: Rows, name: str) -> Tensor:
    """E s², s the score in `name`, at R rows, (R,); NaN where the integral does not converge."""
    found = expect(Space(family, NO_OBJECTIVE, theta), lambda draw: [draw.score(name).square()])
    return found.values[0].masked_fill(faulty(found.faults), math.nan)


@isolated
def score_film(problem: Problem, values: Tensor, eps: Tensor) -> ScoreFilm:
    """The film over `values` (F,) of the problem's parameter, the others held; eps (n,) is drawn once by the caller."""
    family, objective, name = problem.family, problem.objective, problem.parameter
    rows = {key: torch.full_like(values, value) for key, value in problem.theta.items()} | {name: values}
    ends = middle(family, rows)
    axis = _axis(family, rows, ends)
    draw = _curves(family, objective, rows, axis)
    density = family.log_prob(draw.x, draw.theta).exp()
    score = draw.score(name).expand(draw.x.shape)
    fisher = fisher_information(family, rows, name)
    inside = (draw.x >= ends[:, :1]) & (draw.x <= ends[:, 1:])
    parts = {each: part(family, objective, each, rows, name) for each in COMPARED}
    width = ends.diff(dim=1)
    heights = {}
    for each, found in parts.items():
        known = found.second.isfinite() & (found.second > 0)
        scale = torch.where(known, found.second, math.nan).unsqueeze(1)
        height = ESTIMATORS[each](draw, name).square() * density / scale * width
        heights[each] = torch.where(height.isfinite(), height, math.nan)
    column = {key: value.unsqueeze(1) for key, value in rows.items()}
    return ScoreFilm(
        problem,
        values,
        axis,
        x=draw.x,
        density=density / torch.where(inside, density, 0.0).amax(dim=1, keepdim=True),
        score=score.abs() / fisher.sqrt().unsqueeze(1),
        heights=heights,
        ends=ends,
        samples=family.transform(eps.double().cpu().expand(len(values), -1), column),
        fisher=fisher,
        parts=parts,
        gradient=gradients(family, objective, rows, name).value,
    )


def _axis(family: Family, theta: Rows, ends: Tensor) -> tuple[float, float]:
    """A range of x that does not move along the film: of most frames the middle and what lies _AROUND it."""
    margin = _AROUND * ends.diff(dim=1)[:, 0]
    low = float((ends[:, 0] - margin).quantile(1 - _HELD))
    high = float((ends[:, 1] + margin).quantile(_HELD))
    x, _ = _searched(family, theta)
    pad = 0.02 * (high - low)
    return max(low, float(x.min()) - pad), min(high, float(x.max()) + pad)


def _searched(family: Family, theta: Rows) -> tuple[Tensor, Tensor]:
    """x (R, _SEARCHED) along the family's coordinate where its density is not yet faint, and that coordinate."""
    column = {name: value.unsqueeze(1) for name, value in theta.items()}
    n_rows = len(next(iter(theta.values())))
    part_of = torch.linspace(0, 1, _SEARCHED, dtype=torch.float64)

    def log_density(t: Tensor) -> Tensor:
        if family.line is not None:
            return family.line.log_density(t, column)
        eps, stretch = family.noise.stretch(t)
        return family.noise.log_prob(eps) + stretch.log()

    if family.line is not None:
        low, high = (torch.as_tensor(end).expand(n_rows, 1) for end in family.line.ends(column))
    else:
        low, high = (torch.full((n_rows, 1), end, dtype=torch.float64) for end in family.noise.interval)
    for _ in range(2):
        t = low + (high - low) * part_of
        height = log_density(t)
        seen = height > height.amax(dim=1, keepdim=True) - _FAINT
        low, high = _span(t, seen)
    t = low + (high - low) * part_of
    return _on_coordinate(family, t, column), t


def _on_coordinate(family: Family, t: Tensor, theta: Rows) -> Tensor:
    return family.line.transform(t, theta) if family.line else family.transform(family.noise.stretch(t)[0], theta)


def _span(t: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """The first and the last t (R, 1) that is seen; the whole line where none is."""
    seen = seen | ~seen.any(dim=1, keepdim=True)
    low = torch.where(seen, t, math.inf).amin(dim=1, keepdim=True)
    return low, torch.where(seen, t, -math.inf).amax(dim=1, keepdim=True)


def _curves(family: Family, objective: Objective, theta: Rows, axis: tuple[float, float]) -> Draw:
    """A draw of _POINTS points a row, evenly along the family's coordinate, over what the axis shows of it."""
    x, t = _searched(family, theta)
    low, high = x.amin(dim=1, keepdim=True).clamp(min=axis[0]), x.amax(dim=1, keepdim=True).clamp(max=axis[1])
    # Where x stands still, at an end of its support, there is nothing to draw.
    still = 1e-4 * (high - low)
    first, last = _span(t, (x >= low + still) & (x <= high - still))
    step = t[:, 1:2] - t[:, :1]
    first, last = torch.maximum(first - step, t[:, :1]), torch.minimum(last + step, t[:, -1:])
    points = first + (last - first) * torch.linspace(0, 1, _POINTS, dtype=torch.float64)
    column = {name: value.unsqueeze(1) for name, value in theta.items()}
    if family.line is not None:
        return Draw(family.on_line(), objective, column, points)
    return Draw(family, objective, column, family.noise.stretch(points)[0])
