"""Mutual information with known factors: planted codes, and an independent integral."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from explorer.core.device import generator_for
from explorer.vae.datasets import DATASETS
from explorer.vae.factors import information, information_on_sprites
from explorer.vae.model import VAE, Architecture

CPU = torch.device("cpu")
GRID = torch.cartesian_prod(torch.arange(3), torch.arange(4), torch.arange(5))
"""All combinations of three factors."""
ALIKE, KNOWN = torch.ones(len(GRID)), torch.ones_like(GRID, dtype=torch.bool)


def code(*columns, scale=0.05):
    loc = torch.stack([column.double() for column in columns], dim=1)
    return loc, torch.full_like(loc, scale)


def test_a_perfect_code_has_a_gap_of_one():
    found = information(*code(GRID[:, 2], GRID[:, 0], GRID[:, 1], 0 * GRID[:, 0]), GRID, ALIKE, KNOWN)
    expected = torch.tensor([3.0, 4.0, 5.0], dtype=torch.float64).log()
    torch.testing.assert_close(found.entropies, expected, atol=1e-12, rtol=0)
    torch.testing.assert_close(found.nats.max(1).values, expected, atol=1e-9, rtol=0)
    assert found.nats.argmax(1).tolist() == [1, 2, 0]
    assert found.gap == pytest.approx(1, abs=1e-9)


def test_a_code_told_twice_or_turned_has_none():
    twice = information(*code(*(GRID[:, k] for k in (0, 1, 2, 0, 1, 2))), GRID, ALIKE, KNOWN)
    assert twice.gap == pytest.approx(0, abs=1e-9)
    two = torch.cartesian_prod(torch.arange(4), torch.arange(4))
    turned = information(*code(two[:, 0] + two[:, 1], two[:, 0] - two[:, 1]), two, torch.ones(16), two >= 0)
    assert turned.gap == pytest.approx(0, abs=1e-9)
    assert float(turned.nats.min()) > 0.1


def test_a_code_of_noise_tells_nothing():
    found = information(*code(0 * GRID[:, 0], 0 * GRID[:, 0], scale=1.0), GRID, ALIKE, KNOWN)
    assert float(found.nats.abs().max()) < 1e-9


def test_overlapping_values_against_an_independent_integral():
    loc, scale = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.5, 0.0]]), torch.tensor([[1.0, 0.4], [0.5, 0.7], [0.8, 0.3]])
    values, weights = torch.tensor([[0], [1], [1]]), torch.tensor([2.0, 1.0, 3.0])
    found = information(loc, scale, values, weights, values >= 0)
    shares = [2 / 6, 1 / 6, 3 / 6]
    for j in range(2):
        parts = [norm(float(loc[n, j]), float(scale[n, j])) for n in range(3)]

        def entropy(members, parts=parts):
            total = sum(shares[n] for n in members)

            def integrand(z):
                p = sum(shares[n] * parts[n].pdf(z) for n in members) / total
                return -p * math.log(p) if p > 0 else 0.0

            return quad(integrand, -12, 14, points=[0, 1, 2.5], limit=300, epsabs=1e-11)[0]

        expected = entropy([0, 1, 2]) - shares[0] * entropy([0]) - (1 - shares[0]) * entropy([1, 2])
        assert float(found.nats[0, j]) == pytest.approx(expected, abs=1e-8)


def test_a_factor_is_judged_where_it_is_known_alone():
    known = KNOWN.clone()
    known[GRID[:, 0] < 2, 2] = False
    told_there = torch.where(GRID[:, 0] == 2, GRID[:, 2], 9 - 2 * GRID[:, 1])
    found = information(*code(GRID[:, 0], told_there), GRID, ALIKE, known)
    assert float(found.gaps[2]) == pytest.approx(1, abs=1e-9)
    assert float(information(*code(GRID[:, 0], told_there), GRID, ALIKE, KNOWN).gaps[2]) < 0.9


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"scale": torch.zeros(60, 2)}, "above 0"),
        ({"scale": torch.full((60, 2), 1e-6)}, "too small"),
        ({"loc": torch.full((60, 2), float("nan"))}, "finite"),
        ({"loc": torch.zeros(60, 1), "scale": torch.ones(60, 1)}, "D >= 2"),
        ({"factors": torch.zeros(60, 3, dtype=torch.long)}, "two values"),
        ({"weights": torch.ones(3)}, r"weights \(N,\)"),
    ],
)
def test_what_cannot_be_judged_is_refused(change, word):
    loc, scale = code(GRID[:, 0], GRID[:, 1])
    arguments = {"loc": loc, "scale": scale, "factors": GRID, "weights": ALIKE, "known": KNOWN} | change
    with pytest.raises(ValueError, match=word):
        information(**arguments)


def test_an_untrained_model_of_sprites_separates_nothing(make_vae):
    vae = VAE(Architecture(3, 8, "diagonal"), DATASETS["sprites"])
    vae.initialise(generator_for(0, CPU), torch.full((1024,), 0.1))
    found = information_on_sprites(vae.eval())
    assert found.nats.shape == (5, 3)
    assert bool((found.nats > -1e-9).all())
    assert 0 <= found.gap < 0.05
    np.testing.assert_allclose(found.entropies.exp(), [3, 6, 20, 16, 16], rtol=1e-9)
    with pytest.raises(ValueError, match="sprites"):
        information_on_sprites(make_vae(3))
