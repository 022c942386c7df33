"""Test scores: means, standard errors and counts of the bounds they summarise."""

from __future__ import annotations

import math

import pytest
import torch

from explorer.core.device import generator_for
from explorer.vae.datasets import binarize, images_sha256
from explorer.vae.elbo import bounds, elbo, log_likelihood
from explorer.vae.evaluation import evaluate
from explorer.vae.latent import active_units


def test_scores_summarise_the_bounds_of_binary_images(make_vae):
    vae = make_vae(3)
    images = torch.randint(0, 256, (40, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    heard = []
    scores = evaluate(vae, images, 2000, seed=5, batch_size=16, report=heard.append)
    assert heard == [16, 32, 40]
    generator = generator_for(5, torch.device("cpu"))
    binary = binarize(images[:, None].float() / 255, generator)
    values = bounds(vae, binary.flatten(1), 2000, generator)
    assert scores.elbo == pytest.approx(float(values.elbo.mean()), abs=1e-3)
    assert scores.negative_log_likelihood == pytest.approx(-float(values.log_likelihood.mean()), abs=1e-3)
    assert scores.elbo_standard_error == pytest.approx(float(values.elbo.std()) / math.sqrt(40), rel=1e-3)
    expected = float(values.log_likelihood.std()) / math.sqrt(40)
    assert scores.negative_log_likelihood_standard_error == pytest.approx(expected, rel=1e-3)
    assert scores.active_units == int(active_units(vae, binary).active.sum())
    assert (scores.n_samples, scores.n_images, scores.seed) == (2000, 40, 5)
    assert scores.images_sha256 == images_sha256(images)


def test_scores_of_bits_are_exact(make_vae):
    vae = make_vae(4, "bernoulli")
    images = torch.randint(0, 256, (30, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    scores = evaluate(vae, images, 2000, seed=5, batch_size=16)
    binary = binarize(images[:, None].float() / 255, generator_for(5, torch.device("cpu")))
    assert scores.elbo == pytest.approx(float(elbo(vae, binary).mean()), rel=1e-6)
    assert scores.negative_log_likelihood == pytest.approx(-float(log_likelihood(vae, binary).mean()), rel=1e-6)
    assert (scores.likelihood, scores.n_samples, scores.n_images) == ("enumerated", 0, 30)


def test_bad_numbers_are_refused(make_vae):
    images = torch.zeros(4, 28, 28, dtype=torch.uint8)
    for arguments, word in (
        ({"n_samples": 0}, "n_samples"),
        ({"batch_size": 0}, "batch_size"),
        ({"images": images[:1]}, "n_images"),
        ({"seed": -1}, "seed"),
    ):
        with pytest.raises(ValueError, match=f"{word} must"):
            evaluate(make_vae(), **{"images": images, "n_samples": 1, "seed": 0} | arguments)
