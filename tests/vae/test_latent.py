"""The atlas, traversals, prior samples, active units."""

from __future__ import annotations

import pytest
import torch

from explorer.vae.latent import active_units, atlas, prior_samples


def test_atlas_has_z2_down_and_z1_across(make_vae):
    vae, extent, n = make_vae(), 3.0, 5
    found = atlas(vae, extent, n)
    assert found.shape == (n, n, 28, 28)
    for row in range(n):
        for column in range(n):
            z1, z2 = (-extent + 2 * extent * index / (n - 1) for index in (column, row))
            torch.testing.assert_close(found[row, column], vae.decode(torch.tensor([[z1, z2]]))[0, 0])


def test_prior_samples_are_standard_normal_and_decoded(make_vae):
    vae = make_vae(3)
    z, pixels = prior_samples(vae, 5000, seed=1)
    assert z.shape == (5000, 3)
    assert pixels.shape == (5000, 1, 28, 28)
    assert (z.mean(0).abs() < 4.5 / 5000**0.5).all()
    assert ((z.var(0) - 1).abs() < 4.5 * (2 / 5000) ** 0.5).all()
    torch.testing.assert_close(pixels[:10], vae.decode(z[:10]))
    assert torch.equal(z, prior_samples(vae, 5000, seed=1)[0])


def test_prior_samples_of_bits_are_fair_coins(make_vae):
    vae = make_vae(3, "bernoulli")
    z, pixels = prior_samples(vae, 5000, seed=1)
    assert z.unique().tolist() == [0, 1]
    assert ((z.mean(0) - 0.5).abs() < 4.5 * 0.5 / 5000**0.5).all()
    torch.testing.assert_close(pixels[:10], vae.decode(z[:10]))


def test_the_activity_of_a_bit_is_that_of_its_probability(make_vae, images):
    vae = make_vae(4, "bernoulli")
    torch.testing.assert_close(active_units(vae, images).variance, vae.encode(images).sigmoid().var(0))


def test_active_units_is_the_variance_of_the_posterior_mean(make_vae, images):
    vae = make_vae(5)
    with torch.no_grad():
        # A unit that ignores the image is inactive, whatever its mean.
        vae.encoder[-1].weight[3] = 0
        vae.encoder[-1].bias[3] = 7
    found = active_units(vae, images.repeat(500, 1, 1, 1))
    loc, _ = vae.encode(images)
    torch.testing.assert_close(found.variance, loc.var(0, correction=0) * 2500 / 2499, rtol=1e-4, atol=1e-9)
    assert not found.active[3]
    assert found.active.dtype == torch.bool


def test_arguments_are_checked(make_vae, images):
    vae = make_vae()
    for extent in (0, -1.0, float("nan"), float("inf"), 101, "3", True):
        with pytest.raises(ValueError, match=r"extent must be .*\(0, 100\]"):
            atlas(vae, extent, 5)
    for n in (1, 129, 3.0, True):
        with pytest.raises(ValueError, match=r"n must be an integer in \[2, 128\]"):
            atlas(vae, 3.0, n)
    for other in (make_vae(3), make_vae(2, "bernoulli")):
        with pytest.raises(ValueError, match="2 Gaussian latent dimensions"):
            atlas(other, 3.0, 5)
    with pytest.raises(ValueError, match="n must"):
        prior_samples(vae, 0, seed=0)
    with pytest.raises(ValueError, match="at least two"):
        active_units(vae, images[:1])
