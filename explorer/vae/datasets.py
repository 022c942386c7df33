"""Training and test images: found in a folder, in Debian's package, or fetched from their usual address.

`load_images("mnist", "train", folder)` looks for, in this order:
1. `<folder>/mnist_train.npz` with arrays `images` (N, 28, 28) uint8 and `labels` (N,) uint8;
2. the four original idx files, plain or gzipped, in `<folder>`;
3. the folder of the Debian package, where there is one;
4. the usual public address, once, checked against the md5 of the unpacked file.
Nothing is unpickled: npz files are read with `allow_pickle=False`.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import struct
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

Split = Literal["train", "test"]


@dataclass(frozen=True)
class Dataset:
    """Where a data set lives and how its files are known to be whole: md5 of each unpacked idx file."""

    title: str
    licence: str
    md5: dict[str, str]
    debian_folder: str | None
    address: str


DATASETS: dict[str, Dataset] = {
    "mnist": Dataset(
        title="MNIST",
        licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
        md5={
            "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
            "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
            "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
            "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
        },
        debian_folder=None,
        address="https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
}


class DataError(Exception):
    """The images could not be found or are damaged; the message says where they were looked for."""


def load_images(name: str, split: Split, folder: Path | None = None) -> tuple[Tensor, Tensor]:
    """All images of a split: (N, 28, 28) uint8, and labels (N,) uint8, on the CPU.

    Raises ValueError for an unknown name or split, DataError when no intact copy is found.
    """
    if name not in DATASETS:
        raise ValueError(f"dataset must be one of {', '.join(DATASETS)}, got {name!r}")
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', got {split!r}")
    dataset = DATASETS[name]
    if folder is not None and (packed := folder / f"{name}_{split}.npz").is_file():
        return _packed(packed)
    prefix = "train" if split == "train" else "t10k"
    images = _idx_file(dataset, f"{prefix}-images-idx3-ubyte", folder)
    labels = _idx_file(dataset, f"{prefix}-labels-idx1-ubyte", folder)
    return _checked(
        np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(labels, np.uint8, offset=8),
        Path(f"{prefix}-images-idx3-ubyte"),
    )


def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    """Stochastic binarization: each pixel becomes 1 with probability its grey value in [0, 1], else 0."""
    return (torch.rand(images.shape, generator=generator, device=images.device) < images).to(images.dtype)


def is_whole_split(name: str, split: Split, images: Tensor) -> bool:
    """Whether images (N, 28, 28) uint8 are every original image of the split, in order: by the md5 of its idx file."""
    prefix = "train" if split == "train" else "t10k"
    raw = struct.pack(">4I", 2051, len(images), 28, 28) + images.contiguous().numpy().tobytes()
    return hashlib.md5(raw, usedforsecurity=False).hexdigest() == DATASETS[name].md5[f"{prefix}-images-idx3-ubyte"]


def images_sha256(images: Tensor) -> str:
    """The identity of a set of images (N, 28, 28) uint8: sha256 of their bytes, the same whatever file held them."""
    return hashlib.sha256(images.contiguous().numpy().tobytes()).hexdigest()


def _packed(path: Path) -> tuple[Tensor, Tensor]:
    try:
        # Opened here: np.load leaves the file open when it finds a damaged one.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _checked(arrays["images"], arrays["labels"], path)
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} cannot be read as an npz file with arrays 'images' and 'labels' ({error})") from error


def _checked(images: np.ndarray, labels: np.ndarray, source: Path) -> tuple[Tensor, Tensor]:
    right_images = images.dtype == np.uint8 and images.ndim == 3 and images.shape[1:] == (28, 28) and len(images) > 0
    right_labels = labels.dtype.kind in "ui" and labels.shape == images.shape[:1]
    if not (right_images and right_labels and labels.min() >= 0 and labels.max() <= 9):
        raise DataError(f"{source.name} does not hold images (N, 28, 28) uint8 with one label from 0 to 9 each")
    return torch.from_numpy(images.copy()), torch.from_numpy(labels.astype(np.uint8))


def _idx_file(dataset: Dataset, name: str, folder: Path | None) -> bytes:
    """The unpacked bytes of an idx file from the first place that has it, checked against its md5."""
    places = [place for place in (folder, dataset.debian_folder) if place is not None]
    for place in places:
        for path in (Path(place) / name, Path(place) / f"{name}.gz"):
            if path.is_file():
                return _verified(_unpacked(path), name, dataset.md5[name])
    try:
        with urllib.request.urlopen(f"{dataset.address}{name}.gz", timeout=60) as answer:
            return _verified(gzip.decompress(answer.read()), name, dataset.md5[name])
    except (OSError, http.client.HTTPException, EOFError, zlib.error) as error:
        looked = ", ".join(str(place) for place in places) or "no folder was given"
        raise DataError(
            f"{dataset.title}: {name} was not found (folders: {looked}) and could not be fetched ({error}). "
            "Give the folder that holds it with --data."
        ) from error


def _unpacked(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error})") from error


def _verified(raw: bytes, name: str, md5: str) -> bytes:
    found = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    if found != md5:
        raise DataError(f"{name} is damaged: its md5 is {found}, expected {md5}")
    return raw
