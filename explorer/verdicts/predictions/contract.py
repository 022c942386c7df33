"""Questions to be predicted before their answer is shown: a function each, under @prediction.

Contract of a `Prediction`, asserted for every one by the tests:
- `at` names the state of its page that the question is about, as a link says it; all else is at its default;
- `answer(settings)` gets that state, each field's value under its key, and computes which of the `choices` is right and
  the sentence that shows it: nothing of an answer is typed. It answers at the page's default state, too;
- its words stand in the catalogue: "prediction.page.name.question", ".choice.key" for each choice, ".shown".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Revealed:
    """The right choice, and the sentence that shows why (Markdown)."""

    right: str
    sentence: str


Answer = Callable[[Settings], Revealed]


@dataclass(frozen=True)
class Prediction:
    """A question of a page. See the module's contract."""

    page: str
    name: str
    choices: tuple[str, ...]
    at: Mapping[str, str | list[str]]
    answer: Answer

    @property
    def key(self) -> str:
        """What tells it from all others: "page.name"."""
        return f"{self.page}.{self.name}"


PREDICTIONS: dict[str, Prediction] = {}


def prediction(
    page: str, name: str, choices: tuple[str, ...], at: Mapping[str, str | list[str]]
) -> Callable[[Answer], Answer]:
    """Registers a function `(settings) -> Revealed` in PREDICTIONS."""

    def register(answer: Answer) -> Answer:
        made = Prediction(page, name, choices, at, answer)
        PREDICTIONS[made.key] = made
        return answer

    return register


def of_page(page: str) -> list[Prediction]:
    """The questions of a page, in the order in which they are asked."""
    return [each for each in PREDICTIONS.values() if each.page == page]


def problem_of(settings: Settings, families: Mapping[str, Family] = FAMILIES, what: str = "gradient") -> Problem:
    """The problem that a page shows in this state; `what` its menu of parameters is called."""
    family = families[settings["family"]]
    theta = {each.name: settings[f"{family.name}.{each.name}"] for each in family.parameters}
    if settings["objective"] in OBJECTIVES:
        objective = OBJECTIVES[settings["objective"]]
        values = {each.name: settings[f"{objective.name}.{each.name}"] for each in objective.parameters}
        objective = objective.at(**values) if values else objective
    else:
        objective = formula(settings["f"])
    return Problem(family, objective, theta, settings[f"{family.name}.{what}"])


def nearest(value: float, choices: Mapping[str, float]) -> str:
    """The choice whose number is nearest by ratio; all are positive."""
    if not 0 < value < math.inf:
        return max(choices, key=choices.__getitem__) if value > 0 else min(choices, key=choices.__getitem__)
    return min(choices, key=lambda name: abs(math.log(value / choices[name])))


def right_one(answers: Answers, words: Mapping[str, str]) -> str:
    """The word for whichever of two estimators is right here, {estimator: word}; "both" where neither is biased."""
    one, other = words
    if not answers.biased:
        return "both"
    return words[other if answers.biased == [one] else one]
