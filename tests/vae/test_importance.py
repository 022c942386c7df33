"""Importance weights: their diagnostics by hand, and the Pareto shape against laws whose tail is known."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats

from explorer.vae.importance import ImportanceWeights, fitted_shape, pareto_k
from tests.vae.conftest import generator


def test_diagnostics_by_hand() -> None:
    weights = ImportanceWeights(torch.tensor([1.0, 2.0, 3.0, 6.0], dtype=torch.float64).log() - 700)
    assert weights.log_mean == pytest.approx(math.log(3) - 700)
    assert weights.effective_size == pytest.approx(12**2 / (1 + 4 + 9 + 36))
    assert weights.largest_share == pytest.approx(0.5)
    # The relative standard error: the deviation of (1, 2, 3, 6) over its mean and the root of 4.
    assert weights.log_mean_error == pytest.approx(math.sqrt(14 / 3) / 3 / 2)
    assert weights.k_hat is None, "four weights have no tail"


def test_running_means_are_those_of_disjoint_groups() -> None:
    log_weights = torch.randn(12, generator=generator(0), dtype=torch.float64)
    found = ImportanceWeights(log_weights).running((1, 3, 5))
    assert float(found.mean[0]) == pytest.approx(float(log_weights.mean()))
    of_three = [math.log(sum(math.exp(each) for each in log_weights[i : i + 3]) / 3) for i in (0, 3, 6, 9)]
    assert float(found.mean[1]) == pytest.approx(sum(of_three) / 4)
    assert float(found.spread[1]) == pytest.approx(float(torch.tensor(of_three).double().std()))
    assert float(found.error[1]) == pytest.approx(float(found.spread[1]) / 2)
    for wrong in (0, 7):
        with pytest.raises(ValueError, match=r"counts must be in \[1, 6\]"):
            ImportanceWeights(log_weights).running((wrong,))


def test_the_estimate_rises_with_the_number_of_weights() -> None:
    """Of lognormal weights with mean 1: E log w is -1/2 exactly, and log of the mean of many is 0."""
    log_weights = torch.randn(40_000, generator=generator(1), dtype=torch.float64) - 0.5
    found = ImportanceWeights(log_weights).running((1, 10, 100, 1000))
    assert abs(float(found.mean[0]) + 0.5) < 4.5 * float(found.error[0])
    assert (found.mean.diff() > 0).all()
    assert abs(float(found.mean[-1])) < 0.01


@pytest.mark.parametrize("shape", [-0.3, 0.2, 0.5, 0.9, 1.5])
def test_shape_of_a_generalized_pareto_law(shape: float) -> None:
    """The likeliest shape has the standard deviation (1 + k) / sqrt n; the pull to 1/2 is worth ten draws."""
    n = 4000
    u = torch.rand(n, generator=generator(2), dtype=torch.float64)
    draws = (2.5 * ((1 - u) ** -shape - 1) / shape).sort().values
    found = fitted_shape(draws)
    assert found == pytest.approx(shape, abs=4 * (1 + shape) / math.sqrt(n) + 10 * abs(shape - 0.5) / n)
    likeliest, _, _ = stats.genpareto.fit(draws.numpy(), floc=0)
    assert found == pytest.approx(likeliest, abs=0.02)


@pytest.mark.parametrize("shape", [0.3, 0.9])
def test_k_hat_of_pareto_weights(shape: float) -> None:
    """Weights u^-k have a tail of shape k exactly, wherever it is cut off."""
    u = torch.rand(20_000, generator=generator(3), dtype=torch.float64)
    log_weights = -shape * u.log()
    n_tail = 3 * math.sqrt(20_000)
    assert pareto_k(log_weights) == pytest.approx(shape, abs=4 * (1 + shape) / math.sqrt(n_tail) + 0.02)
    assert pareto_k(log_weights - 5000) == pytest.approx(pareto_k(log_weights)), "a factor changes nothing"


def test_equal_weights_have_no_tail() -> None:
    weights = ImportanceWeights(torch.full((1000,), -3.0, dtype=torch.float64))
    assert weights.k_hat is None
    assert weights.effective_size == pytest.approx(1000)
    assert weights.log_mean_error == pytest.approx(0, abs=1e-12)


def test_the_limit_is_vehtaris() -> None:
    assert ImportanceWeights(torch.zeros(20_000)).k_most == pytest.approx(0.7)
    assert ImportanceWeights(torch.zeros(100)).k_most == pytest.approx(0.5)
