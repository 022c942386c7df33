"""Gradient descent on one parameter under each estimator: many runs from one start, on the same noise at each step.

    theta(t + 1) = theta(t) -+ rate * mean of n_samples gradients at theta(t)

kept within the range of the parameter's slider. The exact path takes the exact gradient at each step instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.exact.gradients import expectations, gradients
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.run import ComparedRun
from explorer.core.families.family import draw_noise
from explorer.core.numerics.isolation import isolated
from explorer.core.randomness import Streams

LANDSCAPE = 161
"""Points at which E f is drawn."""
ARRIVED = 0.95
EXACT = "exact"
RETURNS = 6
"""So many last places in turn show that a path flips."""
SAME = 1e-9
"""Places, and ways, closer than this share of the range are one."""


@dataclass(frozen=True)
class Rule:
    """How a step is taken: its `rate` > 0, from how many samples, down or up, and for how many runs and steps."""

    rate: float
    n_samples: int
    upwards: bool = False
    n_runs: int = 32
    n_steps: int = 60


@dataclass(frozen=True, eq=False)
class Landscape:
    """E_q[f] (G,) at values `at` (G,) of the parameter, the others held; NaN where it does not exist."""

    at: Tensor
    value: Tensor

    def height(self, theta: Tensor) -> Tensor:
        """E f at other values of the parameter, on the straight lines between the points; of theta's shape."""
        right = torch.searchsorted(self.at, theta.contiguous()).clamp(1, len(self.at) - 1)
        part = (theta - self.at[right - 1]) / (self.at[right] - self.at[right - 1])
        return self.value[right - 1] + part * (self.value[right] - self.value[right - 1])


@dataclass(frozen=True)
class Distance:
    """How far the runs of an estimator end from the exact path."""

    root_mean_square: float
    standard_error: float
    at_edge: int
    """Runs that met an edge of the range on their way."""


@dataclass(frozen=True)
class Arrivals:
    """After how many steps the mean of E f over the runs has made ARRIVED of the way from `start` to `best` for good.

    `steps` is by estimator, and under EXACT for the exact path; None for a path that has not arrived.
    """

    start: float
    best: float
    steps: Mapping[str, int | None]


