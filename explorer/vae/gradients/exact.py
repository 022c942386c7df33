"""The exact gradient of one image's ELBO, and the exact variance of one sample of an estimator, by name.

Where there are one or two Gaussian latents both are integrals over their noise (`plane`), where there are bits both
are sums over all codes (`over_codes`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.vae.gradients.contract import ElboEstimator, estimator_for
from explorer.vae.gradients.draw import KL
from explorer.vae.gradients.moments import ElboMoments
from explorer.vae.gradients.over_codes import moments_over_codes
from explorer.vae.gradients.plane import moments_on_plane
from explorer.vae.gradients.samples import check_kl, pixels_of_one
from explorer.vae.model import VAE, check_vae


@isolated
def exact_elbo_gradient(vae: VAE, image: Tensor | np.ndarray) -> dict[str, Tensor]:
    """The gradient of one image's ELBO: {"loc": (D,), "scale_tril": (D, D) lower triangle}, float64 on the CPU.

    Of bits {"logits": (D,)}. image: (1, side, side) or (1, 1, side, side), float in [0, 1]. Raises ValueError for
    another image, or a model where nothing is exact: one of more than two Gaussian latents, or of more than 16 bits;
    FloatingPointError where the integral cannot be had.
    """
    check_vae(vae)
    method = "enumeration" if vae.has_bits else "pathwise"
    found = exact_moments(vae, pixels_of_one(vae, image), method, "analytic")
    return by_parameter(found, found.mean)


@isolated
def exact_elbo_variance(
    vae: VAE, image: Tensor | np.ndarray, estimator: str | ElboEstimator, *, kl: KL = "analytic"
) -> dict[str, Tensor]:
    """The variance of one sample of an estimator of that gradient, with the same keys and shapes.

    kl: "analytic" where the KL term is known exactly, "sampled" where it is part of what is sampled. Raises as
    `exact_elbo_gradient`, and ValueError for an unknown estimator or kl, or for Gumbel-softmax and REBAR, whose decoder
    sees what is no code.
    """
    check_vae(vae)
    method, pixels = estimator_for(vae, estimator), pixels_of_one(vae, image)
    found = exact_moments(vae, pixels, method, check_kl(kl))
    return by_parameter(found, found.variance)


def exact_moments(vae: VAE, pixels: Tensor, estimator: str | ElboEstimator, kl: KL = "analytic") -> ElboMoments:
    """Moments of one sample for flat pixels (1, P). Raises as `exact_elbo_gradient`."""
    return exact_moments_of_all(vae, pixels, [estimator], kl)[0]


@isolated
def exact_moments_of_all(
    vae: VAE, pixels: Tensor, estimators: Sequence[str | ElboEstimator], kl: KL = "analytic"
) -> list[ElboMoments]:
    """The same for several estimators, for little more than the price of one."""
    moments = moments_over_codes if vae.has_bits else moments_on_plane
    return moments(vae, pixels, [estimator_for(vae, each) for each in estimators], kl)


def by_parameter(found: ElboMoments, values: Tensor) -> dict[str, Tensor]:
    """Values (C,) in the shape of each parameter; 0 above the diagonal."""
    D = sum(name != "scale_tril" for name, _ in found.coordinates)
    shapes = {name: (D,) * len(index) for name, index in found.coordinates}
    parts = {name: torch.zeros(shape, dtype=values.dtype) for name, shape in shapes.items()}
    for (name, index), value in zip(found.coordinates, values, strict=True):
        parts[name][index] = value
    return parts
