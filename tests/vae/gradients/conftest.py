"""Shipped models and real images, made once for the whole folder."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import explorer
from explorer.vae.datasets import binarize
from explorer.vae.model import VAE
from explorer.vae.pretrained import load_sample


def _binarized(place: int) -> Tensor:
    """An image of the shipped sample, flat (1, P)."""
    return binarize(load_sample()[0][place : place + 1], torch.Generator().manual_seed(0)).flatten(1)


@pytest.fixture(scope="session")
def three_images() -> Tensor:
    """A seven, a zero and a four, flat (3, P). The seven is the one whose figures are known."""
    return torch.cat([_binarized(7), _binarized(0), _binarized(4)])


@pytest.fixture(scope="session")
def on_plane() -> VAE:
    return explorer.load_vae("mnist-2d", "cpu")


@pytest.fixture(scope="session")
def in_fifty() -> VAE:
    return explorer.load_vae("mnist-50d", "cpu")
