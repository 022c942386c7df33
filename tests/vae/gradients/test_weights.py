"""Gradients in the encoder's weights: mean and variance without samples, against backpropagation of each sample."""

from __future__ import annotations

import copy
import dataclasses

import pytest
import torch
from torch import nn

from explorer.core.randomness import Streams
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients.moments import ElboMoments, weighted
from explorer.vae.gradients.samples import fresh_draw
from explorer.vae.gradients.weights import weight_moments

N = 40


def backpropagated(vae, pixels, draw, gradients):
    """The gradient of each sample in each layer: [(weight (N, units, inputs), bias (N, units)), ...]."""
    vae = copy.deepcopy(vae).double().requires_grad_()
    layers = [layer for layer in vae.encoder if isinstance(layer, nn.Linear)]
    parameters = [parameter for layer in layers for parameter in (layer.weight, layer.bias)]
    posterior = vae.posterior(pixels.double())
    row, column = draw.entries
    at = torch.cat([posterior.loc[0], posterior.scale_tril[0, row, column]])
    each = [torch.autograd.grad(at, parameters, one, retain_graph=True) for one in gradients.double()]
    stacked = [torch.stack(parts) for parts in zip(*each, strict=True)]
    return list(zip(stacked[::2], stacked[1::2], strict=True))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("posterior", ["full", "diagonal"])
def test_mean_and_variance_of_each_weight_are_those_of_backpropagated_samples(make_vae, binary_image, posterior, full):
    """Of N samples taken for all there are, so that both sides are the same numbers."""
    vae, pixels = make_vae(3, posterior), binary_image.flatten(1)
    draw = fresh_draw(vae, pixels, N, Streams(3, vae.device), "analytic", full=full)
    gradients = NORMAL["pathwise"](draw)[:, 0]
    sums = weighted(gradients.double(), torch.full((N,), 1 / N, dtype=torch.float64))
    moments = ElboMoments(sums.mean, sums.covariance, sums.spread, tuple(draw.coordinates))
    own = dataclasses.replace(draw, full=False)
    places = [draw.coordinates.index(each) for each in own.coordinates]
    found = weight_moments(vae, pixels, moments)
    for layer, (weight, bias) in zip(found, backpropagated(vae, pixels, own, gradients[:, places]), strict=True):
        near = {"rtol": 1e-4, "atol": 1e-6}
        variance = weight.var(0, correction=0)
        torch.testing.assert_close(layer.unit_mean, bias.mean(0), **near)
        torch.testing.assert_close(layer.unit_variance, bias.var(0, correction=0), **near)
        torch.testing.assert_close(layer.unit_variance[:, None] * layer.input_squared, variance, **near)
        total = float(variance.sum() + bias.var(0, correction=0).sum())
        assert layer.total_variance == pytest.approx(total, rel=1e-5)
        norm = float((weight.mean(0).square().sum() + bias.mean(0).square().sum()).sqrt())
        assert layer.mean_norm == pytest.approx(norm, rel=1e-5)
        assert layer.signal_to_noise == pytest.approx(norm / total**0.5, rel=1e-5)


def test_moments_of_another_model_are_refused(make_vae, binary_image):
    draw = fresh_draw(make_vae(2), binary_image.flatten(1), 4, Streams(0, torch.device("cpu")), "analytic")
    sums = weighted(NORMAL["pathwise"](draw)[:, 0].double(), torch.full((4,), 0.25, dtype=torch.float64))
    moments = ElboMoments(sums.mean, sums.covariance, sums.spread, tuple(draw.coordinates))
    with pytest.raises(ValueError, match="moments must cover the encoder's 9 outputs"):
        weight_moments(make_vae(3), binary_image.flatten(1), moments)
