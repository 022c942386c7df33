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

from explorer.core.numerics.beyond import beyond, values_wanted
from explorer.core.numerics.interruption import go_on
from explorer.core.numerics.isolation import isolated

Integrand = Callable[[Tensor, Tensor], Tensor]
"""(t (P, nodes), row of each panel (P,)) -> the values of C integrands, (C, P, nodes)."""
Trust = Callable[[], Tensor]
"""Asked after a call of the integrand: between the nodes of which of its panels nothing hides, (P,)."""

NODES_A_PANEL = 16
MOST_PANELS = 2**14
"""Panels past which an integral is given up; in a batch of eight rows or more, an eighth of them a row."""
NO_END = "the integral does not converge"
MAX_HALVINGS = 100
TOLERANCE = 1e-11
"""A panel agrees with its halves when they differ by less than this, absolutely or relative to the integral of |h|."""
NARROWEST = 1e-13
"""The width of a panel, relative to t, below which its nodes run together."""
LITTLE = 100
"""Times the tolerance: what such a panel may hold, of which Gauss's rule gets a digit or more right."""
LIGHT = 1e-14
"""The share of the integral of |h| that an end of the line may hold without a look at what lies beyond."""
TAIL = 1e-8
"""The largest that it may hold where what lies beyond is not known."""
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


def integrate(
    function: Integrand, edges: Tensor, panels: int, *, tail: bool = True, trust: Trust | None = None
) -> Integrals:
    """The integrals from each row's first edge to its last, edges (R, E) increasing along a row.

    `panels` first panels a row are shared out among the pieces between the edges. With `tail` a row is refused when the
    ends of its line hold a visible share of the integral. With `trust` the nodes of each panel include its ends, at
    which the integrand need not be finite.
    """
    left, right, row = _first_panels(edges, panels)
    n_rows = len(edges)
    whole, sizes = _over(function, left, right, row, trust is not None)
    size = _by_row(sizes, row, n_rows)
    faults = ["" if finite else "the integrand is not finite" for finite in size.isfinite().all(0).tolist()]
    total = torch.zeros_like(size)
    if tail:
        total = _beyond_ends(function, edges, size, faults)
    tolerance = TOLERANCE * size.clamp(min=1)
    sound = torch.tensor([not fault for fault in faults])
    for _ in range(MAX_HALVINGS):
        go_on()
        keep = sound[row]
        left, right, row, whole = left[keep], right[keep], row[keep], whole[:, keep]
        if not len(left):
            break
        middle = 0.5 * (left + right)
        ends = torch.cat((left, middle)), torch.cat((middle, right))
        halves, _ = _over(function, *ends, row.repeat(2), trust is not None)
        first, second = halves.chunk(2, dim=1)
        # Written so that a NaN counts as disagreement.
        again = ~((first + second - whole).abs() <= tolerance[:, row]).all(0)
        if trust is not None:
            again |= ~trust().view(2, -1).all(0)
        # Next to a pole nodes end up on it; what a panel holds that no float cuts may then be too little to count.
        last = again & (right - left <= NARROWEST * torch.maximum(left.abs(), right.abs()))
        last &= (whole.abs() <= LITTLE * tolerance[:, row]).all(0)
        again &= ~last
        done = ~again
        total += _by_row(torch.where(last, whole, first + second)[:, done], row[done], n_rows)
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


def _beyond_ends(function: Integrand, edges: Tensor, size: Tensor, faults: list[str]) -> Tensor:
    """What lies beyond the ends of each row's line, (C, R); a fault where it can be seen and is not known."""
    n_rows = len(edges)
    row = torch.arange(n_rows)
    found = torch.zeros_like(size)
    for end, other in ((edges[:, 0], edges[:, -1]), (edges[:, -1], edges[:, 0])):
        strip = end + END * (other - end)
        _, sizes = _over(function, torch.minimum(end, strip), torch.maximum(end, strip), row, False)
        share = (sizes / size.clamp(min=1)).amax(0)
        heavy = (~(share <= LIGHT)).nonzero().flatten().tolist()
        if not heavy:
            continue
        inward = torch.where((edges[:, 0] < 0) & (edges[:, -1] > 0), 0.0, 0.5 * (end + other))
        t, distance = values_wanted(end, inward)
        # Of all rows at once: a law that keeps sums keeps them for just these rows.
        values = function(t, row)
        allowed = TOLERANCE * size.clamp(min=1)
        for lost in heavy:
            parts = [
                beyond(each[lost], float(distance[lost]), float(most[lost]))
                for each, most in zip(values, allowed, strict=True)
            ]
            if None not in parts:
                found[:, lost] += torch.tensor(parts, dtype=found.dtype)
            elif not float(share[lost]) <= TAIL:
                faults[lost] = faults[lost] or "too much of the integral lies in the far tails"
    return found


def _over(function: Integrand, left: Tensor, right: Tensor, row: Tensor, with_ends: bool) -> tuple[Tensor, Tensor]:
    """The integrals of each integrand, and of its absolute value, over each panel: (C, P) each."""
    nodes, weights = gauss_legendre(NODES_A_PANEL)
    width = (right - left).unsqueeze(1)
    t = left.unsqueeze(1) + width * nodes
    if with_ends:
        values = function(torch.cat((left.unsqueeze(1), t, right.unsqueeze(1)), dim=1), row)[..., 1:-1]
    else:
        values = function(t, row)
    terms = values * (width * weights)
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
    left, right = (start + length * part[:-1]).flatten(), (start + length * part[1:]).flatten()
    # A piece of no length, as between edges that coincide, has no panels.
    real = (right > left) | (torch.arange(len(left)) % (pieces * each) == 0)
    return left[real], right[real], torch.arange(n_rows).repeat_interleave(pieces * each)[real]


@functools.cache
@isolated
def gauss_legendre(n_nodes: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights on [0, 1], (n_nodes,) float64."""
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    return torch.from_numpy(0.5 * (nodes + 1)), torch.from_numpy(0.5 * weights)
