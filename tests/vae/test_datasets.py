"""Images from npz and idx files, and what is said when they are missing or damaged. No test uses the network."""

from __future__ import annotations

import gzip
import hashlib
import re
import urllib.error
import urllib.request
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.vae import datasets as module
from explorer.vae.datasets import DATASETS, DataError, binarize, images_sha256, load_images


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise urllib.error.URLError("no network in tests")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


@pytest.fixture
def idx_files(monkeypatch):
    """Three images and labels as idx bytes, registered under their own md5: (images, {name: bytes})."""
    images = np.arange(3 * 784, dtype=np.uint32).astype(np.uint8).reshape(3, 28, 28)
    files = {
        "t10k-images-idx3-ubyte": bytes.fromhex("00000803 00000003 0000001c 0000001c") + images.tobytes(),
        "t10k-labels-idx1-ubyte": bytes.fromhex("00000801 00000003") + bytes([4, 0, 9]),
    }
    md5 = {name: hashlib.md5(raw, usedforsecurity=False).hexdigest() for name, raw in files.items()}
    monkeypatch.setitem(module.DATASETS, "mnist", replace(DATASETS["mnist"], md5=md5))
    return images, files


def test_npz(data_folder):
    images, labels = load_images("mnist", "test", data_folder)
    assert images.shape == (300, 28, 28)
    assert images.dtype == labels.dtype == torch.uint8
    assert labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert load_images("mnist", "train", data_folder)[0].shape == (60, 28, 28)


@pytest.mark.parametrize("packed", [True, False])
def test_idx(tmp_path, idx_files, packed):
    expected, files = idx_files
    for name, raw in files.items():
        if packed:
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(raw))
        else:
            (tmp_path / name).write_bytes(raw)
    images, labels = load_images("mnist", "test", tmp_path)
    assert torch.equal(images, torch.from_numpy(expected))
    assert labels.tolist() == [4, 0, 9]


def test_debian_folder(tmp_path, idx_files, monkeypatch):
    for name, raw in idx_files[1].items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(raw))
    monkeypatch.setitem(module.DATASETS, "mnist", replace(DATASETS["mnist"], debian_folder=str(tmp_path)))
    assert load_images("mnist", "test")[1].tolist() == [4, 0, 9]


def test_an_idx_file_of_another_md5_is_refused(tmp_path, idx_files):
    for name, raw in idx_files[1].items():
        (tmp_path / name).write_bytes(raw[:-1] + b"\x07")
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte is damaged: its md5"):
        load_images("mnist", "test", tmp_path)


ZIPPED = gzip.compress(b"x" * 5000)


@pytest.mark.parametrize("damage", [b"not gzip", ZIPPED[:-9], ZIPPED[:20]], ids=["no gzip", "cut", "a start"])
def test_a_damaged_gz_file_is_named(tmp_path, idx_files, damage):
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(damage)
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte"):
        load_images("mnist", "test", tmp_path)


def test_fetched_files_are_checked(idx_files, monkeypatch):
    class Answer:
        def __init__(self, raw):
            self.raw = raw

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def read(self):
            return self.raw

    files = idx_files[1]
    first, last = DATASETS["mnist"].addresses[0], DATASETS["mnist"].addresses[-1]
    by_address = {f"{last}{name}.gz": gzip.compress(raw) for name, raw in files.items()}
    by_address |= {f"{first}{name}.gz": gzip.compress(b"another file") for name in files}
    monkeypatch.setattr(urllib.request, "urlopen", lambda address, timeout: Answer(by_address[address]))
    assert load_images("mnist", "test")[1].tolist() == [4, 0, 9]
    monkeypatch.setattr(urllib.request, "urlopen", lambda address, timeout: Answer(gzip.compress(b"another file")))
    with pytest.raises(DataError, match="damaged"):
        load_images("mnist", "test")
    monkeypatch.setattr(urllib.request, "urlopen", lambda address, timeout: Answer(b"<html>not here</html>"))
    with pytest.raises(DataError, match="could not be fetched"):
        load_images("mnist", "test")


