"""The plane in words: numbers by hand."""

from __future__ import annotations

import torch

from explorer.core.experiments.linear_map import map_films
from explorer.core.families import VECTORS
from explorer.verdicts.linear_map import captions, derivatives, described, verdict

NORMAL, DIRICHLET = VECTORS["multivariate_normal"], VECTORS["dirichlet"]
THETA = {"loc_1": 1.0, "loc_2": 0.0, "scale_tril_11": 2.0, "scale_tril_21": 1.0, "scale_tril_22": 0.5}
EPS = torch.tensor([[1.0, -2.0], [0.1, 0.2]])


def test_the_star_is_followed() -> None:
    film = map_films(NORMAL, THETA, EPS)[3]
    sentence = captions(film, EPS, 0)[film.start]
    assert sentence == (
        "L₂₁ = 1.00: the star's noise stays at ε = (1.00, −2.00), its sample is x = (3.00, 0.00), and ∂x/∂L₂₁ ="
        " (0.00, 1.00). LLᵀ = (4.00, 2.00; 2.00, 1.25), det L = 1.00."
    )


def test_dots_out_of_sight_are_counted() -> None:
    film = map_films(NORMAL, THETA, torch.tensor([[3.0, 0.0], [0.0, 0.0]]))[0]
    assert captions(film, EPS, 0)[film.start].endswith("1 of 2 dots are outside the picture.")


def test_variances_stand_on_the_diagonal() -> None:
    said = verdict(NORMAL, THETA, EPS, 0)
    assert r"4.00 & 2.00 \\ 2.00 & 1.25" in said
    assert "standard deviations are **2.00** and **1.12**, the correlation 0.89" in said
    assert "det L = **1.00**: the circle's 3.14 becomes the ellipse's 3.14. 1 of 2 dots" in said
    assert "39.3 %" in said


def test_shares_in_words() -> None:
    theta = {"concentration_1": 2.0, "concentration_2": 1.0, "concentration_3": 1.0}
    assert "**(0.50, 0.25, 0.25)**" in verdict(DIRICHLET, theta, EPS, 0)
    rows = [line.split("|") for line in derivatives(DIRICHLET, theta, EPS[0]).splitlines()[2:]]
    for row in rows:
        assert abs(sum(float(cell.replace("−", "-")) for cell in row[2:5])) < 0.0021
    assert "Dirichlet" in described(DIRICHLET, 2, "")


def test_every_derivative_at_the_star() -> None:
    assert derivatives(NORMAL, THETA, EPS[0]).splitlines()[4:] == [
        r"| $\partial/\partial L_{11}$ | 1.000 | 0.000 |",
        r"| $\partial/\partial L_{21}$ | 0.000 | 1.000 |",
        r"| $\partial/\partial L_{22}$ | 0.000 | −2.000 |",
    ]
