"""Moments of every estimator of the ELBO's gradient where the latents are bits, few enough to add up all codes."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from torch import Tensor

from explorer.vae.codes import MOST_BITS, can_enumerate, code_log_weights
from explorer.vae.gradients.bernoulli_draw import BernoulliDraw
from explorer.vae.gradients.contract import ElboEstimator
from explorer.vae.gradients.draw import KL
from explorer.vae.gradients.moments import ElboMoments
from explorer.vae.model import VAE


def moments_over_codes(vae: VAE, pixels: Tensor, estimators: Sequence[ElboEstimator], kl: KL) -> list[ElboMoments]:
    """Moments of one sample of each estimator for flat pixels (1, P), in float64; each code is decoded once.

    Raises ValueError for too many bits, or an estimator whose moments are no sum over codes.
    """
    if not can_enumerate(vae):
        raise ValueError(f"vae must have at most {MOST_BITS} bits to be added up over, it has {vae.n_latents}")
    draw = BernoulliDraw.of_codes(copy.deepcopy(vae).cpu().double(), pixels.cpu().double(), kl=kl)
    weights = code_log_weights(draw.logits)[0].exp()
    found = [each.moments_over(draw, weights) for each in estimators]
    places = tuple(draw.coordinates)
    return [ElboMoments(each.mean, each.covariance, each.spread, places) for each in found]
