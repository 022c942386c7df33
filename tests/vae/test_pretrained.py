"""Files of models and samples: exported, verified when loaded, refused when they are not what the manifest says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import explorer
from explorer.vae.evaluation import Scores
from explorer.vae.manifest import PretrainedError, write_manifest
from explorer.vae.model import Architecture
from explorer.vae.pretrained import (
    choose_sample,
    export,
    export_sample,
    load_sample,
    load_vae,
    manifest,
    save_scores,
)
from explorer.vae.recipes import Recipe

ROOT = Path(explorer.__path__[0]).parent
RECIPE = Recipe("mnist", Architecture(2, 16, "full"), epochs=3)


@pytest.fixture
def folder(tmp_path, make_vae):
    """A folder with one exported model, "tiny", and a sample."""
    images = torch.zeros(60, 28, 28, dtype=torch.uint8)
    export("tiny", make_vae(2), RECIPE, images, seed=0, command="python -m explorer train tiny", folder=tmp_path)
    labels = torch.arange(400).remainder(10).to(torch.uint8)
    export_sample("mnist", torch.arange(400).to(torch.uint8)[:, None, None].repeat(1, 28, 28), labels, folder=tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", [str, Path])
def test_weights_of_ones_own_are_loaded_by_their_path(folder, kind):
    vae = explorer.load_vae(kind(folder / "tiny.safetensors"), "cpu")
    assert vae.architecture == RECIPE.architecture
    torch.testing.assert_close(dict(vae.state_dict()), dict(load_vae("tiny", "cpu", folder=folder).state_dict()))


def test_weights_without_a_description_are_not_loaded(folder):
    (folder / "other.safetensors").write_bytes((folder / "tiny.safetensors").read_bytes())
    with pytest.raises(PretrainedError, match=r"no entry for other\.safetensors"):
        explorer.load_vae(folder / "other.safetensors")
    with pytest.raises(PretrainedError, match="missing"):
        explorer.load_vae(folder / "nowhere" / "tiny.safetensors")


OWN_APP = """
import explorer
from explorer.pages import PAGES
from explorer.vae.pretrained import manifest
from tests.pages.apps import components, healthy, visit

