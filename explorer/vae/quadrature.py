"""log p(x) of a model with two latents, by adding up the plane: to 0.01 nats, with no draws.

    p(x) = integral of p(x | z) p(z) dz

A posterior may have several modes far apart, of which samples of q(z | x) meet one. Here the plane is cut into cells of
NODES x NODES points each, and those where the mass is are cut in four, which halves the step, until that changes
nothing. Such sums (the midpoint rule) of what fades on all sides err by less than any power of the step once it is as
short as the narrowest mode is wide. As p(x | z) is at most 1, the prior says how far out there is anything to be found.
"""

from __future__ import annotations

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.numerics.isolation import isolated
from explorer.vae.model import VAE

NODES = 8
LARGEST_CELL = 4.0
"""The side of the first cells: a point every 0.5, in standard deviations of the prior."""
CHANGE = 1e-3
"""Nats by which halving the step may still change the sum; what it changes then is far below."""
FIRST_TRUSTED, LAST = 3, 10
"""Halvings of the step: before the first two sums might agree by chance, and so fine no posterior is told apart."""
NEGLIGIBLE, UNSEEN = 15.0, 200.0
"""Nats below the highest point seen at which a cell is not cut, the second for a mode that hides between the points of
the first cells; it hides less by 4 with each halving."""
LOOK, FAR = 8.0, 200.0
"""How far out a first look goes, and the most that the whole may, in standard deviations of the prior."""
ROOM = 10.0
"""Nats below p(x) of the prior's mass that is left out."""
_QUARTERS = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.int32)
CELLS_AT_ONCE, IMAGES_AT_ONCE = 16, 500


@isolated
def log_likelihood_on_plane(vae: VAE, pixels: Tensor) -> Tensor:
    """log p(x) for flat pixels (B, P) in [0, 1] on the model's device -> (B,) nats.

    Raises ValueError for a model without two Gaussian latents, FloatingPointError where halving the step does not come
    to rest.
    """
    if not vae.is_plane:
        raise ValueError(f"vae must have 2 Gaussian latent dimensions to integrate, it has {vae.kind_of_latents}")
    return torch.cat([_integrated(vae, part) for part in pixels.split(IMAGES_AT_ONCE)]).to(pixels)


def _integrated(vae: VAE, pixels: Tensor) -> Tensor:
    last = cast(nn.Linear, vae.decoder[-1])
    towards, constant = pixels @ last.weight, (pixels @ last.bias).cpu()
    posterior = vae.posterior(pixels)
    cells = _square(LOOK)
    mass, _ = _sums(vae, cells, LARGEST_CELL, torch.ones(len(cells), len(pixels), dtype=torch.bool), towards)
    least = float(torch.maximum(mass.logsumexp(0) + constant, _at_the_mean(vae, pixels).cpu()).min())
    cells = _square(math.sqrt(2 * (ROOM - least)))
    wanted = torch.ones(len(cells), len(pixels), dtype=torch.bool)
    left = torch.full((len(pixels),), -math.inf, dtype=torch.float64)
    before, found = left, left
    for halvings in range(LAST + 1):
        side = LARGEST_CELL / 2**halvings
        mass, peak = _sums(vae, cells, side, wanted, towards)
        total = torch.logaddexp(left, mass.logsumexp(0))
        done = (total - before).abs() < (CHANGE if halvings >= FIRST_TRUSTED else 0)
        found = torch.where(done & found.isinf(), total, found)
        if not found.isinf().any():
            return found + constant
        before = total
        # Where the encoder says the mass is, is looked at closely in any case.
        home = ((posterior.loc.cpu() / side).floor() == cells[:, None]).all(-1)
        high = peak >= peak.amax(0) - NEGLIGIBLE - UNSEEN / 4**halvings
        near = (cells[:, None] - cells).abs().amax(-1) <= 1
        cut = wanted & found.isinf() & ((near.float() @ (wanted & (high | home)).float()) > 0)
        left = torch.logaddexp(left, mass.masked_fill(cut, -math.inf).logsumexp(0))
        parents = cut.any(1)
        cells = (2 * cells[parents, None] + _QUARTERS).flatten(0, 1)
        wanted = cut[parents].repeat_interleave(4, dim=0)
    raise FloatingPointError("log p(x) cannot be integrated: the posterior is too narrow for the finest step")


def _at_the_mean(vae: VAE, pixels: Tensor) -> Tensor:
    """What the posterior's mean and spread alone make of log p(x): (B,)."""
    posterior = vae.posterior(pixels)
    logits = vae.decode_logits(posterior.loc)
    log_prob = (pixels * logits).sum(-1) - F.softplus(logits).sum(-1)
    return log_prob - 0.5 * posterior.loc.square().sum(-1) + posterior.log_det


def _square(radius: float) -> Tensor:
    """The corners (C, 2), in sides of a cell, of the first cells out to a radius.

    Raises FloatingPointError past FAR.
    """
    if not radius < FAR:
        raise FloatingPointError("log p(x) cannot be integrated: the model gives the image next to no probability")
    half = math.ceil(radius / LARGEST_CELL)
    axis = torch.arange(-half, half, dtype=torch.int32)
    return torch.cartesian_prod(axis, axis)


def _sums(vae: VAE, cells: Tensor, side: float, wanted: Tensor, towards: Tensor) -> tuple[Tensor, Tensor]:
    """The log of each wanted cell's sum for each image, (C, B), and its highest point; -inf where not wanted.

    Without the part of log p(x | z) that does not depend on z.
    """
    last, device = cast(nn.Linear, vae.decoder[-1]), towards.device
    mass = torch.full(wanted.shape, -math.inf, dtype=torch.float64)
    peak = mass.clone()
    place = (torch.arange(NODES) + 0.5) / NODES
    points = (cells[:, None] + torch.cartesian_prod(place, place)) * side
    for start in range(0, len(cells), CELLS_AT_ONCE):
        z = points[start : start + CELLS_AT_ONCE].to(device, towards.dtype)
        hidden = vae.decoder[:-1](z)
        rest = -F.softplus(last(hidden)).sum(-1) - 0.5 * z.square().sum(-1) - math.log(2 * math.pi)
        for i in range(len(z)):
            images = wanted[start + i].nonzero().flatten()
            values = (hidden[i] @ towards[images.to(device)].T + rest[i, :, None]).cpu().double()
            mass[start + i, images] = values.logsumexp(0) + 2 * math.log(side / NODES)
            peak[start + i, images] = values.amax(0)
    return mass, peak
