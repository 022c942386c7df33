"""A chain in words: numbers by hand."""

from __future__ import annotations

import pytest
import torch

from explorer.core.experiments.chain_catalogue import CHAINS
from explorer.core.experiments.composition_chain import Chain, chain_films
from explorer.verdicts.composition_chain import captions, described, labels, table, title, verdict

THETA = {"loc": 0.0, "scale": 0.5}
EPS = torch.tensor([[2.0], [0.0]])
CHAIN = CHAINS["log_normal"]


def test_the_star_goes_from_strip_to_strip() -> None:
    film = chain_films(CHAIN, THETA, EPS)[0]
    assert captions(CHAIN, film, 0)[film.start] == "μ = 0.00: the star goes 2.00 → 1.00 → 1.00 → 2.72."


def test_the_chain_rule_in_numbers() -> None:
    assert "x = 2.72" in verdict(CHAIN, THETA, EPS[0])
    assert "∂x/∂σ = **5.44**" in verdict(CHAIN, THETA, EPS[0])
    rows = table(CHAIN, THETA, EPS[0]).splitlines()[2:]
    assert rows == [
        "| σε | 1 | 0 | 2 |",
        "| μ + σε | 1 | 1 | 1 · 2 = 2 |",
        "| x = exp(μ + σε) | 2.72 | 2.72 · 1 = 2.72 | 2.72 · 2 = 5.44 |",
    ]


def test_a_count_is_said_to_have_none() -> None:
    said = verdict(CHAINS["chi2"], {"df": 2.0}, torch.full((5,), 0.5))
    assert said.startswith("ν counts the noises")
    assert not table(CHAINS["chi2"], {"df": 2.0}, torch.full((5,), 0.5))
    assert "∂x/∂β" in verdict(CHAINS["gamma"], {"concentration": 2.0, "rate": 1.0}, torch.full((5,), 0.5))


@pytest.mark.parametrize("chain", CHAINS.values(), ids=lambda chain: chain.name)
def test_every_strip_has_its_name(chain: Chain) -> None:
    assert len(set(labels(chain))) == len(chain.steps) + 1
    assert title(chain.name) in described(chain, 40, "")
