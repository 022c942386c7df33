"""The law of |z| against scipy's."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats

from explorer.core.numerics.radius import Radius


@pytest.mark.parametrize("n_latents", [1, 2, 6, 50, 400])
def test_the_law_of_the_radius_is_scipys(n_latents: int) -> None:
    law, other = Radius(n_latents), stats.chi(n_latents)
    assert law.mean == pytest.approx(other.mean(), rel=1e-10)
    at = torch.linspace(0, 1.5 * law.mean, 7, dtype=torch.float64)
    assert law.density(at).numpy() == pytest.approx(other.pdf(at.numpy()), rel=1e-8, abs=1e-300)
    assert law.band == pytest.approx(other.ppf([0.025, 0.975]), rel=1e-9)
    for radius in (0.5, law.mean):
        assert law.mass_within(radius) == pytest.approx(other.cdf(radius), rel=1e-8)
        assert law.mass_beyond(1.2 * radius) == pytest.approx(other.sf(1.2 * radius), rel=1e-8)
    for share in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="share must be"):
            law.quantile(share)
