"""The distribution function of a law of which only the density is known, and its derivatives in theta.

    F(x) = integral of q up to x,            dF/dtheta(x) = integral of q d log q / d theta up to x

Both are Gauss-Legendre sums over panels of a stretched line t, x = h(t), in float64, added up from the nearer end so
that tails keep their digits; F(x) = Phi(eps) is solved by Newton steps.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.special import ndtri

from explorer.core.families.family import Line, Theta, per_sample_derivative
from explorer.core.numerics.interpolation import barycentric, integration
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import gauss_legendre
from explorer.core.numerics.rows import distinct_rows

_NODES = 12
_NEWTON_STEPS = 6
_SMALL_STEP = 1e-7
"""Of a panel's width."""
_TO_THE_MODE, _TO_THE_ENDS = 56, 24
"""Cuts of the line, to a third and to a half: the mode to about 1e-7, the ends to about 1e-4."""
Key = tuple[tuple[float, ...], ...]
"""Rows of parameters, as numbers."""


@dataclass(frozen=True, eq=False)
class Law:
    """A law by its normalised log density `log_prob(x, theta)` for the parameters `names`.

    `stretch(t)` maps the line increasingly onto the support and returns x and dx/dt; the density of t must have one
    mode, unless `interval(theta)` gives the ends (U, 1) of where it is. What lies beyond |eps| = `largest_eps` is left
    out. The line is searched for the density up to |t| = `farthest`; where x(t) runs out of digits before the law ends,
    as next to 1, `on_line(t, theta)` gives log_prob at x(t) from t itself.
    """

    names: tuple[str, ...]
    log_prob: Callable[[Tensor, Theta], Tensor]
    stretch: Callable[[Tensor], tuple[Tensor, Tensor]]
    largest_eps: float = 12.0
    interval: Callable[[Theta], tuple[Tensor, Tensor]] | None = None
    farthest: float = 700.0
    """By default where exp(t) comes to the end of float64."""
    on_line: Callable[[Tensor, Theta], Tensor] | None = None
    panels: int = 384
    """Into which the stretch of t is cut, which must be short beside the scale on which the density changes."""

    def log_density(self, t: Tensor, theta: Theta) -> Tensor:
        """The log density of t, of the shape that t and theta broadcast to."""
        return self.log_prob_at(t, theta) + self.stretch(t)[1].log()

    def log_prob_at(self, t: Tensor, theta: Theta) -> Tensor:
        """log_prob at x(t)."""
        return self.log_prob(self.stretch(t)[0], theta) if self.on_line is None else self.on_line(t, theta)

    def ends(self, theta: Theta) -> tuple[Tensor, Tensor]:
        """The ends (U, 1) of the stretch of t outside which the mass is below Phi(-largest_eps); theta (U, 1)."""
        if self.interval is not None:
            return self.interval(theta)
        return _ends(self, theta)

    def line(self) -> Line:
        """The law as integrals see it: x(t) and the path there, with no equation to be solved."""
        return Line(lambda t, theta: self.stretch(t)[0], self._path_on_line, self.log_density, self.ends)

    def _path_on_line(self, t: Tensor, theta: Theta, name: str) -> Tensor:
        rows, row = distinct_rows([theta[key] for key in self.names])
        key = tuple(zip(*(column.tolist() for column in rows), strict=True))
        return self.stretch(t)[1] * sums_of(self, key).path_between(t, row.expand(len(t), 1), name)


@functools.lru_cache(maxsize=12)
@isolated
def sums_of(law: Law, key: Key) -> Sums:
    """The sums for some rows of theta, kept."""
    theta = {
        name: torch.tensor(column, dtype=torch.float64).unsqueeze(1)
        for name, column in zip(law.names, zip(*key, strict=True), strict=True)
    }
    return Sums.of(law, theta)


def log_normal(eps: Tensor) -> Tensor:
    return -0.5 * eps.square() - 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True, eq=False)
