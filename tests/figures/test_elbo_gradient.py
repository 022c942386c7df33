"""The map of ratios: numbers stand in its cells where there is room for them."""

from __future__ import annotations

import pytest
import torch

from explorer.figures.elbo_gradient import ratio_map
from explorer.vae.gradients.coordinates import coordinates_of
from explorer.vae.model import Architecture


@pytest.mark.parametrize(
    ("architecture", "is_written"),
    [
        (Architecture(2, 8, "full"), True),
        (Architecture(4, 8, "diagonal"), True),
        (Architecture(6, 8, "diagonal"), False),
        (Architecture(50, 8, "diagonal"), False),
        (Architecture(10, 8, "bernoulli"), True),
    ],
)
def test_numbers_stand_in_cells_that_have_room(architecture: Architecture, is_written: bool) -> None:
    coordinates = coordinates_of(architecture)
    found = ratio_map(torch.full((len(coordinates),), 1234.0), coordinates, 0, "score_function", "pathwise")
    assert bool(found.still["data"][0]["texttemplate"]) == is_written
