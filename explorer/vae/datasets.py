"""The data sets of the models, and where their images are found.

A `Dataset` is everything the rest of the app knows of its images: the side of a picture, the names of the classes, the
licence. To add one, add an entry to `DATASETS`.

A set that this project renders itself has no files. Of any other, `load_images("mnist", "train", folder)` looks for:
1. `<folder>/mnist_train.npz` with arrays `images` (N, side, side) uint8 and `labels` (N,) uint8;
2. the four original idx files, plain or gzipped, in `<folder>`;
3. the folder of the Debian package, where there is one;
4. the usual public addresses, one after the other.
Every idx file is checked against the md5 of its unpacked bytes.
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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.vae import sprites

Split = Literal["train", "test"]
IDX_IMAGES = 2051
"""The number an idx file of images begins with."""


@dataclass(frozen=True)
class Dataset:
    """A set of square grey images, each of one class, in the four idx files that MNIST made usual, or rendered."""

    name: str
    """The key in `DATASETS`, in the manifest and in the names of files."""
    title: str
    side: int
    """Pixels along a side of an image."""
    classes: tuple[str, ...]
    """The name of each class, at the index that is its label."""
    licence: str
    source: str
    """Who made it, and where it is described."""
    md5: Mapping[str, str]
    """How a file is known to be whole: the md5 of each idx file, unpacked."""
    debian_folder: str | None
    """Where Debian's package puts the files."""
    addresses: tuple[str, ...]
    """Where the gzipped files are public; the name of a file is appended."""
    rendered: Callable[[Split], tuple[Tensor, Tensor]] | None = None
    """The images and labels of a split, of a set that is made here."""

    @property
    def n_pixels(self) -> int:
        """Pixels of an image."""
        return self.side * self.side

    @property
    def has_factors(self) -> bool:
        """Whether it is known what each image was made from: of the sprites."""
        return self.rendered is not None


DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            name="mnist",
            title="MNIST",
            side=28,
            classes=("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
            licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
            source="LeCun, Bottou, Bengio & Haffner, Gradient-based learning applied to document recognition, 1998",
            md5={
                "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
                "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
                "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
                "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
            },
            debian_folder=None,
            addresses=(
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
            ),
        ),
        Dataset(
            name="fashion_mnist",
            title="Fashion-MNIST",
            side=28,
            classes=(
                "T-shirt",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            ),
            licence="MIT, Zalando SE",
            source="Xiao, Rasul & Vollgraf, Fashion-MNIST, 2017, arXiv:1708.07747",
            md5={
                "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
                "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
                "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
                "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
            },
            debian_folder="/usr/share/datasets/fashion-mnist",
            addresses=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        ),
        Dataset(
            name="sprites",
            title="Sprites",
            side=sprites.SIDE,
            classes=sprites.SHAPES,
            licence="MIT, this project",
            source="rendered by explorer/vae/sprites.py, after the factors of dSprites (Matthey et al. 2017)",
            md5={},
            debian_folder=None,
            addresses=(),
            rendered=sprites.images_of,
        ),
    )
}


class DataError(Exception):
    """The images could not be found or are damaged; the message says where they were looked for."""


def load_images(name: str, split: Split, folder: Path | None = None) -> tuple[Tensor, Tensor]:
    """All images of a split: (N, side, side) uint8, and labels (N,) uint8, on the CPU.

    Raises ValueError for an unknown name or split, DataError when no intact copy is found.
    """
    if name not in DATASETS:
        raise ValueError(f"dataset must be one of {', '.join(DATASETS)}, got {name!r}")
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', got {split!r}")
    dataset = DATASETS[name]
    if dataset.rendered is not None:
        return dataset.rendered(split)
    if folder is not None and (packed := folder / f"{name}_{split}.npz").is_file():
        return _packed(dataset, packed)
    images_file, labels_file = _idx_names(split)
    images = _idx_file(dataset, images_file, folder)
    labels = _idx_file(dataset, labels_file, folder)
    return _checked(
        dataset,
        np.frombuffer(images, np.uint8, offset=16).reshape(-1, dataset.side, dataset.side),
        np.frombuffer(labels, np.uint8, offset=8),
        images_file,
    )


@isolated
def binarize(images: Tensor, generator: torch.Generator) -> Tensor:
    """Stochastic binarization: each pixel becomes 1 with probability its grey value in [0, 1], else 0."""
    return (torch.rand(images.shape, generator=generator, device=images.device) < images).to(images.dtype)


def is_whole_split(name: str, split: Split, images: Tensor) -> bool:
    """Whether images (N, side, side) uint8 are every original image of the split, in order: by its idx file's md5."""
    dataset = DATASETS[name]
    if dataset.rendered is not None:
        return torch.equal(dataset.rendered(split)[0], images)
    raw = struct.pack(">4I", IDX_IMAGES, *images.shape) + images.contiguous().numpy().tobytes()
    return hashlib.md5(raw, usedforsecurity=False).hexdigest() == dataset.md5[_idx_names(split)[0]]


def images_sha256(images: Tensor) -> str:
    """The identity of a set of images (N, side, side) uint8: sha256 of their bytes, whatever file held them."""
    return hashlib.sha256(images.contiguous().numpy().tobytes()).hexdigest()


def _idx_names(split: Split) -> tuple[str, str]:
    """The idx files of a split: images, labels."""
    prefix = "train" if split == "train" else "t10k"
    return f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"


def _packed(dataset: Dataset, path: Path) -> tuple[Tensor, Tensor]:
    try:
        # Opened here: np.load leaves the file open when it finds a damaged one.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _checked(dataset, arrays["images"], arrays["labels"], path.name)
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} cannot be read as an npz file with arrays 'images' and 'labels' ({error})") from error


def _checked(dataset: Dataset, images: np.ndarray, labels: np.ndarray, source: str) -> tuple[Tensor, Tensor]:
    side, last = dataset.side, len(dataset.classes) - 1
    right_images = images.dtype == np.uint8 and images.ndim == 3 and images.shape[1:] == (side, side) and len(images)
    right_labels = labels.dtype.kind in "ui" and labels.shape == images.shape[:1]
    if not (right_images and right_labels and labels.min() >= 0 and labels.max() <= last):
        raise DataError(f"{source} does not hold images (N, {side}, {side}) uint8 with one label from 0 to {last} each")
    return torch.from_numpy(images.copy()), torch.from_numpy(labels.astype(np.uint8))


def _idx_file(dataset: Dataset, name: str, folder: Path | None) -> bytes:
    """The unpacked bytes of an idx file from the first place that has it, checked against its md5."""
    places = [Path(place) for place in (folder, dataset.debian_folder) if place is not None]
    for place in places:
        for path in (place / name, place / f"{name}.gz"):
            if path.is_file():
                return _verified(_unpacked(path), name, dataset.md5[name])
    faults = []
    for address in dataset.addresses:
        try:
            with urllib.request.urlopen(f"{address}{name}.gz", timeout=60) as answer:
                return _verified(gzip.decompress(answer.read()), name, dataset.md5[name])
        except (OSError, http.client.HTTPException, EOFError, zlib.error, DataError) as error:
            faults.append(str(error))
    looked = ", ".join(str(place) for place in places) or "no folder was given"
    raise DataError(
        f"{dataset.title}: {name} was not found (folders: {looked}) and could not be fetched ({'; '.join(faults)}). "
        "Give the folder that holds it with --data."
    )


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
