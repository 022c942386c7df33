"""A softened bit: its density, exact biases and variances against sums and integrals made here, what torch refuses."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import integrate

from explorer.core.by_name import gradient_samples
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.temperature import (
    NEAR,
    RELAXED,
    STEADY,
    concrete_density,
    refused,
)
from tests.core.failing import PROBS, softened

P = PROBS


def test_the_density_is_that_of_the_binary_concrete() -> None:
    """As Maddison et al. write it; it integrates to 1 and holds the share near a bit."""
    x, tau, alpha = (
        torch.tensor([0.1, 0.5, 0.8], dtype=torch.float64),
        torch.tensor(0.7, dtype=torch.float64),
        P / (1 - P),
    )
    written = tau * alpha * (x * (1 - x)) ** (-tau - 1) / (alpha * x**-tau + (1 - x) ** -tau) ** 2
    torch.testing.assert_close(concrete_density(x, P, tau), written)
    film = softened("shifted_square").at(1.5)
    at = film.values[film.now]
    density = lambda x: float(concrete_density(torch.tensor(x, dtype=torch.float64), P, at))  # noqa: E731
    assert integrate.quad(density, 0, 1)[0] == pytest.approx(1, abs=1e-6)
    near = integrate.quad(density, 0, NEAR)[0] + integrate.quad(density, 1 - NEAR, 1)[0]
    assert float(film.near_a_bit[film.now]) == pytest.approx(near, abs=1e-6)


def test_gumbel_softmax_in_closed_form() -> None:
    """x = sigmoid((l + L) / tau): E of f'(x) x (1 - x) / (tau p (1 - p)), over the logistic noise."""
    film = softened("cosine").at(0.8)
    tau, odds = float(film.values[film.now]), math.log(P / (1 - P))

    def sample(noise: float) -> float:
        x = 1 / (1 + math.exp(-(odds + noise) / tau))
        return -3 * math.sin(3 * x) * x * (1 - x) / (tau * P * (1 - P))

    def weigh(noise: float) -> float:
        return math.exp(-abs(noise)) / (1 + math.exp(-abs(noise))) ** 2

    mean = integrate.quad(lambda e: weigh(e) * sample(e), -40, 40, limit=400)[0]
    square = integrate.quad(lambda e: weigh(e) * sample(e) ** 2, -40, 40, limit=400)[0]
    assert film.gradient + float(film.biases["gumbel_softmax"][film.now]) == pytest.approx(mean, abs=1e-7)
    assert float(film.variances["gumbel_softmax"][film.now]) == pytest.approx(square - mean**2, abs=1e-6)


def test_what_has_no_temperature_in_closed_form() -> None:
    film = softened("cosine")
    f0, f1 = 1.0, math.cos(3)
    assert film.gradient == pytest.approx(f1 - f0)
    for name in (*STEADY, "rebar"):
        assert not film.biases[name].any(), name
    score = f1**2 / P + f0**2 / (1 - P) - film.gradient**2
    assert float(film.variances["score_function"][0]) == pytest.approx(score)
    assert not film.variances["enumeration"].any()
    assert all(len(set(film.variances[name].tolist())) == 1 for name in STEADY)


def test_on_a_step_every_slope_is_blind() -> None:
    film = softened("step")
    assert film.gradient == pytest.approx(1.0)
    for name in RELAXED:
        torch.testing.assert_close(film.biases[name], torch.full_like(film.values, -1.0), rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", [*RELAXED, "leave_one_out"])
def test_samples_agree(name: str) -> None:
    film, n = softened("shifted_square").at(0.5), 40_000
    method = ESTIMATORS[name].at(temperature=float(film.values[film.now])) if name in RELAXED else ESTIMATORS[name]
    g = gradient_samples("bernoulli", film.problem.objective, method, {"probs": P}, n, device="cpu")["probs"].double()
    expected = film.gradient + float(film.biases[name][film.now])
    assert abs(float(g.mean()) - expected) < 4 * math.sqrt(float(film.variances[name][film.now]) / n)


def test_squared_error_is_bias_and_variance() -> None:
    film = softened("shifted_square")
    expected = film.biases["gumbel_softmax"] ** 2 + film.variances["gumbel_softmax"] / 10
    torch.testing.assert_close(film.squared_error("gumbel_softmax", 10), expected)


def test_torch_refuses() -> None:
    assert refused(P).startswith("NotImplementedError")
