"""Shapes, ranges and refusals of the model; the posterior against torch.distributions."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from explorer.vae.datasets import DATASETS
from explorer.vae.model import VAE, Architecture


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
@pytest.mark.parametrize("n_latents", [1, 2, 5])
def test_encode_and_decode_have_their_shapes_and_ranges(make_vae, images, n_latents, posterior):
    vae = make_vae(n_latents, posterior)
    loc, scale_tril = vae.encode(images)
    assert loc.shape == (5, n_latents)
    assert scale_tril.shape == (5, n_latents, n_latents)
    pixels = vae.decode(loc)
    assert pixels.shape == (5, 1, 28, 28)
    assert ((pixels >= 0) & (pixels <= 1)).all()


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
def test_scale_tril_is_lower_triangular_with_a_positive_diagonal(make_vae, images, posterior):
    _, scale_tril = make_vae(4, posterior).encode(images)
    assert (scale_tril.triu(1) == 0).all()
    assert (scale_tril.diagonal(dim1=-2, dim2=-1) > 0).all()
    below = scale_tril.tril(-1)[:, *torch.tril_indices(4, 4, -1)]
    assert (below != 0).all() if posterior == "full" else (below == 0).all()


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
def test_transform_kl_and_log_det_agree_with_torch_distributions(make_vae, in_float64, images, posterior):
    q = in_float64(make_vae(3, posterior)).posterior(images.flatten(1).double())
    eps = torch.randn(7, 5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    reference = MultivariateNormal(q.loc, scale_tril=q.scale_tril)
    prior = MultivariateNormal(torch.zeros(3, dtype=torch.float64), torch.eye(3, dtype=torch.float64))
    torch.testing.assert_close(q.transform(eps), q.loc + torch.einsum("bij,kbj->kbi", q.scale_tril, eps))
    torch.testing.assert_close(q.kl_to_prior(), kl_divergence(reference, prior))
    torch.testing.assert_close(q.log_det, torch.linalg.slogdet(q.scale_tril).logabsdet)


def test_bits_have_logits_alone_and_start_as_signs(make_vae, images):
    vae = make_vae(4, "bernoulli")
    logits = vae.encode(images)
    assert logits.shape == (5, 4)
    torch.testing.assert_close(logits, vae.encoder(images.flatten(1)))
    assert vae.has_bits
    assert not make_vae(4).has_bits
    assert not make_vae(2, "bernoulli").is_plane
    # The decoder's first layer is odd in 2 z - 1.
    first = vae.decoder[0]
    z = torch.tensor([0.0, 1.0, 1.0, 0.0])
    torch.testing.assert_close(first(z), -first(1 - z), rtol=1e-4, atol=1e-5)
    assert vae.decode(torch.randn(3, 4)).shape == (3, 1, 28, 28)


def test_logits_may_have_a_limit(make_vae, images):
    free = make_vae(4, "bernoulli")
    limited = VAE(Architecture(4, 16, "bernoulli", largest_logit=0.5), DATASETS["mnist"])
    limited.load_state_dict(free.state_dict())
    logits = free.encode(images)
    assert logits.abs().max() > 0.5
    torch.testing.assert_close(limited.encode(images), 0.5 * (logits / 0.5).tanh())


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (torch.zeros(5, 28, 28), "shape"),
        (torch.zeros(0, 1, 28, 28), "shape"),
        (torch.zeros(1, 1, 28, 28, dtype=torch.uint8), "floating"),
        (torch.full((1, 1, 28, 28), 1.5), r"\[0, 1\]"),
        (torch.full((1, 1, 28, 28), float("nan")), r"\[0, 1\]"),
    ],
)
def test_encode_refuses_other_images(make_vae, bad, word):
    with pytest.raises(ValueError, match=f"images must.*{word}"):
        make_vae().encode(bad)


@pytest.mark.parametrize("bad", [torch.zeros(3), torch.zeros(1, 3), torch.full((1, 2), float("inf"))])
def test_decode_refuses_other_points(make_vae, bad):
    with pytest.raises(ValueError, match="z must"):
        make_vae().decode(bad)


def test_initialise_starts_at_the_mean_image_and_the_unit_posterior():
    vae = VAE(Architecture(2, 16, "full"), DATASETS["mnist"])
    mean = torch.linspace(0.1, 0.9, 784)
    vae.initialise(torch.Generator().manual_seed(0), mean)
    torch.testing.assert_close(vae.decoder[-1].bias.sigmoid(), mean)
    bias = vae.encoder[-1].bias[2:4]
    torch.testing.assert_close(torch.nn.functional.softplus(bias), torch.ones(2))
