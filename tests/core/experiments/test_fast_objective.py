"""A fast f: variances against closed forms, the crossing solved, slopes of f."""

from __future__ import annotations

import math

import pytest
import torch

from explorer.core.experiments.fast_objective import FAST, PAIR, FastObjective
from tests.core.failing import wave


@pytest.fixture(scope="module")
def films() -> dict[str, FastObjective]:
    return {name: wave(name) for name in FAST}


def cosine_variances(k: float) -> tuple[float, float]:
    """For cos(kx) under N(1, 1), gradient in the mean: E[cos² ε²] and E[k² sin²], each less the square of the mean."""
    mean, wave = k * math.exp(-k * k / 2) * math.sin(k), math.exp(-2 * k * k) * math.cos(2 * k)
    return 0.5 * (1 + (1 - 4 * k * k) * wave) - mean**2, 0.5 * k * k * (1 - wave) - mean**2


def exponential_variances(k: float) -> tuple[float, float]:
    """The same for exp(-kx²): moments of the Normal that exp(-2kx²) q is, up to a factor."""
    width = 1 / (1 + 4 * k)
    centre, share = width, math.sqrt(width) * math.exp(-2 * k * width)
    mean = -2 * k * (1 + 2 * k) ** -1.5 * math.exp(-k / (1 + 2 * k))
    return share * (width + (centre - 1) ** 2) - mean**2, share * 4 * k * k * (width + centre**2) - mean**2


@pytest.mark.parametrize(
    ("name", "closed"), [("cosine", cosine_variances), ("squared_exponential", exponential_variances)]
)
def test_variances_in_closed_form(films: dict[str, FastObjective], name: str, closed: object) -> None:
    film = films[name]
    expected = torch.tensor([closed(k) for k in film.values.tolist()], dtype=torch.float64)  # type: ignore[operator]
    for column, estimator in enumerate(PAIR):
        torch.testing.assert_close(film.variances[estimator], expected[:, column], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "closed"), [("cosine", cosine_variances), ("squared_exponential", exponential_variances)]
)
def test_at_the_crossing_both_are_equal(films: dict[str, FastObjective], name: str, closed: object) -> None:
    (turn,) = films[name].turns
    assert (turn.before, turn.after) == ("pathwise", "score_function")
    score, path = closed(turn.at)  # type: ignore[operator]
    assert score == pytest.approx(path, rel=1e-6)


def test_f_and_its_slopes_at_samples(films: dict[str, FastObjective]) -> None:
    film, x = films["cosine"], torch.tensor([-1.0, 0.3], dtype=torch.float64)
    f, slope = film.touched(x)
    k = film.values.unsqueeze(1)
    torch.testing.assert_close(f, torch.cos(k * x))
    torch.testing.assert_close(slope, -k * torch.sin(k * x))
    assert float(film.values[film.at(4.96).now]) == pytest.approx(5.0)
