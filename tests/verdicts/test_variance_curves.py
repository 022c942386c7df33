"""Variance curves in words: true ranges, biased estimators with their sizes, and none the same by chance."""

from __future__ import annotations

import pytest

from explorer.core.experiments.curve_winners import ExactCurves
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.variance_curves import Setting
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.verdicts.variance_curves import biased, gaps, winning
from tests.core.cases import defaults

BOTH = ("score_function", "pathwise")


def said_of(
    family: str, objective: str, parameter: str, axis: str, estimators: tuple[str, ...] = BOTH, **values: float
) -> tuple[str, str, str]:
    entry, function = FAMILIES[family], OBJECTIVES[objective]
    own = {name: value for name, value in values.items() if name in function.values}
    theta = {**defaults(entry), **{name: value for name, value in values.items() if name not in own}}
    setting = Setting(Problem(entry, function.at(**own) if own else function, theta, parameter))
    exact = ExactCurves.of(setting, axis, estimators)
    return winning(setting, axis, exact), gaps(setting, axis, exact), biased(setting, axis, exact)


def test_a_winner_is_named_where_it_has_a_variance() -> None:
    """x² under Student-t: both variances are infinite up to ν = 4."""
    won, lost, _ = said_of("student_t", "square", "scale", "df")
    assert won.startswith("**Pathwise** has the smallest variance from ν = 4.2 to 12")
    assert "to 4" in lost
    assert "1.6 to 12" not in won + lost


def test_where_runs_of_points_are_lost_each_is_named() -> None:
    _, lost, _ = said_of("student_t", "square", "scale", "df")
    assert "ν = 2.2 to 4" in lost
    assert "ν = 1.6 to 2 " in lost


def test_a_bias_has_its_size_and_its_place() -> None:
    """Pathwise on a step misses the density there: at most 0.399."""
    won, _, off = said_of("normal", "step", "loc", "k")
    assert won == "**Score function** alone is unbiased here."
    assert "Pathwise is biased throughout: by −0.399 where it is worst." in off
    _, _, none = said_of("pareto", "identity", "alpha", "alpha")
    assert none == ""


def test_small_variances_are_not_called_the_same() -> None:
    won, _, _ = said_of("normal", "rare_event", "loc", "samples", loc=-4.0, k=6.0)
    assert won == "**Pathwise** has the smallest variance from n = 16 to 4096."


@pytest.mark.parametrize("axis", ["scale", "alpha"])
def test_the_score_of_paretos_shape_takes_part(axis: str) -> None:
    won, _, _ = said_of("pareto", "identity", "alpha", axis)
    assert "smallest variance" in won
    assert "alone" not in won
