"""Bias is of this problem and this parameter: no page warns of a pair that is unbiased here."""

from __future__ import annotations

import pytest
import torch

from explorer.core.estimators import Choice
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.reweighting import reweighting
from explorer.core.experiments.score_size import score_film
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.verdicts import bias
from explorer.verdicts import reweighting as moved
from explorer.verdicts import score_size as laid_out
from explorer.verdicts.gradient_stream import comparison
from tests.core.cases import defaults

BOTH = Choice(["score_function", "pathwise"])


def problem(family: str, objective: str, parameter: str, **values: float) -> Problem:
    entry, function = FAMILIES[family], OBJECTIVES[objective]
    return Problem(entry, function.at(**values) if values else function, defaults(entry), parameter)


@pytest.mark.parametrize(
    ("asked", "estimator", "is_biased"),
    [
        (problem("pareto", "square", "alpha"), "score_function", False),
        (problem("pareto", "square", "scale"), "score_function", True),
        (problem("normal", "square", "loc"), "finite_differences", False),
        (problem("normal", "cosine", "loc", k=5.0), "finite_differences", True),
        (problem("bernoulli", "constant", "probs"), "pathwise", False),
    ],
)
def test_a_caution_is_what_the_exact_bias_says(asked: Problem, estimator: str, is_biased: bool) -> None:
    found = Answers.of(asked, (estimator,))
    assert found.is_biased(estimator) == is_biased
    assert bool(bias.cautions(asked, Choice([estimator]), found.biases)) == is_biased


def test_what_is_not_known_is_said_to_be_a_rule_only() -> None:
    asked = problem("pareto", "square", "alpha")
    assert bias.cautions(asked, BOTH, {"score_function": None}).startswith(
        "The exact bias is not known here. As a rule: "
    )
    assert bias.cautions(problem("normal", "square", "loc"), BOTH, {"score_function": None}) == ""


@pytest.mark.parametrize(("parameter", "warned"), [("alpha", False), ("scale", True)])
def test_all_rooms_say_the_same(parameter: str, warned: bool) -> None:
    asked = problem("pareto", "identity", parameter)
    eps = torch.rand(40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert bool(moved.cautions(reweighting(asked, eps))) == warned
    values = torch.tensor([3.0, 5.0] if parameter == "alpha" else [0.5, 1.5], dtype=torch.float64)
    assert bool(laid_out.cautions(score_film(asked, values, eps))) == warned


def test_samples_that_missed_the_bump_say_so_for_both() -> None:
    """At k = 4 under N(0, 1) a bump holds 3e-5 of the mass: 80 samples see nothing of it."""
    entry = FAMILIES["normal"]
    asked = Problem(entry, OBJECTIVES["rare_event"].at(k=4.0), {"loc": 0.0, "scale": 1.0}, "loc")
    stream = GradientStream(asked, ("score_function", "pathwise"), 0, torch.device("cpu"))
    stream.know(Answers.of(asked, stream.estimators))
    stream.advance(80)
    text = comparison(stream)
    assert text.count("standard errors away") == 2
    assert "missed the rare large ones" in text
    assert "score function 1.1 × 10⁻⁸, exact 0.02; pathwise" in text
    stream.advance(100_000)
    assert "missed" not in comparison(stream)


def test_at_least_one_sample_is_needed() -> None:
    asked = problem("normal", "identity", "loc")
    assert Answers.of(asked, ("pathwise",)).samples_for(0.01, "pathwise") == 1
