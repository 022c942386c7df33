"""The polynomial through values at Gauss-Legendre nodes of a panel: its value anywhere, and its integrals."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import gauss_legendre


@functools.cache
@isolated
def integration(n: int) -> Tensor:
    """(n, n): what takes values at the n nodes on [0, 1] to their polynomial's integrals from 0 to each node."""
    nodes, _ = gauss_legendre(n)
    inner, weights = gauss_legendre(n)
    at = nodes.unsqueeze(1) * inner
    return ((nodes.unsqueeze(1) * weights).unsqueeze(-1) * _lagrange(n, at)).sum(1)


def _lagrange(n: int, at: Tensor) -> Tensor:
    """The Lagrange polynomials of the nodes at each point, in a last axis."""
    nodes, _ = gauss_legendre(n)
    factors = (at[..., None, None] - nodes) / (nodes.unsqueeze(1) - nodes + torch.eye(n, dtype=at.dtype))
    return torch.where(torch.eye(n, dtype=torch.bool), 1.0, factors).prod(-1)


@functools.cache
@isolated
def barycentric(n: int) -> tuple[Tensor, Tensor]:
    """The n nodes on [0, 1] and the weights of the barycentric formula (Berrut & Trefethen 2004)."""
    nodes, _ = gauss_legendre(n)
    gaps = nodes.unsqueeze(1) - nodes + torch.eye(n, dtype=nodes.dtype)
    return nodes, 1 / gaps.prod(-1)
