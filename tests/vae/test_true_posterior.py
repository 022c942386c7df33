"""The true posterior on a grid: against brute force, against the integral over the plane, and planted modes."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import MultivariateNormal

from explorer.vae.elbo import pixel_log_prob
from explorer.vae.pretrained import load_sample, load_vae
from explorer.vae.quadrature import log_likelihood_on_plane
from explorer.vae.true_posterior import (
    COARSE,
    FINE,
    PLANE,
    Square,
    fine_log_joint,
    log_joint,
    modes,
    share_inside,
    square_about_q,
    true_posterior,
    with_two_modes,
)


@pytest.fixture(scope="module")
def vae():
    return load_vae("mnist-2d", "cpu")


@pytest.fixture(scope="module")
def pixels():
    return load_sample("mnist")[0][:3].round().flatten(1)


def test_cells_cover_the_square() -> None:
    z1, z2 = Square((1.0, -1.0), 2.0).axes(4)
    assert z1.tolist() == [-0.5, 0.5, 1.5, 2.5]
    assert z2.tolist() == [-2.5, -1.5, -0.5, 0.5]


def test_the_joint_is_the_decoders_and_the_priors(vae, pixels) -> None:
    found = log_joint(vae, pixels, PLANE, 5)
    z1, z2 = PLANE.axes(5)
    for i, j in ((0, 3), (4, 1), (2, 2)):
        z = torch.stack([z1[j], z2[i]]).float()
        prior = MultivariateNormal(torch.zeros(2), torch.eye(2)).log_prob(z)
        expected = pixel_log_prob(vae.decode_logits(z[None]), pixels) + prior
        torch.testing.assert_close(found[:, i, j].float(), expected, rtol=1e-5, atol=1e-3)


def test_its_sum_is_log_p_of_the_image(vae, pixels) -> None:
    area = (2 * PLANE.half / (COARSE * FINE)) ** 2
    for each in pixels:
        total = fine_log_joint(vae, each[None]).flatten().logsumexp(0) + math.log(area)
        assert float(total) == pytest.approx(float(log_likelihood_on_plane(vae, each[None])), abs=0.02)


def test_the_gap_is_the_divergence_of_q_from_the_true_posterior(vae, pixels) -> None:
    """Summed over the square about q, independently of the integrals that made the two bounds."""
    found, square, n = true_posterior(vae, pixels[:1]), square_about_q(vae, pixels[:1]), 120
    loc, tril = (part[0].double() for part in vae.encode(pixels[:1].view(1, 1, 28, 28)))
    z1, z2 = square.axes(n)
    log_q = MultivariateNormal(loc, scale_tril=tril).log_prob(torch.cartesian_prod(z2, z1).flip(1)).view(n, n)
    log_p = log_joint(vae, pixels[:1], square, n)[0] - found.log_likelihood
    area = (2 * square.half / n) ** 2
    assert float(log_q.exp().sum()) * area == pytest.approx(1, abs=1e-4)
    assert float((log_q.exp() * (log_q - log_p)).sum()) * area == pytest.approx(found.gap, abs=2e-3)
    assert found.elbo < found.log_likelihood


def test_the_share_in_a_square_is_all_of_it_or_a_part(vae, pixels) -> None:
    log_likelihood = float(log_likelihood_on_plane(vae, pixels[:1]))
    fine = fine_log_joint(vae, pixels[:1])
    assert share_inside(fine, PLANE, log_likelihood) == pytest.approx(1, abs=0.01)
    assert share_inside(fine - math.log(2), PLANE, log_likelihood) == pytest.approx(0.5, abs=0.01)


def test_images_with_two_modes_have_two(vae) -> None:
    images = load_sample("mnist")[0][70:80].round().flatten(1)
    assert with_two_modes(vae, images, 1) == [1]
    assert true_posterior(vae, images[1:2]).modes.heavy == 2


def test_planted_modes_are_found_with_their_masses() -> None:
    z1, z2 = PLANE.axes(90)
    density = sum(
        share * torch.exp(-((z1[None] - x) ** 2 + (z2[:, None] - y) ** 2) / (2 * 0.3**2))
        for share, x, y in ((0.7, -2.0, 1.0), (0.27, 2.0, -1.0), (0.03, 2.0, 3.0))
    )
    found = modes(density.log(), PLANE)
    assert found.heavy == 2
    torch.testing.assert_close(found.masses, torch.tensor([0.7, 0.27, 0.03], dtype=torch.float64), atol=1e-3, rtol=0)
    assert float((found.places - torch.tensor([[-2.0, 1.0], [2.0, -1.0], [2.0, 3.0]])).abs().max()) < 0.06


def test_what_has_no_plane_is_refused(pixels) -> None:
    with pytest.raises(ValueError, match="two Gaussian latents"):
        log_joint(load_vae("mnist-50d", "cpu"), pixels, PLANE, 5)
    with pytest.raises(ValueError, match="at least 2"):
        log_joint(load_vae("mnist-2d", "cpu"), pixels, PLANE, 1)
