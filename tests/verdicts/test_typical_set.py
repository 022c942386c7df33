"""The prior's radii and truncation in words."""

from __future__ import annotations

import math

import torch

from explorer.core.numerics.radius import Radius
from explorer.vae.typical_set import Truncated
from explorer.verdicts.typical_set import density_described, law, row_label, spread, truncation

RADII = (torch.tensor([3.0, 5.0]), torch.tensor([6.0, 8.0]))


def test_the_law_of_the_radius_is_told() -> None:
    said = law(Radius(50), RADII)
    assert "In 50 dimensions 95 % of the prior lies between radius **5.69** and **8.45**, 7.04 on average" in said
    assert "within 1 of it lies 1.2 × 10⁻³³ of the mass" in said
    assert "2 test images: the posterior means lie at 4.00 on average, draws z = μ + Lε at 7.00" in said
    assert f"within 1 of it lies {100 * (1 - math.exp(-0.5)):.0f} % of the mass" in law(Radius(2), RADII)


def test_truncation_says_how_far_it_goes() -> None:
    found = Truncated(torch.zeros(10, 50), torch.zeros(10, 1, 28, 28), 317)
    said = truncation(Radius(50), found, 0.5)
    assert "317 of 500, where 61.7 % are expected" in said
    assert "falls from 7.07 to **2.01**" in said
    assert "hardly ever is" in said
    assert "still there" in truncation(Radius(50), found, 2.0)


def test_spread_is_the_pixels_deviation() -> None:
    pixels = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1)
    assert spread(0.5 * pixels, pixels).endswith("is 0.354, without truncation 0.707.")


def test_descriptions() -> None:
    assert "50 dimensions: mean 7.04, 95 % between 5.69 and 8.45" in density_described(Radius(50))
    assert row_label(2.04) == "|z| = 2.0"
