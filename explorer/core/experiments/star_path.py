"""One dot of the two-step sampling, the star: how its sample moves with theta, and that speed found in two ways.

    dg/dtheta at fixed eps,            -(dF/dtheta) / q at the sample

The first knows g and nothing of the law, the second the law and nothing of g (Figurnov, Mohamed & Mnih 2018, equation
5). A family without a route has neither: its g is a staircase in theta.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.experiments.sweep import in_frames, sweep
from explorer.core.families.family import Family, per_sample_derivative
from explorer.core.families.noises import Noise
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import Parameter

_HALVINGS = 50
_STENCIL = {-2: 1 / 12, -1: -8 / 12, 0: 0.0, 1: 8 / 12, 2: -1 / 12}
"""The weights of a difference quotient whose error falls as the fourth power of its step."""
_HERE = 2
"""The place of theta itself among them."""
_FINE = 20
"""Steps of the difference quotient in one of the slider."""


@dataclass(frozen=True)
class Speeds:
    """The star at K places: x (K,), q there, F and dF/dtheta there, and the slope dg/dtheta (K,).

    `slope` is None where g itself is the solution of F = const., and no second way is taken; `is_quotient` where it is
    a difference quotient of such a g. A family without a route has x alone: all else is None.
    """

    x: Tensor
    share: Tensor | None = None
    lean: Tensor | None = None
    density: Tensor | None = None
    slope: Tensor | None = None
    is_quotient: bool = False

    @property
    def formula(self) -> Tensor | None:
        """-(dF/dtheta) / q, (K,)."""
        return None if self.lean is None or self.density is None else -self.lean / self.density

    @property
    def gap(self) -> float | None:
        """The largest distance between the two ways, relative to 1 + |dx/dtheta|."""
        formula = self.formula
        if formula is None or self.slope is None:
            return None
        return float(((self.slope - formula).abs() / (1 + formula.abs())).max())


@dataclass(frozen=True)
class StarPath:
    """The star's eps held while one parameter moves: values (F,), `start` the place of theta, and its speeds (F,).

    Of a discrete family also `jumps` (J,), the values at which the star jumps, the exact mean E[x] (F,) and its slope.
    """

    parameter: Parameter
    values: Tensor
    start: int
    speeds: Speeds
    jumps: Tensor
    mean: Tensor | None = None
    mean_slope: Tensor | None = None


@dataclass(frozen=True)
class StarSweep:
    """theta held while the star moves along the noise: eps (E,), `start` where it stands, and its speeds (E,).

    `along` is the parameter whose speeds these are; paths (E, F) is x at each eps and each of that parameter's values.
    """

    eps: Tensor
    start: int
    along: Parameter
    speeds: Speeds
    paths: Tensor


def star_of(noise: Noise) -> Parameter:
    """The star's place as a slider over the noise's window; the ends of the noise itself are left out.

    It starts where four fifths of the noise lie below: well off the centre, so that it can be followed by eye.
    """
    low, high = noise.window
    step = Parameter("star", "ε", 0.0, noise.window).step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    first += first * step <= noise.support[0]
    last -= last * step >= noise.support[1]
    places = [round(place * step, 9) for place in (first, round(noise.quantile(0.8) / step), last)]
    return Parameter("star", "ε", places[1], (places[0], places[2]))


@isolated
def star_paths(family: Family, theta: Mapping[str, float], eps: float) -> list[StarPath]:
    """The star's path along each parameter. Raises ValueError when theta lies outside its range."""
    theta = family.check(theta)
    at = torch.tensor([eps], dtype=torch.float64)
    found = []
    for parameter in family.parameters:
        values, start = sweep(parameter, theta[parameter.name], family, theta)
        column = in_frames(theta, parameter, values)
        x = family.transform(at, column).expand(len(values), 1)
        if family.route == "none":
            mean, slope = _mean(family, column, parameter.name)
            jumps = _jumps(family, theta, parameter, at, values, x.squeeze(1))
            found.append(StarPath(parameter, values, start, Speeds(x.squeeze(1)), jumps, mean, slope))
        else:
            speeds = _speeds(family, at, column, parameter.name, x)
            found.append(StarPath(parameter, values, start, speeds, values.new_empty(0)))
    return found


