"""The true posterior p(z | x) of a model with two latents on a grid, beside the encoder's q(z | x).

    p(z | x) = p(x | z) p(z) / p(x),    log p(x) - ELBO = KL(q(z | x) || p(z | x))

A mode is where steepest ascent from cell to neighbouring cell ends; its mass is that of all cells that end there.
Source: Kingma & Welling 2013, Section 2.2 (the gap).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.numerics.interruption import go_on
from explorer.core.numerics.isolation import isolated
from explorer.vae.elbo import decoded_log_prob
from explorer.vae.gradients.noise_grid import noise_grid
from explorer.vae.model import VAE
from explorer.vae.quadrature import log_likelihood_on_plane

COUNTS = 0.05
"""The share of the mass from which on a mode is one."""
COARSE, FINE = 90, 8
"""Cells along the side of the plane at a first look, and along the side of such a cell where there is mass."""
NEGLIGIBLE = 40.0
"""Nats below the highest coarse cell at which nothing is looked for: a mode may hide between their middles."""
CELLS_AT_ONCE = 4096
NODES = 81
"""Along an axis of the noise over which the ELBO is integrated: twice as many change it by less than 1e-4 nats."""
DEVIATIONS = 5.0
"""Half the side of the square about q, in its larger standard deviation along an axis."""


@dataclass(frozen=True)
class Square:
    """A square piece of the plane: its middle (z1, z2) and half its side, in prior standard deviations."""

    middle: tuple[float, float]
    half: float

    def axes(self, n: int) -> tuple[Tensor, Tensor]:
        """The middles of n cells along z1 and along z2, (n,) float64 each."""
        share = (2 * torch.arange(n, dtype=torch.float64) + 1) / n - 1
        return self.middle[0] + self.half * share, self.middle[1] + self.half * share


PLANE = Square((0.0, 0.0), 4.5)
"""Where posteriors are looked for: all but 4e-5 of the prior lies in it."""


@dataclass(frozen=True)
class Modes:
    """Where a density has its modes, the heaviest first: places (M, 2) and each one's share of the mass (M,)."""

    places: Tensor
    masses: Tensor

    @property
    def heavy(self) -> int:
        """How many hold at least COUNTS of the mass."""
        return int((self.masses >= COUNTS).sum())


@isolated
def log_joint(vae: VAE, pixels: Tensor, square: Square, n: int) -> Tensor:
    """log p(x, z) on n x n cells of a square, pixels (B, P) on the model's device -> (B, n, n) float64 on the CPU.

    [b, i, j] is image b's at z = (z1[j], z2[i]). One decoding serves all images. Raises ValueError for a model without
    two latents or n < 2.
    """
    _check_plane(vae)
    if n < 2:
        raise ValueError(f"n must be at least 2, got {n}")
    z1, z2 = square.axes(n)
    return _log_joint(vae, pixels, torch.cartesian_prod(z2, z1).flip(1)).T.view(len(pixels), n, n)


@isolated
def fine_log_joint(vae: VAE, pixels: Tensor, plane: Square = PLANE) -> Tensor:
    """log p(x, z) of one image, pixels (1, P), on m = FINE x COARSE cells a side: (m, m) float64.

    It is -inf where next to nothing is: only coarse cells within NEGLIGIBLE nats of the highest, and those beside them,
    are cut into FINE x FINE each. Raises ValueError for a model without two latents.
    """
    coarse = log_joint(vae, pixels, plane, COARSE)[0]
    high = (coarse > coarse.max() - NEGLIGIBLE).double()[None, None]
    cells = torch.nn.functional.max_pool2d(high, 3, stride=1, padding=1)[0, 0].nonzero()
    inside = torch.cartesian_prod(torch.arange(FINE), torch.arange(FINE))
    places = (cells[:, None] * FINE + inside).flatten(0, 1)
    z1, z2 = plane.axes(COARSE * FINE)
    found = torch.full((COARSE * FINE, COARSE * FINE), -math.inf, dtype=torch.float64)
    z = torch.stack([z1[places[:, 1]], z2[places[:, 0]]], dim=1)
    found[places[:, 0], places[:, 1]] = _log_joint(vae, pixels, z)[:, 0]
    return found


def _log_joint(vae: VAE, pixels: Tensor, z: Tensor) -> Tensor:
    """At points z (N, 2) float64: (N, B)."""
    rows = []
    for part in z.split(CELLS_AT_ONCE):
        at = part.to(vae.device, pixels.dtype)
        log_prob = decoded_log_prob(vae, at[:, None], pixels).double().cpu()
        rows.append(log_prob - 0.5 * part.square().sum(-1, keepdim=True) - math.log(2 * math.pi))
    return torch.cat(rows)


def _check_plane(vae: VAE) -> None:
    if vae.architecture.posterior == "bernoulli" or vae.n_latents != 2:
        raise ValueError("vae must have two Gaussian latents to be looked at on the plane")


