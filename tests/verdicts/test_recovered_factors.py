"""What is said of recovered factors is what the numbers are."""

from __future__ import annotations

import torch

from explorer.vae.factors import Information
from explorer.vae.recovered_factors import Recovered, Recovery
from explorer.vae.sprites import FACTORS
from explorer.verdicts import recovered_factors as verdicts

ENTROPIES = torch.tensor([len(factor.values) for factor in FACTORS]).double().log()
NATS = ENTROPIES[:, None] * torch.tensor([[0.1, 0.1], [0.2, 0.5], [0.05, 0.0], [0.9, 0.1], [0.0, 0.4]]).double()
FOUND = Recovery(
    Information(NATS, ENTROPIES),
    tuple(
        Recovered(int(NATS[k].argmax()), torch.zeros(len(factor.values)), torch.zeros(2, len(factor.values)))
        for k, factor in enumerate(FACTORS)
    ),
)


def test_the_gap_and_its_ends() -> None:
    said = verdicts.said(FOUND, None)
    assert "Mutual information gap: **0.310**" in said
    assert "largest for **x** (0.80) and smallest for **shape** (0.00)" in said
    assert verdicts.said(FOUND, 0.31).endswith("The manifest says 0.310.")


def test_the_table_has_the_best_and_the_next() -> None:
    rows = verdicts.table(FOUND)
    assert list(rows[1].values()) == ["scale", "z₂", "0.90", "1.79", "z₁: 0.36", "0.30"]
    assert len(rows) == len(FACTORS)


def test_panels_are_named() -> None:
    axes = verdicts.axes(FOUND)
    assert axes[0][2] == ["square", "ellipse", "heart"]
    assert [latent for _, latent, names in axes if not names] == ["μ₂", "μ₁", "μ₁", "μ₂"]
    assert "angle against latent 1" in verdicts.described(FOUND)
    assert verdicts.row_described(3, 0, 16).startswith("16 values of the x")
