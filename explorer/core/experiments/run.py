"""A run: an experiment that grows a little at a time, for as long as somebody asks.

Contract of a `Run`, asserted for every kind of run by the tests:
- its settings are what it is made from, and never change; what it has found so far is its state. Making one checks the
  settings and computes nothing, so that a page may make one to ask for its `identity` only;
- `identity` tells it from any run with another setting;
- `advance(n)` does n units of its own work, each kind saying which (samples, chunks, steps), or fewer where it comes to
  rest; at rest it does nothing. The same settings give the same numbers however the work is cut, as far as the kind
  says so;
- `share` is how far it is, from 0 to 1, which is rest; it never falls;
- it has no thread and no timer: it stops by not being asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, fields
from typing import Any

import torch

from explorer.core.estimators import Choice
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem


@dataclass(eq=False)
class Run(ABC):
    """See the module's contract."""

    @property
    def identity(self) -> Hashable:
        """The kind of run and all its settings."""
        return type(self).__name__, *(getattr(self, each.name) for each in fields(self) if each.init)

    @property
    @abstractmethod
    def share(self) -> float:
        """The share of its work that is done, from 0 to 1."""

    @abstractmethod
    def advance(self, n: int) -> None:
        """Does at most n more units of its work."""


@dataclass(eq=False)
class AnsweredRun(Run):
    """A run whose estimates stand beside exact answers. It needs none to go on: they may come late, or never."""

    answers: Any = field(init=False, default=None)

    @property
    @abstractmethod
    def question(self) -> tuple[Hashable, Callable[[], object]]:
        """What tells its exact answers from any others, and what computes them without touching the run."""

    def know(self, answers: Any) -> None:
        """Takes what its question's computation gave."""
        self.answers = answers


@dataclass(eq=False)
class ComparedRun(AnsweredRun):
    """Estimators at work on a problem, all random numbers from one seed.

    `estimators` may be given as names and Estimator values; their settings are the run's too. Raises ValueError on an
    unknown estimator, or one that is not defined for the problem's parameter.
    """

    problem: Problem
    estimators: Choice
    seed: int
    device: torch.device
    answers: Answers | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        family, parameter = self.problem.family, self.problem.parameter
        self.estimators = Choice(self.estimators)
        for name, method in self.estimators.items():
            if parameter not in method.covers(family):
                raise ValueError(f"{name} is not defined for {family.name}'s {parameter}")

    @property
    def question(self) -> tuple[Hashable, Callable[[], Answers]]:
        problem, estimators = self.problem, self.estimators
        return ("answers", problem, estimators), lambda: Answers.of(problem, estimators.values())