@dataclass(eq=False)
class Descent(ComparedRun):
    """The paths so far: `exact` (t + 1,) and, for each estimator, `runs` (t + 1, n_runs), float64 on the CPU.

    A unit of work is a step of all paths; however they are cut, the numbers are the same. `answers` are those at the
    start.
    """

    rule: Rule

    def __post_init__(self) -> None:
        super().__post_init__()
        self.lost: dict[str, str] = {}
        """Estimators that could not go on, with the reason; their runs end there."""
        self.range = self._range()
        self._main = Streams(self.seed, self.device).main
        # Streams of its own for each estimator, from the one seed: what it draws beside the common noise is the same
        # whichever others run.
        self._beside = {name: Streams(self.seed, self.device) for name in self.estimators}
        start = self.problem.theta[self.problem.parameter]
        self._exact = [start]
        self._runs = {name: [torch.full((self.rule.n_runs,), start, dtype=torch.float64)] for name in self.estimators}
        self._taken = 0
        self.reason = ""
        """Why the exact path ends; empty while it goes on."""

    def _range(self) -> tuple[float, float]:
        """The slider's range, less what the other parameters forbid, the start included."""
        family, theta, name = self.problem.family, self.problem.theta, self.problem.parameter
        start, slider = theta[name], family.parameter(name).slider
        grid = [low + (high - low) * i / 400 for low, high in [slider] for i in range(401)]
        allowed = [value for value in [*grid, start] if not family.fault({**theta, name: value})]
        return min(allowed), max(allowed)

    @property
    def exact(self) -> Tensor:
        return torch.tensor(self._exact, dtype=torch.float64)

    @property
    def runs(self) -> dict[str, Tensor]:
        return {name: torch.stack(steps) for name, steps in self._runs.items()}

    @property
    def taken(self) -> int:
        """Steps taken so far, of `rule.n_steps`."""
        return self._taken

    @property
    def share(self) -> float:
        return self._taken / self.rule.n_steps

    @isolated
    def advance(self, n: int) -> None:
        """Takes at most `n` more steps, none after `rule.n_steps`."""
        for _ in range(min(n, self.rule.n_steps - self._taken)):
            self._step()

    def _step(self) -> None:
        self._taken += 1
        self._step_exactly()
        problem, rule = self.problem, self.rule
        eps = draw_noise(problem.family, rule.n_runs * rule.n_samples, self._main)
        eps = eps.view(rule.n_runs, rule.n_samples)
        for name, method in self.estimators.items():
            if name in self.lost:
                continue
            theta = problem.tensors(eps) | {problem.parameter: self._runs[name][-1].to(eps).unsqueeze(1)}
            draw = Draw(problem.family, problem.objective, theta, eps, self._beside[name])
            try:
                gradient = method(draw, problem.parameter).mean(1).double().cpu()
            except QuadratureError as error:
                self.lost[name] = str(error)
                continue
            if not gradient.isfinite().all():
                self.lost[name] = "its samples are not finite: f or its slope is undefined, or grows too fast"
                continue
            self._runs[name].append(self._moved(self._runs[name][-1], gradient))

    def _step_exactly(self) -> None:
        if self.reason:
            return
        problem, name = self.problem, self.problem.parameter
        at = problem.row | {name: torch.tensor([self._exact[-1]], dtype=torch.float64)}
        found = gradients(problem.family, problem.objective, at, name)
        self.reason = found.faults[0]
        if not self.reason:
            self._exact.append(float(self._moved(at[name], found.value)))

    def _moved(self, theta: Tensor, gradient: Tensor) -> Tensor:
        step = self.rule.rate * gradient
        return (theta + step if self.rule.upwards else theta - step).clamp(*self.range)

    @isolated
    def landscape(self) -> Landscape:
        """E f over the range of the parameter."""
        at = torch.linspace(*self.range, LANDSCAPE, dtype=torch.float64)
        problem = self.problem
        theta = {name: torch.full_like(at, value) for name, value in problem.theta.items()}
        theta[problem.parameter] = at
        return Landscape(at, expectations(problem.family, problem.objective, theta).value)

    @property
    def flips(self) -> tuple[float, float] | None:
        """The two places between which the exact path goes to and fro for ever, lower first; None where it does not.

        The next place follows from the last alone: one that comes again does so for ever.
        """
        if len(self._exact) <= RETURNS or self.reason:
            return None
        last = self._exact[-RETURNS:]
        two = last[-1], last[-2]
        least = SAME * (self.range[1] - self.range[0])
        again = all(abs(value - two[index % 2]) < least for index, value in enumerate(reversed(last)))
        return (min(two), max(two)) if again and abs(two[0] - two[1]) > least else None

    def arrivals(self, landscape: Landscape) -> Arrivals | None:
        """When the paths have come to the best of a landscape; None where the start is there, or nothing is known."""
        known = landscape.value[~landscape.value.isnan()]
        start = float(landscape.height(self.exact[:1]))
        if not len(known) or math.isnan(start):
            return None
        best = float(known.max() if self.rule.upwards else known.min())
        way = best - start
        if abs(way) <= SAME * max(1.0, abs(best)):
            return None
        paths = {EXACT: self.exact.unsqueeze(1), **self.runs}
        steps: dict[str, int | None] = {}
        for name, path in paths.items():
            made = (landscape.height(path).mean(1) - start) / way
            short = (~(made >= ARRIVED)).nonzero()
            after = int(short[-1]) + 1
            steps[name] = after if after < len(made) else None
        return Arrivals(start, best, steps)

    def distance(self, estimator: str) -> Distance | None:
        """How far the runs end from the exact path; None where either of them broke off."""
        runs = self._runs[estimator]
        if self.reason or len(runs) != len(self._exact):
            return None
        squares = (runs[-1] - self._exact[-1]).square()
        mean = float(squares.mean())
        # By the delta method, a root's standard error is its square's, divided by twice the root.
        error = float(squares.std()) / len(squares) ** 0.5 / (2 * mean**0.5) if mean > 0 else 0.0
        path = torch.stack(runs)
        at_edge = int(((path == self.range[0]) | (path == self.range[1])).any(0).sum())
        return Distance(mean**0.5, error, at_edge)
