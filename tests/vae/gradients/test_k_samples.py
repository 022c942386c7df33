"""The K-sample bound: its gradients sample by sample against autograd, and signal to noise against K."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch.distributions import MultivariateNormal

from explorer.core.randomness import Streams
from explorer.vae.datasets import binarize
from explorer.vae.elbo import pixel_log_prob
from explorer.vae.gradients import NORMAL, k_samples
from explorer.vae.gradients.k_samples import (
    bound,
    decoder_gradients,
    encoder_gradients,
    signal_to_noise,
)
from explorer.vae.gradients.samples import fresh_draw
from explorer.vae.pretrained import load_sample
from explorer.vae.quadrature import log_likelihood_on_plane


def drawn(vae, binary_image, n, seed=0):
    return fresh_draw(vae, binary_image.flatten(1), n, Streams(seed, vae.device), "analytic")


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
def test_pathwise_and_decoder_are_autograd_of_the_bound(make_vae, in_float64, binary_image, posterior):
    vae = make_vae(3, posterior)
    draw, model = drawn(vae, binary_image, 12), in_float64(vae).requires_grad_()
    found = [part.double() for part in (bound(draw, 4), decoder_gradients(draw, 4))]
    of_encoder = encoder_gradients(draw, 4, "pathwise").double()
    loc, tril = (part[0].double().requires_grad_() for part in vae.encode(binary_image))
    prior = MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double())
    biases = [model.decoder[place].bias for place in (0, 2, 4)]
    for sample in range(3):
        z = loc + draw.eps[4 * sample : 4 * sample + 4, 0].double() @ tril.mT
        log_q = MultivariateNormal(loc, scale_tril=tril, validate_args=False).log_prob(z)
        log_p = pixel_log_prob(model.decode_logits(z), binary_image.double().flatten()) + prior.log_prob(z)
        value = (log_p - log_q).logsumexp(0) - math.log(4)
        to_loc, to_tril, *to_biases = torch.autograd.grad(value, (loc, tril, *biases))
        expected = torch.cat([to_loc, to_tril[draw.entries]])
        near = {"rtol": 1e-4, "atol": 1e-3}
        torch.testing.assert_close(found[0][sample, 0], value.detach(), **near)
        torch.testing.assert_close(of_encoder[sample, 0], expected, **near)
        torch.testing.assert_close(found[1][sample, 0], torch.cat(to_biases), **near)


def test_with_one_sample_they_are_the_elbo_s(make_vae, binary_image):
    draw = drawn(make_vae(3), binary_image, 8)
    for method, name in (("pathwise", "pathwise"), ("doubly_reparameterized", "sticking_the_landing")):
        expected = NORMAL[name](draw.with_kl("sampled"))
        torch.testing.assert_close(encoder_gradients(draw, 1, method), expected, rtol=1e-4, atol=1e-3)


def test_both_methods_have_one_mean(quiet_vae, binary_image):
    draw = drawn(quiet_vae, binary_image, 40_000)
    one, other = (
        encoder_gradients(draw, 4, method)[:, 0].double() for method in ("pathwise", "doubly_reparameterized")
    )
    assert other.var(0).sum() < one.var(0).sum() / 2
    difference = one - other
    assert ((difference.mean(0)).abs() < 4.5 * difference.std(0) / len(difference) ** 0.5).all()


@pytest.fixture(scope="module")
def nearly_tight():
    """An image whose posterior the encoder all but meets, flat (1, P)."""
    return binarize(load_sample()[0][20:21], torch.Generator().manual_seed(0)).flatten(1)


@pytest.fixture(scope="module")
def curve(on_plane, nearly_tight):
    return signal_to_noise(on_plane, nearly_tight)


def test_signal_to_noise_falls_and_rises_with_the_root_of_k(curve):
    """From 4 to 64, where this bound is nearly tight: 1/4 by pathwise, 4 times doubly reparameterized and below."""
    four, last = curve[1], curve[-1]
    for name, factor in (("pathwise", 1 / 4), ("doubly_reparameterized", 4), ("decoder", 4)):
        low, high = getattr(four, name), getattr(last, name)
        assert high.value / low.value == pytest.approx(factor, rel=0.15)
        assert 0 < high.error < 0.1 * high.value


def test_errors_are_what_seeds_differ_by(make_vae, binary_image, monkeypatch):
    monkeypatch.setattr(k_samples, "BLOCK", 16)
    vae, pixels = make_vae(2), binary_image.flatten(1)
    found = [signal_to_noise(vae, pixels, (4,), seed=seed)[0] for seed in range(24)]
    for name in ("pathwise", "doubly_reparameterized", "decoder", "bound"):
        values = torch.tensor([getattr(each, name).value for each in found])
        errors = torch.tensor([getattr(each, name).error for each in found])
        assert 0.6 < float(values.std() / errors.square().mean().sqrt()) < 1.6, name


def test_noise_alone_shows_no_signal():
    """The mean of few samples is longer than what it estimates. That is taken away: half of the time 0 is left."""
    generator, found = torch.Generator().manual_seed(0), []
    for _ in range(40):
        blocks = k_samples._Blocks()
        for _ in range(k_samples.BLOCKS):
            blocks.add(torch.randn(4, 50, generator=generator))
        found.append(k_samples._jackknifed(blocks, blocks, 4).value)
    assert 10 < found.count(0) < 30
    assert max(found) < 0.5


def test_the_bound_rises_to_log_p(curve, on_plane, nearly_tight):
    truth = float(log_likelihood_on_plane(on_plane, nearly_tight))
    assert curve[-1].bound.value == pytest.approx(truth, abs=4.5 * curve[-1].bound.error + 0.01)
    assert curve[0].bound.value < truth - 4.5 * curve[0].bound.error


@pytest.mark.parametrize("count", [0, 3, 128, 2.0])
def test_other_counts_are_refused(make_vae, binary_image, count):
    with pytest.raises(ValueError, match="counts must be"):
        signal_to_noise(make_vae(), binary_image.flatten(1), (count,))


def test_each_keeps_the_decoder_as_it_is(make_vae, binary_image):
    vae = make_vae()
    before = copy.deepcopy(vae.state_dict())
    signal_to_noise(vae, binary_image.flatten(1), (1,))
    assert all(torch.equal(value, before[name]) for name, value in vae.state_dict().items())
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in vae.parameters())
