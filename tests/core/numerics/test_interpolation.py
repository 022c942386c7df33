"""Polynomials through Gauss-Legendre nodes: integrals and values are right for every power that they hold."""

import pytest
import torch

from explorer.core.numerics.interpolation import barycentric, integration
from explorer.core.numerics.panels import gauss_legendre


@pytest.mark.parametrize("n", [2, 5, 12])
def test_powers_below_n_are_exact(n: int) -> None:
    nodes, _ = gauss_legendre(n)
    at_nodes, weights = barycentric(n)
    assert torch.equal(at_nodes, nodes)
    at = torch.tensor([0.0, 0.123, 0.77, 1.0], dtype=torch.float64).unsqueeze(1)
    for power in range(n):
        upto = integration(n) @ nodes**power
        torch.testing.assert_close(upto, nodes ** (power + 1) / (power + 1), rtol=1e-11, atol=1e-14)
        shares = weights / (at - nodes)
        found = (shares * nodes**power).sum(1) / shares.sum(1)
        torch.testing.assert_close(found, at[:, 0] ** power, rtol=1e-9, atol=1e-11)
