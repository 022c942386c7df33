"""Bias in words: of this problem, where it is known; else the pair's own hint, said to be no more than that."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.estimators import Choice
from explorer.core.experiments.problem import Problem
from explorer.text import short, word


def cautions(problem: Problem, estimators: Choice, biases: Mapping[str, float | None]) -> str:
    """Why estimators are biased here, or may be where their bias is None, a sentence each; empty when none is."""
    found = []
    for name, bias in biases.items():
        reason = estimators[name].warning(problem.family, problem.objective)
        if bias:
            found.append(reason or word("bias.here", estimator=short(name)))
        elif bias is None and reason:
            found.append(word("bias.not_known", reason=reason))
    return " ".join(found)
