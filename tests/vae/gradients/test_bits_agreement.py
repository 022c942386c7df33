"""Every estimator of bits on the shipped model: its samples against the sums over codes, on three images.

Standard errors come from batches. What the decoder says of codes is looked up; the two estimators whose decoder sees
relaxed bits have no exact variance, and fewer samples.
"""

from __future__ import annotations

import functools

import pytest
import torch

import explorer
from explorer.core.numerics.isolation import isolated
from explorer.core.randomness import Streams
from explorer.vae.datasets import binarize
from explorer.vae.gradients import BERNOULLI
from explorer.vae.gradients import reference as module
from explorer.vae.gradients.exact import exact_moments_of_all
from explorer.vae.gradients.samples import fresh_draw
from explorer.vae.pretrained import load_sample

BATCHES, BATCH, DECODED = 48, 4096, 160
RELAXED = ("gumbel_softmax", "rebar")
SUMMED = [name for name in BERNOULLI if name not in RELAXED]
NOISY = [name for name in SUMMED if name != "enumeration"]
FAR = 4.5


@pytest.fixture(scope="module")
def in_bits():
    return explorer.load_vae("mnist-10bit", "cpu")


@pytest.fixture(scope="module")
def three_images(in_bits):
    """Those of the sample whose bits are least certain, flat (3, P)."""
    images = binarize(load_sample()[0], torch.Generator().manual_seed(0))
    p = in_bits.encode(images).sigmoid()
    return images[(p * (1 - p)).sum(-1).topk(3).indices].flatten(1)


@pytest.fixture(scope="module")
def look(in_bits, three_images):
    """An estimator's name -> its batches' means and mean squares about the true mean, (BATCHES, 3, C) each."""
    exact = [exact_moments_of_all(in_bits, image[None], SUMMED) for image in three_images]
    truth = torch.stack([of_image[SUMMED.index("enumeration")].mean for of_image in exact])

    @functools.cache
    @isolated
    def looked(name):
        entry, size = BERNOULLI[name], DECODED if name in RELAXED else BATCH
        mean = truth
        if name in SUMMED:
            mean = torch.stack([of_image[SUMMED.index(name)].mean for of_image in exact])
        found = []
        for place, image in enumerate(three_images):
            draw = fresh_draw(in_bits, image[None], size, Streams(4, in_bits.device), "analytic")
            parts = []
            for _ in range(BATCHES):
                values = entry(draw)[:, 0].double()
                parts.append(torch.stack([values.mean(0), (values - mean[place]).square().mean(0)]))
                draw = draw.again(size)
            found.append(torch.stack(parts))
        means, squares = torch.stack(found, dim=2).unbind(1)
        return mean, means, squares

    return truth, exact, looked


def distance(values, truth, known_error=0.0):
    """How far batches' means (BATCHES, ...) lie from the truth, in standard errors; float32 is good to 1e-4."""
    error = (values.var(0) / len(values) + torch.as_tensor(known_error) ** 2).sqrt()
    return (values.mean(0) - truth).abs() / (error + 2e-5)


@pytest.mark.parametrize("name", BERNOULLI)
def test_means_agree_on_every_coordinate(look, name):
    truth, _, looked = look
    mean, means, _ = looked(name)
    if name == "gumbel_softmax":
        # It answers for a softened model.
        assert distance(means, truth).max() > 10
        return
    assert distance(means, mean).max() < FAR
    if name == "straight_through":
        assert distance(means, truth).max() > 10
    else:
        torch.testing.assert_close(mean, truth, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", NOISY)
def test_variances_agree_and_a_scale_five_hundredths_off_does_not(in_bits, three_images, look, name):
    _, exact, looked = look
    _, means, squares = looked(name)
    variance = torch.stack([of_image[SUMMED.index(name)].variance for of_image in exact])
    # Where a bit turns once in a thousand samples, two at once are too rare for batches to tell their own error.
    is_rare = in_bits.bit_logits(three_images).abs() > 5
    assert distance(squares, variance, 0.05 * variance * is_rare).max() < FAR
    # Most bits seldom turn: it is all coordinates together that tell, each weighted by how well it is known.
    weights = variance / squares.var(0)
    together = (weights * squares).sum((1, 2)) / (weights * variance).sum()
    assert distance(together, torch.ones(())) < FAR
    assert distance(1.05**2 * together, torch.ones(())) > FAR
    # Samples of a group depend on each other: their means vary by the spread.
    spread = torch.stack([of_image[SUMMED.index(name)].spread for of_image in exact])
    ratio = (BATCH * means.var(0) / spread).mean()
    assert abs(float(ratio) - 1) < 0.3


def test_pairs_and_baselines_help(look):
    """Summed over coordinates DisARM is below leave-one-out, that below the score function; enumeration at nothing."""
    _, exact, _ = look
    for of_image in exact:
        total = {name: float(each.variance.sum()) for name, each in zip(SUMMED, of_image, strict=True)}
        assert total["disarm"] < total["leave_one_out"] < total["score_function"] / 5
        assert total["enumeration"] == 0


def test_a_reference_serves_where_nothing_is_summed(in_bits, three_images, look, monkeypatch):
    monkeypatch.setattr(module, "BATCHES", 16)
    truth, _, looked = look
    found = dict(zip(RELAXED, module.reference(in_bits, three_images[:1], RELAXED), strict=True))
    torch.testing.assert_close(found["rebar"].mean, truth[0], rtol=1e-3, atol=1e-3)
    _, means, _ = looked("gumbel_softmax")
    assert distance(means[:, 0], found["gumbel_softmax"].mean, found["gumbel_softmax"].mean_error).max() < FAR
    _, _, squares = looked("rebar")
    assert distance(squares[:, 0], found["rebar"].variance, found["rebar"].variance_error).max() < FAR
