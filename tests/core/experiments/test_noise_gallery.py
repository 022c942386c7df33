"""The gallery's small pictures are the families themselves, each at its defaults and once."""

from __future__ import annotations

import pytest
import torch

from explorer.core.experiments.noise_gallery import Thumbnail, thumbnails
from explorer.core.families import SCALAR
from tests.core.cases import defaults


@pytest.fixture(scope="module")
def gallery() -> dict[str, list[Thumbnail]]:
    return thumbnails(SCALAR)


def test_every_family_stands_once_under_its_route(gallery: dict[str, list[Thumbnail]]) -> None:
    placed = {each.family.name: route for route, members in gallery.items() for each in members}
    assert placed == {family.name: family.route for family in SCALAR.values()}
    assert sum(map(len, gallery.values())) == len(SCALAR)


def test_curves_and_densities_are_the_families_own(gallery: dict[str, list[Thumbnail]]) -> None:
    """Between the levels lies 96 % of q, by trapezoids or, of atoms, at least that."""
    for each in (each for members in gallery.values() for each in members):
        theta = {name: torch.tensor(value, dtype=torch.float64) for name, value in defaults(each.family).items()}
        torch.testing.assert_close(each.curve, each.family.transform(each.grid, theta))
        if each.family.discrete:
            assert 0.96 <= float(each.density.sum()) <= 1 + 1e-12
        else:
            assert float(torch.trapezoid(each.density, each.levels)) == pytest.approx(0.96, abs=0.01)
