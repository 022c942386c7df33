"""Exact gradients and variances: against another integral, known figures, twice the nodes; refused where unknown."""

from __future__ import annotations

import pytest
import torch

import explorer
from explorer.core.numerics.interruption import Interrupted, while_wanted
from explorer.core.randomness import Streams
from explorer.vae.gradients import NORMAL, plane
from explorer.vae.gradients.exact import exact_moments, exact_moments_of_all
from explorer.vae.gradients.samples import fresh_draw
from tests.vae.gradients.test_samples import exact_gradient


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
def test_the_gradient_is_autograd_of_the_bound_as_an_integral_over_z(
    quiet_vae, make_vae, in_float64, binary_image, posterior
):
    vae = quiet_vae if posterior == "full" else make_vae(2, "diagonal")
    found = explorer.exact_elbo_gradient(vae, binary_image)
    expected = exact_gradient(vae, in_float64(vae), binary_image, 0.1)
    assert found["scale_tril"][0, 1] == 0
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-6, atol=1e-5)


def test_the_figures_that_are_known(on_plane, three_images):
    """A seven of the test set: the gradient of E log p(x | z) in mu_1, and how many samples the score function needs.

    The figures are another program's, in numpy alone: a trapezoid rule over the noise, the chain rule by hand.
    """
    pixels = three_images[:1]
    draw = fresh_draw(on_plane, pixels, 1, Streams(0, on_plane.device), "analytic")
    score, pathwise = exact_moments_of_all(on_plane, pixels, ["score_function", "pathwise"])
    for moments in (score, pathwise):
        assert float(moments.mean[0] - draw.known[0, 0]) == pytest.approx(-10.6094, abs=5e-4)
    assert float(pathwise.variance[0]) == pytest.approx(766.43, abs=0.05)
    assert float(score.variance[0]) == pytest.approx(3_351_795, rel=1e-5)
    assert float(score.variance[0] / pathwise.variance[0]) == pytest.approx(4373.3, abs=0.6)


@pytest.mark.parametrize("kl", ["analytic", "sampled"])
def test_twice_the_nodes_agree(on_plane, three_images, monkeypatch, kl):
    found = [exact_moments_of_all(on_plane, image[None], list(NORMAL), kl) for image in three_images[:1]]
    monkeypatch.setattr(plane, "NODES", (41, 81))
    for image, of_image in zip(three_images, found, strict=False):
        for few, many in zip(of_image, exact_moments_of_all(on_plane, image[None], list(NORMAL), kl), strict=True):
            assert (few.mean - many.mean).abs().max() < 1e-5 * many.mean.abs().max()
            assert ((few.variance - many.variance).abs() < 1e-5 * many.variance).all()


def test_what_is_too_rough_for_the_grid_is_refused(make_vae, binary_image):
    vae = make_vae(1)
    with torch.no_grad():
        vae.decoder[0].weight.mul_(1000)
    with pytest.raises(FloatingPointError, match="the gradient cannot be integrated"):
        explorer.exact_elbo_gradient(vae, binary_image)


def test_a_rough_one_is_looked_at_more_closely(make_vae, binary_image, monkeypatch):
    vae, asked, grid = make_vae(1), [], plane.noise_grid
    with torch.no_grad():
        vae.decoder[0].weight.div_(4)
    monkeypatch.setattr(plane, "noise_grid", lambda D, nodes, like: asked.append(nodes) or grid(D, nodes, like=like))
    explorer.exact_elbo_gradient(vae, binary_image)
    assert asked == [21, 41]
    with torch.no_grad():
        vae.decoder[0].weight.mul_(8)
    asked.clear()
    explorer.exact_elbo_gradient(vae, binary_image)
    assert asked[-1] > 41


def test_variances_have_the_gradient_s_keys_and_follow_kl_and_settings(make_vae, binary_image):
    vae = make_vae(2)
    pixels = binary_image.flatten(1)
    for kl in ("analytic", "sampled"):
        found = explorer.exact_elbo_variance(vae, binary_image[0], "score_function", kl=kl)
        assert {name: tuple(value.shape) for name, value in found.items()} == {"loc": (2,), "scale_tril": (2, 2)}
        moments = exact_moments(vae, pixels, "score_function", kl)
        for (name, index), value in zip(moments.coordinates, moments.variance, strict=True):
            assert found[name][index] == value
    two, sixteen = (NORMAL["leave_one_out"].at(group=group) for group in (2, 16))
    few, many = (explorer.exact_elbo_variance(vae, binary_image, entry)["loc"] for entry in (two, sixteen))
    assert (few > many).all()


def test_nothing_is_exact_with_more_latents(make_vae, binary_image):
    for call in (explorer.exact_elbo_gradient, lambda *all: explorer.exact_elbo_variance(*all, "pathwise")):
        with pytest.raises(ValueError, match="vae must have at most 2 latents to be integrated over, it has 3"):
            call(make_vae(3), binary_image)


def test_bad_arguments_are_refused(make_vae, images, binary_image):
    vae = make_vae()
    with pytest.raises(ValueError, match="image must be a single one"):
        explorer.exact_elbo_gradient(vae, images)
    with pytest.raises(ValueError, match="estimator must be one of"):
        explorer.exact_elbo_variance(vae, binary_image, explorer.ESTIMATORS["pathwise"])
    with pytest.raises(ValueError, match="kl must be 'analytic' or 'sampled', got 'exact'"):
        explorer.exact_elbo_variance(vae, binary_image, "pathwise", kl="exact")


def test_it_ends_when_nobody_wants_it(make_vae, binary_image):
    with while_wanted(lambda: False), pytest.raises(Interrupted):
        explorer.exact_elbo_gradient(make_vae(), binary_image)