@dataclass(frozen=True)
class TruePosterior:
    """Of one image, in nats: the ELBO and log p(x), both integrated; the peak of log p(x, z); the modes of p(z | x)."""

    elbo: float
    log_likelihood: float
    peak: float
    modes: Modes

    @property
    def gap(self) -> float:
        """KL(q(z | x) || p(z | x)), nats; never below 0, where rounding alone would put it."""
        return max(0.0, self.log_likelihood - self.elbo)


@isolated
def true_posterior(vae: VAE, pixels: Tensor) -> TruePosterior:
    """For one image's flat pixels (1, P) on the model's device. Half a second's work.

    Raises ValueError for a model without two latents, FloatingPointError where log p(x) cannot be integrated.
    """
    _check_plane(vae)
    elbo = reconstruction_on_plane(vae, pixels) - float(vae.posterior(pixels).kl_to_prior())
    joint = fine_log_joint(vae, pixels)
    return TruePosterior(elbo, float(log_likelihood_on_plane(vae, pixels)), float(joint.max()), modes(joint, PLANE))


@isolated
def reconstruction_on_plane(vae: VAE, pixels: Tensor) -> float:
    """E_{q(z|x)}[log p(x | z)] in nats, integrated, for one image's flat pixels (1, P) on the model's device.

    Raises ValueError for a model without two latents.
    """
    _check_plane(vae)
    posterior = vae.posterior(pixels)
    eps, weights = noise_grid(2, NODES, like=posterior.loc)
    log_prob = torch.cat(
        [decoded_log_prob(vae, posterior.transform(part[:, None]), pixels)[:, 0] for part in eps.split(CELLS_AT_ONCE)]
    )
    return float(weights.double() @ log_prob.double())


@isolated
def square_about_q(vae: VAE, pixels: Tensor) -> Square:
    """The square that holds all of q(z | x) that matters, for one image's flat pixels (1, P).

    Raises ValueError for a model without two latents.
    """
    _check_plane(vae)
    posterior = vae.posterior(pixels)
    deviations = posterior.scale_tril[0].square().sum(-1).sqrt()
    z1, z2 = posterior.loc[0].tolist()
    return Square((z1, z2), DEVIATIONS * float(deviations.max()))


def share_inside(log_density: Tensor, square: Square, log_likelihood: float) -> float:
    """The share of p(z | x) that lies in a square, given log p(x, z) on its cells (n, n); in [0, 1]."""
    area = (2 * square.half / len(log_density)) ** 2
    return min(1.0, math.exp(float(log_density.flatten().logsumexp(0)) + math.log(area) - log_likelihood))


@isolated
def with_two_modes(vae: VAE, pixels: Tensor, most: int) -> list[int]:
    """The numbers of up to `most` images, of flat pixels (B, P), whose true posterior has two heavy modes or more.

    Those that look so on the coarse cells are looked at closely, the most evenly shared first.
    """
    coarse = [modes(each, PLANE).masses for each in log_joint(vae, pixels, PLANE, COARSE)]
    second = {number: float(masses[1]) for number, masses in enumerate(coarse) if len(masses) > 1}
    found: list[int] = []
    for number in sorted(second, key=lambda number: -second[number])[: 4 * most]:
        go_on()
        if modes(fine_log_joint(vae, pixels[number : number + 1]), PLANE).heavy > 1:
            found.append(number)
        if len(found) == most:
            break
    return sorted(found)


def modes(log_density: Tensor, square: Square) -> Modes:
    """The modes of a density (n, n) given by its log up to a constant on the cells of a square.

    The mass is what lies in the square: the shares add up to 1. Narrower modes than a cell are not told apart.
    """
    n = len(log_density)
    ends = _ascended(log_density)
    mass = (log_density - log_density.max()).exp().flatten()
    found, index = ends.unique(return_inverse=True)
    shares = torch.zeros(len(found), dtype=torch.float64).index_add_(0, index, mass)
    order = shares.argsort(descending=True)
    z1, z2 = square.axes(n)
    top = found[order]
    return Modes(torch.stack([z1[top % n], z2[top // n]], dim=1), shares[order] / shares.sum())


def _ascended(heights: Tensor) -> Tensor:
    """Where steepest ascent from each cell of (n, n) ends, as flat indices (n * n,)."""
    n = len(heights)
    padded = torch.nn.functional.pad(heights, (1, 1, 1, 1), value=-math.inf)
    steps = [(i, j) for i in range(3) for j in range(3)]
    around = torch.stack([padded[i : i + n, j : j + n] for i, j in steps])
    # Of equal heights the first in order is taken, here and for every cell, so that ways never run in a circle.
    best = around.argmax(0)
    row, column = torch.meshgrid(torch.arange(n), torch.arange(n), indexing="ij")
    to = ((row + best // 3 - 1) * n + column + best % 3 - 1).flatten()
    while not bool((to[to] == to).all()):
        to = to[to]
    return to
