"""What is said of two bounds follows from their numbers."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from explorer.vae.compare import Bound, Estimate
from explorer.vae.pretrained import manifest
from explorer.verdicts.compare import Side, cautions, models_table, said, table, verdict

ENTRY = next(iter(manifest().models.values()))


def side(name: str, log_probs: list[float], log_weights: list[float], kl: float = 0.0) -> Side:
    return Side(name, Bound(torch.tensor(log_probs).double(), torch.tensor(log_weights).double(), kl), ENTRY)


EXACT = side("a", [-90.0], [-95.0], 10.0)
OTHER = side("b", [-91.0], [-101.0], 11.0)
DRAWN = side("c", [-99.0, -101.0, -100.0, -100.0], [-94.0, -94.0, -94.0, -94.0], 5.0)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (
            EXACT,
            OTHER,
            ["ELBO of **a** is higher than that of b by **2.00** nats, exactly", "+1.00 nats by", "+1.00 by"],
        ),
        (OTHER, EXACT, ["ELBO of **a** is higher than that of b by **2.00** nats, exactly"]),
        (EXACT, EXACT, ["are **the same**"]),
        (DRAWN, DRAWN, ["are **the same**"]),
        (EXACT, DRAWN, ["**a** is higher than that of c by **5.00 ± 0.41** nats: 12 standard errors", "**opposite**"]),
        (EXACT, dataclasses.replace(DRAWN, bound=dataclasses.replace(DRAWN.bound, kl=-0.5)), ["**not told apart**"]),
    ],
)
def test_the_verdict_follows_from_the_numbers(one: Side, other: Side, told: list[str]) -> None:
    text = verdict(one, other, same_image=True)
    assert all(part in text for part in told), text
    assert ("is higher" in text) == any("is higher" in part for part in told)
    assert "images differ" in verdict(one, other, same_image=False)


def test_log_likelihoods_that_agree_or_cannot_tell_are_told() -> None:
    assert "says the same: a is ahead by 6.00 nats" in verdict(EXACT, OTHER, same_image=True)
    near = dataclasses.replace(OTHER, bound=dataclasses.replace(OTHER.bound, log_weights=EXACT.bound.log_weights))
    assert "not told apart (0.00 nats)" in verdict(EXACT, near, same_image=True)


def test_the_table_says_what_is_exact_and_subtracts_what_can_be() -> None:
    text = table(EXACT, DRAWN, comparable=True)
    assert "| ELBO | −100.00 exact | −105.00 ± 0.41 | +5.00 ± 0.41 |" in text
    assert table(EXACT, DRAWN, comparable=False).count("| – |") == 4
    assert all(line.count("|") == 5 for line in text.splitlines())
    assert cautions(EXACT, OTHER) == ""
    assert "log p(**x**) of c is importance weighted" in cautions(EXACT, DRAWN)


def test_models_stand_as_the_manifest_has_them() -> None:
    text = models_table(EXACT, OTHER)
    assert ENTRY.scores
    assert said(Estimate(ENTRY.scores.elbo, ENTRY.scores.elbo_standard_error)) in text
    assert f"{ENTRY.bytes / 1e6:.1f} MB" in text
    assert "| – | – |" not in text
    bare = dataclasses.replace(EXACT, entry=dataclasses.replace(ENTRY, scores=None))
    assert "| – |" in models_table(bare, OTHER)


def test_weights_of_which_few_rule_are_told() -> None:
    heavy = torch.linspace(1e-4, 1, 1000).double().log().mul(-2)
    one = side("d", [-90.0, -91.0] * 500, heavy.tolist())
    assert "largest weights of d rule" in cautions(one, EXACT)
    light = side("e", [-90.0, -91.0] * 500, heavy.mul(0.05).tolist())
    assert "rule" not in cautions(light, EXACT)
