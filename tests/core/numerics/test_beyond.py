"""What lies beyond the end of a line, against closed forms."""

import math

import pytest
import torch

from explorer.core.numerics.beyond import beyond, values_wanted
from explorer.core.numerics.panels import integrate


def wanted(end: float) -> tuple[torch.Tensor, float]:
    t, distance = values_wanted(torch.tensor([end], dtype=torch.float64), torch.zeros(1, dtype=torch.float64))
    return t[0], float(distance)


@pytest.mark.parametrize("rate", [0.003, 0.05, 0.7])
@pytest.mark.parametrize("powers", [(1.0,), (2.0, 1.0), (1.0, 0.0, 3.0), (5.0, -1.0, 0.5, 0.0, 0.2)])
@pytest.mark.parametrize("end", [60.0, -60.0])
def test_exponentials_times_polynomials(rate: float, powers: tuple[float, ...], end: float) -> None:
    t, distance = wanted(end)
    assert t[0].abs() < t[-1].abs() < abs(end)
    size = t.abs()
    values = sum(c * size**i for i, c in enumerate(powers)) * torch.exp(-rate * size)
    expected = 0.0
    for i, c in enumerate(powers):
        # The integral of t^i exp(-rate t) from T on.
        parts = [math.factorial(i) / math.factorial(j) * 60.0**j / rate ** (i - j + 1) for j in range(i + 1)]
        expected += c * math.exp(-rate * 60) * sum(parts)
    # The more terms, the more of the digits the fit loses.
    allowed = 1e-9 if len(powers) <= 2 else 1e-5
    assert beyond(values, distance, allowed * expected) == pytest.approx(expected, rel=10 * allowed)


@pytest.mark.parametrize("function", [torch.ones_like, lambda t: t, torch.cos, lambda t: 1 / t, lambda t: t.exp()])
def test_what_does_not_fall_so_is_not_known(function: object) -> None:
    t, distance = wanted(60.0)
    assert callable(function)
    assert beyond(function(t), distance, 1e-9) is None


def test_integrals_go_on_beyond_their_line() -> None:
    """The integral of (1 + |t|) exp(-|t|/10) is 220; between -100 and 100 it lacks 0.11."""
    line = torch.tensor([[-100.0, 0.0, 100.0]], dtype=torch.float64)
    found = integrate(lambda t, row: torch.stack(((1 + t.abs()) * (-t.abs() / 10).exp(),)), line, 8)
    assert found.faults == [""]
    assert float(found.values[0, 0]) == pytest.approx(220, abs=1e-8)
