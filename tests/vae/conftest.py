"""Small models and small data sets, made from seeds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.vae.datasets import DATASETS
from explorer.vae.model import VAE, Architecture

CPU = torch.device("cpu")


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def make_vae() -> Callable[..., VAE]:
    """Makes a model of random weights with a lively decoder; a full posterior has some correlation."""

    def make(n_latents: int = 2, posterior: str = "full", n_hidden: int = 16, seed: int = 0) -> VAE:
        vae = VAE(Architecture(n_latents, n_hidden, posterior), DATASETS["mnist"])  # type: ignore[arg-type]
        vae.initialise(generator(seed), torch.rand(784, generator=generator(seed + 1)))
        if posterior == "bernoulli":
            return vae.eval().requires_grad_(False)
        with torch.no_grad():
            vae.encoder[-1].weight[n_latents:].mul_(10)
            vae.encoder[-1].bias[2 * n_latents :].add_(0.5)
        return vae.eval().requires_grad_(False)

    return make


@pytest.fixture
def quiet_vae(make_vae: Callable[..., VAE], binary_image: Tensor) -> VAE:
    """A two-latent model that explains `binary_image` well: log p(x|z) is small, and so is the score's variance."""
    vae = make_vae()
    with torch.no_grad():
        vae.decoder[-1].bias.copy_((8 * binary_image - 4).flatten())
        vae.decoder[-1].weight.mul_(2)
    return vae


@pytest.fixture
def images() -> Tensor:
    """Five grey images (5, 1, 28, 28)."""
    return torch.rand(5, 1, 28, 28, generator=generator(10))


@pytest.fixture
def binary_image() -> Tensor:
    """One binary image (1, 1, 28, 28), a fifth of it white."""
    return (torch.rand(1, 1, 28, 28, generator=generator(11)) < 0.2).float()


@pytest.fixture
def in_float64() -> Callable[[VAE], VAE]:
    return lambda vae: copy.deepcopy(vae).double()


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Sixty training images and three hundred test images under MNIST's names, with every digit equally often."""
    source = np.random.default_rng(0)
    for split, n_images in (("train", 60), ("test", 300)):
        images = (source.random((n_images, 28, 28)) ** 4 * 255).astype(np.uint8)
        np.savez(tmp_path / f"mnist_{split}.npz", images=images, labels=(np.arange(n_images) % 10).astype(np.uint8))
    return tmp_path


@pytest.fixture
def same_threads() -> Iterator[None]:
    """Puts torch's number of threads back: --threads changes it for the whole process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
