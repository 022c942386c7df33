"""The straight and the spherical way: ends, lengths, even turning, and where there is no spherical way."""

from __future__ import annotations

import math

import pytest
import torch

from explorer.vae.interpolation import angle, spherical, straight
from tests.vae.conftest import generator

T = torch.linspace(0, 1, 11, dtype=torch.float64)


def pair(n_latents: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(2, n_latents, generator=generator(seed), dtype=torch.float64).unbind()


@pytest.mark.parametrize("n_latents", [2, 3, 50])
def test_both_ways_go_from_end_to_end(n_latents: int) -> None:
    a, b = pair(n_latents)
    for way in (straight, spherical):
        places = way(a, b, T).places
        torch.testing.assert_close(places[0], a)
        torch.testing.assert_close(places[-1], b)


@pytest.mark.parametrize("n_latents", [2, 3, 50])
def test_the_spherical_way_turns_and_grows_evenly_in_one_plane(n_latents: int) -> None:
    a, b = pair(n_latents)
    path = spherical(a, b, T)
    torch.testing.assert_close(path.norms, (1 - T) * a.norm() + T * b.norm())
    turns = [angle(one, other) for one, other in zip(path.places[:-1], path.places[1:], strict=True)]
    assert turns == pytest.approx([angle(a, b) / 10] * 10)
    assert int(torch.linalg.matrix_rank(path.places, rtol=1e-9)) == 2


def test_a_quarter_turn_by_hand() -> None:
    a, b = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 2.0])
    root = math.sqrt(2)
    torch.testing.assert_close(spherical(a, b, torch.tensor([0.5])).places, torch.tensor([[root, root]]).double())
    path = straight(a, b, torch.tensor([0.5]))
    assert float(path.norms) == pytest.approx(root)
    assert float(path.log_prior) == pytest.approx(-1 - math.log(2 * math.pi))


def test_half_way_straight_has_half_the_square() -> None:
    a, b = torch.randn(2, 4000, 50, generator=generator(1), dtype=torch.float64)
    squares = torch.stack([straight(x, y, torch.tensor([0.5])).norms.square()[0] for x, y in zip(a, b, strict=True)])
    # |z|^2 is half a chi-squared of 50 degrees of freedom: mean 25, variance 25.
    assert abs(float(squares.mean()) - 25) < 4.5 * 5 / math.sqrt(4000)


def test_parallel_codes_leave_the_straight_way() -> None:
    a, other = pair(5)
    torch.testing.assert_close(spherical(a, 3 * a, T).places, straight(a, 3 * a, T).places)
    torch.testing.assert_close(spherical(a, a, T).places, a.expand(11, -1))
    for off in (1e-3, 1e-4, 1e-5, 1e-6, 1e-8):
        near = a + off * other
        difference = (spherical(a, near, T).places - straight(a, near, T).places).abs().max()
        assert float(difference) < 2 * off**2 + 1e-12, "no jump where the formula changes"


def test_without_a_direction_there_is_no_spherical_way() -> None:
    a, _ = pair(5)
    for one, other in ((a, torch.zeros(5)), (torch.zeros(5), a), (torch.zeros(5), torch.zeros(5))):
        with pytest.raises(ValueError, match="must not be 0"):
            spherical(one, other, T)
    with pytest.raises(ValueError, match="must not be opposite"):
        spherical(a, -2 * a, T)
    nearly = spherical(a, -2 * a + 1e-3 * torch.ones(5, dtype=torch.float64), T)
    assert bool(nearly.places.isfinite().all())


def test_angles_keep_their_digits_at_both_ends() -> None:
    for small in (1e-9, 1e-4):
        a, b = torch.tensor([1.0, 0.0]).double(), torch.tensor([math.cos(small), math.sin(small)]).double()
        assert angle(a, b) == pytest.approx(small, rel=1e-6)
        assert math.pi - angle(a, -b) == pytest.approx(small, rel=1e-6)


def test_arguments_are_checked() -> None:
    a, b = pair(3)
    for way in (straight, spherical):
        with pytest.raises(ValueError, match="one shape"):
            way(a, b[:2], T)
        with pytest.raises(ValueError, match=r"t must have shape"):
            way(a, b, T[:, None])
        with pytest.raises(ValueError, match="finite"):
            way(a, b * math.nan, T)
