"""Films: everything a figure needs while one parameter sweeps its range, computed in one batch.

The server computes a film once; the browser plays it under the hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.experiments.star_path import StarPath, StarSweep
from explorer.core.experiments.sweep import CURVE_POINTS, in_frames, noise_grid, sample_axis, sweep
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import Parameter


@dataclass(frozen=True)
class TransformFilm:
    """The two-step sampling for each of F values of one parameter, the others held; the noise is the same throughout.

    values (F,); curve (F, G), g on `grid` (G,); samples (F, n), g at each eps; levels (Z,) and density (F, Z), q_theta
    at each level of the sample axis.
    """

    parameter: Parameter
    values: Tensor
    start: int
    grid: Tensor
    curve: Tensor
    samples: Tensor
    levels: Tensor
    density: Tensor

    @property
    def jumping(self) -> int:
        """How many of the n dots jump somewhere between the ends of the slider; for a family without a route."""
        return int((self.samples.diff(dim=0) != 0).any(0).sum())


@dataclass(frozen=True)
class Scene:
    """The two steps at one theta: the dots eps (n,), the range of the sample axis, and, all from the same state, a film
    and the star's path for each parameter, in order, and the star's own sweep along the noise.
    """

    family: Family
    eps: Tensor
    axis: tuple[float, float]
    films: list[TransformFilm]
    paths: list[StarPath]
    sweep: StarSweep

    @property
    def star(self) -> float:
        """The star's noise."""
        return float(self.sweep.eps[self.sweep.start])

    @property
    def place(self) -> int:
        """The place of the parameter that the star's sweep is about."""
        return self.family.parameters.index(self.sweep.along)


@isolated
def transform_films(
    family: Family, theta: Mapping[str, float], eps: Tensor
) -> tuple[tuple[float, float], list[TransformFilm]]:
    """One film a parameter from the same state, and the range of the sample axis that suits them all.

    eps (n,) is drawn once by the caller. Raises ValueError when theta lies outside its range.
    """
    theta = family.check(theta)
    eps = eps.double().cpu()
    grid = noise_grid(family)
    axis = sample_axis(family)
    levels = torch.linspace(*axis, CURVE_POINTS, dtype=torch.float64)
    if family.support.points:
        levels = torch.tensor(family.support.points, dtype=torch.float64)
    films = []
    for parameter in family.parameters:
        values, start = sweep(parameter, theta[parameter.name], family, theta)
        column = in_frames(theta, parameter, values)
        n_frames = len(values)
        films.append(
            TransformFilm(
                parameter,
                values,
                start,
                grid,
                curve=family.transform(grid, column),
                samples=family.transform(eps, column),
                levels=levels,
                density=family.log_prob(levels.expand(n_frames, -1), column).exp(),
            )
        )
    return axis, films
