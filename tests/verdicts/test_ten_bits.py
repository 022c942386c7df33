"""Ten bits in words, from made-up numbers."""

from __future__ import annotations

import torch

from explorer.vae.ten_bits import TenBits
from explorer.verdicts.ten_bits import captions, described, is_biased, table, verdict


def made(*, sampled: bool) -> TenBits:
    def both(one: float, other: float) -> torch.Tensor:
        return torch.tensor([one, other], dtype=torch.float64)

    biases = {"straight_through": both(0.03, 0.0), "disarm": both(0, 0), "score_function": both(0, 0)}
    errors = {name: both(0, 0) for name in biases}
    deviations = {"straight_through": both(1, 1), "disarm": both(0.5, 3), "score_function": both(7, 2)}
    if sampled:
        biases |= {"gumbel_softmax": both(-0.08, 0.001), "rebar": both(0, 0)}
        errors |= {"gumbel_softmax": both(0.01, 0.01), "rebar": both(0, 0)}
        deviations |= {"gumbel_softmax": both(0.4, 0.4), "rebar": both(1, 1)}
    certainty = both(0.6, 0.999)
    none = {name: both(0, 0) for name in biases}
    return TenBits(torch.tensor([6, 1]), both(-0.2, 0.1), certainty, biases, errors, deviations, none)


def test_what_is_exact_is_said_before_the_rest_has_come() -> None:
    said = verdict(made(sampled=False))
    assert "In bit 7" in said
    assert "**−0.2**" in said
    assert "Biased: straight-through 0.03." in said
    assert "**DisARM** varies least: standard deviation 0.5." in said
    assert "on their way" in said


def test_an_estimated_bias_counts_beyond_its_errors() -> None:
    film = made(sampled=True)
    assert is_biased(film, "gumbel_softmax", 0)
    assert not is_biased(film, "gumbel_softmax", 1)
    said = verdict(film)
    assert "Gumbel-softmax −0.08 ± 0.01 and straight-through 0.03" in said
    assert "Gumbel-softmax and REBAR let the decoder see what is no code" in said


def test_every_bit_has_a_sentence_and_a_row() -> None:
    film = made(sampled=True)
    assert len(captions(film)) == len(table(film)["bit"]) == 2
    assert "Bit 7, 1 with probability 0.600" in described(film)
