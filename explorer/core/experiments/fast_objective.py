"""f that varies ever faster: the exact variances of both estimators against its k, and f's slopes at a few samples.

Source: Mohamed, Rosca, Figurnov & Mnih 2020, Section 3, Figure 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.core.experiments.curve_winners import ExactCurves, Turn
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.variance_curves import Setting
from explorer.core.families import FAMILIES
from explorer.core.numerics.isolation import isolated
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.parameters import Parameter

PAIR = ("score_function", "pathwise")
FAST = ("cosine", "squared_exponential")
AXIS = (-3.0, 5.0)
"""Where f is drawn: four deviations to each side of the mean."""
POINTS = 401


@dataclass(frozen=True, eq=False)
class FastObjective:
    """A sweep of k over F values (F,), frame `now` of it shown: `variances` of one sample, (F,) by name, exact.

    `turns` says where the smaller one changes. f on x (G,) is `levels` (F, G).
    """

    problem: Problem
    parameter: Parameter
    values: Tensor
    variances: Mapping[str, Tensor]
    turns: tuple[Turn, ...]
    x: Tensor
    levels: Tensor
    now: int = 0

    def at(self, value: float) -> FastObjective:
        """The same at the frame nearest to a value of k."""
        return replace(self, now=int((self.values - value).abs().argmin()))

    @property
    def ratio(self) -> Tensor:
        """The variance of pathwise over that of the score function, (F,)."""
        return self.variances["pathwise"] / self.variances["score_function"]

    def touched(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """f and its slope at samples x (n,), for every k: (F, n) each."""
        objective = self.problem.objective.in_rows({"k": self.values.unsqueeze(1)})
        points = x.expand(len(self.values), -1)
        return objective(points), objective.slope(points)


def fast_problem(objective: str, parameter: str) -> Problem:
    """One of FAST under the Normal of the survey's test bed."""
    return Problem(FAMILIES["normal"], OBJECTIVES[objective], {"loc": 1.0, "scale": 1.0}, parameter)


@isolated
def fast_objective(problem: Problem) -> FastObjective:
    """The sweep over k of a problem from `fast_problem`."""
    setting = Setting(problem)
    exact = ExactCurves.of(setting, "k", PAIR)
    values = exact.curves["pathwise"].at
    x = torch.linspace(*AXIS, POINTS, dtype=torch.float64)
    objective = problem.objective.in_rows({"k": values.unsqueeze(1)})
    return FastObjective(
        problem,
        setting.axes["k"],
        values,
        {name: curve.variance for name, curve in exact.curves.items()},
        tuple(exact.turns),
        x,
        objective(x.expand(len(values), -1)),
    )
