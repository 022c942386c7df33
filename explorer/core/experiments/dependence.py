"""Which of the two depends on theta: the distribution that is drawn from, or the function that is averaged.

    E_q_theta[f(x)]                     x is drawn from q_theta, which moves; f stays        (score function)
    E_p[f(g(eps; theta))]               eps is drawn from p, which stays; f(g(.)) moves      (pathwise)

Both are one number, and the derivative goes through whatever moves: of f q_theta it is f dq/dtheta, of p f(g) it is
p df(g)/dtheta. How far a distribution has moved is its total variation distance from where it started,

    1/2 integral |q_theta - q_theta_0| dx  =  E_q_theta[(1 - q_theta_0 / q_theta)+],

the largest difference of the probabilities of any event. Source: Mohamed, Rosca, Figurnov & Mnih 2020, Section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.expectations.quadrature import expect
from explorer.core.expectations.space import Space
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.sweep import CURVE_POINTS, in_frames, sample_axis, sweep
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import faulty
from explorer.core.objectives.objective import NO_OBJECTIVE
from explorer.core.parameters import Parameter

F_POINTS, NOISE_POINTS = 1001, 201
"""So many points draw f, once, and f(g(eps; theta)), in every frame."""


@dataclass(frozen=True, eq=False)
class Dependence:
    """One parameter's sweep over F values, the others held at theta_0 (frame `origin`), for n noises eps (n,).

    Left: density and its derivative `density_slope` (F, Z) at levels (Z,) of x, f as f_levels at f_axis (A,), samples
    (F, n), and f there, f_samples (F, n). Right: the noise's density `noise_density` (G,) at grid (G,), `moved` (F, G)
    = f(g(.; theta)) there and its derivative `moved_slope` (F, G). f(g(eps; theta)) is f_samples, too.
    `distance` (F,) is the exact total variation distance of q_theta from q_theta_0, NaN where `fault` says why it is
    not known. That of p from itself is 0, whatever theta is.
    """

    problem: Problem
    parameter: Parameter
    values: Tensor
    origin: int
    axis: tuple[float, float]
    levels: Tensor
    density: Tensor
    density_slope: Tensor
    f_axis: Tensor
    f_levels: Tensor
    eps: Tensor
    samples: Tensor
    f_samples: Tensor
    grid: Tensor
    noise_density: Tensor
    moved: Tensor
    moved_slope: Tensor
    distance: Tensor
    fault: str

    def nearest(self, value: float) -> int:
        """The frame whose value is nearest."""
        return int((self.values - value).abs().argmin())

    @property
    def change(self) -> Tensor:
        """By how much the averaged function has changed since theta_0, on average over the n noises: (F,)."""
        return (self.f_samples - self.f_samples[self.origin]).abs().mean(-1)


@isolated
def dependence(problem: Problem, eps: Tensor) -> Dependence:
    """The film of the problem's parameter; eps (n,) is drawn once by the caller, the problem's theta is theta_0.

    Raises FloatingPointError when f is not finite at a sample.
    """
    family, objective, theta, name = problem.family, problem.objective, problem.theta, problem.parameter
    parameter = family.parameter(name)
    eps = eps.double().cpu()
    values, origin = sweep(parameter, theta[name], family, theta)
    column, frames = in_frames(theta, parameter, values), len(values)
    axis, grid = sample_axis(family), _noise_grid(family)
    levels = torch.linspace(*axis, CURVE_POINTS, dtype=torch.float64)
    if family.discrete:
        levels = torch.tensor(family.support.points, dtype=torch.float64)
    f_axis = torch.linspace(*axis, F_POINTS, dtype=torch.float64)
    samples = family.transform(eps, column).expand(frames, -1)
    f_samples = objective(samples)
    if not bool(f_samples.isfinite().all()):
        lost = int((~f_samples.isfinite()).any(0).sum())
        raise FloatingPointError(f"f is not finite at {lost} of {len(eps)} samples")
    density = family.log_prob(levels.expand(frames, -1), column).exp()
    score = family.scores(levels.expand(frames, -1), column, name)
    on_grid = family.transform(grid, column).expand(frames, -1)
    path = family.paths(grid.expand(frames, -1), column, name)
    distance, fault = _distance(family, theta, name, values)
    return Dependence(
        *(problem, parameter, values, origin, axis, levels, density),
        density_slope=torch.where(density > 0, density * score, 0.0),
        f_axis=f_axis,
        f_levels=objective(f_axis),
        eps=eps,
        samples=samples,
        f_samples=f_samples,
        grid=grid,
        noise_density=family.noise.log_prob(grid).exp(),
        moved=objective(on_grid),
        moved_slope=objective.slope(on_grid) * path,
        distance=distance,
        fault=fault,
    )


def _noise_grid(family: Family) -> Tensor:
    """Noises over the window, half a step off its ends, where g may be infinite."""
    low, high = family.noise.window
    inset = 0.5 * (high - low) / NOISE_POINTS
    return torch.linspace(low + inset, high - inset, NOISE_POINTS, dtype=torch.float64)


def _distance(family: Family, theta: Mapping[str, float], name: str, values: Tensor) -> tuple[Tensor, str]:
    """The total variation distance of q at each of the values (F,) from q at theta, and why it may be unknown."""
    start = {key: torch.tensor(value, dtype=torch.float64) for key, value in theta.items()}
    rows = {key: torch.full_like(values, value) for key, value in theta.items()} | {name: values}

    def gone(draw: Draw) -> list[Tensor]:
        ratio = family.log_prob(draw.x, start) - family.log_prob(draw.x, draw.theta)
        return [(1 - ratio.exp()).clamp(min=0)]

    edges: tuple[Tensor, ...] = ()
    if family.support.moves:
        # Where the start's density ends, the integrand jumps.
        ends = family.noise.stretch(torch.tensor(family.noise.interval, dtype=torch.float64))[0]
        edges = tuple(end.expand(len(values)) for end in family.transform(ends, start))
    found = expect(Space(family, NO_OBJECTIVE, rows, splits=edges), gone)
    return found.values[0].masked_fill(faulty(found.faults), torch.nan), next(filter(None, found.faults), "")
