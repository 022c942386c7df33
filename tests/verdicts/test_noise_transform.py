"""Noise, then transform in words: the star's numbers at each frame, every family's route, whether two ways agree."""

from __future__ import annotations

import dataclasses

import pytest

from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.verdicts.noise_transform import captions, described, route, sweep_captions, verdict
from tests.core.cases import SCALAR
from tests.figures.cases import scene_of


def test_the_star_is_followed() -> None:
    """N(−1, 1) at ε = 0.8: x = −0.2, F = Φ(0.8), ∂F/∂μ = −q = −φ(0.8)."""
    scene = scene_of("normal")
    frame = int((scene.films[0].values + 1).abs().argmin())
    assert captions(scene, 0)[frame] == (
        "μ = −1.00: the star keeps ε = 0.80, its sample is x = −0.20. Slope of g: ∂x/∂μ = 1. "
        "From F and q: −(−0.29) / 0.29 = 1. Difference: 0. Below it lies 78.81 % of q."
    )


def test_the_star_is_carried() -> None:
    """Along σ at ε = −1: the slope is ε."""
    scene = scene_of("normal")
    frame = int((scene.sweep.eps + 1).abs().argmin())
    said = sweep_captions(scene)[frame]
    assert said.startswith("ε = −1.00: with σ = 1.00 held, the star's sample is x = 0.00. Slope of g: ∂x/∂σ = −1.")
    assert "Below it lies 15.87 % of q." in said


def test_dots_that_leave_the_picture_are_counted() -> None:
    scene = dataclasses.replace(scene_of("normal"), axis=(100.0, 101.0))
    assert captions(scene, 0)[0].endswith("Outside of the picture: 40 of 40 dots.")


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_every_route_has_its_word(family: Family) -> None:
    assert f"**{family.route}**" in route(family)
    assert ("does not apply" in route(family)) == (family.route == "none")
    assert family.title in described(family, 60, "")


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_verdict_of_every_family(family: Family) -> None:
    scene = scene_of(family.name)
    said = verdict(scene)
    if family.route == "none":
        assert said.startswith("**No dot slides.**")
        slope = scene.paths[scene.place].mean_slope
        assert slope is not None
        assert f"{float(slope[scene.paths[scene.place].start]):.3f}".replace("-", "−") in said
    else:
        assert said.startswith("**Two ways, one slope.**")


def test_ways_that_part_are_told() -> None:
    scene = scene_of("normal")
    slope = scene.sweep.speeds.slope
    assert slope is not None
    wrong = dataclasses.replace(scene.sweep, speeds=dataclasses.replace(scene.sweep.speeds, slope=1.02 * slope))
    assert verdict(dataclasses.replace(scene, sweep=wrong)).startswith("**The two ways part here**, by 0.015 ")
