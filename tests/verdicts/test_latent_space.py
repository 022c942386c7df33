"""The latent space in words: estimates with their errors, and titles that follow what is shown."""

from __future__ import annotations

import torch

from explorer.vae.true_posterior import Modes, TruePosterior
from explorer.verdicts.latent_space import (
    bounds,
    close_up_titles,
    close_ups_described,
    estimated,
    exact_bounds,
    mode_marks,
    plane_described,
)


def test_an_estimate_is_written_to_its_errors_second_digit() -> None:
    values = torch.tensor([-100.0, -101.0, -102.0, -103.0])
    error = 1.2909944487358056 / 2
    assert estimated(values) == f"−101.50 ± {error:.2f}"
    assert estimated(torch.full((3,), -2.0)) == "−2.00 ± 0.00"


def test_bounds_name_the_image_and_the_seed() -> None:
    sentence = bounds("7", 3, torch.tensor([-150.0, -152.0]), torch.tensor([-140.0, -142.0]), 100)
    assert "This **7**, binarized with seed 3" in sentence
    assert "K = 100: **−141.0 ± 1.0** nats" in sentence
    assert "lower bound" in sentence
    bits = bounds("7", 3, torch.tensor([-150.0]), torch.tensor([-139.128]), 100)
    assert "ELBO **−150.00** nats; log p(**x**): **−139.13** nats. Both are exact" in bits


def truth(*masses: float) -> TruePosterior:
    places = torch.tensor([[float(i), -1.0] for i in range(len(masses))])
    return TruePosterior(-150.0, -139.128, -136.0, Modes(places, torch.tensor(masses)))


def test_exact_bounds_say_the_gap_and_what_q_sees_of_the_true_posterior() -> None:
    alone = exact_bounds("7", 3, truth(1.0), 0.84)
    assert "This **7**, binarized with seed 3: ELBO **−150.00** nats, log p(**x**) **−139.13**" in alone
    assert "**10.87** nats" in alone
    assert "one mode; 84 % of it" in alone
    two = exact_bounds("7", 3, truth(0.6, 0.38, 0.02), 0.38)
    assert "**2 modes**, with 60 % and 38 % of its mass (crosses); 38 % of it" in two


def test_several_modes_are_marked_and_a_single_one_if_q_misses_it() -> None:
    assert mode_marks(None, None) == []
    assert mode_marks(truth(1.0), 0.9) == []
    assert mode_marks(truth(1.0), 0.1) == [(0.0, -1.0, "100 %")]
    assert mode_marks(truth(0.6, 0.38, 0.02), 0.9) == [(0.0, -1.0, "60 %"), (1.0, -1.0, "38 %")]


def test_close_ups_are_named_as_they_are_shown() -> None:
    assert close_up_titles(1) == ["encoded", "at μ"]
    assert close_up_titles(1, has_bits=True) == ["encoded", "at its code"]
    assert close_ups_described(close_up_titles(2)).endswith("at μ and at z.")


def test_minus_signs() -> None:
    assert "(−1.25, 0.50)" in plane_described("z", 3.5, torch.tensor([-1.25, 0.5]))
