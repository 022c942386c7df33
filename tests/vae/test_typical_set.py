"""The truncated prior against scipy's, and pictures where they should be."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats

from explorer.vae.latent import prior_samples
from explorer.vae.typical_set import (
    at_radii,
    encoded_radii,
    share_beyond,
    truncated_samples,
    truncated_variance,
)


@pytest.mark.parametrize("threshold", [0.1, 1.0, 2.0])
def test_truncated_entries_have_the_truncated_normal_law(make_vae, threshold: float) -> None:
    found = truncated_samples(make_vae(3), 3000, threshold, seed=5)
    assert float(found.z.abs().max()) <= threshold
    law = stats.truncnorm(-threshold, threshold)
    assert stats.kstest(found.z.flatten().double().numpy(), law.cdf).pvalue > 1e-3
    # Clipping would heap entries at the ends.
    assert float((found.z.abs() > 0.999 * threshold).double().mean()) < 0.01
    expected = share_beyond(threshold)
    assert abs(found.redrawn / 9000 - expected) < 4.5 * math.sqrt(expected * (1 - expected) / 9000)
    assert truncated_variance(threshold) == pytest.approx(law.var(), rel=1e-6)


def test_what_lies_within_stays(make_vae) -> None:
    vae = make_vae(3)
    whole, pixels = prior_samples(vae, 200, seed=2)
    free = truncated_samples(vae, 200, math.inf, seed=2)
    assert torch.equal(free.z, whole)
    assert torch.equal(free.pixels, pixels)
    assert free.redrawn == 0
    assert truncated_variance(math.inf) == 1
    found = truncated_samples(vae, 200, 1.0, seed=2)
    inside = whole.abs() <= 1
    assert torch.equal(found.z[inside], whole[inside])
    assert found.redrawn == int((~inside).sum())
    torch.testing.assert_close(found.pixels, vae.decode(found.z))


def test_pictures_stand_at_their_radii(make_vae) -> None:
    vae, radii = make_vae(4), torch.tensor([0.0, 1.0, 2.5])
    z, pixels = at_radii(vae, radii, 500, seed=3)
    assert pixels.shape == (3, 500, 28, 28)
    torch.testing.assert_close(z.norm(dim=2), radii[:, None].expand(3, 500))
    torch.testing.assert_close(z[2], 2.5 * z[1])
    torch.testing.assert_close(pixels[2, 7], vae.decode(z[2, 7:8])[0, 0])
    # On the sphere each coordinate has mean 0 and variance 1/4.
    assert (z[1].mean(0).abs() < 4.5 * 0.5 / math.sqrt(500)).all()
    assert z[1].var(0).numpy() == pytest.approx([0.25] * 4, abs=0.06)


def test_images_lie_where_the_encoder_says(make_vae, images) -> None:
    vae = make_vae(3)
    means, draws = encoded_radii(vae, images, seed=0)
    loc, scale_tril = vae.encode(images)
    torch.testing.assert_close(means, loc.double().norm(dim=1))
    eps = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(draws, (loc + (scale_tril @ eps[:, :, None])[:, :, 0]).double().norm(dim=1))


def test_arguments_are_checked(make_vae, images) -> None:
    vae, bits = make_vae(3), make_vae(3, "bernoulli")
    for threshold in (0.0, -1.0, math.nan, 0.001):
        with pytest.raises(ValueError, match="threshold must be at least"):
            truncated_samples(vae, 4, threshold, seed=0)
    for radii in (torch.tensor([-1.0]), torch.tensor([math.nan]), torch.zeros(1, 1)):
        with pytest.raises(ValueError, match="radii must be"):
            at_radii(vae, radii, 4, seed=0)
    for call in (
        lambda: truncated_samples(bits, 4, 1.0, seed=0),
        lambda: at_radii(bits, torch.ones(1), 4, seed=0),
        lambda: encoded_radii(bits, images, seed=0),
    ):
        with pytest.raises(ValueError, match="Gaussian latents"):
            call()
