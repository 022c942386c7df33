"""Every estimator of Gaussian latents on the shipped models: its samples against what is exact, or the reference.

The noise is mirrored, eps beside -eps: what is odd in eps cancels, and a wrong scale of five in a hundred shows in the
mean of every estimator within seconds. Standard errors come from batches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.core.randomness import Streams
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients.exact import exact_moments_of_all
from explorer.vae.gradients.moments import ElboMoments
from explorer.vae.gradients.reference import reference
from explorer.vae.gradients.samples import fresh_draw

BATCHES = 48
BATCH = {2: 768, 50: 256}
FAR = 4.5


@dataclass(frozen=True)
class Sampled:
    """Of each batch, (BATCHES, images, C): the mean, and the mean of the squares about the true mean."""

    means: Tensor
    squares: Tensor
    known: Tensor


@dataclass(frozen=True)
class Seen:
    """The true means (images, C) and how well they are known, each image's and estimator's moments, the samples."""

    mean: Tensor
    mean_error: Tensor
    moments: list[list[ElboMoments]]
    samples: dict[str, Sampled]


@isolated
def looked(vae, images, seed=5):
    if vae.n_latents == 2:
        moments = [exact_moments_of_all(vae, image[None], list(NORMAL)) for image in images]
        mean_error = torch.zeros(len(images), len(moments[0][0].mean), dtype=torch.float64)
    else:
        moments = [reference(vae, image[None], list(NORMAL), seed=1) for image in images]
        mean_error = torch.stack([of_image[0].mean_error for of_image in moments])
    mean = torch.stack([of_image[0].mean for of_image in moments])
    size = BATCH[vae.n_latents]
    draw = fresh_draw(vae, images, size, Streams(seed, vae.device), "analytic", full=False, mirrored=True)
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
    return Seen(mean, mean_error, moments, samples)


def distance(values: Tensor, truth: Tensor, truth_error: Tensor | float = 0.0) -> float:
    """The largest distance, in standard errors, of batches' means (BATCHES, ...) from the truth."""
    error = (values.var(0) / len(values) + torch.as_tensor(truth_error) ** 2).sqrt()
    return float(((values.mean(0) - truth).abs() / error).max())


def along_the_mean(seen: Seen, found: Sampled, values: Tensor) -> float:
    """The same of how far batches' means lie along the true mean, each coordinate weighted by how well it is known."""
    weights = (seen.mean - found.known) / (found.means.var(0) / BATCHES + seen.mean_error**2)
    truth, error = (weights * seen.mean).sum(), (weights * seen.mean_error).norm()
    return distance((weights * values).sum((1, 2)), truth, error)


@pytest.mark.parametrize("model", ["on_plane", "in_fifty"])
def test_every_estimator_agrees_on_every_coordinate_of_three_images(request, three_images, model):
    """Mean and variance; and a scale five hundredths off does not. One test a model: its samples serve all of it."""
    seen = looked(request.getfixturevalue(model), three_images)
    for place, name in enumerate(NORMAL):
        found = seen.samples[name]
        assert distance(found.means, seen.mean, seen.mean_error) < FAR, name
        assert along_the_mean(seen, found, found.means) < FAR, name
        planted = 1.05 * (found.means - found.known) + found.known
        assert along_the_mean(seen, found, planted) > FAR, name
        of_image = [moments[place] for moments in seen.moments]
        errors = [getattr(each, "variance_error", torch.zeros_like(each.variance)) for each in of_image]
        variance = torch.stack([each.variance for each in of_image])
        assert distance(found.squares, variance, torch.stack(errors)) < FAR, name
        for each, first in zip(of_image, seen.moments, strict=True):
            torch.testing.assert_close(each.mean, first[0].mean, rtol=1e-6, atol=1e-6)


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
