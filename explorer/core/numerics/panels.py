"""Integrals on the line by adaptive Gauss-Legendre quadrature in float64, many at once.

Each row is an integral of its own, of several integrands. The line is split at the edges that are given; panels are
then halved until each agrees with its two halves, which also finds kinks that nobody named.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.core.numerics.interruption import go_on
from explorer.core.numerics.isolation import isolated

Integrand = Callable[[Tensor, Tensor], Tensor]
"""(t (P, nodes), row of each panel (P,)) -> the values of C integrands, (C, P, nodes)."""

NODES_A_PANEL = 16
MOST_PANELS = 2**14
"""Panels past which an integral is given up; in a batch of eight rows or more, an eighth of them a row."""
NO_END = "the integral does not converge"
MAX_HALVINGS = 50
TOLERANCE = 1e-11
"""A panel agrees with its halves when they differ by less than this, absolutely or relative to the integral of |h|."""
TAIL = 1e-8
"""The largest share of the integral of |h| that the two ends of the line may hold: beyond them it is cut."""
END = 0.01
"""The share of the line that each end is."""


@dataclass(frozen=True)
class Integrals:
    """values (C, R) and, for each row, what kept it from being exact: empty, or a reason."""

    values: Tensor
    faults: list[str]


def faulty(faults: Sequence[str]) -> Tensor:
    """Which rows have a reason for not being exact, (R,)."""
    return torch.tensor([bool(fault) for fault in faults])


def integrate(function: Integrand, edges: Tensor, panels: int, *, tail: bool = True) -> Integrals:
    """The integrals from each row's first edge to its last, edges (R, E) increasing along a row.

    `panels` first panels a row are shared out among the pieces between the edges. With `tail` a row is refused when the
    ends of its line hold a visible share of the integral.
    """
    left, right, row = _first_panels(edges, panels)
    n_rows = len(edges)
    whole, sizes = _over(function, left, right, row)
    size = _by_row(sizes, row, n_rows)
    faults = ["" if finite else "the integrand is not finite" for finite in size.isfinite().all(0).tolist()]
    if tail:
        faults = [
            fault or ("too much of the integral lies in the far tails" if far else "")
            for fault, far in zip(faults, _heavy_ends(function, edges, size).tolist(), strict=True)
        ]
    tolerance = TOLERANCE * size.clamp(min=1)
    total = torch.zeros_like(size)
    sound = torch.tensor([not fault for fault in faults])
    for _ in range(MAX_HALVINGS):
        go_on()
        keep = sound[row]
        left, right, row, whole = left[keep], right[keep], row[keep], whole[:, keep]
        if not len(left):
            break
        middle = 0.5 * (left + right)
        halves, _ = _over(function, torch.cat((left, middle)), torch.cat((middle, right)), row.repeat(2))
        first, second = halves.chunk(2, dim=1)
        # Written so that a NaN counts as disagreement.
        again = ~((first + second - whole).abs() <= tolerance[:, row]).all(0)
        done = ~again
        total += _by_row((first + second)[:, done], row[done], n_rows)
        left, right = torch.cat((left[again], middle[again])), torch.cat((middle[again], right[again]))
        whole, row = torch.cat((first[:, again], second[:, again]), dim=1), row[again].repeat(2)
        # A row that asks for more than its share is given up alone.
        greedy = row.bincount(minlength=n_rows) > MOST_PANELS / min(n_rows, 8)
        for lost in greedy.nonzero().flatten().tolist():
            faults[lost] = NO_END
        sound &= ~greedy
    for lost in row.unique().tolist() if len(left) else []:
        faults[lost] = faults[lost] or NO_END
    return Integrals(total, faults)


def _heavy_ends(function: Integrand, edges: Tensor, size: Tensor) -> Tensor:
    """Whether the ends of each row's line hold more than their share, (R,)."""
    low, high = edges[:, 0], edges[:, -1]
    strip = END * (high - low)
    row = torch.arange(len(edges))
    _, sizes = _over(function, torch.cat((low, high - strip)), torch.cat((low + strip, high)), row.repeat(2))
    first, last = sizes.chunk(2, dim=1)
    return ~(first + last <= TAIL * size.clamp(min=1)).all(0)


def _over(function: Integrand, left: Tensor, right: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
    """The integrals of each integrand, and of its absolute value, over each panel: (C, P) each."""
    nodes, weights = gauss_legendre(NODES_A_PANEL)
    width = (right - left).unsqueeze(1)
    terms = function(left.unsqueeze(1) + width * nodes, row) * (width * weights)
    return terms.sum(-1), terms.abs().sum(-1)


def _by_row(values: Tensor, row: Tensor, n_rows: int) -> Tensor:
    """Sums the last axis of (C, P) by row: (C, R)."""
    return values.new_zeros(len(values), n_rows).index_add_(1, row, values)


def _first_panels(edges: Tensor, panels: int) -> tuple[Tensor, Tensor, Tensor]:
    """Equal panels in each piece of each row: left, right and row, flattened row by row."""
    n_rows, pieces = len(edges), edges.shape[1] - 1
    each = max(2, panels // pieces)
    part = torch.linspace(0, 1, each + 1, dtype=edges.dtype)
    start, length = edges[:, :-1, None], edges.diff(dim=1)[:, :, None]
    left, right = start + length * part[:-1], start + length * part[1:]
    return left.flatten(), right.flatten(), torch.arange(n_rows).repeat_interleave(pieces * each)


@functools.cache
@isolated
def gauss_legendre(n_nodes: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights on [0, 1], (n_nodes,) float64."""
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    return torch.from_numpy(0.5 * (nodes + 1)), torch.from_numpy(0.5 * weights)
