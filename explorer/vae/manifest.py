"""`pretrained/manifest.json`: what each shipped file is, how it was made, how well it scores.

The file is untrusted: `read_manifest` turns it into frozen records and raises PretrainedError for anything else.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from explorer.vae.datasets import DATASETS
from explorer.vae.evaluation import Scores
from explorer.vae.recipes import Recipe

MANIFEST = "manifest.json"
LARGEST_FILE = 2**30
"""Bytes; a shipped file beyond this is refused before it is read."""


class PretrainedError(Exception):
    """A shipped file is missing or damaged; the message names the file, the fault and the way out."""


@dataclass(frozen=True)
class FileEntry:
    """A file beside the manifest: its plain name, its sha256 in lower-case hex and its size."""

    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class ModelEntry(FileEntry):
    """A model's weights and everything that made them; `scores` is None until `python -m explorer evaluate` ran."""

    recipe: Recipe
    seed: int
    command: str
    training_images_sha256: str
    versions: dict[str, str]
    device: str
    threads: int
    scores: Scores | None


@dataclass(frozen=True)
class SampleEntry(FileEntry):
    """A few real test images of a data set."""

    licence: str
    n_images: int


@dataclass(frozen=True)
class Manifest:
    """The whole file: models by name, samples by the name of their data set."""

    format: Literal[5]
    models: dict[str, ModelEntry]
    samples: dict[str, SampleEntry]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of `folder`. Raises PretrainedError when it is missing or not a manifest."""
    path = folder / MANIFEST
    if not folder.is_dir():
        raise PretrainedError(
            f"The folder {folder} with the shipped models is missing: restore it from the repository, "
            "or make it with 'python -m explorer train NAME --data FOLDER'."
        )
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PretrainedError(f"{path} is missing: restore it from the repository.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise PretrainedError(f"{path} is not readable JSON ({error}): restore it from the repository.") from error
    try:
        manifest: Manifest = _build(Manifest, _of_today(value), "the manifest")
        for name, model in manifest.models.items():
            _check_file(model, name)
            _check_dataset(f"{name}.recipe.dataset", model.recipe.dataset)
            _check_range(f"{name}.n_latents", model.recipe.architecture.n_latents, 512)
            _check_range(f"{name}.n_hidden", model.recipe.architecture.n_hidden, 8192)
            if (model.recipe.architecture.largest_logit or 1.0) <= 0:
                raise ValueError(f"{name}.largest_logit must be above 0 or null")
        for dataset, sample in manifest.samples.items():
            _check_file(sample, f"samples.{dataset}")
            _check_dataset("the key of a sample", dataset)
            _check_range(f"samples.{dataset}.n_images", sample.n_images, LARGEST_FILE)
    except ValueError as error:
        raise PretrainedError(f"{path} is not a valid manifest ({error}): restore it from the repository.") from error
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replaces the manifest of `folder` in one step: a reader sees the old one or the new one."""
    unfinished = folder / f"{MANIFEST}.unfinished"
    unfinished.write_text(json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(folder / MANIFEST)


def _of_today(value: object) -> object:
    """A manifest of an earlier format in the format of today; anything else as it is."""
    return _with_factors(_with_gradients(_told_how(_with_samples(value))))


def _with_factors(value: object) -> object:
    """Format 4 weighed no KL, refined nothing, and scored neither squared errors nor factors."""
    if not isinstance(value, dict) or value.get("format") != 4 or not isinstance(value.get("models"), dict):
        return value
    models = dict(value["models"])
    for name, model in models.items():
        if isinstance(model, dict) and isinstance(model.get("recipe"), dict):
            models[name] = model = {**model, "recipe": {**model["recipe"], "beta": 1.0, "refinement": None}}
        if isinstance(model, dict) and isinstance(model.get("scores"), dict):
            unknown = ("squared_error", "squared_error_standard_error", "mutual_information_gap")
            models[name] = {**model, "scores": {**model["scores"], **dict.fromkeys(unknown)}}
    return {**value, "format": 5, "models": models}


def _with_gradients(value: object) -> object:
    """Format 3 knew one way of training, by the pathwise gradient, and no bits."""
    if not isinstance(value, dict) or value.get("format") != 3 or not isinstance(value.get("models"), dict):
        return value
    models = dict(value["models"])
    for name, model in models.items():
        if isinstance(model, dict) and isinstance(model.get("recipe"), dict):
            recipe = {**model["recipe"], "gradient": "pathwise"}
            if isinstance(recipe.get("architecture"), dict):
                recipe["architecture"] = {**recipe["architecture"], "largest_logit": None}
            models[name] = {**model, "recipe": recipe}
    return {**value, "format": 4, "models": models}


def _told_how(value: object) -> object:
    """Format 2 did not say how the scores were made: all likelihoods were importance weighted."""
    if not isinstance(value, dict) or value.get("format") != 2 or not isinstance(value.get("models"), dict):
        return value
    models = dict(value["models"])
    for name, model in models.items():
        if isinstance(model, dict) and isinstance(model.get("scores"), dict):
            told = {"likelihood": "importance weighted", "command": f"python -m explorer evaluate {name}"}
            models[name] = {**model, "scores": {**model["scores"], **told}}
    return {**value, "format": 3, "models": models}


def _with_samples(value: object) -> object:
    """Format 1 knew one sample alone."""
    if not isinstance(value, dict) or value.get("format") != 1 or "sample" not in value:
        return value
    rest = {name: part for name, part in value.items() if name != "sample"}
    sample = value["sample"]
    if sample is None:
        return {**rest, "format": 2, "samples": {}}
    if not isinstance(sample, dict) or not isinstance(sample.get("dataset"), str):
        raise ValueError("sample must name its dataset")
    entry = {name: part for name, part in sample.items() if name != "dataset"}
    return {**rest, "format": 2, "samples": {sample["dataset"]: entry}}


def _build(kind: Any, value: object, where: str) -> Any:
    """`value`, as JSON gave it, as a `kind`: a dataclass, dict[str, T], T | None, Literal, int, float or str.

    Raises ValueError naming the place for any other type, a missing or an unknown field, or a float not finite.
    """
    origin = get_origin(kind)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        if not isinstance(value, dict) or set(value) != set(hints):
            raise ValueError(f"{where} must have exactly the fields {', '.join(hints)}")
        return kind(**{name: _build(hint, value[name], f"{where}.{name}") for name, hint in hints.items()})  # type: ignore[operator]
    if origin is dict:
        if not isinstance(value, dict):
            raise ValueError(f"{where} must be an object")
        return {name: _build(get_args(kind)[1], part, f"{where}.{name}") for name, part in value.items()}
    if origin is UnionType:
        return None if value is None else _build(get_args(kind)[0], value, where)
    if origin is Literal:
        if value not in get_args(kind) or isinstance(value, bool):
            raise ValueError(f"{where} must be one of {', '.join(map(repr, get_args(kind)))}")
        return value
    if kind is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    # type(), not isinstance: JSON's true is no integer.
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{where} must be a {'finite ' if kind is float else ''}{kind.__name__}")
    return value


def _check_file(entry: FileEntry, where: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", entry.file):
        raise ValueError(f"{where}.file must be a plain file name, got {entry.file!r}")
    if not re.fullmatch(r"[0-9a-f]{64}", entry.sha256):
        raise ValueError(f"{where}.sha256 must be 64 lower-case hex digits")
    _check_range(f"{where}.bytes", entry.bytes, LARGEST_FILE)


def _check_dataset(where: str, name: str) -> None:
    if name not in DATASETS:
        raise ValueError(f"{where} must be one of {', '.join(DATASETS)}, got {name!r}")


def _check_range(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise ValueError(f"{name} must be in [1, {most}], got {value}")
