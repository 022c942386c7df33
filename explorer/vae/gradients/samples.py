"""Gradients of one image's ELBO with respect to the parameters of its posterior, one a sample, by name.

Sources: Rezende, Mohamed & Wierstra 2014, Section 4; Kingma & Welling 2013, Sections 2.3 and 2.4;
Mohamed, Rosca, Figurnov & Mnih 2020, Sections 4 and 5.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_n_samples
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients.draw import NormalDraw
from explorer.vae.model import VAE, check_vae

DECODES_AT_ONCE = 2048
"""Samples whose decoder activations are kept for the backward pass at once: about 25 MB."""

MOST_ENTRIES = 2**28
"""Largest n_samples * D * D: one gibibyte of float32, the size of the answer itself."""


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
    if not isinstance(estimator, str) or estimator not in NORMAL:
        raise ValueError(f"estimator must be one of {', '.join(NORMAL)}, got {estimator!r}")
    D = vae.n_latents
    most = MOST_ENTRIES // D**2
    n_samples, generator = check_n_samples(n_samples, most), generator_for(seed, vae.device)
    posterior = vae.posterior(pixels)
    gradients = {
        "loc": torch.empty(n_samples, D, device=vae.device),
        "scale_tril": torch.zeros(n_samples, D, D, device=vae.device),
    }
    for start in range(0, n_samples, DECODES_AT_ONCE):
        eps = torch.randn(min(DECODES_AT_ONCE, n_samples - start), D, device=vae.device, generator=generator)
        draw = NormalDraw(vae, pixels, posterior, eps[:, None])
        flat = NORMAL[estimator](draw)[:, 0]
        chunk = slice(start, start + len(eps))
        gradients["loc"][chunk] = flat[:, :D]
        row, column = draw.entries
        gradients["scale_tril"][chunk, row, column] = flat[:, D:]
    return gradients
