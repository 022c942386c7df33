"""log p(x) over the plane, against closed forms, a fine grid in float64 and the shipped model's own fine grid."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

import explorer
from explorer.vae import quadrature as module
from explorer.vae.pretrained import load_sample
from explorer.vae.quadrature import log_likelihood_on_plane
from tests.vae.test_elbo import exact_log_likelihood


class Planted(nn.Module):
    """One hidden unit, log sum_j weight_j exp(-(z - mean_j)' A_j (z - mean_j) / 2): a mixture of Gaussians in z."""

    def __init__(self, modes: list[tuple[float, Tensor, Tensor]]) -> None:
        super().__init__()
        self.modes = modes

    def forward(self, z: Tensor) -> Tensor:
        terms = []
        for weight, mean, precision in self.modes:
            apart = z - mean.to(z)
            terms.append(math.log(weight) - 0.5 * ((apart @ precision.to(z)) * apart).sum(-1))
        return torch.stack(terms).logsumexp(0).unsqueeze(-1)

    def log_mass(self) -> float:
        """log of the integral of the mixture times N(0, I), in closed form."""
        eye = torch.eye(2, dtype=torch.float64)
        terms = [
            math.log(weight)
            - 0.5 * torch.logdet(eye + precision)
            - 0.5 * mean @ torch.linalg.solve(eye + precision.inverse(), mean)
            for weight, mean, precision in self.modes
        ]
        return float(torch.stack(terms).logsumexp(0))


def tilted(long: float, short: float, angle: float) -> Tensor:
    """The precision of a Gaussian of these standard deviations along and across a direction."""
    axes = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=torch.float64)
    return axes @ torch.diag(torch.tensor([long**-2.0, short**-2.0], dtype=torch.float64)) @ axes.T


def point(x: float, y: float) -> Tensor:
    return torch.tensor([x, y], dtype=torch.float64)


PLANTED = {
    "wide": [(1.0, point(0.3, -0.2), tilted(1.5, 0.7, 0.4))],
    "narrow": [(1.0, point(1.99, -2.005), tilted(0.01, 0.01, 0.0))],
    "a ridge": [(1.0, point(-1.2, 0.7), tilted(0.4, 0.012, 0.8))],
    "far out": [(1.0, point(6.3, -5.1), tilted(0.1, 0.05, 1.0))],
    "modes apart": [
        (1.0, point(-3.2, 0.1), tilted(0.3, 0.2, 0.0)),
        (40.0, point(3.25, 2.25), tilted(0.04, 0.03, 0.5)),
        (5.0, point(0.0, -4.0), tilted(0.05, 0.5, 0.2)),
    ],
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_posteriors_in_closed_form(make_vae, name):
    """Pixels so dark that they say nothing, but for a white one whose log odds are the planted log density less 60."""
    vae, planted = make_vae(), Planted(PLANTED[name])
    last = nn.Linear(1, 784).requires_grad_(False)
    last.weight.zero_()
    last.weight[5] = 1.0
    last.bias.fill_(-60.0)
    vae.decoder = nn.Sequential(planted, last)
    pixels = torch.zeros(1, 784)
    pixels[0, 5] = 1.0
    found = float(log_likelihood_on_plane(vae.double(), pixels.double()))
    assert found == pytest.approx(planted.log_mass() - 60, abs=1e-4)


def test_a_fine_grid_says_the_same(quiet_vae, in_float64, binary_image):
    found = float(log_likelihood_on_plane(quiet_vae, binary_image.flatten(1)))
    assert found == pytest.approx(
        float(exact_log_likelihood(in_float64(quiet_vae), binary_image.double(), 0.1)), abs=1e-3
    )


SHIPPED = {0: -129.8711, 8: -161.8662, 54: -202.8301}
"""Sample images binarized at 0.5 -> log p(x) by all points of [-5, 5]² at steps of 0.01: a million a picture."""


def test_the_shipped_model_where_importance_sampling_misses_modes():
    vae = explorer.load_vae("mnist-2d", "cpu")
    images = (load_sample()[0][list(SHIPPED)] >= 0.5).float()
    found = explorer.log_likelihood(vae, images)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, torch.tensor(list(SHIPPED.values())), rtol=0, atol=1e-3)
    assert torch.equal(found, explorer.log_likelihood(vae, images, 7, seed=3))
    weighted = explorer.vae.elbo.bounds(vae, images.flatten(1), 500, torch.Generator().manual_seed(0)).log_likelihood
    assert weighted[2] < found[2] - 50


def test_other_first_cells_find_the_same(quiet_vae, images, binary_image, monkeypatch):
    vae, pixels = quiet_vae, torch.cat((binary_image, images[:1].round())).flatten(1)
    found = log_likelihood_on_plane(vae, pixels)
    monkeypatch.setattr(module, "LARGEST_CELL", 3.0)
    monkeypatch.setattr(module, "IMAGES_AT_ONCE", 1)
    torch.testing.assert_close(log_likelihood_on_plane(vae, pixels), found, rtol=0, atol=1e-3)


def test_what_cannot_be_integrated_is_refused(make_vae, images, monkeypatch):
    with pytest.raises(ValueError, match="vae must have 2 Gaussian latent dimensions"):
        log_likelihood_on_plane(make_vae(3), images.flatten(1))
    monkeypatch.setattr(module, "LAST", 2)
    with pytest.raises(FloatingPointError, match="too narrow"):
        log_likelihood_on_plane(make_vae(), images.flatten(1))
    monkeypatch.setattr(module, "FAR", 5.0)
    with pytest.raises(FloatingPointError, match="next to no probability"):
        log_likelihood_on_plane(make_vae(), images.flatten(1))
