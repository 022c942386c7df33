"""The model that the harness shows, for the tests to know what it decodes."""

from __future__ import annotations

import torch

from explorer.vae.datasets import DATASETS
from explorer.vae.model import VAE, Architecture


def small_vae() -> VAE:
    """A model of random weights whose pictures change well with z."""
    vae = VAE(Architecture(2, 16, "full"), DATASETS["mnist"])
    vae.initialise(torch.Generator().manual_seed(0), torch.rand(784, generator=torch.Generator().manual_seed(1)))
    with torch.no_grad():
        vae.decoder[-1].weight.mul_(6)
    return vae.eval().requires_grad_(False)
