"""The codes in words: written first bit first, and never certain where they are not."""

from __future__ import annotations

import torch

from explorer.verdicts.codebook import belief, bits, described


def test_a_code_is_written_first_bit_first() -> None:
    assert bits(0b0011, 4) == "1100"
    assert bits(4, 3) == "001"


def test_the_sentence_follows_the_probabilities() -> None:
    encoder, posterior = torch.tensor([0.25, 0.7, 0.05, 0.0]), torch.tensor([0.001, 0.999, 0.0, 0.0])
    same = belief(encoder, posterior, 1.234, 2)
    assert "likeliest code is **10**, with 70 %" in same
    assert "gives the same code over 99 %" in same
    assert "**1.23** nats" in same
    other = belief(encoder, posterior.flip(0), 2.5, 2)
    assert "the true posterior's is **01**, with over 99 %" in other
    assert "1,024 codes" in described(1024, torch.tensor([0.0, 1.0]), 10)
    assert "1000000000, with 100 %" in described(1024, torch.tensor([0.0, 1.0]), 10)
