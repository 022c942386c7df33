"""The bounds against brute force and against quadrature over the latent plane, in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, MultivariateNormal, kl_divergence

from explorer.core.device import generator_for
from explorer.vae import elbo as module
from explorer.vae.elbo import bounds, decoded_log_prob, elbo, elbo_terms, log_likelihood, pixel_log_prob
from explorer.vae.model import SMALLEST_SCALE


def exact_log_likelihood(vae, image, spacing):
    """log p(x) by the trapezoidal rule on [-8, 8]^2 in float64; vae and image in float64."""
    axis = torch.arange(-8, 8 + spacing / 2, spacing, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    terms = [
        pixel_log_prob(vae.decode_logits(part), image.flatten()) - 0.5 * part.square().sum(-1) - math.log(2 * math.pi)
        for part in z.split(4096)
    ]
    return torch.cat(terms).logsumexp(0) + 2 * math.log(spacing)


def test_pixel_log_prob_is_the_bernoulli_log_likelihood():
    generator = torch.Generator().manual_seed(0)
    logits = 5 * torch.randn(3, 784, generator=generator, dtype=torch.float64)
    pixels = (torch.rand(3, 784, generator=generator) < 0.3).double()
    reference = Independent(Bernoulli(logits=logits), 1).log_prob(pixels)
    torch.testing.assert_close(pixel_log_prob(logits, pixels), reference)


@pytest.mark.parametrize(("K", "B"), [(1, 1), (1, 5), (6, 1), (4, 5)])
def test_decoded_log_prob_is_the_plain_formula(make_vae, in_float64, images, K, B):
    vae = in_float64(make_vae(3, n_hidden=32))
    z = torch.randn(K, B, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    pixels = images[:B].flatten(1).double()
    torch.testing.assert_close(decoded_log_prob(vae, z, pixels), pixel_log_prob(vae.decode_logits(z), pixels))


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
def test_bounds_are_those_of_a_brute_force_computation(make_vae, in_float64, images, posterior):
    """The same noise, one draw at a time, each density from torch.distributions, in float64."""
    vae, n_samples = make_vae(3, posterior), 7
    noise = torch.randn(n_samples, 5, 3, generator=generator_for(4, torch.device("cpu")))
    exact = in_float64(vae)
    loc, scale_tril = (part.double() for part in vae.encode(images))
    for image in range(5):
        q = MultivariateNormal(loc[image], scale_tril=scale_tril[image])
        prior = MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double())
        log_probs, log_weights = [], []
        for eps in noise[:, image].double():
            z = loc[image] + scale_tril[image] @ eps
            log_prob = pixel_log_prob(exact.decode_logits(z[None])[0], images[image].flatten().double())
            log_probs.append(log_prob)
            log_weights.append(log_prob + prior.log_prob(z) - q.log_prob(z))
        expected_elbo = torch.stack(log_probs).mean() - kl_divergence(q, prior)
        expected_log_likelihood = torch.stack(log_weights).logsumexp(0) - math.log(n_samples)
        assert elbo(vae, images, n_samples, seed=4)[image] == pytest.approx(float(expected_elbo), abs=2e-3)
        found = log_likelihood(vae, images, n_samples, seed=4)[image]
        assert found == pytest.approx(float(expected_log_likelihood), abs=2e-3)


def test_elbo_terms_make_the_bound(make_vae, images):
    vae = make_vae(3)
    eps = torch.randn(9, 5, 3, generator=generator_for(2, torch.device("cpu")))
    reconstruction, kl = elbo_terms(vae, images.flatten(1), eps)
    torch.testing.assert_close(reconstruction.mean(0) - kl, elbo(vae, images, 9, seed=2), atol=2e-3, rtol=0)


def test_the_importance_weighted_estimate_is_the_integral_over_the_latent_plane(quiet_vae, in_float64, binary_image):
    """For a posterior of one mode, which q knows."""
    exact = in_float64(quiet_vae)
    truth = exact_log_likelihood(exact, binary_image.double(), 0.1)
    assert truth == pytest.approx(float(exact_log_likelihood(exact, binary_image.double(), 0.2)), abs=1e-9)
    # Ten independent estimates give the standard error; the bias of one, Var(w) / (2 K), is far below it.
    pixels = binary_image.flatten(1).expand(10, -1)
    estimates = bounds(quiet_vae, pixels, 5000, generator_for(0, torch.device("cpu"))).log_likelihood.double()
    standard_error = estimates.std() / math.sqrt(10)
    assert standard_error < 0.05
    assert abs(estimates.mean() - truth) < 4.5 * standard_error


def test_elbo_is_log_likelihood_less_the_kl_to_the_true_posterior(quiet_vae, in_float64, binary_image):
    """log p(x) - ELBO = KL(q || p(z|x)), with both expectations under q by Gauss-Hermite quadrature."""
    exact, pixels = in_float64(quiet_vae), binary_image.double().flatten(1)
    truth = exact_log_likelihood(exact, pixels, 0.1)
    nodes, weights = (torch.from_numpy(part) for part in np.polynomial.hermite_e.hermegauss(60))
    weight = torch.outer(weights, weights).flatten() / (2 * math.pi)
    q = exact.posterior(pixels)
    z = q.transform(torch.cartesian_prod(nodes, nodes)[:, None])[:, 0]
    f = pixel_log_prob(exact.decode_logits(z), pixels)
    log_q = MultivariateNormal(q.loc[0], scale_tril=q.scale_tril[0]).log_prob(z)
    log_p = f - 0.5 * z.square().sum(-1) - math.log(2 * math.pi)
    gap = float((weight * (log_q - log_p)).sum() + truth)
    values = elbo(quiet_vae, binary_image.expand(2000, -1, -1, -1), seed=3).double()
    assert gap > 0.1
    assert abs(values.mean() - (truth - gap)) < 4.5 * values.std() / math.sqrt(2000)


def test_elbo_does_not_exceed_log_likelihood_on_average(make_vae, images):
    vae = make_vae(4, n_hidden=32)
    found = bounds(vae, images.repeat(20, 1, 1, 1).flatten(1), 500, generator_for(0, torch.device("cpu")))
    assert (found.elbo < found.log_likelihood).all()


@pytest.mark.parametrize("rows", [1, 7, 64, 100_000])
def test_groups_and_chunks_count_every_draw_of_every_image_once(make_vae, images, monkeypatch, rows):
    """With a posterior that is the prior and a decoder blind to z, every draw is alike and both bounds are exact."""
    monkeypatch.setattr(module, "DECODES_ON_CPU", rows)
    vae = make_vae(2)
    with torch.no_grad():
        vae.decoder[-1].weight.zero_()
        vae.encoder[-1].weight.zero_()
        vae.encoder[-1].bias.zero_()
        vae.encoder[-1].bias[2:4] = math.log(math.expm1(1 - SMALLEST_SCALE))
    exact = pixel_log_prob(vae.decoder[-1].bias, images.flatten(1))
    for n_samples in (1, 3, 50):
        found = bounds(vae, images.flatten(1), n_samples, generator_for(0, torch.device("cpu")))
        torch.testing.assert_close(found.elbo, exact, rtol=1e-5, atol=1e-3)
        torch.testing.assert_close(found.log_likelihood, exact, rtol=1e-5, atol=1e-3)


def test_seeds_reproduce_and_differ(make_vae, images):
    vae = make_vae(3)
    for function in (elbo, log_likelihood):
        first = function(vae, images, 10, seed=1)
        assert torch.equal(first, function(vae, images, 10, seed=1))
        assert not torch.equal(first, function(vae, images, 10, seed=2))
        assert first.shape == (5,)


@pytest.mark.parametrize("bad", [0, -1, 1.0, True, "3", None])
def test_a_bad_number_of_samples_is_refused(make_vae, images, bad):
    for function in (elbo, log_likelihood):
        with pytest.raises(ValueError, match="n_samples must be an integer in"):
            function(make_vae(), images, bad)


def test_bad_images_and_seeds_are_refused(make_vae, images):
    with pytest.raises(ValueError, match="images must"):
        elbo(make_vae(), images[0])
    with pytest.raises(ValueError, match="seed must"):
        log_likelihood(make_vae(), images, seed=-1)
