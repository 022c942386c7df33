"""A data set of another side and with other classes is one entry: trained on, exported, loaded, viewed, scored."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest
import torch

from explorer.vae import latent
from explorer.vae.datasets import DATASETS, DataError, Dataset, is_whole_split, load_images
from explorer.vae.elbo import elbo, log_likelihood
from explorer.vae.evaluation import evaluate
from explorer.vae.gradients.samples import elbo_gradient_samples
from explorer.vae.manifest import PretrainedError
from explorer.vae.model import Architecture
from explorer.vae.pretrained import export, export_sample, load_sample, load_vae, manifest
from explorer.vae.recipes import Recipe
from explorer.vae.training import train
from explorer.vae.traversals import traversals

SIDE, N = 6, 90
RECIPE = Recipe("shapes", Architecture(2, 8, "full"), epochs=2, batch_size=32)


@pytest.fixture(autouse=True)
def shapes(tmp_path, monkeypatch):
    """Bars across, bars down and dots, of 6 x 6 pixels."""
    images = np.zeros((N, SIDE, SIDE), np.uint8)
    for index in range(N):
        row, column = [(index % SIDE, slice(None)), (slice(None), index % SIDE), (index % SIDE, index // SIDE % SIDE)][
            index % 3
        ]
        images[index, row, column] = 200
    labels = (np.arange(N) % 3).astype(np.uint8)
    raw = struct.pack(">4I", 2051, N, SIDE, SIDE) + images.tobytes()
    entry = Dataset(
        name="shapes",
        title="Shapes",
        side=SIDE,
        classes=("across", "down", "dot"),
        licence="none",
        source="this test",
        md5={"t10k-images-idx3-ubyte": hashlib.md5(raw, usedforsecurity=False).hexdigest()},
        debian_folder=None,
        addresses=(),
    )
    monkeypatch.setitem(DATASETS, "shapes", entry)
    for split in ("train", "test"):
        np.savez(tmp_path / f"shapes_{split}.npz", images=images, labels=labels)
    return entry


def test_from_files_to_a_shipped_model(tmp_path):
    images, labels = load_images("shapes", "train", tmp_path)
    assert images.shape == (N, SIDE, SIDE)
    assert is_whole_split("shapes", "test", load_images("shapes", "test", tmp_path)[0])
    assert not is_whole_split("shapes", "test", images[1:])
    trained = train(RECIPE, images, seed=0, device=torch.device("cpu"))
    folder = tmp_path / "exported"
    export("tiny", trained, RECIPE, images, seed=0, command="train tiny", folder=folder)
    export_sample("shapes", images, labels, folder=folder)
    assert list(manifest(folder).samples) == ["shapes"]

    vae = load_vae("tiny", "cpu", folder=folder)
    sample, sample_labels = load_sample("shapes", folder=folder)
    assert vae.dataset.classes[int(sample_labels[2])] == "dot"
    assert sample.shape == (N, 1, SIDE, SIDE)
    loc, scale_tril = vae.encode(sample)
    assert (loc.shape, scale_tril.shape) == ((N, 2), (N, 2, 2))
    assert vae.decode(loc).shape == (N, 1, SIDE, SIDE)
    assert torch.isfinite(elbo(vae, sample, 4)).all()
    assert torch.isfinite(log_likelihood(vae, sample, 4)).all()
    assert elbo_gradient_samples(vae, sample[0], "pathwise", 5)["loc"].shape == (5, 2)
    assert evaluate(vae, images, 3, seed=0).n_images == N

    atlas = latent.atlas(vae, 3.0, 5)
    assert atlas.shape == (5, 5, SIDE, SIDE)
    assert traversals(vae, loc[0], torch.zeros(2, 3)).shape == (2, 3, SIDE, SIDE)
    assert latent.prior_samples(vae, 4, seed=0)[1].shape == (4, 1, SIDE, SIDE)
    assert len(latent.active_units(vae, sample).variance) == 2


def test_images_of_another_data_set_are_refused(tmp_path, make_vae):
    small, _ = load_images("shapes", "test", tmp_path)
    with pytest.raises(ValueError, match=r"images must have shape \(B, 1, 28, 28\).*\(90, 1, 6, 6\)"):
        make_vae().encode(small[:, None].float() / 255)
    np.savez(tmp_path / "shapes_test.npz", images=small.numpy(), labels=np.full(N, 3, np.uint8))
    with pytest.raises(DataError, match=r"images \(N, 6, 6\) uint8 with one label from 0 to 2 each"):
        load_images("shapes", "test", tmp_path)


def test_weights_of_another_data_set_are_refused(tmp_path, make_vae):
    export("tiny", make_vae(2, n_hidden=8), RECIPE, torch.zeros(1, SIDE, SIDE), seed=0, command="", folder=tmp_path)
    with pytest.raises(PretrainedError, match=r"decoder\.4\.bias holds .*\(784,\), expected .*\(36,\)"):
        load_vae("tiny", "cpu", folder=tmp_path)
