"""The reference for models where nothing is exact: it is held to a model where something is."""

from __future__ import annotations

import pytest
import torch

from explorer.core.numerics.interruption import Interrupted, while_wanted
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients import reference as module
from explorer.vae.gradients.exact import exact_moments_of_all
from explorer.vae.gradients.reference import reference


def test_means_variances_and_covariances_are_the_exact_ones(quiet_vae, binary_image):
    pixels = binary_image.flatten(1)
    exact = exact_moments_of_all(quiet_vae, pixels, list(NORMAL))
    found = reference(quiet_vae, pixels, list(NORMAL), seed=3)
    for truth, estimate in zip(exact, found, strict=True):
        assert estimate.coordinates == truth.coordinates
        assert ((estimate.mean - truth.mean).abs() < 4.5 * estimate.mean_error).all()
        assert ((estimate.variance - truth.variance).abs() < 4.5 * estimate.variance_error).all()
        near = 10 * (estimate.variance_error / truth.variance).max()
        scale = truth.variance.sqrt()
        assert ((estimate.covariance - truth.covariance).abs() < near * scale[:, None] * scale).all()
        torch.testing.assert_close(
            estimate.spread / estimate.variance, truth.spread / truth.variance, rtol=0.02, atol=0
        )
        assert torch.equal(estimate.mean, found[0].mean)


def test_it_is_seeded_and_not_the_noise_of_samples_with_the_same_seed(make_vae, binary_image, monkeypatch):
    monkeypatch.setattr(module, "BATCHES", 4)
    vae, pixels = make_vae(3, "diagonal"), binary_image.flatten(1)
    (one,), (same,), (other,) = (reference(vae, pixels, ["pathwise"], seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.mean, same.mean)
    assert not torch.equal(one.mean, other.mean)
    assert one.n_samples == 4 * module.BATCH
    assert len(one.coordinates) == 6


def test_it_ends_when_nobody_wants_it_and_refuses_what_it_does_not_know(make_vae, binary_image):
    pixels = binary_image.flatten(1)
    with while_wanted(lambda: False), pytest.raises(Interrupted):
        reference(make_vae(3), pixels, ["pathwise"])
    with pytest.raises(ValueError, match="estimator must be one of"):
        reference(make_vae(3), pixels, ["nonsense"])
