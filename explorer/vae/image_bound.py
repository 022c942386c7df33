"""The evidence lower bound of one image taken apart: its two terms, the KL by dimension, and the weights of log p(x).

    ELBO = E_{q(z|x)}[log p(x|z)] - KL(q(z|x) || p(z))
    KL(q || p) = sum_i KL(q_i || p_i) + KL(q || q_1 q_2 ... q_D)       for a prior of independent entries p_i

q_i is q's marginal. The last part, the total correlation, is 0 for independent entries: a diagonal factor, or bits.
Sources: Kingma & Welling 2013, Appendix B (the KL); Watanabe 1960 (total correlation); Burda, Grosse & Salakhutdinov
2016 (the weights).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolated
from explorer.vae.codes import can_enumerate, exact_bounds, exact_terms, kl_to_prior
from explorer.vae.elbo import log_likelihood, weighed_draws
from explorer.vae.importance import ImportanceWeights
from explorer.vae.model import VAE, Posterior
from explorer.vae.true_posterior import reconstruction_on_plane

DRAWS = 20_000
"""Of q(z|x): for the reconstruction where it cannot be had exactly, and for the weights of log p(x)."""


@dataclass(frozen=True)
class SplitKL:
    """KL(q(z|x) || p(z)) of one image in nats: that of each marginal (D,) float64, and the total correlation."""

    by_dimension: Tensor
    total_correlation: float

    @property
    def total(self) -> float:
        """The KL itself: both parts together."""
        return float(self.by_dimension.sum()) + self.total_correlation


@dataclass(frozen=True)
class ImageBound:
    """One image's bound in nats.

    `reconstruction_error` is the standard error of `reconstruction`, 0 where that is integrated or added up; the KL is
    exact always. `log_likelihood` is None where it can only be estimated, from `weights`.
    """

    reconstruction: float
    reconstruction_error: float
    kl: SplitKL
    log_likelihood: float | None
    weights: ImportanceWeights

    @property
    def elbo(self) -> float:
        """The bound, as uncertain as the reconstruction."""
        return self.reconstruction - self.kl.total

    @property
    def is_exact(self) -> bool:
        """Whether nothing in the bound comes from draws."""
        return self.log_likelihood is not None


@isolated
def image_bound(vae: VAE, pixels: Tensor, seed: int) -> ImageBound:
    """Of one image's flat pixels (1, P) on the model's device. A second's work.

    Raises ValueError for a seed outside [0, 2**63 - 1], FloatingPointError where log p(x) cannot be integrated.
    """
    log_prob, log_weights = weighed_draws(vae, pixels, DRAWS, generator_for(seed, vae.device))
    kl, error = split_kl(vae, pixels), 0.0
    exact = None
    if can_enumerate(vae):
        reconstruction, exact = (float(part) for part in (exact_terms(vae, pixels)[0], exact_bounds(vae, pixels)[1]))
    elif vae.is_plane:
        reconstruction = reconstruction_on_plane(vae, pixels)
        exact = float(log_likelihood(vae, pixels.view(1, 1, vae.dataset.side, vae.dataset.side)))
    else:
        reconstruction, error = float(log_prob.mean()), float(log_prob.std()) / math.sqrt(len(log_prob))
    return ImageBound(reconstruction, error, kl, exact, ImportanceWeights(log_weights))


@isolated
def split_kl(vae: VAE, pixels: Tensor) -> SplitKL:
    """The KL of one image's posterior, flat pixels (1, P) on the model's device, by dimension."""
    if vae.has_bits:
        return SplitKL(kl_to_prior(vae.bit_logits(pixels).double().cpu().T), 0.0)
    return split_gaussian_kl(vae.posterior(pixels))


def split_gaussian_kl(posterior: Posterior) -> SplitKL:
    """The same for the one Gaussian N(loc, L L^T) of a batch of one.

    A marginal's variance is (L L^T)_ii, and the total correlation (1/2) sum_i log (L L^T)_ii - log |L|.
    """
    total_correlation = 0.5 * float(posterior.variances.log().sum()) - float(posterior.scale.double().log().sum())
    # Never below 0, where rounding alone would put it.
    return SplitKL(posterior.marginal_kl()[0].cpu(), max(0.0, total_correlation))
