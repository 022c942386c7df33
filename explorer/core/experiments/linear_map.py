"""Noise in the plane and the vector it becomes: the Normal's linear map, and the Dirichlet's on its triangle.

A film holds what both look like while one entry of theta sweeps its range: the same dots, and the images of the lines
and circles that rule the plane of the noise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.experiments.sweep import in_frames, sweep
from explorer.core.families.family import Family
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import Parameter

REACH = 3
"""The plane of the noise is ruled from -REACH to REACH, a line at every whole number."""
ROUND = 61
CORNERS = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, math.sqrt(0.75)]], dtype=torch.float64)
"""Where the vectors (1, 0, 0), (0, 1, 0) and (0, 0, 1) are drawn: sides of length 1."""


@dataclass(frozen=True)
class MapFilm:
    """The two steps for each of F values of one parameter, the others held; the noise is the same throughout.

    values (F,); theta {name: (F,)}; samples (F, n, d), g at each eps; path (F, n, d), their derivative with respect to
    the parameter; ruled (F, m, d) and circle (F, ROUND, d), the images of `ruled_noise` and `noise_circle`.
    """

    parameter: Parameter
    values: Tensor
    start: int
    theta: Mapping[str, Tensor]
    samples: Tensor
    path: Tensor
    ruled: Tensor
    circle: Tensor


def ruled_noise() -> Tensor:
    """The ends of the lines that rule the plane of the noise, (m, 2): first and last of each, then NaN.

    The image of each line is straight in either family: it needs no more points than its ends. Of the Normal since its
    map is linear; of the Dirichlet since one noise moves x along a ray from the first corner, the other across it.
    """
    gap = [math.nan, math.nan]
    points: list[list[float]] = []
    for at in range(-REACH, REACH + 1):
        points += [[at, -REACH], [at, REACH], gap, [-REACH, at], [REACH, at], gap]
    return torch.tensor(points, dtype=torch.float64)


def noise_circle() -> Tensor:
    """The unit circle of the noise, closed: (ROUND, 2)."""
    angle = torch.linspace(0, 2 * math.pi, ROUND, dtype=torch.float64)
    return torch.stack((angle.cos(), angle.sin()), dim=-1)


@isolated
def map_films(family: Family, theta: Mapping[str, float], eps: Tensor) -> list[MapFilm]:
    """One film a parameter from the same state; eps (n, 2) is drawn once by the caller.

    Raises ValueError when theta lies outside its range, or for a family whose noise has not two coordinates.
    """
    if family.size != 2:
        raise ValueError(f"a film of the plane needs a family of two noises, got {family.name!r} of {family.size}")
    theta = family.check(theta)
    eps = eps.double().cpu()
    ruled = ruled_noise()
    gaps = ruled.isnan().any(-1, keepdim=True)
    # All in one batch: the Dirichlet's map is solved for, and once is cheaper than three times.
    points = torch.cat((eps, torch.where(gaps, 0.0, ruled), noise_circle()))
    films = []
    for parameter in family.parameters:
        values, start = sweep(parameter, theta[parameter.name], family, theta)
        column = in_frames(theta, parameter, values)
        n_frames = len(values)
        path = family.paths(eps.expand(n_frames, *eps.shape), column, parameter.name)
        samples, lines, round_ones = family.transform(points, column).split([len(eps), len(ruled), ROUND], dim=1)
        films.append(
            MapFilm(
                parameter,
                values,
                start,
                {name: each.flatten().expand(n_frames) for name, each in column.items()},
                samples=samples,
                path=path,
                ruled=torch.where(gaps, torch.nan, lines),
                circle=round_ones,
            )
        )
    return films


def on_plane(x: Tensor) -> Tensor:
    """Where vectors (..., d) are drawn, (..., 2): of two entries as they are, of three shares on the triangle."""
    return x if x.shape[-1] == 2 else x @ CORNERS.to(x.dtype)


def lower_triangle(theta: Mapping[str, Tensor]) -> Tensor:
    """L of the Normal in two dimensions, (..., 2, 2)."""
    first = torch.stack((theta["scale_tril_11"], torch.zeros_like(theta["scale_tril_11"])), dim=-1)
    return torch.stack((first, torch.stack((theta["scale_tril_21"], theta["scale_tril_22"]), dim=-1)), dim=-2)


def covariance(theta: Mapping[str, Tensor]) -> Tensor:
    """L Lᵀ, (..., 2, 2): on its diagonal stand variances, not standard deviations."""
    scale_tril = lower_triangle(theta)
    return scale_tril @ scale_tril.mT


def area_ratios(family: Family, theta: Mapping[str, float], eps: Tensor) -> Tensor:
    """By how much the map multiplies a small area at each eps (n, 2), as it is drawn `on_plane`: (n,).

    The mass in it stays the same, so it is p(eps) / q(x): for the Normal det L, everywhere.
    """
    eps = eps.double()
    at = family.tensors(theta, eps)
    x = family.transform(eps, at)
    ratio = (family.noise.log_prob(eps).sum(-1) - family.log_prob(x, at)).exp()
    # q of the shares is a density over the first two of them, and a unit of those is drawn as a rhombus.
    return ratio if x.shape[-1] == 2 else ratio * math.sqrt(0.75)


def entry_paths(family: Family, theta: Mapping[str, float], eps: Tensor) -> dict[str, Tensor]:
    """dx/dtheta at one eps (2,), for each parameter: {name: (d,)}. For an entry L_ij of the Normal's, e_i eps_j."""
    at = family.tensors(theta, eps.double())
    return {name: family.paths(eps.double().unsqueeze(0), at, name).squeeze(0) for name in at}


WITHIN = 1 - math.exp(-0.5)
"""The share of a Normal cloud in the plane within its unit circle, exact: |eps|² / 2 is standard exponential."""


def within_circle(eps: Tensor) -> int:
    """How many of the noises (n, 2) lie within the unit circle, and so of their images within its image."""
    return int((eps.double().square().sum(-1) < 1).sum())


Window = tuple[tuple[float, float], tuple[float, float]]
"""Ranges of the two axes of a plane."""
NOISE_WINDOW: Window = ((-3.4, 3.4), (-4.2, 4.2))
SAMPLE_WINDOW: Window = ((-5.6, 5.6), (-4.2, 4.2))
"""In units as long as the noise's: it holds all but a few dots while one parameter moves from the defaults."""
TRIANGLE: Window = ((-0.12, 1.12), (-0.1, 0.96))


def outside(x: Tensor) -> Tensor:
    """How many of the vectors (F, n, d) are beyond the picture at each frame: (F,). The triangle holds all."""
    if x.shape[-1] == 3:
        return torch.zeros(len(x), dtype=torch.int64)
    beyond = [(x[..., i] < low) | (x[..., i] > high) for i, (low, high) in enumerate(SAMPLE_WINDOW)]
    return (beyond[0] | beyond[1]).sum(1)
