"""How much each latent tells of each known factor, and the mutual information gap.

An image is drawn by its weight, then z_j ~ q(z_j | image) = N(loc_j, scale_j^2). Of a factor v

    I(z_j; v) = H(z_j) - sum_v p(v) H(z_j | v)           the differential entropies of mixtures of Normals
    gap(v)    = (the largest I(z_j; v) over j - the second largest) / H(v)
    MIG       = the mean of the gaps                     Chen, Li, Grosse & Duvenaud 2018, Section 4.1

Implementations differ in how they estimate the entropies; here nothing is sampled: each is an integral over one
variable, by the trapezoid rule in steps of half the smallest scale. A factor that cannot be told from some images (the
angle of a square) is judged over the others alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.numerics.interruption import go_on
from explorer.core.numerics.isolation import isolated
from explorer.vae.model import VAE
from explorer.vae.sprites import FACTORS, sprites

MOST_NODES = 20_000
"""Of the rule for one latent: ten scales of 1e-3 wide, and more than any shipped model takes."""
TAIL = 7.0
"""Scales beyond the outermost image's at which the integral ends: less than 1e-10 of the mass is left out."""
_ENTRIES = 2**18
"""Densities at once: 2 MB, which fit the caches."""


@dataclass(frozen=True)
class Information:
    """What latents tell of factors: nats (K, D) of each factor's mutual information with each latent.

    entropies (K,): of the factors themselves, in nats.
    """

    nats: Tensor
    entropies: Tensor

    @property
    def gaps(self) -> Tensor:
        """(K,), each in [0, 1]."""
        best = self.nats.topk(2, dim=1).values
        return (best[:, 0] - best[:, 1]) / self.entropies

    @property
    def gap(self) -> float:
        """The mutual information gap, the mean over the factors."""
        return float(self.gaps.mean())


@isolated
def information(loc: Tensor, scale: Tensor, factors: Tensor, weights: Tensor, known: Tensor) -> Information:
    """From loc, scale (N, D), factors (N, K) of indices, weights (N,) and known (N, K) bool; at least two latents.

    Raises ValueError for other shapes, fewer than two latents, a factor that takes one value, weights or scales not
    above 0, values that are not finite, or scales so small beside the spread of loc that the rule would take more than
    20,000 nodes.
    """
    N, D = loc.shape
    right = scale.shape == loc.shape and factors.ndim == 2 and known.shape == factors.shape and weights.shape == (N,)
    if not right or len(factors) != N or D < 2:
        raise ValueError("loc and scale must be (N, D) with D >= 2, factors and known (N, K), weights (N,)")
    if not bool(torch.isfinite(loc).all() and (scale > 0).all() and (weights > 0).all()):
        raise ValueError("loc must be finite, scale and weights above 0")
    groups = _groups(factors, weights.double().cpu(), known)
    entropies = torch.stack([_discrete(group.sum(0)) for group in groups])
    if not bool((entropies > 0).all()):
        raise ValueError("each factor must take at least two values where it is known")
    columns = [_of_latent(loc[:, j].double().cpu(), scale[:, j].double().cpu(), groups) for j in range(D)]
    return Information(torch.stack(columns, dim=1), entropies)


def _groups(factors: Tensor, weights: Tensor, known: Tensor) -> list[Tensor]:
    """For each factor the share of each image in each of its values, (N, values); all shares add up to 1."""
    groups = []
    for k in range(factors.shape[1]):
        values = torch.nn.functional.one_hot(factors[:, k].cpu()).double()
        shares = values * (weights * known[:, k].cpu())[:, None]
        groups.append(shares / shares.sum())
    return groups


def _of_latent(loc: Tensor, scale: Tensor, groups: list[Tensor]) -> Tensor:
    """The mutual information of one latent with each factor, (K,)."""
    low, high = float((loc - TAIL * scale).min()), float((loc + TAIL * scale).max())
    step = float(scale.min()) / 2
    if (high - low) / step > MOST_NODES:
        raise ValueError(f"the smallest scale, {2 * step:.3g}, is too small beside a spread of {high - low:.3g}")
    nodes = torch.arange(low, high + step, step, dtype=torch.float64)
    shares = torch.cat(groups, dim=1)
    densities = torch.zeros(shares.shape[1], len(nodes), dtype=torch.float64)
    rows = max(1, _ENTRIES // len(nodes))
    for first in range(0, len(loc), rows):
        go_on()
        part = slice(first, first + rows)
        away = (nodes - loc[part, None]) / scale[part, None]
        densities += shares[part].T @ (torch.exp(-0.5 * away.square()) / (scale[part, None] * (2 * torch.pi) ** 0.5))
    found = []
    for joint in densities.split([group.shape[1] for group in groups]):
        # I = sum over v of the integral of p(v, z) log p(v, z) / (p(v) p(z)), in entropies of unnormalized densities.
        probabilities = joint.sum(1) * step
        inner = _integral_of_x_log_x(joint.sum(0), step) - _integral_of_x_log_x(joint, step)
        found.append(-inner - (probabilities * probabilities.clamp(min=1e-300).log()).sum())
    return torch.stack(found)


def _integral_of_x_log_x(values: Tensor, step: float) -> Tensor:
    return torch.special.xlogy(values, values).sum() * step


def _discrete(probabilities: Tensor) -> Tensor:
    """The entropy of probabilities (V,), in nats."""
    return -torch.special.xlogy(probabilities, probabilities).sum()


@isolated
def information_on_sprites(vae: VAE) -> Information:
    """What the latents of a model of sprites tell of their factors, over all combinations, each equally likely.

    Raises ValueError for a model of another data set, or whose latents are bits or full of covariance.
    """
    return information_of_encoded(*encoded_sprites(vae))


@isolated
def encoded_sprites(vae: VAE) -> tuple[Tensor, Tensor]:
    """The posteriors of all sprites, loc and scale (N, D) on the CPU; the encoder sees the grey images.

    Raises ValueError as `information_on_sprites`.
    """
    if vae.dataset.name != "sprites" or vae.architecture.posterior != "diagonal":
        raise ValueError("vae must be a model of sprites with a diagonal posterior")
    images = sprites().images.split(4096)
    posteriors = [vae.posterior(part.flatten(1).to(vae.device).float() / 255) for part in images]
    return torch.cat([each.loc for each in posteriors]).cpu(), torch.cat([each.scale for each in posteriors]).cpu()


@isolated
def information_of_encoded(loc: Tensor, scale: Tensor) -> Information:
    """`information_on_sprites` from all posteriors; combinations that make the same image as others share its row."""
    found = sprites()
    known = torch.stack([found.where_known(k) for k in range(len(FACTORS))], dim=1)
    return information(loc, scale, found.factors, found.counts, known)
