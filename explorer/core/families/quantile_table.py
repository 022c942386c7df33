"""g and its derivative for a law of which only the density is known: x = F^-1(Phi(eps); theta), eps standard normal.

    dx/dtheta = -(dF/dtheta) / q

(Figurnov, Mohamed & Mnih 2018, equation 5), F and dF/dtheta from `cumulative`. The equation F(x) = Phi(eps) is solved
at the nodes of a fine grid of eps; between the nodes a cubic polynomial is right to about 1e-11. A million samples then
cost two table look-ups each. Where the cubic does not hold, as between two far components of a mixture, each sample is
solved for by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.core.families.distribution_function import Key, Law, Sums, log_normal, sums_of
from explorer.core.families.family import Theta
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.rows import distinct_rows

_ROUGH = 1e-9
"""The error of a cubic, relative to 1 + |t|, from which a cell is solved sample by sample."""
_ROUGH_PATH = 1e-8
"""The same for the derivative, relative to 1 + |dt/dtheta|; cubics through values alone are less exact."""
_FEW = 256
"""Samples a row up to which they are solved for one by one."""


@dataclass(frozen=True, eq=False)
class QuantileMap(Law):
    """The transformation of one law: right for |eps| < `largest_eps`, constant beyond; `nodes` cut the grid of eps."""

    nodes: int = 8192

    def transform(self, eps: Tensor, theta: Theta) -> Tensor:
        """x = F^-1(Phi(eps); theta), of the shape that eps and theta broadcast to."""
        return self.stretch(self.solution(eps, theta))[0]

    def solution(self, eps: Tensor, theta: Theta) -> Tensor:
        """The t that is stretched to x, of the same shape."""
        return self._look_up(eps, theta, "t")

    def path(self, eps: Tensor, theta: Theta, name: str) -> Tensor:
        """dx/dtheta_name at fixed eps, of the same shape."""
        return self.stretch(self.solution(eps, theta))[1] * self._look_up(eps, theta, name)

    def _look_up(self, eps: Tensor, theta: Theta, what: str) -> Tensor:
        rows, row = distinct_rows([theta[name] for name in self.names])
        key = tuple(zip(*(column.tolist() for column in rows), strict=True))
        if len(key) > 1 and (few := self._few(eps, row, key, what)) is not None:
            return few
        table = _table(self, key, eps.dtype, eps.device)
        near = eps.clamp(-self.largest_eps, self.largest_eps)
        place = (near + self.largest_eps) * (self.nodes / (2 * self.largest_eps))
        index = place.long().clamp_(max=self.nodes - 1)
        part = place - index
        if len(key) > 1:
            index = index + self.nodes * row.to(eps.device)
        c0, c1, c2, c3 = table.cubics[what][index].unbind(-1)
        found = torch.addcmul(c0, part, torch.addcmul(c1, part, torch.addcmul(c2, part, c3)))
        if table.rough is not None and (rough := table.rough[index]).any():
            rows_of = (index // self.nodes)[rough].cpu()
            exact = _one_by_one(table.sums, near.expand_as(found)[rough].to("cpu", torch.float64), rows_of, what)
            found[rough] = exact.to(found.device, found.dtype)
        return found

    def _few(self, eps: Tensor, row: Tensor, key: Key, what: str) -> Tensor | None:
        """A few samples for each of many thetas, solved for with no table; None where a table is the cheaper way."""
        shape = np.broadcast_shapes(eps.shape, row.shape)
        if row.shape[-1] != 1 or len(shape) != 2 or shape[1] > _FEW:
            return None
        near = eps.detach().to("cpu", torch.float64).clamp(-self.largest_eps, self.largest_eps).expand(shape)
        sums = sums_of(self, key).take(row.expand(shape[0], 1).flatten())
        t = sums.solve(near)
        return (t if what == "t" else sums.path(t, what)).to(eps.device, eps.dtype)


@dataclass(frozen=True, eq=False)
class _Table:
    """Cubics between the grid's nodes, {"t" or a parameter's name: (rows * nodes, 4)}, and the cells they fail in."""

    cubics: Mapping[str, Tensor]
    rough: Tensor | None
    sums: Sums


@functools.lru_cache(maxsize=24)
@isolated
def _table(law: QuantileMap, key: Key, dtype: torch.dtype, device: torch.device) -> _Table:
    solved = _solved(law, key)
    cubics = {what: values.to(device, dtype) for what, values in solved.cubics.items()}
    return _Table(cubics, None if solved.rough is None else solved.rough.to(device), solved.sums)


@functools.lru_cache(maxsize=12)
@isolated
def _solved(law: QuantileMap, key: Key) -> _Table:
    step = 2 * law.largest_eps / law.nodes
    eps = torch.linspace(-law.largest_eps, law.largest_eps, law.nodes + 1, dtype=torch.float64)
    sums = sums_of(law, key)
    t = sums.solve(eps)
    slope = (log_normal(eps) - sums.log_density(t)).exp()
    cubics = {"t": _hermite(t, slope * step)} | {name: _through_four(sums.path(t, name)) for name in law.names}
    # Beyond six standard deviations the density's own rounding is all there is to see.
    middle = eps[:-1] + 0.5 * step
    seen = sums.solve(middle)
    halfway = torch.tensor([1, 0.5, 0.25, 0.125], dtype=torch.float64)
    rough = torch.zeros_like(seen, dtype=torch.bool)
    for what, bound, exact in [
        ("t", _ROUGH, seen),
        *((name, _ROUGH_PATH, sums.path(seen, name)) for name in law.names),
    ]:
        rough |= ((cubics[what] @ halfway).view_as(exact) - exact).abs() > bound * (1 + exact.abs())
    rough &= middle.abs() < 6
    return _Table(cubics, rough.flatten() if rough.any() else None, sums)


def _one_by_one(sums: Sums, eps: Tensor, rows: Tensor, what: str) -> Tensor:
    """What the table would hold at each eps (M,), for the row of theta that belongs to it."""
    found = torch.empty_like(eps)
    for row in rows.unique().tolist():
        mine = rows == row
        one = sums.take(torch.tensor([row]))
        t = one.solve(eps[mine])
        found[mine] = (t if what == "t" else one.path(t, what))[0]
    return found


def _hermite(values: Tensor, slopes: Tensor) -> Tensor:
    """Cubics between neighbours from values and slopes (U, N + 1), slopes a step: (U * N, 4), lowest power first."""
    y0, y1, d0, d1 = values[:, :-1], values[:, 1:], slopes[:, :-1], slopes[:, 1:]
    rise = y1 - y0
    return torch.stack((y0, d0, 3 * rise - 2 * d0 - d1, d0 + d1 - 2 * rise), dim=-1).view(-1, 4)


def _through_four(values: Tensor) -> Tensor:
    """Cubics between neighbours through the two points on each side: (U, N + 1) -> (U * N, 4)."""
    # Beyond the ends the values go on as the last cubic does.
    first = 4 * values[:, :1] - 6 * values[:, 1:2] + 4 * values[:, 2:3] - values[:, 3:4]
    last = 4 * values[:, -1:] - 6 * values[:, -2:-1] + 4 * values[:, -3:-2] - values[:, -4:-3]
    padded = torch.cat((first, values, last), dim=1)
    a, b, c, d = padded[:, :-3], padded[:, 1:-2], padded[:, 2:-1], padded[:, 3:]
    return torch.stack((b, c - a / 3 - b / 2 - d / 6, (a + c) / 2 - b, (d - a) / 6 + (b - c) / 2), dim=-1).view(-1, 4)
