"""Exact answers: those of the exact room, and what follows from them of biases and numbers of samples."""

from __future__ import annotations

import dataclasses
import math

import pytest

from explorer.core.by_name import exact_gradient, exact_variance, expected_estimate
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from tests.core.cases import defaults
from tests.core.pairs import BOTH, THIN


def answers_at(family: str = "normal", objective: str = "square", parameter: str = "loc", **theta: float) -> Answers:
    entry = FAMILIES[family]
    return Answers.of(Problem(entry, OBJECTIVES[objective], {**defaults(entry), **theta}, parameter), BOTH)


@pytest.mark.parametrize(("family", "objective"), THIN)
def test_answers_are_those_of_the_exact_room(family: Family, objective: Objective) -> None:
    theta = defaults(family)
    parameter = next(iter(theta))
    answers = Answers.of(Problem(family, objective, theta, parameter), BOTH)
    gradient = exact_gradient(family.name, objective, theta)[parameter]
    assert answers.gradient == pytest.approx(gradient, rel=1e-15, abs=1e-11)
    for name in BOTH:
        mean = expected_estimate(family.name, objective, name, theta)[parameter]
        assert answers.expectations[name] == pytest.approx(mean, rel=1e-15, abs=1e-11)
        variance = exact_variance(family.name, objective, name, theta)[parameter]
        assert answers.deviations[name] == pytest.approx(math.sqrt(variance), rel=1e-12)
        assert answers.bias(name) == pytest.approx(mean - gradient, abs=1e-10)
        assert answers.is_biased(name) == (abs(mean - gradient) > 1e-8)
        assert (name in answers.biased) == answers.is_biased(name)


def test_an_answer_below_the_accuracy_of_quadrature_is_zero() -> None:
    """At loc 0 the slope of E[x²] is 0, not the 1e-17 that is left of cancelling sums."""
    assert exact_gradient("normal", "square", {"loc": 0.0, "scale": 1.0})["loc"] == pytest.approx(0, abs=1e-12)
    assert answers_at(loc=0.0).gradient == 0


def test_ratio_of_samples_is_the_ratio_of_exact_variances() -> None:
    answers = answers_at(loc=2.0)
    assert answers.samples_ratio("score_function", "pathwise") == pytest.approx(87 / 4)
    assert answers.samples_ratio("pathwise", "score_function") == pytest.approx(4 / 87)
    assert answers.samples_ratio("pathwise", "pathwise") == pytest.approx(1)


def test_samples_for_a_share_of_the_gradient() -> None:
    """(sd / (0.01 · 4))²: 87 / 0.0016 and 4 / 0.0016 samples."""
    answers = answers_at(loc=2.0)
    assert answers.samples_for(0.01, "score_function") == pytest.approx(87 / 0.0016)
    assert answers.samples_for(0.01, "pathwise") == pytest.approx(4 / 0.0016)
    assert answers_at(loc=0.0).samples_for(0.01, "pathwise") is None
    assert answers_at("student_t", parameter="scale", df=4.0).samples_for(0.01, "score_function") == math.inf


def test_coupled_samples_count_by_their_standard_errors() -> None:
    """Leave-one-out: the error of a mean is larger than that of as many independent samples."""
    problem = Problem(FAMILIES["normal"], OBJECTIVES["square"], {"loc": 2.0, "scale": 1.0}, "loc")
    answers = Answers.of(problem, ("leave_one_out", "pathwise"))
    deviation, error = answers.deviations["leave_one_out"], answers.errors["leave_one_out"]
    assert deviation is not None
    assert error is not None
    assert error > deviation
    assert answers.samples_ratio("leave_one_out", "pathwise") == pytest.approx(error**2 / 4)


@pytest.mark.parametrize(
    ("family", "objective", "parameter", "biased"),
    [
        ("normal", "step", "loc", "pathwise"),
        ("uniform", "square", "high", "score_function"),
        ("bernoulli", "square", "probs", "pathwise"),
    ],
)
def test_biased_pairs_have_no_ratio(family: str, objective: str, parameter: str, biased: str) -> None:
    answers = answers_at(family, objective, parameter)
    assert answers.biased == [biased]
    assert answers.samples_ratio("score_function", "pathwise") is None
    assert answers.samples_ratio("pathwise", "score_function") is None
    assert answers.samples_for(0.01, biased) is None


def test_bias_is_a_fact_of_the_parameter() -> None:
    """The pair alone warns; at a theta where the slope of f misses nothing there is no bias."""
    family, step = FAMILIES["bernoulli"], OBJECTIVES["step"]
    assert ESTIMATORS["pathwise"].warning(family, step)
    assert answers_at("bernoulli", "step", "probs").biased == []


def test_bias_of_the_uniforms_score_is_known() -> None:
    """E[x²] = (a² + ab + b²) / 3, so d/db = (a + 2b) / 3; the score says -E[x²] / (b - a): at a = 0, b = 2, -2/3."""
    answers = answers_at("uniform", "square", "high", low=0.0, high=2.0)
    assert answers.gradient == pytest.approx(4 / 3)
    assert answers.bias("score_function") == pytest.approx(-2 / 3 - 4 / 3)
    assert answers.bias("pathwise") == pytest.approx(0, abs=1e-12)


def test_what_is_not_known_is_none() -> None:
    answers = answers_at("cauchy")
    assert answers.gradient is None
    assert "does not exist" in answers.reason
    assert answers.bias("pathwise") is None
    assert not answers.biased
    assert answers.samples_ratio("score_function", "pathwise") is None
    known = answers_at()
    lost = dataclasses.replace(known, errors={**known.errors, "pathwise": None})
    assert lost.samples_ratio("score_function", "pathwise") is None