assert list(manifest().models) == ["tiny"]
assert PAGES["latent_space"].state["model"].names == ("tiny",)
app = healthy(visit("latent_space"))
assert not app.error, [error.value for error in app.error]
assert components(app, "explorer_latent_pad")
"""


def test_a_folder_of_ones_own_takes_the_place_of_the_shipped_one(folder):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", OWN_APP],
        env={**os.environ, "EXPLORER_PRETRAINED": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_choose_sample_takes_the_first_of_each_class_in_turn():
    labels = torch.tensor([1, 1, *range(10), 0, *range(9, -1, -1)])
    chosen = choose_sample(labels, 10, 2)
    assert labels[chosen].tolist() == [*range(10), *range(10)]
    assert chosen[:2].tolist() == [2, 0]
    assert chosen[10:12].tolist() == [12, 1]
    with pytest.raises(ValueError, match="needs 3 test images of each class, there are 2 of 2"):
        choose_sample(labels, 10, 3)


def test_an_export_is_loaded_as_it_was(folder, make_vae, images):
    vae, torch_state = make_vae(2), torch.get_rng_state()
    with torch.inference_mode():
        loaded = load_vae("tiny", "cpu", folder=folder)
    assert torch.equal(torch_state, torch.get_rng_state())
    for first, second in zip(vae.encode(images), loaded.encode(images), strict=True):
        assert torch.equal(first, second)
    # Weights made in inference mode could not be differentiated through.
    explorer.elbo_gradient_samples(loaded, images[0], "pathwise", 4)
    sample, labels = load_sample(folder=folder)
    torch.testing.assert_close(sample[:, 0, 0, 0], torch.arange(300).remainder(256) / 255)
    assert torch.equal(labels, torch.arange(300) % 10)


def test_scores_stay_with_the_same_weights_and_go_with_others(folder, make_vae):
    scores = Scores(
        -90.5, 0.25, 88.0, 0.25, 5000, 2, 10_000, 0, "stochastic", "a" * 64, "integrated", None, None, None, ""
    )
    save_scores("tiny", scores, folder=folder)
    images = torch.zeros(60, 28, 28, dtype=torch.uint8)
    export("tiny", make_vae(2), RECIPE, images, seed=0, command="again", folder=folder)
    assert manifest(folder).models["tiny"].scores == scores
    assert set(manifest(folder).samples) == {"mnist"}
    export("tiny", make_vae(2, seed=9), RECIPE, images, seed=9, command="another", folder=folder)
    assert manifest(folder).models["tiny"].scores is None


def test_models_are_kept_in_order(folder, make_vae):
    images = torch.zeros(60, 28, 28, dtype=torch.uint8)
    for name, n_latents, posterior in (("bits", 3, "bernoulli"), ("a-larger", 4, "full")):
        gradient = "exact" if posterior == "bernoulli" else "pathwise"
        recipe = replace(RECIPE, architecture=Architecture(n_latents, 16, posterior), gradient=gradient)
        export(name, make_vae(n_latents, posterior), recipe, images, seed=0, command="made", folder=folder)
    assert list(manifest(folder).models) == ["tiny", "a-larger", "bits"]
    assert load_vae("bits", "cpu", folder=folder).has_bits


def test_an_unknown_name_lists_the_known_ones(folder):
    for bad in ("mnist-3d", "../tiny", None, ["tiny"]):
        with pytest.raises(ValueError, match="name must be one of tiny, got"):
            load_vae(bad, "cpu", folder=folder)
    with pytest.raises(ValueError, match="device"):
        load_vae("tiny", "toaster", folder=folder)


def flip(raw, position):
    return raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda raw: raw[:-1], "bytes instead of"),
        (lambda raw: b"", "bytes instead of"),
        (lambda raw: raw + b"\0", "bytes instead of"),
        (lambda raw: flip(raw, -1 % len(raw)), "is not the file of the manifest"),
        (lambda raw: flip(raw, 12), "is not the file of the manifest"),
        (None, "is missing"),
    ],
)
@pytest.mark.parametrize("file", ["tiny.safetensors", "mnist-sample.safetensors"])
def test_a_damaged_file_is_named(folder, file, damage, word):
    path = folder / file
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(PretrainedError, match=rf"{file} .*{word}.*restore it" if word != "is missing" else file):
        load_vae("tiny", "cpu", folder=folder) if file.startswith("tiny") else load_sample(folder=folder)


def retold(folder, name, **changes):
    """Puts other facts into the manifest, the file's own size and sha256 kept."""
    before = manifest(folder)
    write_manifest(folder, replace(before, models={name: replace(before.models[name], **changes)}))


def test_tensors_must_be_those_of_the_architecture(folder):
    retold(folder, "tiny", recipe=replace(RECIPE, architecture=Architecture(3, 16, "full")))
    with pytest.raises(
        PretrainedError, match=r"tiny\.safetensors: decoder\.0\.weight holds .*\(16, 2\), expected .*\(16, 3\)"
    ):
        load_vae("tiny", "cpu", folder=folder)
    # The sample is intact too, and is no model.
    sample = manifest(folder).samples["mnist"]
    retold(folder, "tiny", file=sample.file, sha256=sample.sha256, bytes=sample.bytes, recipe=RECIPE)
    with pytest.raises(PretrainedError, match="holds nothing, expected"):
        load_vae("tiny", "cpu", folder=folder)


def test_a_file_that_is_no_safetensors_is_refused(folder):
    import hashlib

    raw = b"\x80\x04cos\nsystem\n"
    (folder / "tiny.safetensors").write_bytes(raw)
    retold(folder, "tiny", sha256=hashlib.sha256(raw).hexdigest(), bytes=len(raw))
    with pytest.raises(PretrainedError, match=r"tiny\.safetensors is not a safetensors file"):
        load_vae("tiny", "cpu", folder=folder)


def test_missing_folder_manifest_and_sample(folder, tmp_path):
    with pytest.raises(PretrainedError, match=r"nowhere.*missing"):
        load_vae("tiny", folder=tmp_path / "nowhere")
    write_manifest(folder, replace(manifest(folder), samples={}))
    with pytest.raises(PretrainedError, match="lists no sample of 'mnist'"):
        load_sample(folder=folder)
    (folder / "manifest.json").write_text(json.dumps({"models": 3}))
    with pytest.raises(PretrainedError, match="not a valid manifest"):
        load_vae("tiny", folder=folder)
