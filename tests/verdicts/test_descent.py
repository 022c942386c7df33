"""Descent in words: who arrives first, a path that flips for ever, and bias at the start."""

from __future__ import annotations

import torch

from explorer.core.experiments.answers import Answers
from explorer.core.experiments.descent import Descent, Rule
from explorer.core.experiments.problem import Problem
from explorer.core.families import TOY
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.verdicts.descent import arriving, cautions, ending

BOTH = ("score_function", "pathwise")


def walked(rule: Rule, objective: str = "square", estimators: tuple[str, ...] = BOTH, steps: int = 60) -> Descent:
    problem = Problem(TOY["normal"], OBJECTIVES[objective], {"loc": 2.0, "scale": 1.0}, "loc")
    made = Descent(problem, estimators, 0, torch.device("cpu"), rule)
    made.advance(steps)
    made.know(Answers.of(problem, estimators))
    return made


def test_the_exact_path_arrives_when_the_closed_form_says() -> None:
    """J - 1 falls as 0.9^(2 t): 95 % of the way is made when that is below 0.05, after 15 steps."""
    made = walked(Rule(0.05, 8))
    found = made.arrivals(made.landscape())
    assert found is not None
    assert found.steps["exact"] == 15
    first = min(steps for name, steps in found.steps.items() if name != "exact" and steps is not None)
    assert f"after **{first}** steps" in arriving(made, made.landscape())
    assert "flips" not in ending(made)


def test_nobody_is_said_to_arrive_before_the_walk_is_over() -> None:
    made = walked(Rule(0.05, 8), steps=30)
    assert arriving(made, made.landscape()) == ""


def test_a_step_of_one_flips_for_ever() -> None:
    made = walked(Rule(1.0, 8))
    assert made.flips is not None
    assert "flips between −2 and 2 for ever" in ending(made)
    assert "no estimator has made 95 % of the way from E f = 5 to 1" in arriving(made, made.landscape())
    assert walked(Rule(1.0, 8), steps=3).flips is None


def test_bias_is_that_of_the_start_and_of_this_problem() -> None:
    assert cautions(walked(Rule(0.05, 8), estimators=("finite_differences", "pathwise"), steps=1)) == ""
    assert "Pathwise" in cautions(walked(Rule(0.05, 8), "step", steps=1))
