"""The shipped models and sample images: verified on the way in, described in the manifest on the way out.

`pretrained/` holds `NAME.safetensors` for every model, `DATASET-sample.safetensors` for every data set and
`manifest.json` (`explorer.vae.manifest`). A file is used only when its size and sha256 are those of the manifest and
its tensors are those of the architecture and the data set. Nothing is unpickled.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from explorer.core.device import resolve_device
from explorer.core.numerics.isolation import isolated
from explorer.vae.datasets import DATASETS, images_sha256
from explorer.vae.evaluation import Scores
from explorer.vae.manifest import (
    MANIFEST,
    FileEntry,
    Manifest,
    ModelEntry,
    PretrainedError,
    SampleEntry,
    read_manifest,
    write_manifest,
)
from explorer.vae.model import VAE
from explorer.vae.recipes import Recipe

SHIPPED = Path(__file__).resolve().parents[2] / "pretrained"
PRETRAINED = Path(os.environ.get("EXPLORER_PRETRAINED") or SHIPPED)
"""The folder of models and samples that is used: another one where the environment names it."""
SAMPLE_PER_CLASS = 30
WEIGHTS = ".safetensors"


def manifest(folder: Path = PRETRAINED) -> Manifest:
    """What is shipped. Raises PretrainedError when the folder or its manifest is missing or damaged."""
    return read_manifest(folder)


@isolated
def load_vae(name: str | Path, device: str | torch.device | None = None, *, folder: Path = PRETRAINED) -> VAE:
    """A model in eval mode, its weights frozen, on `device` (the best one when None).

    `name` is a shipped model's, or the path of weights of one's own, `something.safetensors`, with a manifest like
    ours beside it that has an entry for that file: `python -m explorer train NAME --pretrained FOLDER` writes both.
    Raises ValueError for an unknown name or a device that cannot be used, PretrainedError when the folder, the manifest
    or the weights are missing, truncated or altered, or the manifest has no entry for the file.
    """
    if isinstance(name, Path) or (isinstance(name, str) and name.endswith(WEIGHTS)):
        name, folder = _own(Path(name))
    models = manifest(folder).models
    if not isinstance(name, str) or name not in models:
        raise ValueError(f"name must be one of {', '.join(models) or '(no model is shipped)'}, got {name!r}")
    place = resolve_device(device)
    weights = _tensors(folder, models[name])
    with torch.device("meta"):
        recipe = models[name].recipe
        vae = VAE(recipe.architecture, DATASETS[recipe.dataset])
    _check_tensors(folder / models[name].file, weights, dict(vae.state_dict()))
    vae.load_state_dict(weights, assign=True)
    return vae.to(place).eval().requires_grad_(False)


def _own(path: Path) -> tuple[str, Path]:
    """The name and the folder of the model whose weights are at `path`, by the manifest beside it."""
    models = manifest(path.parent).models
    names = [name for name, entry in models.items() if entry.file == path.name]
    if not names:
        raise PretrainedError(
            f"{path.parent / MANIFEST} has no entry for {path.name}: only described weights are loaded."
        )
    return names[0], path.parent


@isolated
def load_sample(dataset: str = "mnist", *, folder: Path = PRETRAINED) -> tuple[Tensor, Tensor]:
    """Real test images of a data set, balanced, one of each class in turn: the first ten of MNIST are 0 to 9.

    Images (N, 1, side, side) float in [0, 1], labels (N,) int64. Raises PretrainedError when the folder, the manifest
    or the sample is missing, truncated or altered.
    """
    entry = manifest(folder).samples.get(dataset)
    if entry is None:
        raise PretrainedError(f"{folder / MANIFEST} lists no sample of {dataset!r}: restore it from the repository.")
    side = DATASETS[dataset].side
    tensors = _tensors(folder, entry)
    _check_tensors(
        folder / entry.file,
        tensors,
        {
            "images": torch.empty(entry.n_images, side, side, dtype=torch.uint8, device="meta"),
            "labels": torch.empty(entry.n_images, dtype=torch.uint8, device="meta"),
        },
    )
    return tensors["images"][:, None].float() / 255, tensors["labels"].long()


def export(
    name: str, vae: VAE, recipe: Recipe, images: Tensor, *, seed: int, command: str, folder: Path = PRETRAINED
) -> Path:
    """Writes a trained model's weights and manifest entry; the scores stay when the weights did not change.

    images: the training images (N, side, side) uint8, whose identity is recorded. Returns the path of the weights.
    Raises PretrainedError when there is a manifest already and it is damaged, OSError when nothing can be written.
    """
    weights = {key: value.detach().cpu().contiguous() for key, value in vae.state_dict().items()}
    written = _write(folder, f"{name}.safetensors", weights)
    before = _manifest_or_new(folder)
    old = before.models.get(name)
    entry = ModelEntry(
        file=written.file,
        sha256=written.sha256,
        bytes=written.bytes,
        recipe=recipe,
        seed=seed,
        command=command,
        training_images_sha256=images_sha256(images),
        versions={
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "safetensors": safetensors.__version__,
        },
        device=f"{vae.device.type} ({platform.machine()})",
        threads=torch.get_num_threads(),
        scores=old.scores if old is not None and old.sha256 == written.sha256 else None,
    )
    write_manifest(folder, replace(before, models=_in_order({**before.models, name: entry})))
    return folder / written.file


def _in_order(models: Mapping[str, ModelEntry]) -> dict[str, ModelEntry]:
    """Gaussian latents before bits, few before many: the first is what a visitor meets, and what short links mean."""

    def place(model: tuple[str, ModelEntry]) -> tuple[bool, int, str]:
        name, entry = model
        shape = entry.recipe.architecture
        return shape.posterior == "bernoulli", shape.n_latents, name

    return dict(sorted(models.items(), key=place))


def export_sample(dataset: str, images: Tensor, labels: Tensor, *, folder: Path = PRETRAINED) -> Path:
    """Writes a data set's sample from its test images (N, side, side) uint8 and labels (N,): see `choose_sample`."""
    kind = DATASETS[dataset]
    chosen = choose_sample(labels, len(kind.classes))
    written = _write(folder, f"{dataset}-sample.safetensors", {"images": images[chosen], "labels": labels[chosen]})
    entry = SampleEntry(written.file, written.sha256, written.bytes, kind.licence, n_images=len(chosen))
    before = _manifest_or_new(folder)
    write_manifest(folder, replace(before, samples=dict(sorted({**before.samples, dataset: entry}.items()))))
    return folder / written.file