def test_a_missing_folder_without_network_says_where_it_looked(tmp_path):
    with pytest.raises(DataError, match=r"nowhere.*no network in tests.*--data"):
        load_images("mnist", "test", tmp_path / "nowhere")
    with pytest.raises(DataError, match="no folder was given"):
        load_images("mnist", "test")


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="dataset must be one of mnist"):
        load_images("cifar", "test")
    with pytest.raises(ValueError, match="split must be"):
        load_images("mnist", "validation")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_says_what_it_is(name):
    dataset = DATASETS[name]
    assert dataset.name == name
    assert dataset.title
    assert dataset.licence
    assert dataset.source
    assert dataset.n_pixels == dataset.side**2 > 0
    assert len(set(dataset.classes)) == len(dataset.classes) > 1
    assert len(set(dataset.md5.values())) == len(dataset.md5) == (0 if dataset.rendered else 4)
    assert all(re.fullmatch("[0-9a-f]{32}", md5) for md5 in dataset.md5.values())
    assert bool(dataset.addresses) != bool(dataset.rendered)
    assert all(address.endswith("/") for address in dataset.addresses)


GOOD_IMAGES, GOOD_LABELS = np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.uint8)


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": np.array([object(), {}], dtype=object), "labels": GOOD_LABELS},
        {"images": GOOD_IMAGES, "labels": np.array([object(), object()], dtype=object)},
        {"images": GOOD_IMAGES},
        {"images": GOOD_IMAGES.astype(float), "labels": GOOD_LABELS},
        {"images": GOOD_IMAGES[:, :14], "labels": GOOD_LABELS},
        {"images": GOOD_IMAGES[:0], "labels": GOOD_LABELS[:0]},
        {"images": GOOD_IMAGES, "labels": GOOD_LABELS[:1]},
        {"images": GOOD_IMAGES, "labels": np.array([3, 10])},
        {"images": GOOD_IMAGES, "labels": np.array([3, -1])},
        {"images": GOOD_IMAGES, "labels": np.array([0.5, 1.0])},
    ],
)
def test_a_hostile_npz_is_refused(tmp_path, arrays):
    np.savez(tmp_path / "mnist_test.npz", **arrays)
    with pytest.raises(DataError, match=r"mnist_test\.npz"):
        load_images("mnist", "test", tmp_path)


class Payload:
    """Unpickling it would write the file `path`."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_nothing_is_unpickled(tmp_path):
    written = tmp_path / "written"
    payload = np.empty(1, dtype=object)
    payload[0] = Payload(written)
    np.savez(tmp_path / "mnist_test.npz", images=payload, labels=GOOD_LABELS)
    with pytest.raises(DataError, match=r"mnist_test\.npz"):
        load_images("mnist", "test", tmp_path)
    assert not written.exists()


def test_a_damaged_npz_is_refused(tmp_path, data_folder):
    path = data_folder / "mnist_test.npz"
    whole = path.read_bytes()
    for damage in (
        b"",
        b"PK\x03\x04",
        whole[: len(whole) // 2],
        b"\x93NUMPY" + whole,
        whole[:2000] + b"\xff" + whole[2001:],
    ):
        path.write_bytes(damage)
        with pytest.raises(DataError, match=r"mnist_test\.npz"):
            load_images("mnist", "test", data_folder)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    path.with_suffix(".npy").replace(path)
    with pytest.raises(DataError, match=r"mnist_test\.npz"):
        load_images("mnist", "test", data_folder)


def test_binarize_keeps_the_mean_and_the_ends():
    grey = torch.tensor([0.0, 0.25, 0.5, 1.0]).repeat(40_000, 1)
    found = binarize(grey, torch.Generator().manual_seed(0))
    assert found.dtype == grey.dtype
    assert set(found.unique().tolist()) == {0.0, 1.0}
    assert (found[:, 0] == 0).all()
    assert (found[:, 3] == 1).all()
    error = (found.mean(0) - grey[0])[1:3].abs()
    assert (error < 4.5 * (0.25 / 40_000) ** 0.5).all()


def test_images_sha256_is_of_the_bytes():
    images = torch.arange(2 * 784).to(torch.uint8).reshape(2, 28, 28)
    assert images_sha256(images) == hashlib.sha256(bytes(images.flatten().tolist())).hexdigest()
    assert images_sha256(images.transpose(1, 2)) != images_sha256(images)