@isolated
def star_sweep(family: Family, theta: Mapping[str, float], eps: float, along: str) -> StarSweep:
    """The star at each place of its slider, and there the path along one parameter.

    Raises ValueError when theta lies outside its range or `along` is no parameter.
    """
    theta = family.check(theta)
    parameter = family.parameter(family.check_parameter(along))
    places, start = sweep(star_of(family.noise), eps, family, theta)
    values, now = sweep(parameter, theta[along], family, theta)
    paths = family.transform(places, in_frames(theta, parameter, values)).expand(len(values), len(places))
    x = paths[now : now + 1]
    if family.route == "none":
        return StarSweep(places, start, parameter, Speeds(x[0]), paths.T)
    if family.cdf is None:
        return StarSweep(places, start, parameter, _solved_speeds(family, places, theta, parameter), paths.T)
    column = in_frames(theta, parameter, values[now : now + 1])
    return StarSweep(places, start, parameter, _speeds(family, places, column, along, x), paths.T)


def _speeds(family: Family, eps: Tensor, theta: Mapping[str, Tensor], name: str, x: Tensor) -> Speeds:
    """At x (U, M) = g(eps, theta), where theta_name is (U, 1) and one of U and M is 1."""
    density = family.log_prob(x, theta).exp()
    if family.cdf is None:
        path = family.paths(eps, theta, name).expand_as(x)
        share = torch.special.ndtr(eps).expand_as(x)
        return Speeds(x.flatten(), share.flatten(), (-path * density).flatten(), density.flatten())
    cdf = family.cdf
    lean = per_sample_derivative(lambda each: cdf(x, each), theta, name, x)
    slope = per_sample_derivative(lambda each: family.transform(eps, each), theta, name, x)
    share = cdf(x, theta).expand_as(x)
    return Speeds(x.flatten(), share.flatten(), lean.flatten(), density.flatten(), slope.flatten())


def _solved_speeds(family: Family, eps: Tensor, theta: Mapping[str, float], parameter: Parameter) -> Speeds:
    """Where g is solved for, its slope is a difference quotient: at a few neighbours of theta it is solved too."""
    step = parameter.step / _FINE
    places = [theta[parameter.name] + place * step for place in _STENCIL]
    column = in_frames(theta, parameter, torch.tensor(places, dtype=torch.float64))
    x = family.transform(eps, column).expand(len(places), len(eps))
    slope = torch.tensor(list(_STENCIL.values()), dtype=torch.float64) @ x / step
    path = family.paths(eps, column, parameter.name).expand_as(x)[_HERE]
    at_theta = {name: value[_HERE] if value.ndim else value for name, value in column.items()}
    density = family.log_prob(x[_HERE], at_theta).exp()
    return Speeds(x[_HERE], torch.special.ndtr(eps), -path * density, density, slope, is_quotient=True)


def _mean(family: Family, column: Mapping[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    """E[x] and d E[x] / d theta_name, (F,) each: sums over the atoms."""
    atoms = torch.tensor(family.support.points, dtype=torch.float64).expand(len(column[name]), -1)
    mass = family.log_prob(atoms, column).exp()
    return (atoms * mass).sum(1), (atoms * mass * family.scores(atoms, column, name)).sum(1)


def _jumps(
    family: Family, theta: Mapping[str, float], parameter: Parameter, eps: Tensor, values: Tensor, x: Tensor
) -> Tensor:
    """The values of the parameter at which the star jumps, (J,), each found by halving between two frames."""
    changed = (x.diff() != 0).nonzero().squeeze(1)
    low, high = values[changed].clone(), values[changed + 1].clone()
    before = x[changed]
    for _ in range(_HALVINGS if len(changed) else 0):
        middle = 0.5 * (low + high)
        is_before = family.transform(eps, in_frames(theta, parameter, middle)).squeeze(1) == before
        low, high = torch.where(is_before, middle, low), torch.where(is_before, high, middle)
    return high