class Sums:
    """A law for U rows of theta, and its integrals up to each of the panels' edges (U, panels + 1), from both ends.

    Those of q d log q / d theta are summed up for the parameters that are asked for: derivatives take the longest.
    """

    law: Law
    theta: Theta
    edges: Tensor
    source: tuple[Sums, Tensor] | None = None
    """The sums that these are rows of, and which."""
    totals: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)
    at_nodes: dict[str, Tensor] = field(default_factory=dict)
    """The paths at the nodes of each panel, (U, panels, nodes), once they have been asked for."""

    @classmethod
    def of(cls, law: Law, theta: Theta) -> Sums:
        low, high = law.ends(theta)
        edges = low + (high - low) * torch.linspace(0, 1, law.panels + 1, dtype=torch.float64)
        return cls(law, theta, edges)

    @isolated
    def up_to_edges(self, name: str) -> tuple[Tensor, Tensor]:
        """The integrals below and above each edge of q d log q / d theta_name; of q itself where the name is ""."""
        if name not in self.totals and self.source is not None:
            whole, rows = self.source
            below, above = whole.up_to_edges(name)
            self.totals[name] = below[rows], above[rows]
        elif name not in self.totals:
            # Where all rows have the same edges x(t) is computed once.
            edges = self.edges[:1] if bool((self.edges == self.edges[:1]).all()) else self.edges
            parts = self._integrals(edges[:, :-1], edges[:, 1:], name)
            padded = torch.nn.functional.pad(parts, (1, 1))
            self.totals[name] = padded[:, :-1].cumsum(1), padded[:, 1:].flip(1).cumsum(1).flip(1)
        return self.totals[name]

    def take(self, rows: Tensor) -> Sums:
        """The rows of theta with these indices, which may repeat."""
        theta = {name: value[rows] for name, value in self.theta.items()}
        return Sums(self.law, theta, self.edges[rows], (self, rows))

    def log_density(self, t: Tensor) -> Tensor:
        """The log density of t, of t's shape; theta's rows stand in t's first axis."""
        return self.law.log_density(t, self.theta)

    def _integrals(self, left: Tensor, right: Tensor, name: str) -> Tensor:
        """The integral from each left (U, M) to its right, (U, M): of q, or of q d log q / d theta_name."""
        nodes, weights = gauss_legendre(_NODES)
        width = (right - left).unsqueeze(-1)
        t = left.unsqueeze(-1) + width * nodes
        theta = {key: value.unsqueeze(-1) for key, value in self.theta.items()}
        terms = self.law.log_density(t, theta).exp()
        if name:
            terms = terms * per_sample_derivative(lambda each: self.law.log_prob_at(t, each), theta, name, terms)
        return (terms * width) @ weights

    def solve(self, eps: Tensor) -> Tensor:
        """t (U, N) at which F is Phi(eps), eps (N,) or (U, N)."""
        at_edges = _from_tails(*self.up_to_edges(""))
        targets = eps.expand(len(self.edges), -1).contiguous()
        # To start with, t is linear in eps between the edges.
        right = torch.searchsorted(at_edges.contiguous(), targets).clamp(1, self.law.panels)
        e0, e1 = at_edges.gather(1, right - 1), at_edges.gather(1, right)
        t0, t1 = self.edges.gather(1, right - 1), self.edges.gather(1, right)
        # At the very ends an edge's eps is infinite: there the nearest finite edge has to do.
        part = ((targets - e0) / (e1 - e0)).nan_to_num(nan=0.5).clamp(0, 1)
        t = t0 + part * (t1 - t0)
        for _ in range(_NEWTON_STEPS):
            below, above, _ = self._tails(t, "")
            found = _from_tails(below, above)
            step = (found - targets) * (log_normal(targets) - self.log_density(t)).exp()
            # A step past its panel means that the panel's end is the better guess.
            t = torch.where(step.isfinite(), t - step, t).clamp(min=t0, max=t1)
            # Newton's error is squared at each step: the next would change no digit.
            if bool((step.abs() < _SMALL_STEP * (t1 - t0)).all()):
                break
        return t

    def _tails(self, t: Tensor, name: str) -> tuple[Tensor, Tensor, Tensor]:
        """The integrals below and above each t (U, N), and whether the lower end is the nearer in mass."""
        width = self.edges[:, 1:2] - self.edges[:, :1]
        panel = ((t - self.edges[:, :1]) / width).long().clamp(0, self.law.panels - 1)
        # The part of the panel between t and its edge on the side of the nearer end is added to or taken from the sum
        # at that edge. On this side it is small beside the sum, so the difference keeps its digits.
        of_q, beyond_q = self.up_to_edges("")
        from_low = of_q.gather(1, panel) < beyond_q.gather(1, panel + 1)
        edge = panel + (~from_low).long()
        part = self._integrals(self.edges.gather(1, edge), t, name)
        below, above = self.up_to_edges(name)
        return below.gather(1, edge) + part, above.gather(1, edge) - part, from_low

    def path(self, t: Tensor, name: str) -> Tensor:
        """dt/dtheta_name at fixed eps, (U, N)."""
        below, above, from_low = self._tails(t, name)
        # The integrals of q d log q from the two ends sum to zero; the one from the nearer end loses no digits.
        slope = torch.where(from_low, below, -above)
        return -slope * (-self.log_density(t)).exp()

    def path_between(self, t: Tensor, row: Tensor, name: str) -> Tensor:
        """`path` at each t (M, N) for the row (M, 1) of theta that belongs to it, from the polynomial of its panel."""
        if name not in self.at_nodes:
            self.at_nodes[name] = self._path_at_nodes(name)
        nodes, weights = barycentric(_NODES)
        low, width = self.edges[row, 0], (self.edges[:, 1] - self.edges[:, 0])[row]
        panel = ((t - low) / width).long().clamp(0, self.law.panels - 1)
        part = ((t - low) / width - panel).unsqueeze(-1) - nodes
        # On a node itself the formula is 0 / 0. There t is moved by 1e-14 of the panel, which changes no digit.
        share = weights / torch.where(part.abs() < 1e-14, 1e-14, part)
        values = self.at_nodes[name].view(-1, len(nodes))[panel + self.law.panels * row]
        return (share * values).sum(-1) / share.sum(-1)

    @isolated
    def _path_at_nodes(self, name: str) -> Tensor:
        nodes, weights = gauss_legendre(_NODES)
        upto = integration(_NODES)
        left, width = self.edges[:, :-1, None], self.edges[:, 1:2, None] - self.edges[:, :1, None]
        t = left + width * nodes
        theta = {key: value.unsqueeze(-1) for key, value in self.theta.items()}
        density = self.law.log_density(t, theta).exp()
        score = per_sample_derivative(lambda each: self.law.log_prob_at(t, each), theta, name, t)
        below, above = {}, {}
        for key, terms in (("", density * width), (name, density * score * width)):
            to_edges, from_edges = self.up_to_edges(key)
            below[key] = to_edges[:, :-1, None] + terms @ upto.T
            above[key] = from_edges[:, 1:, None] + terms @ (weights - upto).T
        slope = torch.where(below[""] < above[""], below[name], -above[name])
        return -slope / density


