"""Every estimator of Gaussian latents on the shipped models: its samples against what is exact, or the reference.

The noise is mirrored, eps beside -eps: what is odd in eps cancels, and a wrong scale of five in a hundred shows in the
mean of every estimator within seconds. Standard errors come from batches.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.core.randomness import Streams
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients.exact import exact_moments_of_all
from explorer.vae.gradients.reference import reference
from explorer.vae.gradients.samples import fresh_draw

BATCHES = 48
BATCH = {2: 768, 50: 256}
FAR = 4.5
MODELS = ("on_plane", "in_fifty")


@dataclass(frozen=True)
class Sampled:
    """Of each batch, (BATCHES, images, C): the mean, and the mean of the squares about the true mean."""

    means: Tensor
    squares: Tensor
    known: Tensor


@pytest.fixture(scope="module")
def look(request, three_images):
    """A model's name -> the true means (images, C) and their errors, each estimator's exact moments, its samples."""
    return functools.cache(lambda name: _looked(request.getfixturevalue(name), three_images))


@isolated
def _looked(vae, images):
    if vae.n_latents == 2:
        exact = [exact_moments_of_all(vae, image[None], list(NORMAL)) for image in images]
        mean_error = torch.zeros(len(images), len(exact[0][0].mean), dtype=torch.float64)
    else:
        exact = [reference(vae, image[None], list(NORMAL), seed=1) for image in images]
        mean_error = torch.stack([of_image[0].mean_error for of_image in exact])
    mean = torch.stack([of_image[0].mean for of_image in exact])
    size = BATCH[vae.n_latents]
    draw = fresh_draw(vae, images, size, Streams(5, vae.device), "analytic", full=False, mirrored=True)
    parts = {name: [] for name in NORMAL}
    for _ in range(BATCHES):
        for name, entry in NORMAL.items():
            values = entry(draw).double()
            parts[name].append(torch.stack([values.mean(0), (values - mean).square().mean(0)]))
        draw = draw.again(size, mirrored=True)
    samples = {}
    for name, entry in NORMAL.items():
        means, squares = torch.stack(parts[name]).unbind(1)
        samples[name] = Sampled(means, squares, draw.known.double() * (not entry.samples_kl))
    return mean, mean_error, exact, samples


def distance(values: Tensor, truth: Tensor, truth_error: Tensor | float = 0.0) -> float:
    """The largest distance, in standard errors, of batches' means (BATCHES, ...) from the truth."""
    error = (values.var(0) / len(values) + torch.as_tensor(truth_error) ** 2).sqrt()
    return float(((values.mean(0) - truth).abs() / error).max())


@pytest.mark.parametrize("name", NORMAL)
@pytest.mark.parametrize("model", MODELS)
def test_means_agree_on_every_coordinate_and_a_scale_five_hundredths_off_does_not(look, model, name):
    mean, mean_error, _, samples = look(model)
    found = samples[name]
    assert distance(found.means, mean, mean_error) < FAR
    of_inner = mean - found.known
    # How far along the mean itself the samples lie, each coordinate weighted by how well it is known.
    weights = of_inner / (found.means.var(0) / BATCHES + mean_error**2)
    along, along_error = (weights * mean).sum(), (weights * mean_error).norm()
    assert distance((weights * found.means).sum((1, 2)), along, along_error) < FAR
    planted = 1.05 * (found.means - found.known) + found.known
    assert distance((weights * planted).sum((1, 2)), along, along_error) > FAR


@pytest.mark.parametrize("name", NORMAL)
@pytest.mark.parametrize("model", MODELS)
def test_variances_agree_on_every_coordinate(look, model, name):
    _, _, exact, samples = look(model)
    moments = [of_image[list(NORMAL).index(name)] for of_image in exact]
    variance = torch.stack([each.variance for each in moments])
    errors = torch.stack([getattr(each, "variance_error", torch.zeros_like(each.variance)) for each in moments])
    assert distance(samples[name].squares, variance, errors) < FAR


def test_every_estimator_has_one_mean_on_the_plane(look):
    _, _, exact, _ = look("on_plane")
    for of_image in exact:
        for moments in of_image[1:]:
            torch.testing.assert_close(moments.mean, of_image[0].mean, rtol=1e-6, atol=1e-6)


def test_the_mean_of_a_group_s_samples_has_the_spread_that_is_told(on_plane, three_images):
    """Independent groups, with the KL sampled, where the terms that samples share weigh most."""
    entry, image = NORMAL["leave_one_out"].at(group=2), three_images[:1]
    (exact,) = exact_moments_of_all(on_plane, image, [entry], "sampled")
    draw = fresh_draw(on_plane, image, 2048, Streams(2, on_plane.device), "sampled")
    groups = torch.cat([entry(draw.again(2048))[:, 0].unflatten(0, (-1, 2)).mean(1) for _ in range(16)]).double()
    squares = 2 * (groups - exact.mean).square()
    assert distance(squares.unflatten(0, (32, -1)).mean(1), exact.spread) < FAR
    assert math.isclose(float(squares.mean(0)[0]), float(exact.spread[0]), rel_tol=0.1)
    assert float(exact.spread[0] / exact.variance[0]) > 1
