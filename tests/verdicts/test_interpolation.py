"""Ways between two images in words."""

from __future__ import annotations

import math

import pytest
import torch

from explorer.vae.interpolation import Path, angle, spherical, straight
from explorer.verdicts.interpolation import curves_described, pictures_described, readouts, share_outside, verdict

T = torch.linspace(0, 1, 101, dtype=torch.float64)


def ways(a: torch.Tensor, b: torch.Tensor) -> dict[str, Path]:
    return {"straight": straight(a, b, T), "spherical": spherical(a, b, T)}


def test_the_verdict_says_both_middles_and_where_the_prior_is() -> None:
    a, b = 7 * torch.eye(50)[:2]
    said = verdict(ways(a, b), "7", "9", angle(a, b))
    assert "From the 7 to the 9, the codes 90° apart" in said
    assert f"|z| is **{7 / math.sqrt(2):.2f}** on the straight way and **7.00** on the spherical one" in said
    assert "95 % of the prior in 50 dimensions lies between 5.69 and 8.45" in said
    # |z|² = 49 (t² + (1 - t)²) is below 5.69² for t from 0.217 to 0.783.
    assert "The straight way is outside on 56 % of its length, the spherical one on 0 %" in said
    assert "The ends are means" not in said


def test_short_codes_are_told_to_be_means() -> None:
    a, b = 3 * torch.eye(50)[:2]
    said = verdict(ways(a, b), "7", "9", angle(a, b))
    assert "outside on 100 % of its length, the spherical one on 100 %" in said
    assert "The ends are means of q" in said
    near = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    assert "Both ways stay inside" in verdict(ways(*near), "7", "9", angle(*near))


def test_without_a_spherical_way_there_is_the_straight_one() -> None:
    alone = {"straight": straight(torch.ones(2), -torch.ones(2), T)}
    said = verdict(alone, "7", "9", None)
    assert "|z| is **0.00** on the straight way" in said
    assert "spherical" not in said + curves_described(alone) + pictures_described(alone, ("7", "9"))


def test_a_readout_is_of_its_place() -> None:
    (said,) = readouts(Path(torch.tensor([[3.0, 4.0]], dtype=torch.float64)))
    assert said == f"|z| = 5.00, log p(z) = −{12.5 + math.log(2 * math.pi):.2f}"
    assert share_outside(torch.tensor([1.0, 2.0, 3.0, 4.0]), (1.5, 3.5)) == pytest.approx(0.5)
