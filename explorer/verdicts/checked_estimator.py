"""A report on somebody's own gradient estimator that prints itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.experiments.checked_estimator import Checked, Known, checked, samples_of
from explorer.core.experiments.problem import Problem
from explorer.core.families import get_family
from explorer.core.numerics.isolation import isolated
from explorer.core.objectives.catalogue import get_objective
from explorer.core.objectives.objective import Objective
from explorer.text import short, word
from explorer.verdicts.words import measured, number, said

_RARE = 1e-12
"""Below, a chance from a normal law is no longer to be taken at its word."""


@dataclass(frozen=True)
class Report:
    """What samples of an estimator amount to, for each parameter they were given for. `print` it, or read the fields.

    `parameters` maps each name to its numbers: `mean`, `standard_error`, `gradient`, `bias`, `errors`, `chance`,
    `verdict`, `variance`, `variance_error`, `known`, `like` and `perhaps`; see `Checked`.
    """

    family: str
    objective: str
    theta: Mapping[str, float]
    parameters: Mapping[str, Checked]

    def __str__(self) -> str:
        values = ", ".join(f"{name} = {number(value, 6)}" for name, value in self.theta.items())
        parts = {"family": word(f"family.{self.family}.title"), "objective": self.objective, "theta": values}
        return "\n\n".join([word("checked_estimator.of", **parts), *map(_paragraph, self.parameters.values())])


@isolated
def check_estimator(
    samples: Mapping[str, object], family: str, objective: str | Objective, theta: Mapping[str, object]
) -> Report:
    """Grades gradient samples of your own against the exact gradient, and beside the known estimators.

    samples: {"loc": (n,), ...}, one gradient a sample for any of the family's parameters, as tensors, arrays or lists,
    n >= 100. They are taken to be independent: of samples that depend on each other give the means of independent
    groups. The report says for each parameter how far the mean is off and whether that is chance, how the variance
    compares with each known estimator's exact one, and which of those the samples behave like.

    Raises ValueError on an unknown family, objective or parameter, a theta outside its range, and samples that are not
    a row of at least 100 finite numbers.
    """
    entry, f = get_family(family), get_objective(objective)
    values = entry.check(theta)
    rows = samples_of(samples, entry)
    found = {name: checked(row, Problem(entry, f, values, name)) for name, row in rows.items()}
    at = ", ".join(f"{name} = {number(float(value), 6)}" for name, value in f.values.items())
    return Report(entry.name, f"{f.title} ({at})" if at else f.title, values, found)


def _paragraph(each: Checked) -> str:
    lines = [
        word(
            "checked_estimator.mean",
            parameter=each.parameter,
            n=f"{each.n:,}",
            mean=measured(each.mean, each.standard_error, 5),
        ),
        "  " + _bias(each),
        "  " + word("checked_estimator.variance", variance=measured(each.variance, each.variance_error, 4)),
        *("    " + _beside(known) for known in each.known),
        "  " + _like(each),
    ]
    return "\n".join(lines)


def _bias(each: Checked) -> str:
    parts = {
        "exact": said(each.gradient, 6),
        "bias": said(each.bias, 3),
        "errors": said(round(abs(each.errors), 2), 3),
        "chance": word("checked_estimator.rare") if each.chance < _RARE else said(each.chance),
        "reason": each.reason,
    }
    return word(f"checked_estimator.verdict.{each.verdict}", **parts)


def _beside(known: Known) -> str:
    name = short(known.estimator)
    if known.reason:
        return word("checked_estimator.not_known", estimator=name, reason=known.reason)
    if math.isinf(known.variance):
        return word("checked_estimator.unbounded", estimator=name)
    exact = number(known.variance, 4)
    if known.ratio is None or known.ratio_error is None:
        return word("checked_estimator.alone", estimator=name, variance=exact)
    ratio = measured(known.ratio, known.ratio_error, 3)
    return word("checked_estimator.ratio", estimator=name, variance=exact, ratio=ratio)


def _like(each: Checked) -> str:
    if each.verdict == "wild":
        return word("checked_estimator.no_kin")
    if not each.like:
        return word("checked_estimator.none")
    parts = [word("checked_estimator.like", estimators=", ".join(map(short, each.like)))]
    if each.perhaps:
        parts.append(word("checked_estimator.perhaps", estimators=", ".join(map(short, each.perhaps))))
    return " ".join(parts)
