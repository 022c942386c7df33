"""Noise, then transform in words: the star's numbers at each frame, and the route of every family."""

from __future__ import annotations

import pytest
import torch

from explorer.core.experiments.noise_transform import transform_films
from explorer.core.families import FAMILIES, SCALAR
from explorer.core.families.family import Family
from explorer.verdicts.noise_transform import captions, described, route


def test_the_star_is_followed() -> None:
    eps = torch.tensor([-1.0, 0.5, 2.0])
    axis, (film, _) = transform_films(SCALAR["normal"], {"loc": 1.0, "scale": 2.0}, eps)
    sentences = captions(film, axis, 0.5, 1)
    frame = int((film.values + 1).abs().argmin())
    assert sentences[frame].startswith(
        "μ = −1.00: the star's noise stays at ε = 0.50, its sample is x = 0.00, and ∂x/∂μ = 1.00."
    )


def test_dots_that_leave_the_picture_are_counted() -> None:
    eps = torch.tensor([-1.0, 0.5, 2.0])
    _, (film, _) = transform_films(SCALAR["normal"], {"loc": 1.0, "scale": 1.0}, eps)
    assert captions(film, (100.0, 101.0), 0.5, 1)[0].endswith("3 of 3 dots are outside the picture.")


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_every_route_has_its_word(family: Family) -> None:
    assert f"**{family.route}**" in route(family)
    assert ("does not apply" in route(family)) == (family.route == "none")
    assert family.title in described(family, 60, "")
