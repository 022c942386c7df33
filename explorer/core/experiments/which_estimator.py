"""Which estimator when: a problem for each situation, and what each estimator comes to in it, exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.estimators import ESTIMATORS, Choice
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.numerics.isolation import isolated
from explorer.core.objectives.catalogue import OBJECTIVES

_NORMAL = {"loc": 1.0, "scale": 1.0}
SITUATIONS: Mapping[str, Problem] = {
    "smooth": Problem(FAMILIES["normal"], OBJECTIVES["square"], _NORMAL, "loc"),
    "jump": Problem(FAMILIES["normal"], OBJECTIVES["step"].at(k=1.0), {**_NORMAL, "loc": 0.5}, "loc"),
    "support": Problem(FAMILIES["uniform"], OBJECTIVES["identity"], {"low": 0.0, "high": 2.0}, "high"),
    "fast": Problem(FAMILIES["normal"], OBJECTIVES["cosine"].at(k=5.0), _NORMAL, "loc"),
    "discrete": Problem(FAMILIES["bernoulli"], OBJECTIVES["shifted_square"].at(k=0.4), {"probs": 0.4}, "probs"),
    "heavy": Problem(FAMILIES["student_t"], OBJECTIVES["square"], {"df": 3.5, "loc": 0.0, "scale": 1.0}, "scale"),
}
COMPARED = (
    "score_function",
    "leave_one_out",
    "pathwise",
    "boundary_pathwise",
    "measure_valued",
    "gumbel_softmax",
    "rebar",
)


@dataclass(frozen=True)
class Cell:
    """What an estimator comes to in a situation: `kind` is "unbiased", "biased", "infinite", "undefined" or "unknown".

    ratio: of its variance, per sample, to the least positive one among the unbiased of the row. bias: exact.
    """

    kind: str
    variance: float | None = None
    ratio: float | None = None
    bias: float | None = None


Row = Mapping[str, Cell]


@isolated
def row_of(situation: str) -> Row:
    """The cells of a situation, by estimator."""
    problem = SITUATIONS[situation]
    defined = [name for name in COMPARED if problem.parameter in ESTIMATORS[name].covers(problem.family)]
    answers = Answers.of(problem, Choice(defined))
    kinds = {name: _kind(answers, name) for name in defined}
    variances = {name: (answers.errors[name] or 0.0) ** 2 for name in defined}
    least = min((variances[name] for name in defined if kinds[name] == "unbiased" and variances[name] > 0), default=1.0)
    cells = {name: Cell("undefined") for name in COMPARED}
    for name in defined:
        if kinds[name] == "unbiased":
            cells[name] = Cell("unbiased", variances[name], variances[name] / least)
        elif kinds[name] == "biased":
            cells[name] = Cell("biased", variances[name], bias=answers.bias(name))
        else:
            cells[name] = Cell(kinds[name])
    return cells


def _kind(answers: Answers, name: str) -> str:
    error = answers.errors[name]
    if error is None or answers.bias(name) is None:
        return "unknown"
    if math.isinf(error):
        return "infinite"
    return "biased" if answers.is_biased(name) else "unbiased"


def best_of(row: Row) -> str:
    """The unbiased estimator of the least variance; the first of COMPARED where no variance is finite."""
    fair = [name for name in COMPARED if row[name].kind == "unbiased"]
    return min(fair, key=lambda name: row[name].variance or 0.0, default=COMPARED[0])
