"""Traversals: one latent at a time, in both units, and what the latents are used for against independent answers."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from explorer.vae.latent import active_units
from explorer.vae.pretrained import load_sample, load_vae, manifest
from explorer.vae.traversals import (
    COLUMNS,
    REACH,
    Centre,
    centre_of,
    changes,
    columns_of,
    traversals,
    use_of_latents,
)


def test_a_row_moves_one_latent(make_vae):
    vae = make_vae(4)
    loc = torch.tensor([0.5, -1.0, 0.0, 2.0])
    values = torch.linspace(-3, 3, 12).view(4, 3)
    found = traversals(vae, loc, values)
    assert found.shape == (4, 3, 28, 28)
    for d in range(4):
        for column in range(3):
            z = loc.clone()
            z[d] = values[d, column]
            torch.testing.assert_close(found[d, column], vae.decode(z[None])[0, 0])
    assert loc.tolist() == [0.5, -1.0, 0.0, 2.0]


@pytest.mark.parametrize("posterior", ["full", "diagonal"])
def test_use_is_the_kl_of_each_latent_by_itself(make_vae, images, posterior):
    vae = make_vae(4, posterior)
    found = use_of_latents(vae, images)
    loc, scale_tril = vae.encode(images)
    marginal = Normal(loc.double(), (scale_tril @ scale_tril.mT).double().diagonal(dim1=-2, dim2=-1).sqrt())
    expected = kl_divergence(marginal, Normal(torch.zeros(4), torch.ones(4))).mean(0)
    torch.testing.assert_close(found.kl, expected, rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(found.variance, active_units(vae, images).variance.double(), rtol=1e-4, atol=1e-7)
    assert found.ranking == found.kl.argsort(descending=True).tolist()
    assert found.n_images == len(images)
    assert torch.equal(found.active, active_units(vae, images).active)
    # What they leave out of the bound's KL is what the latents say of each other.
    joint = kl_divergence(
        MultivariateNormal(loc, scale_tril=scale_tril), MultivariateNormal(torch.zeros(4), torch.eye(4))
    )
    correlations = torch.stack([torch.corrcoef(part) for part in _roots(scale_tril)])
    total = float(joint.mean() + 0.5 * torch.logdet(correlations).mean())
    assert float(found.kl.sum()) == pytest.approx(total, rel=1e-4)
    assert (float(joint.mean()) > float(found.kl.sum()) + 1e-3) == (posterior == "full")


def _roots(scale_tril):
    """Each L followed by −L: its rows have mean 0, and their correlations are those of L L^T."""
    return torch.cat([scale_tril, -scale_tril], dim=-1)


def test_columns_are_standard_deviations(make_vae, images):
    vae = make_vae(3)
    centre = centre_of(vae, images[:1])
    loc, scale_tril = vae.encode(images[:1])
    torch.testing.assert_close(centre.loc, loc[0])
    torch.testing.assert_close(centre.scale, (scale_tril[0] @ scale_tril[0].T).diagonal().sqrt())
    prior, posterior = columns_of(centre, "prior"), columns_of(centre, "posterior")
    assert prior.shape == posterior.shape == (3, COLUMNS)
    assert prior[1].tolist() == [-REACH + k / 2 for k in range(COLUMNS)]
    torch.testing.assert_close((posterior - centre.loc[:, None]) / centre.scale[:, None], prior)


def test_changes_are_the_most_of_any_pixel():
    pictures = torch.zeros(2, 3, 4, 4)
    pictures[1, 2, 0, 3] = 0.75
    pictures[1, 0, 1, 1] = 0.25
    assert changes(pictures).tolist() == [0.0, 0.75]


def test_a_shipped_models_inactive_rows_stand_still():
    """What a row says of itself holds for the models at hand: no KL, no change."""
    seen = 0
    for name, entry in manifest().models.items():
        if entry.recipe.architecture.posterior == "bernoulli" or entry.recipe.architecture.n_latents <= 2:
            continue
        vae = load_vae(name, "cpu")
        images = (load_sample(entry.recipe.dataset)[0] > 0.5).float()
        use, centre = use_of_latents(vae, images), centre_of(vae, images[:1])
        change = changes(traversals(vae, centre.loc, columns_of(centre, "prior")))
        seen += 1
        assert float(change[use.ranking[0]]) > 0.5, name
        assert not bool((change[use.kl < 1e-3] > 0.1).any()), name
    assert seen


def test_arguments_are_checked(make_vae, images):
    vae = make_vae(3)
    bits = make_vae(3, "bernoulli")
    for call in (lambda: use_of_latents(bits, images), lambda: centre_of(bits, images[:1])):
        with pytest.raises(ValueError, match=r"must have Gaussian latents.*3 bits"):
            call()
    with pytest.raises(ValueError, match="at least two"):
        use_of_latents(vae, images[:1])
    with pytest.raises(ValueError, match="one image, got 5"):
        centre_of(vae, images)
    with pytest.raises(ValueError, match="unit must be one of prior, posterior"):
        columns_of(Centre(torch.zeros(3), torch.ones(3)), "pixels")
    for loc, values, word in (
        (torch.zeros(2), torch.zeros(3, 2), "loc must"),
        (torch.zeros(3), torch.zeros(2, 2), "values must"),
        (torch.zeros(3), torch.zeros(3), "values must"),
        (torch.zeros(3), torch.zeros(3, 0), "number of pictures must"),
        (torch.zeros(3), torch.zeros(3, 6000), "number of pictures must"),
        (torch.zeros(3), torch.full((3, 2), float("nan")), "z must be finite"),
    ):
        with pytest.raises(ValueError, match=word):
            traversals(vae, loc, values)
