"""Exact moments of every estimator of the ELBO's gradient where one or two latents can be integrated over.

Mean and variance of one sample are integrals over its noise, of what is smooth and fades with the Normal density: a sum
over a grid (`noise_grid`), in float64. Halving the step tells how good it is; it does so until that changes nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from explorer.core.numerics.interruption import go_on
from explorer.vae.gradients.contract import ElboEstimator
from explorer.vae.gradients.draw import KL, NormalDraw
from explorer.vae.gradients.moments import ElboMoments, Sums
from explorer.vae.gradients.noise_grid import GRIDDED, noise_grid
from explorer.vae.model import VAE, Posterior

NODES = (21, 41, 81, 161)
"""Nodes an axis, each grid within the next."""
AGREED = 1e-5
"""What halving the step may change, in parts of the largest mean or of a coordinate's own variance. As the rule's error
falls faster than any power of the step, the finer grid is then far better than that: seven digits are usual."""
LEAST = 0.01
"""Nats a unit of a coordinate: a gradient or a spread below it counts as this large."""


def moments_on_plane(vae: VAE, pixels: Tensor, estimators: Sequence[ElboEstimator], kl: KL) -> list[ElboMoments]:
    """Moments of one sample of each estimator for flat pixels (1, P); one pass over the grid serves all of them.

    The coordinates are loc and the whole lower triangle of L. Raises ValueError for another number of latents,
    FloatingPointError where halving the step does not come to rest.
    """
    if vae.n_latents > GRIDDED:
        raise ValueError(f"vae must have at most {GRIDDED} latents to be integrated over, it has {vae.n_latents}")
    at = vae.posterior(pixels)
    below = None if at.below is None else at.below.cpu().double()
    posterior = Posterior(at.loc.cpu().double(), at.scale.cpu().double(), below)
    double, pixels = copy.deepcopy(vae).cpu().double(), pixels.cpu().double()
    before: list[Sums] = []
    for nodes in NODES:
        go_on()
        eps, weights = noise_grid(vae.n_latents, nodes, like=posterior.loc)
        draw = NormalDraw(double, pixels, posterior, eps[:, None], kl)
        found = [estimator.moments_over(draw, weights) for estimator in estimators]
        if before and all(_agree(one, other) for one, other in zip(before, found, strict=True)):
            places = tuple(draw.coordinates)
            return [ElboMoments(each.mean, each.covariance, each.spread, places) for each in found]
        before = found
    raise FloatingPointError(
        "the gradient cannot be integrated: log p(x | z) is too rough for the finest grid of noise"
    )


def _agree(coarse: Sums, fine: Sums) -> bool:
    of_mean = (coarse.mean - fine.mean).abs().amax() / fine.mean.abs().amax().clamp(min=LEAST)
    variance = fine.covariance.diagonal()
    relative_to = variance.clamp(min=1e-9 * float(variance.amax()) + LEAST**2)
    of_variance = ((coarse.covariance.diagonal() - variance).abs() / relative_to).amax()
    return bool(torch.maximum(of_mean, of_variance) < AGREED)
