"""Which of the two depends, in words: the numbers are the engine's, and what is not known is said."""

from __future__ import annotations

import dataclasses
import re

import pytest
import torch

from explorer.core.device import generator_for
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.dependence import Dependence, dependence
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.text.numbers import number
from explorer.verdicts.dependence import PAIR, captions, cautions, described, table, verdict
from tests.core.cases import SCALAR, defaults

NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none)\b", re.IGNORECASE)


def made(family: Family, objective: str = "square") -> tuple[Dependence, Answers]:
    problem = Problem(family, OBJECTIVES[objective], defaults(family), family.parameters[0].name)
    eps = draw_noise(family, 20, generator_for(0, torch.device("cpu")))
    return dependence(problem, eps), Answers.of(problem, PAIR)


@pytest.mark.parametrize("family", [each for each in SCALAR if each.route != "implicit"], ids=lambda each: each.name)
def test_words_hold_for_every_family(family: Family) -> None:
    film, answers = made(family)
    sentences = [*captions(film), described(film, 0), cautions(film, answers)]
    sentences += [verdict(film, frame, answers) for frame in (0, film.origin, -1)]
    for sentence in sentences:
        assert not NOT_A_NUMBER.search(sentence), sentence
    assert ("staircase" in cautions(film, answers)) == (family.route == "none")
    assert len(captions(film)) == len(film.values)
    assert len(table(film)["total_variation_of_q"]) == len(film.values)


def test_the_verdict_says_what_has_moved() -> None:
    film, answers = made(FAMILIES["normal"])
    now = film.nearest(2.0)
    said = verdict(film, now, answers)
    # 2 Φ(1/2) - 1; d E x² / d μ at μ = 1.
    assert "total variation distance of **0.383**, and its f by **0**" in said
    assert f"p(ε) has moved by exactly **0**, and its f(g(ε; θ)) by **{number(float(film.change[now]), 3)}**" in said
    assert "comes to **2** through q and **2** through f(g(ε; θ)); exact **2**" in said
    assert "nothing has moved yet" in verdict(film, film.origin, answers)


def test_what_is_not_known_is_said() -> None:
    film, answers = made(FAMILIES["cauchy"])
    assert "There is no exact gradient here" in cautions(film, answers)
    lost = dataclasses.replace(film, distance=torch.full_like(film.distance, torch.nan), fault="no end")
    assert "an unknown distance" in verdict(lost, 0, answers)
    assert "No exact distance on part of the slider: no end." in cautions(lost, answers)
