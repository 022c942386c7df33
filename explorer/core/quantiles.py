"""g and its derivative for a law of which only the density is known: x = F^-1(Phi(eps); theta), eps standard normal.

    dx/dtheta = -(dF/dtheta) / q        with        F(x) = integral of q up to x,
                                                    dF/dtheta(x) = integral of q d log q / d theta up to x

(Figurnov, Mohamed & Mnih 2018, equation 5). Both integrals are Gauss-Legendre sums over panels of a stretched line t,
x = h(t), in float64, added up from the nearer end so that tails keep their digits. The equation F(x) = Phi(eps) is
solved by Newton steps at the nodes of a fine grid of eps; between the nodes a cubic polynomial is right to about 1e-11.
A million samples then cost two table look-ups each. Where the cubic does not hold, as between two far components of a
mixture, each sample is solved for by itself.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.special import ndtri

from explorer.core.family import Theta, per_sample_derivative
from explorer.core.rows import distinct_rows

_PANELS = 384
_NEWTON_STEPS = 6
_ROUGH = 1e-9
"""The error of a cubic, relative to 1 + |t|, from which a cell is solved sample by sample."""
_ROUGH_PATH = 1e-8
"""The same for the derivative, relative to 1 + |dt/dtheta|; cubics through values alone are less exact."""
_FEW = 256
"""Samples a row up to which they are solved for one by one."""
_Key = tuple[tuple[float, ...], ...]
"""Rows of parameters, as numbers."""


@dataclass(frozen=True, eq=False)
class QuantileMap:
    """The transformation of one law. `log_prob(x, theta)` is its normalised log density for the parameters `names`.

    `stretch(t)` maps the line increasingly onto the support and returns x and dx/dt; the density of t must have one
    mode, unless `interval(theta)` gives the ends (U, 1) of where it is. The map is right for |eps| < `reach`, and
    constant beyond. The line is searched for the density up to |t| = `farthest`; where x(t) runs out of digits before
    the law ends, as next to 1, `on_line(t, theta)` gives log_prob at x(t) from t itself.
    """

    names: tuple[str, ...]
    log_prob: Callable[[Tensor, Theta], Tensor]
    stretch: Callable[[Tensor], tuple[Tensor, Tensor]]
    reach: float = 12.0
    nodes: int = 8192
    interval: Callable[[Theta], tuple[Tensor, Tensor]] | None = None
    farthest: float = 700.0
    """By default where exp(t) comes to the end of float64."""
    on_line: Callable[[Tensor, Theta], Tensor] | None = None

    def log_prob_at(self, t: Tensor, theta: Theta) -> Tensor:
        """log_prob at x(t)."""
        return self.log_prob(self.stretch(t)[0], theta) if self.on_line is None else self.on_line(t, theta)

    def transform(self, eps: Tensor, theta: Theta) -> Tensor:
        """x = F^-1(Phi(eps); theta), of the shape that eps and theta broadcast to."""
        return self.stretch(self._look_up(eps, theta, "t"))[0]

    def path(self, eps: Tensor, theta: Theta, name: str) -> Tensor:
        """dx/dtheta_name at fixed eps, of the same shape."""
        return self.stretch(self._look_up(eps, theta, "t"))[1] * self._look_up(eps, theta, name)

    def _look_up(self, eps: Tensor, theta: Theta, what: str) -> Tensor:
        rows, row = distinct_rows({name: theta[name] for name in self.names})
        key = tuple(zip(*(rows[name].tolist() for name in self.names), strict=True))
        if len(key) > 1 and (few := self._few(eps, row, key, what)) is not None:
            return few
        table = _table(self, key, eps.dtype, eps.device)
        near = eps.clamp(-self.reach, self.reach)
        place = (near + self.reach) * (self.nodes / (2 * self.reach))
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

    def _few(self, eps: Tensor, row: Tensor, key: _Key, what: str) -> Tensor | None:
        """A few samples for each of many thetas, solved for with no table; None where a table is the cheaper way."""
        shape = torch.broadcast_shapes(eps.shape, row.shape)
        if row.shape[-1] != 1 or row.numel() != len(key) or len(shape) != 2 or shape[1] > _FEW:
            return None
        near = eps.detach().to("cpu", torch.float64).clamp(-self.reach, self.reach).expand(shape)
        order = row.flatten().argsort()
        sums = _sums(self, key)
        t = sums.solve(near[order])
        found = torch.empty(shape, dtype=torch.float64)
        found[order] = t if what == "t" else sums.path(t, what)
        return found.to(eps.device, eps.dtype)


@dataclass(frozen=True, eq=False)
class _Table:
    """Cubics between the grid's nodes, {"t" or a parameter's name: (rows * nodes, 4)}, and the cells they fail in."""

    cubics: Mapping[str, Tensor]
    rough: Tensor | None
    sums: _Sums


@functools.lru_cache(maxsize=24)
def _table(law: QuantileMap, key: _Key, dtype: torch.dtype, device: torch.device) -> _Table:
    solved = _solved(law, key)
    cubics = {what: values.to(device, dtype) for what, values in solved.cubics.items()}
    return _Table(cubics, None if solved.rough is None else solved.rough.to(device), solved.sums)


@functools.lru_cache(maxsize=12)
def _sums(law: QuantileMap, key: _Key) -> _Sums:
    theta = {
        name: torch.tensor(column, dtype=torch.float64).unsqueeze(1)
        for name, column in zip(law.names, zip(*key, strict=True), strict=True)
    }
    return _Sums.of(law, theta)


@functools.lru_cache(maxsize=12)
def _solved(law: QuantileMap, key: _Key) -> _Table:
    step = 2 * law.reach / law.nodes
    eps = torch.linspace(-law.reach, law.reach, law.nodes + 1, dtype=torch.float64)
    sums = _sums(law, key)
    t = sums.solve(eps)
    slope = (_log_normal(eps) - sums.log_density(t)).exp()
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


def _one_by_one(sums: _Sums, eps: Tensor, rows: Tensor, what: str) -> Tensor:
    """What the table would hold at each eps (M,), for the row of theta that belongs to it."""
    found = torch.empty_like(eps)
    for row in rows.unique().tolist():
        mine = rows == row
        one = sums.row(row)
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


def _log_normal(eps: Tensor) -> Tensor:
    return -0.5 * eps.square() - 0.5 * math.log(2 * math.pi)


@functools.cache
def gauss_legendre(n_nodes: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights on [0, 1], (n_nodes,) float64."""
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    return torch.from_numpy(0.5 * (nodes + 1)), torch.from_numpy(0.5 * weights)