def _from_tails(below: Tensor, above: Tensor) -> Tensor:
    """eps where Phi(eps) is `below` and 1 - Phi(eps) is `above`, from whichever is smaller."""
    return torch.where(below < above, ndtri(below.clamp(max=0.5)), -ndtri(above.clamp(max=0.5)))


def _ends(law: Law, theta: Theta) -> tuple[Tensor, Tensor]:
    """The ends (U, 1) of `Law.ends` for a density of t with one mode: the mode by thirds, then each end by halves."""
    n_rows = len(next(iter(theta.values())))
    low = torch.full((n_rows, 1), -law.farthest, dtype=torch.float64)
    high = -low
    for _ in range(_TO_THE_MODE):
        first, second = low + (high - low) / 3, high - (high - low) / 3
        rising = law.log_density(first, theta) < law.log_density(second, theta)
        low, high = torch.where(rising, first, low), torch.where(rising, high, second)
    mode = 0.5 * (low + high)
    # The tail beyond t is at most a few widths of its density there; log Phi(-largest_eps) is about -largest_eps²/2.
    floor = law.log_density(mode, theta) - 0.5 * law.largest_eps**2 - 12
    near = mode.expand(-1, 2)
    far = torch.tensor([-law.farthest, law.farthest], dtype=torch.float64).expand(n_rows, -1)
    for _ in range(_TO_THE_ENDS):
        middle = 0.5 * (near + far)
        within = law.log_density(middle, theta) > floor
        near, far = torch.where(within, middle, near), torch.where(within, far, middle)
    return far[:, :1], far[:, 1:]
