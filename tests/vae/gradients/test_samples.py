"""Both estimators of the ELBO's gradient: draw by draw against autograd, on average against quadrature."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from explorer.core.estimators import ESTIMATORS
from explorer.core.randomness import Streams
from explorer.vae.elbo import pixel_log_prob
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients import samples as module
from explorer.vae.gradients.samples import elbo_gradient_samples, fresh_draw

METHODS = ("score_function", "pathwise")
"""Those that are tested draw by draw by autograd."""


def float64_parts(vae, exact, image):
    """loc (D,) and L (D, D) in float64, as leaves, and f(z) = log p(x | z)."""
    loc, scale_tril = (part[0].double().requires_grad_() for part in vae.encode(image))
    return loc, scale_tril, lambda z: pixel_log_prob(exact.decode_logits(z), image.double().flatten())


def kl(loc, scale_tril):
    D = len(loc)
    prior = MultivariateNormal(torch.zeros(D, dtype=loc.dtype), torch.eye(D, dtype=loc.dtype))
    return kl_divergence(MultivariateNormal(loc, scale_tril=scale_tril, validate_args=False), prior)


def exact_gradient(vae, exact, image, spacing):
    """Autograd of the ELBO, its expectation the trapezoidal rule on a fixed grid of z, through q alone."""
    loc, scale_tril, f = float64_parts(vae, exact, image)
    axis = torch.arange(-9, 9 + spacing / 2, spacing, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        values = torch.cat([f(part) for part in z.split(4096)])
    q = MultivariateNormal(loc, scale_tril=scale_tril, validate_args=False).log_prob(z).exp() * spacing**2
    elbo = (q * values).sum() - kl(loc, scale_tril)
    to_loc, to_tril = torch.autograd.grad(elbo, (loc, scale_tril))
    return {"loc": to_loc, "scale_tril": to_tril.tril()}


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
@pytest.mark.parametrize("n_latents", [1, 3])
def test_pathwise_is_autograd_through_z_draw_by_draw(make_vae, in_float64, binary_image, n_latents, posterior):
    vae = make_vae(n_latents, posterior)
    loc, scale_tril, f = float64_parts(vae, in_float64(vae), binary_image)
    eps = torch.randn(20, n_latents, generator=torch.Generator().manual_seed(5)).double()
    found = elbo_gradient_samples(vae, binary_image, "pathwise", 20, seed=5)
    for draw in range(20):
        elbo = f(loc + scale_tril @ eps[draw]) - kl(loc, scale_tril)
        to_loc, to_tril = torch.autograd.grad(elbo, (loc, scale_tril))
        torch.testing.assert_close(found["loc"][draw].double(), to_loc, rtol=1e-4, atol=1e-3)
        torch.testing.assert_close(found["scale_tril"][draw].double(), to_tril.tril(), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
@pytest.mark.parametrize("n_latents", [1, 3])
def test_score_function_is_f_times_autograd_of_log_q_draw_by_draw(
    make_vae, in_float64, binary_image, n_latents, posterior
):
    vae = make_vae(n_latents, posterior)
    loc, scale_tril, f = float64_parts(vae, in_float64(vae), binary_image)
    eps = torch.randn(20, n_latents, generator=torch.Generator().manual_seed(5)).double()
    found = elbo_gradient_samples(vae, binary_image, "score_function", 20, seed=5)
    for draw in range(20):
        z = (loc + scale_tril @ eps[draw]).detach()
        log_q = MultivariateNormal(loc, scale_tril=scale_tril, validate_args=False).log_prob(z)
        to_loc, to_tril = torch.autograd.grad(f(z).detach() * log_q - kl(loc, scale_tril), (loc, scale_tril))
        torch.testing.assert_close(found["loc"][draw].double(), to_loc, rtol=1e-4, atol=1e-3)
        torch.testing.assert_close(found["scale_tril"][draw].double(), to_tril.tril(), rtol=1e-4, atol=1e-3)


def test_both_means_are_the_exact_gradient(quiet_vae, in_float64, binary_image):
    exact = exact_gradient(quiet_vae, in_float64(quiet_vae), binary_image, 0.1)
    coarser = exact_gradient(quiet_vae, in_float64(quiet_vae), binary_image, 0.2)
    n_samples = 150_000
    row, column = torch.tril_indices(2, 2)
    means = {}
    for method in METHODS:
        found = elbo_gradient_samples(quiet_vae, binary_image, method, n_samples, seed=6)
        for name, entries in (("loc", slice(None)), ("scale_tril", (row, column))):
            torch.testing.assert_close(exact[name], coarser[name], rtol=1e-6, atol=1e-6)
            samples = found[name].double()[:, *entries] if name == "scale_tril" else found[name].double()
            truth = exact[name][entries]
            standard_error = samples.std(0) / math.sqrt(n_samples)
            assert (standard_error < 0.05 * truth.abs().max()).all()
            assert ((samples.mean(0) - truth).abs() < 4.5 * standard_error).all(), (method, name)
            means[method, name] = samples.mean(0), standard_error
    for name in ("loc", "scale_tril"):
        (score, score_error), (pathwise, pathwise_error) = (means[method, name] for method in METHODS)
        assert ((score - pathwise).abs() < 4.5 * (score_error + pathwise_error)).all()
        assert (pathwise_error < score_error).all()


@pytest.mark.parametrize("method", METHODS)
def test_shapes_lower_triangle_chunks_and_seeds(make_vae, binary_image, monkeypatch, method):
    vae = make_vae(3)
    found = elbo_gradient_samples(vae, binary_image, method, 64, seed=1)
    assert found["loc"].shape == (64, 3)
    assert found["scale_tril"].shape == (64, 3, 3)
    assert (found["scale_tril"].triu(1) == 0).all()
    other = elbo_gradient_samples(vae, binary_image[0], method, 64, seed=2)
    assert not torch.equal(found["loc"], other["loc"])
    # torch draws normals in blocks of 16: chunks of 16 rows go on in the same stream.
    monkeypatch.setattr(module, "DECODES_AT_ONCE", 16)
    again = elbo_gradient_samples(vae, binary_image[0], method, 64, seed=1)
    for name in found:
        torch.testing.assert_close(found[name], again[name], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_it_works_in_inference_mode(make_vae, binary_image, method):
    vae = make_vae()
    with torch.inference_mode():
        inside = elbo_gradient_samples(vae, binary_image, method, 10)
    torch.testing.assert_close(inside["loc"], elbo_gradient_samples(vae, binary_image, method, 10)["loc"])


def test_the_names_are_those_of_the_registry(make_vae, binary_image):
    for name in set(NORMAL) - {"sticking_the_landing"}:
        assert name in ESTIMATORS
    for bad in ("reinforce", "measure_valued", None, 3, ["pathwise"]):
        with pytest.raises(ValueError, match="estimator must be one of score_function, "):
            elbo_gradient_samples(make_vae(), binary_image, bad, 10)


def test_bad_images_and_numbers_are_refused(make_vae, images, binary_image):
    vae = make_vae()
    with pytest.raises(ValueError, match="image must be a single one"):
        elbo_gradient_samples(vae, images, "pathwise", 10)
    for bad_image in (torch.zeros(28, 28), torch.full((1, 28, 28), 2.0)):
        with pytest.raises(ValueError, match="images must"):
            elbo_gradient_samples(vae, bad_image, "pathwise", 10)
    for bad_number in (0, -5, 2.5, True, 2**28):
        with pytest.raises(ValueError, match=r"n_samples must be an integer in \[1, 67108864\]"):
            elbo_gradient_samples(vae, binary_image, "pathwise", bad_number)
    with pytest.raises(ValueError, match="seed must"):
        elbo_gradient_samples(vae, binary_image, "pathwise", 10, seed=-1)


def test_an_entry_at_other_settings_and_the_sampled_kl_are_taken(make_vae, binary_image):
    vae = make_vae(3)
    for entry in (NORMAL["leave_one_out"].at(group=2), NORMAL["leave_one_out"].at(group=16), NORMAL["pathwise"]):
        for kl in ("analytic", "sampled"):
            found = elbo_gradient_samples(vae, binary_image, entry, 64, seed=1, kl=kl)
            draw = fresh_draw(vae, binary_image.flatten(1), 64, Streams(1, vae.device), kl)
            torch.testing.assert_close(found["loc"], entry(draw)[:, 0, :3], rtol=1e-4, atol=1e-3)
    for bad in ("exact", None, 1):
        with pytest.raises(ValueError, match="kl must be 'analytic' or 'sampled'"):
            elbo_gradient_samples(vae, binary_image, "pathwise", 10, kl=bad)
