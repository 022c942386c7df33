"""Two bounds and their difference: against the engine's own, against exact answers, and the worth of common noise."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

import explorer
from explorer.vae.compare import Bound, Estimate, bound_of, decodes, noise
from explorer.vae.elbo import elbo_terms
from explorer.vae.model import VAE


def off(found: Estimate, expected: float) -> float:
    """In standard errors."""
    assert found.error
    return abs(found.value - expected) / found.error


@pytest.mark.parametrize(("n_latents", "posterior"), [(2, "full"), (4, "bernoulli")])
def test_what_can_be_exact_is(
    make_vae: Callable[..., VAE], binary_image: Tensor, n_latents: int, posterior: str
) -> None:
    vae = make_vae(n_latents, posterior)
    found = bound_of(vae, binary_image, seed=0)
    assert found.is_exact
    many = torch.stack([explorer.elbo(vae, binary_image, 2000, seed=seed)[0] for seed in range(8)])
    error = float(many.std()) / math.sqrt(8)
    assert found.elbo.value == pytest.approx(float(many.mean()), abs=max(4 * error, 1e-3))
    assert found.log_likelihood.value == pytest.approx(float(explorer.log_likelihood(vae, binary_image)), abs=1e-3)
    assert found.elbo.error is found.log_likelihood.error is None
    assert found.elbo.value <= found.log_likelihood.value


@pytest.mark.parametrize(("n_latents", "posterior"), [(3, "full"), (5, "diagonal"), (17, "bernoulli")])
def test_draws_agree_with_the_engine(
    make_vae: Callable[..., VAE], binary_image: Tensor, n_latents: int, posterior: str
) -> None:
    vae = make_vae(n_latents, posterior)
    found = bound_of(vae, binary_image, seed=0)
    many = torch.stack([explorer.elbo(vae, binary_image, 8_000, seed=seed)[0] for seed in (1, 2, 3)])
    assert off(found.elbo, float(many.mean())) < 4
    likelihood = explorer.log_likelihood(vae, binary_image, 40_000, seed=1)
    assert off(found.log_likelihood, float(likelihood)) < 4
    assert found.elbo.value < found.log_likelihood.value


def test_each_draw_is_the_bounds_formula(make_vae: Callable[..., VAE], binary_image: Tensor) -> None:
    vae, pixels = make_vae(3), binary_image.flatten(1)
    found = bound_of(vae, binary_image, seed=5, n_draws=32)
    eps = noise(vae, 32, 5)
    reconstruction, kl = elbo_terms(vae, pixels, eps[:, None])
    assert found.log_probs.tolist() == pytest.approx(reconstruction[:, 0].tolist(), rel=1e-6)
    assert found.kl == pytest.approx(float(kl))
    loc, scale_tril = vae.encode(binary_image)
    q = torch.distributions.MultivariateNormal(loc[0].double(), scale_tril=scale_tril[0].double())
    z = loc[0] + eps @ scale_tril[0].T
    prior = torch.distributions.Normal(0.0, 1.0).log_prob(z.double()).sum(-1)
    expected = reconstruction[:, 0].double() + prior - q.log_prob(z.double())
    assert found.log_weights.tolist() == pytest.approx(expected.tolist(), abs=1e-3)


def test_noise_of_a_latent_does_not_depend_on_those_after_it(make_vae: Callable[..., VAE]) -> None:
    few, many = (noise(make_vae(n, "diagonal"), 64, 7) for n in (3, 9))
    assert torch.equal(few, many[:, :3])
    assert not torch.equal(many[:, 3], many[:, 4])


def test_a_difference_has_the_standard_error_of_its_pairs(make_vae: Callable[..., VAE], binary_image: Tensor) -> None:
    """Over many seeds it scatters as it says, and less than of independent draws."""
    one, other = make_vae(3, "diagonal"), make_vae(3, "diagonal")
    with torch.no_grad():
        other.decoder[-1].bias.add_(0.1)
    pairs = [
        (bound_of(one, binary_image, seed=seed, n_draws=64), bound_of(other, binary_image, seed=seed, n_draws=64))
        for seed in range(200)
    ]
    for kind in ("elbo", "log_likelihood"):
        above = [getattr(a, f"{kind}_above")(b) for a, b in pairs]
        scatter = float(torch.tensor([each.value for each in above]).std())
        said = math.sqrt(sum(each.error**2 for each in above) / len(above))
        assert scatter == pytest.approx(said, rel=0.2)
        apart = math.hypot(*(getattr(each, kind).error for each in pairs[0]))
        assert said < 0.5 * apart


def test_what_is_exact_adds_no_noise_to_a_difference() -> None:
    exact = Bound(torch.tensor([-90.0]).double(), torch.tensor([-80.0]).double(), 10.0)
    drawn = Bound(torch.tensor([-99.0, -101.0]).double(), torch.tensor([-85.0, -85.0]).double(), 5.0)
    assert exact.elbo_above(exact) == Estimate(0.0)
    assert exact.elbo_above(exact).errors_from_nought == 0
    assert exact.elbo_above(drawn) == drawn.elbo_above(exact).__class__(5.0, pytest.approx(1.0))
    assert drawn.elbo_above(drawn).errors_from_nought == 0
    assert exact.log_likelihood_above(drawn).value == pytest.approx(5.0)
    with pytest.raises(ValueError, match="as many draws"):
        drawn.elbo_above(Bound(torch.zeros(3), torch.zeros(3), 0.0))


def test_pictures_are_of_the_mean_and_the_first_draws(make_vae: Callable[..., VAE], binary_image: Tensor) -> None:
    vae = make_vae(3)
    loc, scale_tril = vae.encode(binary_image)
    z = torch.cat([loc, loc + noise(vae, 64, 3)[:2] @ scale_tril[0].T])
    found = decodes(vae, binary_image, 2, seed=3, n_draws=64)
    assert torch.allclose(found, vae.decode(z)[:, 0], atol=1e-6)
    bits = make_vae(5, "bernoulli")
    likeliest = (bits.encode(binary_image) > 0).float()
    assert torch.allclose(decodes(bits, binary_image, 1, seed=0)[:1], bits.decode(likeliest)[:, 0])


@pytest.mark.parametrize("n_draws", [0, 8, 24, 2.5])
def test_what_is_no_number_of_draws_is_refused(
    make_vae: Callable[..., VAE], binary_image: Tensor, n_draws: int
) -> None:
    with pytest.raises(ValueError, match="n_draws"):
        bound_of(make_vae(3), binary_image, seed=0, n_draws=n_draws)


def test_several_images_are_refused(make_vae: Callable[..., VAE], images: Tensor) -> None:
    with pytest.raises(ValueError, match="one image"):
        bound_of(make_vae(3), images, seed=0)
