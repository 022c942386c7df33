"""Recovered factors: means and lines against sprites picked by hand, true renderings, and a planted code."""

from __future__ import annotations

import pytest
import torch

from explorer.vae.datasets import DATASETS
from explorer.vae.model import VAE, Architecture
from explorer.vae.recovered_factors import Recovery, number_of, recovery, true_row
from explorer.vae.sprites import ANGLE, FACTORS, SCALE, SHAPE, SHAPES, SIDE, X, Y, sprites
from tests.vae.conftest import generator


@pytest.fixture(scope="module")
def vae() -> VAE:
    """Three latents of random weights."""
    made = VAE(Architecture(3, 4, "diagonal"), DATASETS["sprites"])
    made.initialise(generator(0), torch.full((SIDE * SIDE,), 0.1))
    return made.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def found(vae: VAE) -> Recovery:
    return recovery(vae)


def posterior_means(vae: VAE, rows: torch.Tensor) -> torch.Tensor:
    return vae.encode(sprites().images[rows][:, None].float() / 255)[0]


@pytest.mark.parametrize("factor", range(len(FACTORS)))
def test_means_are_over_every_combination(vae: VAE, found: Recovery, factor: int) -> None:
    made, each = sprites(), found.factors[factor]
    assert each.latent == int(found.information.nats[factor].argmax())
    assert each.means.shape == (len(FACTORS[factor].values),)
    for value in (0, len(FACTORS[factor].values) - 1):
        rows = (made.factors[:, factor] == value) & made.where_known(factor)
        # A combination that looks like others has its own place in the mean: repeat the image as often.
        repeated = rows.nonzero()[:, 0].repeat_interleave(made.counts[rows])
        expected = posterior_means(vae, repeated)[:, each.latent].double().mean()
        assert float(each.means[value]) == pytest.approx(float(expected), abs=1e-5)


@pytest.mark.parametrize("factor", range(len(FACTORS)))
def test_a_line_holds_the_other_factors(vae: VAE, found: Recovery, factor: int) -> None:
    made, each = sprites(), found.factors[factor]
    n = len(FACTORS[factor].values)
    assert each.lines.shape == (24, n)
    known = made.where_known(factor)
    first = (known & (made.factors[:, factor] == 0)).nonzero()[:, 0]
    starts = posterior_means(vae, first)[:, each.latent]
    for line in each.lines[[0, -1]]:
        # The setting that this line begins at: from there nothing but the factor moves.
        start = first[(starts - line[0]).abs().argmin()]
        others = [k for k in range(len(FACTORS)) if k != factor]
        same = (made.factors[:, others] == made.factors[start, others]).all(1) & known
        torch.testing.assert_close(posterior_means(vae, same.nonzero()[:, 0])[:, each.latent], line, atol=1e-5, rtol=0)


def test_a_true_row_moves_one_factor(vae: VAE, found: Recovery) -> None:
    made = sprites()
    heart = int(((made.factors[:, SHAPE] == 2) & (made.factors[:, X] == 7) & (made.factors[:, Y] == 3)).nonzero()[9, 0])
    image = made.images[heart].float() / 255
    assert number_of(image) == heart
    loc = torch.tensor([0.3, -0.2, 0.1])
    for factor, n in ((SCALE, 6), (ANGLE, 20), (X, 16), (Y, 16)):
        row, each = true_row(vae, found.factors[factor], factor, image, loc), found.factors[factor]
        assert row.true.shape == row.decoded.shape == (n, SIDE, SIDE)
        assert row.values.tolist() == pytest.approx(FACTORS[factor].values)
        assert torch.equal(row.true[made.factors[heart, factor]], image)
        z = loc.clone()
        z[each.latent] = each.means[2]
        torch.testing.assert_close(row.decoded[2], vae.decode(z[None])[0, 0])
    # Its size alone changes the ink; its place does not.
    ink = true_row(vae, found.factors[X], X, image, loc).true.sum((1, 2))
    torch.testing.assert_close(ink, ink[:1].expand_as(ink))


def test_a_square_has_a_quarter_of_the_angles(vae: VAE, found: Recovery) -> None:
    image = sprites().images[0].float() / 255
    assert SHAPES[int(sprites().factors[0, SHAPE])] == "square"
    assert true_row(vae, found.factors[ANGLE], ANGLE, image, torch.zeros(3)).values.tolist() == [0, 18, 36, 54, 72]


def test_what_is_no_sprite_is_refused(vae: VAE, found: Recovery) -> None:
    with pytest.raises(ValueError, match="one of the sprites"):
        true_row(vae, found.factors[X], X, torch.full((SIDE, SIDE), 0.5), torch.zeros(3))
    with pytest.raises(ValueError, match=r"image must be \(32, 32\)"):
        number_of(torch.zeros(28, 28))
    with pytest.raises(ValueError, match="factor must"):
        true_row(vae, found.factors[X], 5, torch.zeros(SIDE, SIDE), torch.zeros(3))
    with pytest.raises(ValueError, match="model of sprites"):
        recovery(VAE(Architecture(3, 4, "diagonal"), DATASETS["mnist"]))
