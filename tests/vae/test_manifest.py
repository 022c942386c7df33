"""The manifest is untrusted: whatever it holds, it is a Manifest or a PretrainedError."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from explorer.vae.evaluation import Scores
from explorer.vae.manifest import Manifest, ModelEntry, PretrainedError, SampleEntry, read_manifest, write_manifest
from explorer.vae.model import Architecture
from explorer.vae.recipes import Recipe, Refinement

SCORES = Scores(
    -90.5,
    0.25,
    88.0,
    0.25,
    5000,
    20,
    10_000,
    0,
    "stochastic",
    "a" * 64,
    "integrated",
    20.5,
    0.25,
    None,
    "python -m explorer evaluate tiny",
)
MODEL = ModelEntry(
    file="tiny.safetensors",
    sha256="0" * 64,
    bytes=100,
    recipe=Recipe("mnist", Architecture(2, 16, "full"), epochs=3),
    seed=0,
    command="python -m explorer train tiny",
    training_images_sha256="b" * 64,
    versions={"python": "3.11"},
    device="cpu",
    threads=1,
    scores=SCORES,
)
SAMPLE = SampleEntry("mnist-sample.safetensors", "c" * 64, 200, "CC BY-SA 3.0", 300)
MANIFEST = Manifest(5, {"tiny": MODEL}, {"mnist": SAMPLE})


def test_what_is_written_is_read(tmp_path):
    for manifest in (MANIFEST, Manifest(5, {}, {})):
        write_manifest(tmp_path, manifest)
        assert read_manifest(tmp_path) == manifest
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("format",), 6, "format must be one of 5"),
        (("format",), True, "format must"),
        (("models",), [], "models must be an object"),
        (("models", "tiny"), None, "models.tiny must have exactly the fields"),
        (("models", "tiny", "bytes"), "100", "bytes must be a int"),
        (("models", "tiny", "bytes"), True, "bytes must"),
        (("models", "tiny", "bytes"), 0, r"bytes must be in \[1, "),
        (("models", "tiny", "bytes"), 2**40, "bytes must be in"),
        (("models", "tiny", "file"), "../../etc/passwd", "file must be a plain file name"),
        (("models", "tiny", "file"), "/etc/passwd", "file must be a plain file name"),
        (("models", "tiny", "file"), "..", "file must be a plain file name"),
        (("models", "tiny", "sha256"), "xyz", "sha256 must be 64"),
        (("models", "tiny", "recipe", "architecture", "n_latents"), 10**9, r"n_latents must be in \[1, 512\]"),
        (("models", "tiny", "recipe", "architecture", "n_hidden"), 0, "n_hidden must be in"),
        (("models", "tiny", "recipe", "architecture", "posterior"), "flow", "posterior must be one of"),
        (("models", "tiny", "recipe", "architecture", "posterior"), ["full"], "posterior must be one of"),
        (("models", "tiny", "recipe", "architecture", "posterior"), "bernoulli", "'pathwise' is not for a bernoulli"),
        (("models", "tiny", "recipe", "architecture", "largest_logit"), -1.0, "largest_logit must be above 0 or null"),
        (("models", "tiny", "recipe", "gradient"), "numerical", "gradient must be one of"),
        (("models", "tiny", "recipe", "learning_rate"), float("nan"), "learning_rate must be a finite float"),
        (("models", "tiny", "versions", "python"), 3, "versions.python must"),
        (("models", "tiny", "scores", "elbo"), 10**400, "elbo must"),
        (("models", "tiny", "scores", "elbo"), float("inf"), "elbo must be a finite float"),
        (("models", "tiny", "unknown"), 1, "exactly the fields"),
        (("models", "tiny", "recipe", "dataset"), "cifar", "recipe.dataset must be one of mnist, "),
        (("samples",), 7, "samples must be an object"),
        (("samples", "mnist"), 7, "samples.mnist must have exactly the fields"),
        (("samples", "mnist", "file"), "a/b", "samples.mnist.file must"),
        (("samples", "mnist", "n_images"), -1, "samples.mnist.n_images must be in"),
        (("samples", "cifar"), asdict(SAMPLE), "the key of a sample must be one of mnist, "),
        ((), [], "the manifest must have exactly the fields"),
        ((), None, "the manifest must"),
    ],
)
def test_a_bad_manifest_is_refused(tmp_path, path, value, word):
    write_manifest(tmp_path, MANIFEST)
    whole = json.loads((tmp_path / "manifest.json").read_text())
    if path:
        part = whole
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value
    else:
        whole = value
    (tmp_path / "manifest.json").write_text(json.dumps(whole))
    with pytest.raises(PretrainedError, match=rf"manifest\.json is not a valid manifest .*{word}"):
        read_manifest(tmp_path)


NEW = ("squared_error", "squared_error_standard_error", "mutual_information_gap")
FOUR = asdict(MODEL)
FOUR["recipe"] = {name: value for name, value in FOUR["recipe"].items() if name not in ("beta", "refinement")}
FOUR["scores"] = {name: value for name, value in FOUR["scores"].items() if name not in NEW}
FOUR_AS_READ = replace(MODEL, scores=replace(SCORES, **dict.fromkeys(NEW)))
OLD = dict(FOUR)
OLD["recipe"] = {name: value for name, value in OLD["recipe"].items() if name != "gradient"}
OLD["recipe"]["architecture"] = {
    name: value for name, value in OLD["recipe"]["architecture"].items() if name != "largest_logit"
}
OLD["scores"] = {name: value for name, value in OLD["scores"].items() if name not in ("likelihood", "command")}
OLD_AS_READ = replace(MODEL, scores=replace(FOUR_AS_READ.scores, likelihood="importance weighted"))


def of_format_1(sample):
    """A manifest as it was while there was one sample at most."""
    return {"format": 1, "models": {"tiny": OLD}, "sample": sample}


def test_a_manifest_that_does_not_say_how_scores_were_made_is_read(tmp_path):
    bare = {**OLD, "scores": None}
    whole = {"format": 2, "models": {"tiny": OLD, "bare": bare}, "samples": {"mnist": asdict(SAMPLE)}}
    (tmp_path / "manifest.json").write_text(json.dumps(whole))
    models = {"tiny": OLD_AS_READ, "bare": replace(MODEL, scores=None)}
    assert read_manifest(tmp_path) == Manifest(5, models, {"mnist": SAMPLE})


def test_a_manifest_that_does_not_say_by_which_gradient_is_read(tmp_path):
    whole = {"format": 3, "models": {"tiny": {**FOUR, "recipe": OLD["recipe"]}}, "samples": {}}
    (tmp_path / "manifest.json").write_text(json.dumps(whole))
    assert read_manifest(tmp_path) == Manifest(5, {"tiny": FOUR_AS_READ}, {})


def test_a_manifest_from_before_factors_and_refinements_is_read(tmp_path):
    whole = {"format": 4, "models": {"tiny": FOUR, "bare": {**FOUR, "scores": None}}, "samples": {}}
    (tmp_path / "manifest.json").write_text(json.dumps(whole))
    models = {"tiny": FOUR_AS_READ, "bare": replace(MODEL, scores=None)}
    assert read_manifest(tmp_path) == Manifest(5, models, {})


def test_a_refinement_is_written_and_read(tmp_path):
    recipe = replace(MODEL.recipe, beta=4.0, refinement=Refinement(epochs=2, n_samples=5, learning_rate=1e-4))
    manifest = Manifest(5, {"tiny": replace(MODEL, recipe=recipe)}, {})
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest


@pytest.mark.parametrize(
    ("sample", "samples"), [({**asdict(SAMPLE), "dataset": "mnist"}, {"mnist": SAMPLE}), (None, {})]
)
def test_a_manifest_of_the_first_format_is_read(tmp_path, sample, samples):
    (tmp_path / "manifest.json").write_text(json.dumps(of_format_1(sample)))
    assert read_manifest(tmp_path) == Manifest(5, {"tiny": OLD_AS_READ}, samples)


@pytest.mark.parametrize("sample", [7, [], {}, {"dataset": 3}, {"dataset": "mnist"}, {"dataset": "cifar"}])
def test_a_bad_manifest_of_the_first_format_is_refused(tmp_path, sample):
    (tmp_path / "manifest.json").write_text(json.dumps(of_format_1(sample)))
    with pytest.raises(PretrainedError, match=r"manifest\.json is not a valid manifest .*sample"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"format": 1e999999', b"9" * 10_000])
def test_what_is_not_json_is_refused(tmp_path, raw):
    (tmp_path / "manifest.json").write_bytes(raw)
    with pytest.raises(PretrainedError, match=r"manifest\.json is not"):
        read_manifest(tmp_path)


def test_a_missing_folder_or_file_is_named(tmp_path):
    with pytest.raises(PretrainedError, match=r"folder .*nowhere.* is missing: restore it"):
        read_manifest(tmp_path / "nowhere")
    with pytest.raises(PretrainedError, match=r"manifest\.json is missing"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(PretrainedError, match=r"manifest\.json is not readable"):
        read_manifest(tmp_path)
