"""A small normalizing flow in the plane: noise through a few planar layers, its exact density by their determinants.

A planar layer is f(z) = z + u tanh(wᵀz + b) (Rezende & Mohamed 2015, Section 4.1). Its determinant is
1 + (1 - tanh²) wᵀu, positive everywhere if and only if wᵀu > -1: then f can be undone. Half-way through a layer stands
the layer with half of u, which can be undone too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.experiments.sweep import in_frames, visited
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import Parameter, check_values


@dataclass(frozen=True)
class Planar:
    """One layer, w and u in the plane."""

    w: tuple[float, float]
    u: tuple[float, float]
    b: float

    @property
    def product(self) -> float:
        """wᵀu."""
        return self.w[0] * self.u[0] + self.w[1] * self.u[1]

    def forward(self, z: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
        """f(z) and log|det| for z (..., 2), u times `share`, which broadcasts against (...)."""
        at = torch.tanh(z @ z.new_tensor(self.w) + self.b)
        moved = z + (share * at).unsqueeze(-1) * z.new_tensor(self.u)
        return moved, torch.log1p((1 - at.square()) * share * self.product).expand(moved.shape[:-1])

    def backward(self, x: Tensor, share: Tensor) -> Tensor:
        """The z with f(z) = x: a = wᵀz solves a + wᵀu tanh(a + b) = wᵀx, whose left side increases.

        Halved from a bracket of the length of 2 |wᵀu|, then by Newton's steps: to rounding.
        """
        target, product = x @ x.new_tensor(self.w), share * self.product
        low, high = target - product.abs(), target + product.abs()
        for _ in range(24):
            middle = 0.5 * (low + high)
            below = middle + product * torch.tanh(middle + self.b) < target
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        a = 0.5 * (low + high)
        for _ in range(3):
            at = torch.tanh(a + self.b)
            a = a - (a + product * at - target) / (1 + product * (1 - at.square()))
        return x - (share * torch.tanh(a + self.b)).unsqueeze(-1) * x.new_tensor(self.u)


LAYERS = (
    Planar((2.0, 0.0), (1.2, 0.0), 0.0),
    Planar((0.6, 1.2), (-0.9, 0.8), 0.5),
    Planar((1.2, -0.8), (0.9, 0.9), -0.6),
    Planar((0.4, 1.6), (0.3, 0.6), 0.4),
)
"""Read along the film: the cloud is torn in two, then each part is bent and sheared."""
LEAST = -1 / max(layer.product for layer in LAYERS)
"""At this strength the first wᵀu is -1, and the map folds; above it every layer can be undone."""
REACHED = Parameter("layers", "t", float(len(LAYERS)), (0.0, float(len(LAYERS))), (-1e-9, len(LAYERS) + 1e-9))
STRENGTH = Parameter("strength", "s", 1.0, (-0.4, 1.2), (LEAST, 4.0))
"""How many layers the noise has passed, and by what all u are multiplied."""
PARAMETERS = (REACHED, STRENGTH)
REACH = 2
POINTS = 31
"""The plane of the noise is ruled at whole numbers to ±REACH, each line of so many points, then a gap."""
WINDOW = ((-4.8, 4.8), (-4.0, 4.0))
COLUMNS, ROWS = 29, 23
"""The lattice on which the density is shown."""


@dataclass(frozen=True)
class FlowFilm:
    """The flow for each of F values of one parameter, the noise held.

    samples (F, n, 2); log_dets (F, n, layers); ruled (F, m, 2), the image of `ruled_noise`; density
    (F, COLUMNS * ROWS), q on `lattice`.
    """

    parameter: Parameter
    values: Tensor
    start: int
    samples: Tensor
    log_dets: Tensor
    ruled: Tensor
    density: Tensor


def _shares(theta: Mapping[str, Tensor]) -> list[Tensor]:
    """By what the u of each layer is multiplied."""
    return [theta["strength"] * (theta["layers"] - i).clamp(0, 1) for i in range(len(LAYERS))]


def forward(eps: Tensor, theta: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """x (..., 2) and log|det| of each layer (..., layers), theta broadcasting against (...)."""
    x, log_dets = eps, []
    for layer, share in zip(LAYERS, _shares(theta), strict=True):
        x, log_det = layer.forward(x, share)
        log_dets.append(log_det)
    return x, torch.stack(torch.broadcast_tensors(*log_dets), dim=-1)


def log_noise(eps: Tensor) -> Tensor:
    """log p of the noise (..., 2)."""
    return -0.5 * eps.square().sum(-1) - math.log(2 * math.pi)


def log_density(x: Tensor, theta: Mapping[str, Tensor]) -> Tensor:
    """log q at any x (..., 2): back through the layers, then log p less the log|det| of the way there."""
    z = x
    for layer, share in reversed(list(zip(LAYERS, _shares(theta), strict=True))):
        z = layer.backward(z, share)
    return log_noise(z) - forward(z, theta)[1].sum(-1)


def ruled_noise() -> Tensor:
    """The lines that rule the plane of the noise, (m, 2), with NaN between."""
    along = torch.linspace(-REACH - 0.5, REACH + 0.5, POINTS, dtype=torch.float64)
    lines = []
    for at in range(-REACH, REACH + 1):
        across = torch.full_like(along, float(at))
        for pair in ((across, along), (along, across)):
            lines += [torch.stack(pair, dim=-1), torch.full((1, 2), math.nan, dtype=torch.float64)]
    return torch.cat(lines)


def lattice() -> Tensor:
    """The places at which the density is shown, (COLUMNS * ROWS, 2)."""
    axes = (torch.linspace(*ends, n, dtype=torch.float64) for ends, n in zip(WINDOW, (COLUMNS, ROWS), strict=True))
    return torch.cartesian_prod(*axes)


def outside(x: Tensor) -> Tensor:
    """How many of the samples (F, n, 2) are beyond the picture at each frame: (F,)."""
    beyond = [(x[..., i] < low) | (x[..., i] > high) for i, (low, high) in enumerate(WINDOW)]
    return (beyond[0] | beyond[1]).sum(1)


@isolated
def flow_films(theta: Mapping[str, float], eps: Tensor) -> list[FlowFilm]:
    """One film along the layers and one along their strength, from the same state; eps (n, 2).

    Raises ValueError when theta lies outside its range: below LEAST the map cannot be undone.
    """
    theta = check_values("normalizing_flow", PARAMETERS, theta)
    eps, ruled = eps.double().cpu(), ruled_noise()
    films = []
    for parameter in PARAMETERS:
        now = theta[parameter.name]
        kept = visited(parameter, now)
        values = torch.tensor(kept, dtype=torch.float64)
        column = in_frames(theta, parameter, values)
        samples, log_dets = forward(eps, column)
        films.append(
            FlowFilm(
                parameter,
                values,
                kept.index(now),
                samples.expand(len(values), -1, -1),
                log_dets.expand(len(values), len(eps), -1),
                forward(ruled, column)[0],
                log_density(lattice(), column).exp(),
            )
        )
    return films
