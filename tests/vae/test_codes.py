"""Sums over codes against brute force, one code at a time with torch.distributions, in float64."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch.distributions import Bernoulli, Independent, kl_divergence

import explorer
from explorer.core.device import generator_for
from explorer.vae import codes
from explorer.vae.codes import all_codes, can_enumerate, exact_bounds, exact_terms, kl_gradient, kl_to_prior
from explorer.vae.elbo import bounds
from explorer.vae.quadrature import log_likelihood_on_plane

CPU = torch.device("cpu")


def brute_force(vae, images):
    """ELBO and log p(x) of each image: densities by torch.distributions, code by code."""
    pixels = images.flatten(1).double()
    q = Bernoulli(logits=vae.bit_logits(pixels))
    elbo, joint = 0, []
    for code in itertools.product((0.0, 1.0), repeat=vae.n_latents):
        z = torch.tensor(code, dtype=torch.float64)
        log_prob = Independent(Bernoulli(logits=vae.decode_logits(z), validate_args=False), 1).log_prob(pixels)
        joint.append(log_prob - vae.n_latents * math.log(2))
        log_q = q.log_prob(z).sum(-1)
        elbo = elbo + log_q.exp() * (joint[-1] - log_q)
    return elbo, torch.stack(joint).logsumexp(0)


def test_every_code_is_there_once_in_the_order_of_its_number():
    found = all_codes(3, torch.zeros(1))
    assert found.shape == (8, 3)
    assert [sum(int(bit) << d for d, bit in enumerate(code)) for code in found.tolist()] == list(range(8))


def test_the_bound_and_the_likelihood_are_the_sums(make_vae, in_float64, images, monkeypatch):
    vae = make_vae(5, "bernoulli")
    elbo, log_likelihood = brute_force(in_float64(vae), images)
    assert (log_likelihood > elbo).all()
    for seed in (0, 1):
        torch.testing.assert_close(explorer.elbo(vae, images, seed=seed).double(), elbo, rtol=0, atol=2e-3)
        found = explorer.log_likelihood(vae, images, seed=seed).double()
        torch.testing.assert_close(found, log_likelihood, rtol=0, atol=2e-3)
    # In parts, of codes and of images, it is the same.
    monkeypatch.setattr(codes, "CODES_AT_ONCE", 7)
    monkeypatch.setattr(codes, "ENTRIES_AT_ONCE", 64)
    in_parts = exact_bounds(in_float64(vae), images.flatten(1).double())
    torch.testing.assert_close(in_parts, (elbo, log_likelihood))


def test_the_terms_make_the_bound_and_the_kl_is_torchs(make_vae, in_float64, images):
    vae = in_float64(make_vae(4, "bernoulli"))
    reconstruction, kl = exact_terms(vae, images.flatten(1).double())
    elbo, _ = brute_force(vae, images)
    torch.testing.assert_close(reconstruction - kl, elbo)
    logits = (4 * torch.randn(6, 4, generator=torch.Generator().manual_seed(0))).double().requires_grad_()
    reference = kl_divergence(Bernoulli(logits=logits), Bernoulli(logits=torch.zeros(6, 4).double())).sum(-1)
    torch.testing.assert_close(kl_to_prior(logits), reference)
    torch.testing.assert_close(kl_gradient(logits), *torch.autograd.grad(reference.sum(), logits))


def test_many_bits_are_sampled(make_vae, images, monkeypatch):
    """The bounds by draws agree with the sums where both can be had; beyond MOST_BITS there are draws alone."""
    vae = make_vae(5, "bernoulli")
    elbo, log_likelihood = exact_bounds(vae, images.flatten(1))
    repeated = images[:1].flatten(1).expand(200, -1)
    found = bounds(vae, repeated, 50, generator_for(0, CPU))
    error = found.elbo.double().std() / math.sqrt(200)
    assert abs(found.elbo.double().mean() - elbo[0]) < 4.5 * error
    assert (bounds(vae, images.flatten(1), 4000, generator_for(1, CPU)).log_likelihood - log_likelihood).abs().max() < 1
    monkeypatch.setattr(codes, "MOST_BITS", 4)
    assert not can_enumerate(vae)
    assert not torch.equal(explorer.elbo(vae, images, seed=0), explorer.elbo(vae, images, seed=1))


def test_gaussian_latents_have_no_codes(make_vae):
    assert not can_enumerate(make_vae(2))
    assert can_enumerate(make_vae(16, "bernoulli"))
    with pytest.raises(ValueError, match="2 Gaussian latent dimensions"):
        log_likelihood_on_plane(make_vae(2, "bernoulli"), torch.zeros(1, 784))