@dataclass(frozen=True, eq=False)
class _Sums:
    """A law for U rows of theta, and its integrals up to each of the panels' edges (U, _PANELS + 1), from both ends.

    For each parameter `below` and `above` hold the integrals of q d log q / d theta; under "" those of q.
    """

    law: QuantileMap
    theta: Theta
    edges: Tensor
    below: Mapping[str, Tensor] = field(default_factory=dict)
    above: Mapping[str, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, law: QuantileMap, theta: Theta) -> _Sums:
        low, high = _interval(law, theta)
        edges = low + (high - low) * torch.linspace(0, 1, _PANELS + 1, dtype=torch.float64)
        bare = cls(law, theta, edges)
        below, above = {}, {}
        for name in ("", *law.names):
            parts = bare._integrals(edges[:, :-1], edges[:, 1:], name)
            zero = torch.zeros_like(parts[:, :1])
            below[name] = torch.cat((zero, parts.cumsum(1)), dim=1)
            above[name] = torch.cat((parts.flip(1).cumsum(1).flip(1), zero), dim=1)
        return cls(law, theta, edges, below, above)

    def row(self, row: int) -> _Sums:
        """One row of theta by itself."""
        here = slice(row, row + 1)
        return _Sums(
            self.law,
            {name: value[here] for name, value in self.theta.items()},
            self.edges[here],
            {name: value[here] for name, value in self.below.items()},
            {name: value[here] for name, value in self.above.items()},
        )

    def log_density(self, t: Tensor, theta: Theta | None = None) -> Tensor:
        """The log density of t, of t's shape; theta's rows stand in t's first axis."""
        return self.law.log_prob_at(t, theta or self.theta) + self.law.stretch(t)[1].log()

    def _integrals(self, left: Tensor, right: Tensor, name: str) -> Tensor:
        """The integral from each left (U, M) to its right, (U, M): of q, or of q d log q / d theta_name."""
        nodes, weights = gauss_legendre(12)
        width = (right - left).unsqueeze(-1)
        t = left.unsqueeze(-1) + width * nodes
        theta = {key: value.unsqueeze(-1) for key, value in self.theta.items()}
        terms = self.log_density(t, theta).exp()
        if name:
            terms = terms * per_sample_derivative(lambda each: self.law.log_prob_at(t, each), theta, name, t)
        return (terms * width) @ weights

    def solve(self, eps: Tensor) -> Tensor:
        """t (U, N) at which F is Phi(eps), eps (N,) or (U, N)."""
        at_edges = _from_tails(self.below[""], self.above[""])
        targets = eps.expand(len(self.edges), -1).contiguous()
        # To start with, t is linear in eps between the edges.
        right = torch.searchsorted(at_edges.contiguous(), targets).clamp(1, _PANELS)
        e0, e1 = at_edges.gather(1, right - 1), at_edges.gather(1, right)
        t0, t1 = self.edges.gather(1, right - 1), self.edges.gather(1, right)
        # At the very ends an edge's eps is infinite: there the nearest finite edge has to do.
        part = ((targets - e0) / (e1 - e0)).nan_to_num(nan=0.5).clamp(0, 1)
        t = t0 + part * (t1 - t0)
        for _ in range(_NEWTON_STEPS):
            found = _from_tails(*self._tails(t, ""))
            step = (found - targets) * (_log_normal(targets) - self.log_density(t)).exp()
            # A step past its panel means that the panel's end is the better guess.
            t = torch.where(step.isfinite(), t - step, t).clamp(min=t0, max=t1)
        return t

    def _tails(self, t: Tensor, name: str) -> tuple[Tensor, Tensor]:
        """The integrals below and above each t (U, N)."""
        width = self.edges[:, 1:2] - self.edges[:, :1]
        panel = ((t - self.edges[:, :1]) / width).long().clamp(0, _PANELS - 1)
        left, right = self.edges.gather(1, panel), self.edges.gather(1, panel + 1)
        below = self.below[name].gather(1, panel) + self._integrals(left, t, name)
        above = self.above[name].gather(1, panel + 1) + self._integrals(t, right, name)
        return below, above

    def path(self, t: Tensor, name: str) -> Tensor:
        """dt/dtheta_name at fixed eps, (U, N)."""
        below, above = self._tails(t, name)
        mass_below, mass_above = self._tails(t, "")
        # The two integrals of q d log q sum to nought: the one from the nearer end has the digits.
        slope = torch.where(mass_below < mass_above, below, -above)
        return -slope * (-self.log_density(t)).exp()


