"""One image's bound taken apart: terms, the KL by dimension, and the weights, against independent answers."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence

from explorer.vae import image_bound as module
from explorer.vae.codes import kl_to_prior
from explorer.vae.elbo import elbo, log_likelihood, weighed_draws
from explorer.vae.image_bound import image_bound, split_gaussian_kl, split_kl
from explorer.vae.true_posterior import true_posterior
from tests.vae.conftest import generator


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRAWS", 4000)


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
def test_parts_of_the_kl_add_up_and_are_torchs(make_vae, binary_image, posterior: str) -> None:
    vae = make_vae(4, posterior)
    found = vae.posterior(binary_image.flatten(1))
    split = split_gaussian_kl(found)
    loc, scale_tril = found.loc[0].double(), found.scale_tril[0].double()
    whole = MultivariateNormal(loc, scale_tril=scale_tril)
    standard = MultivariateNormal(torch.zeros(4).double(), torch.eye(4).double())
    assert split.total == pytest.approx(float(kl_divergence(whole, standard)), rel=1e-12)
    deviations = whole.covariance_matrix.diagonal().sqrt()
    each = kl_divergence(Normal(loc, deviations), Normal(torch.zeros(4).double(), 1))
    torch.testing.assert_close(split.by_dimension, each)
    product = MultivariateNormal(loc, torch.diag(deviations.square()))
    assert split.total_correlation == pytest.approx(float(kl_divergence(whole, product)), abs=1e-10)
    assert (split.total_correlation > 1e-3) == (posterior == "full")


def test_bits_split_by_bit(make_vae, binary_image) -> None:
    vae = make_vae(5, "bernoulli")
    pixels = binary_image.flatten(1)
    logits = vae.bit_logits(pixels)[0].double()
    split = split_kl(vae, pixels)
    expected = kl_divergence(Bernoulli(logits=logits), Bernoulli(probs=torch.full((5,), 0.5).double()))
    torch.testing.assert_close(split.by_dimension, expected)
    assert split.total == pytest.approx(float(kl_to_prior(logits[None])))
    assert split.total_correlation == 0


def test_of_two_latents_all_is_integrated(make_vae, binary_image) -> None:
    vae = make_vae()
    found, truth = image_bound(vae, binary_image.flatten(1), 0), true_posterior(vae, binary_image.flatten(1))
    assert found.is_exact
    assert found.reconstruction_error == 0
    assert found.elbo == pytest.approx(truth.elbo, abs=1e-3)
    assert found.log_likelihood == pytest.approx(truth.log_likelihood, abs=1e-3)
    sampled = elbo(vae, binary_image.expand(400, -1, -1, -1), 50, seed=1)
    assert abs(float(sampled.mean()) - found.elbo) < 4.5 * float(sampled.std()) / 20
    assert found.weights.log_mean == pytest.approx(truth.log_likelihood, abs=5 * found.weights.log_mean_error + 1e-3)


def test_of_bits_all_is_added_up(make_vae, binary_image) -> None:
    vae = make_vae(5, "bernoulli")
    found = image_bound(vae, binary_image.flatten(1), 0)
    assert found.elbo == pytest.approx(float(elbo(vae, binary_image)), abs=1e-3)
    assert found.log_likelihood == pytest.approx(float(log_likelihood(vae, binary_image)), abs=1e-3)
    assert found.weights.log_mean == pytest.approx(found.log_likelihood, abs=5 * found.weights.log_mean_error)


def test_of_many_latents_the_reconstruction_has_its_error(make_vae, binary_image) -> None:
    vae = make_vae(4, "diagonal")
    pixels = binary_image.flatten(1)
    found = [image_bound(vae, pixels, seed) for seed in range(12)]
    assert found[0].log_likelihood is None
    assert not found[0].is_exact
    values = torch.tensor([each.reconstruction for each in found], dtype=torch.float64)
    error = found[0].reconstruction_error
    # A standard deviation from 12 values is right to within a factor of 1.5 or so.
    assert 0.4 < float(values.std()) / error < 2.0
    long = elbo(vae, binary_image, 100_000, seed=99)
    assert float(values.mean()) - found[0].kl.total == pytest.approx(float(long), abs=5 * error / math.sqrt(12))


def test_a_weight_is_the_joint_over_the_posterior(make_vae, binary_image) -> None:
    vae, pixels = make_vae(3), binary_image.flatten(1)
    log_prob, log_weights = weighed_draws(vae, pixels, 6, generator(4))
    eps = torch.randn(6, 1, 3, generator=generator(4))
    found = vae.posterior(pixels)
    z = found.transform(eps)[:, 0]
    prior = MultivariateNormal(torch.zeros(3), torch.eye(3)).log_prob(z)
    q = MultivariateNormal(found.loc[0], scale_tril=found.scale_tril[0]).log_prob(z)
    pixel = Bernoulli(logits=vae.decode_logits(z)).log_prob(pixels).sum(-1)
    torch.testing.assert_close(log_prob, pixel.double(), rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(log_weights, (pixel + prior - q).double(), rtol=1e-4, atol=1e-3)
