"""What is shipped: whole, of its recipe, and scoring what the manifest says. No model escapes."""

from __future__ import annotations

import math

import pytest
import torch

import explorer
from explorer.core.device import generator_for
from explorer.vae.codes import can_enumerate
from explorer.vae.datasets import DATASETS, binarize
from explorer.vae.elbo import elbo
from explorer.vae.pretrained import (
    PRETRAINED,
    load_sample,
    load_vae,
    manifest,
)
from explorer.vae.recipes import RECIPES

PIXELS = {
    "mnist": (
        "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
        "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    ),
    "fashion_mnist": (
        "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
        "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
    ),
    "sprites": (
        "67be544afc129d306dd6748cda628d4c74313479a11ffb6a295c59b38341b440",
        "70c50120fd152e1fbe5d4fd195e519c1b71aabb0c271f99293e1e026bfc3dfc3",
    ),
}
"""sha256 of the training and the test images' pixels, from files of `DATASETS`, or rendered."""
N_TEST = {"mnist": 10_000, "fashion_mnist": 10_000, "sprites": 5_376}

SHIPPED = sorted(manifest().models)


def test_something_is_shipped():
    assert set(SHIPPED) <= set(RECIPES)
    assert "mnist-2d" in SHIPPED
    on_disk = {path.name for path in PRETRAINED.glob("*.safetensors")}
    assert on_disk == {manifest().models[name].file for name in SHIPPED} | {
        sample.file for sample in manifest().samples.values()
    }
    assert {manifest().models[name].recipe.dataset for name in SHIPPED} <= set(manifest().samples)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_is_whole_frozen_and_of_its_recipe(name):
    vae, entry = explorer.load_vae(name, "cpu"), manifest().models[name]
    assert entry.recipe == RECIPES[name]
    assert vae.architecture == RECIPES[name].architecture
    assert vae.dataset == DATASETS[entry.recipe.dataset]
    assert not vae.training
    assert not any(parameter.requires_grad for parameter in vae.parameters())
    assert all(torch.isfinite(parameter).all() for parameter in vae.parameters())
    assert entry.training_images_sha256 == PIXELS[entry.recipe.dataset][0]
    assert {"python", "torch"} <= set(entry.versions)
    assert f"train {name}" in entry.command


def test_models_are_listed_as_a_visitor_meets_them():
    """A link that names no model opens the first."""
    assert list(manifest().models) == ["mnist-2d", "fashion-2d", "sprites-6d", "mnist-50d", "mnist-10bit"]


def test_ten_bits_explain_the_test_images():
    scores = manifest().models["mnist-10bit"].scores
    assert scores.negative_log_likelihood <= 133
    assert scores.negative_log_likelihood_standard_error < 0.5
    # No bit is so certain that samples never see it turn.
    logits = load_vae("mnist-10bit", "cpu").encode(load_sample()[0])
    assert 6 < float(logits.abs().max()) < 7.001


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_scores_are_of_the_whole_test_set(name):
    scores = manifest().models[name].scores
    assert scores is not None, f"run: python -m explorer evaluate {name} --data FOLDER"
    vae = load_vae(name, "cpu")
    assert scores.n_images == N_TEST[vae.dataset.name]
    assert scores.images_sha256 == PIXELS[vae.dataset.name][1]
    expected = "enumerated" if can_enumerate(vae) else "integrated" if vae.is_plane else "importance weighted"
    assert scores.likelihood == expected
    # Where the likelihood is integrated the draws serve the bound alone.
    assert scores.n_samples == {"enumerated": 0, "integrated": 500, "importance weighted": 5000}[expected]
    assert (scores.squared_error is None) == vae.has_bits
    assert (scores.mutual_information_gap is None) != vae.dataset.has_factors
    assert f"evaluate {name}" in scores.command
    assert -scores.negative_log_likelihood > scores.elbo
    assert 0 < scores.active_units <= RECIPES[name].architecture.n_latents


@pytest.mark.parametrize("dataset", manifest().samples)
def test_a_shipped_sample_is_balanced_interleaved_and_of_its_data_set(dataset):
    images, labels = load_sample(dataset)
    side, n_classes = DATASETS[dataset].side, len(DATASETS[dataset].classes)
    assert images.shape == (30 * n_classes, 1, side, side)
    assert images.dtype == torch.float32
    assert images.min() == 0
    assert images.max() == 1
    assert labels.dtype == torch.int64
    assert torch.equal(labels, torch.arange(n_classes).repeat(30))
    assert len(images.flatten(1).unique(dim=0)) == len(images)
    assert manifest().samples[dataset].licence == DATASETS[dataset].licence


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_scores_on_the_sample_what_it_scored_on_the_test_set(name):
    """The sample is of the test images: its mean ELBO lies within 4.5 of its standard errors of the whole's."""
    images, _ = load_sample(RECIPES[name].dataset)
    binary = binarize(images, generator_for(0, torch.device("cpu")))
    values = elbo(load_vae(name, "cpu"), binary, 20).double()
    standard_error = float(values.std()) / math.sqrt(len(values))
    assert standard_error < 0.03 * abs(manifest().models[name].scores.elbo)
    assert abs(float(values.mean()) - manifest().models[name].scores.elbo) < 4.5 * standard_error
