"""The notebook's experiment in words: its sentences and tables."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import re

import numpy as np
import pytest
import torch

from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.repeated_means import RepeatedMeans
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.verdicts.repeated_means import (
    COLUMNS,
    as_csv,
    as_markdown,
    cautions,
    described,
    rows,
    side_by_side,
    verdict,
)
from tests.core.cases import defaults
from tests.core.pairs import BOTH

NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none|null)\b", re.IGNORECASE)


def run_of(
    family: str = "normal",
    objective: str | Objective = "square",
    parameter: str | None = None,
    estimators: tuple[str, ...] = BOTH,
    sizes: tuple[int, ...] = (10, 30, 100),
    **theta: float,
) -> RepeatedMeans:
    start = {"loc": 2.0, "scale": 1.0} if family == "normal" else defaults(FAMILIES[family])
    function = OBJECTIVES[objective] if isinstance(objective, str) else objective
    problem = Problem(FAMILIES[family], function, {**start, **theta}, parameter or next(iter(start)))
    run = RepeatedMeans(problem, estimators, 0, torch.device("cpu"), sizes)
    run.know(Answers.of(problem, estimators))
    while run.share < 1:
        run.advance(1)
    return run


def sentences(run: RepeatedMeans) -> list[str]:
    return [verdict(run), cautions(run), described(run), as_markdown(run)]


@pytest.mark.parametrize(
    ("family", "objective"), [("normal", "identity"), ("cauchy", "square"), ("pareto", "square"), ("poisson", "square")]
)
def test_sentences_hold_only_numbers(family: str, objective: str) -> None:
    run = run_of(family, objective)
    assert not [text for text in sentences(run) if NOT_A_NUMBER.search(text)]
    assert not re.search(r"[*_$`]", described(run))


def test_verdict_counts_the_intervals() -> None:
    run = run_of()
    exact = {name: run.exact_variance(name, 1) or 0 for name in BOTH}
    held = sum(bool(spread.holds(exact[name] / spread.n)) for name in BOTH for spread in run.spreads(name))
    assert f"**{held} of 6** intervals hold the exact variance; 95 % should." in verdict(run)
    # With exact variances ten times as large no interval holds.
    assert run.answers
    larger = {name: 10**0.5 * (run.answers.deviations[name] or 0) for name in BOTH}
    run.know(dataclasses.replace(run.answers, deviations=larger))
    assert "**0 of 6** intervals" in verdict(run)


def test_points_without_intervals_are_said() -> None:
    """x > 0.5 at μ = -2.5 is rare, at μ = -4.5 it is not met."""
    rare = run_of(objective="step", estimators=("score_function",), loc=-2.5)
    assert "3 open points have no interval: too few of the rare large samples were drawn." in verdict(rare)
    never = run_of(objective="step", estimators=("score_function",), loc=-4.5)
    assert "3 points cannot be drawn: all estimates were the same." in verdict(never)
    wild = run_of("student_t", parameter="scale", df=6.0)
    assert "No intervals for Score function" in verdict(wild)


def test_the_worse_of_two_comes_first() -> None:
    assert "Score function needs **21.8 times** the samples of pathwise." in verdict(run_of())
    assert "Pathwise needs" in verdict(run_of(objective=OBJECTIVES["cosine"].at(k=10.0)))
    assert "times" not in verdict(run_of(estimators=("pathwise",)))


def test_tables_hold_the_same_numbers() -> None:
    run = run_of("student_t", parameter="scale", df=3.0)
    table = rows(run)
    assert len(table) == 6
    read = list(csv.reader(io.StringIO(as_csv(run))))
    assert tuple(read[0]) == COLUMNS
    assert [[row[0], int(row[1]), float(row[2]), float(row[3])] for row in read[1:]] == [list(row[:4]) for row in table]
    assert {tuple(row[4:]) for row in read[1:]} == {("", "", "inf")}
    assert as_markdown(run).count("infinite") == 6
    wide = side_by_side(run)
    assert wide["N"] == [10, 30, 100]
    assert len(wide) == 1 + 5 * len(BOTH)
    np.testing.assert_array_equal(
        list(itertools.chain(*(wide[f"{name}_variance"] for name in BOTH))), [row[3] for row in table]
    )
