"""Gradients of one image's ELBO with respect to its posterior's loc and scale_tril, one a sample, by two estimators.

Write f(z) = log p(x | z), q = N(loc, L L^T), z = loc + L eps, and ELBO = E_q[f(z)] - KL(q || p). The KL term's gradient
is known exactly (loc; L - diag(1 / L_ii)) and is subtracted from every sample of either estimator; what is estimated is
the gradient of E_q[f(z)]:

    score function   f(z) grad log q(z)      with  d log q / d loc = L^-T eps
                                                   d log q / d L   = tril(L^-T eps eps^T) - diag(1 / L_ii)
    pathwise         grad f(z) through z     with  d f / d loc = g,  d f / d L = tril(g eps^T),  g = f'(z)

The score follows from d(L^-1 (z - loc)) = -L^-1 dL eps at fixed z. Both use the same noise for the same seed.

A diagonal posterior is treated as the Gaussian it is: the gradient is returned for every entry of the lower triangle of
L, evaluated at the diagonal L; of these such a model can move the diagonal only.

Sources: Rezende, Mohamed & Wierstra 2014, Section 4; Kingma & Welling 2013, Sections 2.3 and 2.4;
Mohamed, Rosca, Figurnov & Mnih 2020, Sections 4 and 5.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import differentiation, isolated, ordinary
from explorer.core.parameters import check_n_samples
from explorer.vae.elbo import decoded_log_prob
from explorer.vae.model import VAE, check_vae

DECODES_AT_ONCE = 2048
"""Samples whose decoder activations are kept for the backward pass at once: about 25 MB."""

MOST_ENTRIES = 2**28
"""Largest n_samples * D * D: one gibibyte of float32, the size of the answer itself."""


def _score_function(vae: VAE, pixels: Tensor, eps: Tensor, z: Tensor, tril: Tensor) -> tuple[Tensor, Tensor]:
    f = decoded_log_prob(vae, z[:, None], pixels)[:, 0]
    to_loc = torch.linalg.solve_triangular(tril.T, eps.T, upper=True).T
    to_tril = to_loc[:, :, None] * eps[:, None, :] - torch.diag(1 / tril.diagonal())
    return f[:, None] * to_loc, f[:, None, None] * to_tril


def _pathwise(vae: VAE, pixels: Tensor, eps: Tensor, z: Tensor, tril: Tensor) -> tuple[Tensor, Tensor]:
    # One backward pass for all samples: each z enters its own f only, so the gradient of the sum holds every f'(z).
    moved = z.clone().requires_grad_()
    with differentiation():
        (slope,) = torch.autograd.grad(decoded_log_prob(vae, moved[:, None], ordinary(pixels)).sum(), moved)
    return slope, slope[:, :, None] * eps[:, None, :]


_METHODS: dict[str, Callable[[VAE, Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]] = {
    "score_function": _score_function,
    "pathwise": _pathwise,
}


@isolated
def elbo_gradient_samples(
    vae: VAE, image: Tensor | np.ndarray, estimator: str, n_samples: int, *, seed: int = 0
) -> dict[str, Tensor]:
    """One gradient of the ELBO a sample: {"loc": (n_samples, D), "scale_tril": (n_samples, D, D) lower triangle}.

    image: (1, side, side) or (1, 1, side, side), float in [0, 1]. estimator: "score_function" or "pathwise".
    Raises ValueError for another image, an unknown estimator, n_samples below 1 or so large that the answer would
    pass a gibibyte (n_samples * D * D > 2**28), or a seed outside [0, 2**63 - 1].
    """
    check_vae(vae)
    pixels = vae.pixels_of(image[None] if getattr(image, "ndim", 0) == 3 else image)
    if len(pixels) != 1:
        raise ValueError(f"image must be a single one, got {tuple(image.shape)}")
    if not isinstance(estimator, str) or estimator not in _METHODS:
        raise ValueError(f"estimator must be one of {', '.join(_METHODS)}, got {estimator!r}")
    D = vae.n_latents
    most = MOST_ENTRIES // D**2
    n_samples, generator = check_n_samples(n_samples, most), generator_for(seed, vae.device)
    posterior = vae.posterior(pixels)
    loc, tril = posterior.loc[0], posterior.scale_tril[0]
    gradients = {
        "loc": torch.empty(n_samples, D, device=loc.device),
        "scale_tril": torch.empty(n_samples, D, D, device=loc.device),
    }
    for start in range(0, n_samples, DECODES_AT_ONCE):
        eps = torch.randn(min(DECODES_AT_ONCE, n_samples - start), D, device=loc.device, generator=generator)
        to_loc, to_tril = _METHODS[estimator](vae, pixels, eps, loc + eps @ tril.T, tril)
        chunk = slice(start, start + len(eps))
        gradients["loc"][chunk] = to_loc - loc
        gradients["scale_tril"][chunk] = (to_tril - tril + torch.diag(1 / tril.diagonal())).tril()
    return gradients
