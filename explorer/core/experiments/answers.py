"""The exact answers to a problem, and what follows from them alone: biases, and how many samples are needed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from explorer.core.estimators import Choice, Estimator
from explorer.core.exact.bias import bias_of_one
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import moments
from explorer.core.experiments.problem import Problem
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.panels import TOLERANCE


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
    @isolated
    def of(cls, problem: Problem, estimators: Iterable[str | Estimator]) -> Answers:
        """Computes them, for estimators that are defined for the problem's parameter."""
        family, objective, parameter = problem.family, problem.objective, problem.parameter
        gradient = gradients(family, objective, problem.row, parameter)
        found = {
            name: moments(family, objective, method, problem.row, parameter)
            for name, method in Choice(estimators).items()
        }
        return cls(
            _known(float(gradient.value)),
            {name: _known(float(each.mean)) for name, each in found.items()},
            {name: _root(float(each.variance)) for name, each in found.items()},
            {name: _root(float(each.spread)) for name, each in found.items()},
            gradient.faults[0],
        )

    def bias(self, estimator: str) -> float | None:
        """The estimator's exact bias for this parameter; None where it is not known."""
        return bias_of_one(self.expectations[estimator], self.gradient, self.deviations[estimator])

    def is_biased(self, estimator: str) -> bool:
        """Whether the exact bias for this parameter is known and not zero."""
        return bool(self.bias(estimator))

    @property
    def biases(self) -> dict[str, float | None]:
        """Each estimator's bias here."""
        return {name: self.bias(name) for name in self.expectations}

    @property
    def biased(self) -> list[str]:
        """The estimators that are biased here."""
        return [name for name in self.expectations if self.is_biased(name)]

    def samples_ratio(self, first: str, second: str) -> float | None:
        """How many times the samples `first` needs for the accuracy of `second`: the ratio of exact variances.

        None where a variance is unknown or zero, or infinite, or where either estimator is biased here.
        """
        one, other = self.errors[first], self.errors[second]
        if not one or not other or self.is_biased(first) or self.is_biased(second):
            return None
        return None if math.isinf(one + other) else (one / other) ** 2

    def samples_for(self, share: float, estimator: str) -> float | None:
        """How many samples, at least 1, make the standard error this share of the gradient; inf if the variance is.

        None where the gradient or the variance is unknown or the gradient is 0, or where the estimator is biased.
        """
        deviation = self.errors[estimator]
        if not self.gradient or deviation is None or self.is_biased(estimator):
            return None
        return max(1.0, (deviation / (share * self.gradient)) ** 2)


def _known(value: float) -> float | None:
    if math.isnan(value):
        return None
    return 0.0 if abs(value) < TOLERANCE else value


def _root(variance: float) -> float | None:
    if math.isnan(variance):
        return None
    root = math.sqrt(max(0.0, variance))
    return 0.0 if root < TOLERANCE else root