def choose_sample(labels: Tensor, n_classes: int, per_class: int = SAMPLE_PER_CLASS) -> Tensor:
    """Indices of the first `per_class` images of each class, one of each in turn: (n_classes * per_class,).

    Raises ValueError when a class has fewer.
    """
    columns = []
    for label in range(n_classes):
        (found,) = torch.nonzero(labels == label, as_tuple=True)
        if len(found) < per_class:
            raise ValueError(
                f"the sample needs {per_class} test images of each class, there are {len(found)} of {label}"
            )
        columns.append(found[:per_class])
    return torch.stack(columns, dim=1).flatten()


def save_scores(name: str, scores: Scores, *, folder: Path = PRETRAINED) -> None:
    """Puts a model's test scores into the manifest. Raises PretrainedError when the manifest is damaged."""
    before = manifest(folder)
    entry = replace(before.models[name], scores=scores)
    write_manifest(folder, replace(before, models={**before.models, name: entry}))


def _manifest_or_new(folder: Path) -> Manifest:
    return manifest(folder) if (folder / MANIFEST).exists() else Manifest(format=5, models={}, samples={})


def _write(folder: Path, file: str, tensors: dict[str, Tensor]) -> FileEntry:
    raw = safetensors.torch.save(tensors)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{file}.unfinished"
    unfinished.write_bytes(raw)
    unfinished.replace(folder / file)
    return FileEntry(file, hashlib.sha256(raw).hexdigest(), len(raw))


def _tensors(folder: Path, entry: FileEntry) -> dict[str, Tensor]:
    """The tensors of a file whose size and sha256 are the manifest's."""
    path = folder / entry.file
    way_out = "restore it from the repository."
    try:
        size = path.stat().st_size
        if size != entry.bytes:
            raise PretrainedError(f"{path} has {size} bytes instead of {entry.bytes}: it is damaged, {way_out}")
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise PretrainedError(f"{path} is missing: {way_out}") from error
    except OSError as error:
        raise PretrainedError(f"{path} cannot be read ({error}): {way_out}") from error
    found = hashlib.sha256(raw).hexdigest()
    if found != entry.sha256:
        raise PretrainedError(f"{path} is not the file of the manifest (its sha256 is {found}): {way_out}")
    try:
        return safetensors.torch.load(raw)
    except safetensors.SafetensorError as error:
        raise PretrainedError(f"{path} is not a safetensors file ({error}): {way_out}") from error


def _check_tensors(path: Path, found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Names, shapes and types of `found` against those of `expected`, whose values do not matter."""
    for name in sorted(set(found) | set(expected)):
        described = [
            f"{part[name].dtype} {tuple(part[name].shape)}" if name in part else "nothing" for part in (found, expected)
        ]
        if described[0] != described[1]:
            raise PretrainedError(
                f"{path}: {name} holds {described[0]}, expected {described[1]}: restore it from the repository."
            )
