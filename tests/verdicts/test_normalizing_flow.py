"""A flow in words: the density at the star adds up, and the condition is held."""

from __future__ import annotations

import torch

from explorer.core.experiments.normalizing_flow import flow_films
from explorer.verdicts.normalizing_flow import captions, described, verdict

EPS = torch.tensor([[0.0, 0.0], [1.0, -1.0]])


def test_no_layers_leave_the_density_of_the_noise() -> None:
    film = flow_films({"layers": 0.0, "strength": 1.0}, EPS)[0]
    assert captions(film, EPS, 0)[film.start].endswith(
        "log p(ε) = −1.84, the layers' log|det| add up to 0.00, log q(x) = −1.84."
    )


def test_the_first_layer_by_hand() -> None:
    """At 0 its determinant is 1 + 2.4, of logarithm 1.22."""
    film = flow_films({"layers": 1.0, "strength": 1.0}, EPS)[0]
    said = verdict(film, EPS, 0, 1.0)
    assert "−1.84 − 1.22 − 0.00 − 0.00 − 0.00 = **−3.06**" in said
    assert "2.40, 0.42, 0.36, 1.08, the least **0.36**" in said
    assert "up to 4 layers" in described(2, "")