def _from_tails(below: Tensor, above: Tensor) -> Tensor:
    """eps where Phi(eps) is `below` and 1 - Phi(eps) is `above`, from whichever is smaller."""
    return torch.where(below < above, ndtri(below.clamp(max=0.5)), -ndtri(above.clamp(max=0.5)))


def _interval(law: QuantileMap, theta: Theta) -> tuple[Tensor, Tensor]:
    """The ends (U, 1) of the stretch of t outside which the mass is below Phi(-reach)."""
    if law.interval is not None:
        return law.interval(theta)
    n_rows = len(next(iter(theta.values())))
    bare = _Sums(law, theta, torch.empty(0))
    low = torch.full((n_rows, 1), -law.farthest, dtype=torch.float64)
    high = -low
    for _ in range(80):
        first, second = low + (high - low) / 3, high - (high - low) / 3
        rising = bare.log_density(first) < bare.log_density(second)
        low, high = torch.where(rising, first, low), torch.where(rising, high, second)
    mode = 0.5 * (low + high)
    # The tail beyond t is at most a few widths of its density there; log Phi(-reach) is about -reach²/2.
    floor = bare.log_density(mode) - 0.5 * law.reach**2 - 12
    ends = []
    for sign in (-1.0, 1.0):
        near, far = mode, torch.full_like(mode, sign * law.farthest)
        for _ in range(60):
            middle = 0.5 * (near + far)
            within = bare.log_density(middle) > floor
            near, far = torch.where(within, middle, near), torch.where(within, far, middle)
        ends.append(far)
    return ends[0], ends[1]
