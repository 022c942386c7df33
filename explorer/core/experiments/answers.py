"""The exact answers beside an experiment's estimates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import moments
from explorer.core.families.family import Family
from explorer.core.numerics.panels import TOLERANCE
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.objective import Objective

LARGEST_ERROR = 1e-8
"""The error that exact answers may have; a bias below it is none."""


@dataclass(frozen=True)
class Answers:
    """The exact answers for one parameter: the gradient, and each estimator's expectation and single-sample spread.

    A value that quadrature cannot give is None; it is never replaced by an estimate. A deviation is infinite where the
    variance is. `errors` are the deviations that standard errors follow from: larger than a single sample's where
    samples are coupled.
    """

    gradient: float | None
    expectations: Mapping[str, float | None]
    deviations: Mapping[str, float | None]
    errors: Mapping[str, float | None]
    reason: str = ""
    """Why there is no exact gradient; empty where there is one."""

    @classmethod
    @torch.no_grad()
    def of(
        cls,
        family: Family,
        objective: Objective,
        theta: Mapping[str, float],
        parameter: str,
        estimators: tuple[str, ...],
    ) -> Answers:
        rows = one_row(theta)
        gradient = gradients(family, objective, rows, parameter)
        found = {name: moments(family, objective, ESTIMATORS[name], rows, parameter) for name in estimators}
        return cls(
            _known(float(gradient.value)),
            {name: _known(float(each.mean)) for name, each in found.items()},
            {name: _root(float(each.variance)) for name, each in found.items()},
            {name: _root(float(each.spread)) for name, each in found.items()},
            gradient.faults[0],
        )

    def landmarks(self) -> list[float]:
        """Values a picture must hold: the exact gradient and a standard deviation to each side of each mean."""
        points = [] if self.gradient is None else [self.gradient]
        for name, mean in self.expectations.items():
            if mean is not None:
                deviation = self.deviations[name] or 0.0
                # An infinite spread cannot be shown.
                reach = deviation if math.isfinite(deviation) else 0.0
                points += [mean - reach, mean + reach]
        return points


def _known(value: float) -> float | None:
    if math.isnan(value):
        return None
    return 0.0 if abs(value) < TOLERANCE else value


def _root(variance: float) -> float | None:
    known = _known(variance)
    return None if known is None else math.sqrt(max(0.0, known))
