"""The page of descent: it walks as the browser asks, says what the engine says, and survives every family."""

from __future__ import annotations

import re

import pytest
import torch

from explorer.core.experiments.descent import Descent, Rule
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.text.numbers import number
from explorer.verdicts.descent import at_each_step, ending
from explorer.verdicts.words import measured
from tests.core.cases import SCALAR
from tests.pages.apps import charts, link, numbers, said, visit

PAGE = "descent"


def walked(rule: Rule) -> Descent:
    made = Descent(
        Problem(FAMILIES["normal"], OBJECTIVES["square"], {"loc": 2.0, "scale": 1.0}, "loc"),
        ("score_function", "pathwise"),
        0,
        torch.device("cpu"),
        rule,
    )
    made.advance(rule.n_steps)
    return made


def test_the_first_picture_is_the_first_step_and_asks_for_more() -> None:
    app = visit(PAGE)
    assert not app.exception
    part = charts(app)["descent"]
    assert part["pull"] == 1
    assert "After 1 step of 8 samples" in said(app)
    film = part["films"][0]
    assert film["values"] == [0, 1]
    made = walked(Rule(0.05, 8, n_steps=1))
    assert film["captions"] == at_each_step(made)
    assert ending(made) in said(app)


def test_a_verdict_measures_from_the_exact_path() -> None:
    made = walked(Rule(0.05, 8))
    distance = made.distance("score_function")
    assert distance is not None
    sentence = ending(made)
    assert f"at **{number(2 * 0.9**60, 4)}**" in sentence
    assert f"Score function **{measured(distance.root_mean_square, distance.standard_error, 3)}**" in sentence
    lost = walked(Rule(0.05, 8, n_steps=2))
    lost.reason = "so it is"
    assert "The exact path ends after 2 steps: so it is." in ending(lost)


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_every_family(family: Family) -> None:
    app = visit(PAGE, family=family.name, rate="1", samples="1")
    assert not app.exception
    (chart,) = charts(app).values()
    assert not re.search(r"\b(nan|inf|none)\b", said(app), re.IGNORECASE)
    assert all(number == number for number in numbers(chart["figure"]["layout"]))


def test_run_again_takes_the_next_seed() -> None:
    app = visit(PAGE, seed="4")
    before = charts(app)["descent"]["figure"]
    app.button[0].click().run()
    assert not app.exception
    assert link(app) == {"seed": "5"}
    assert charts(app)["descent"]["figure"] != before


def test_a_link_restores_direction_and_step() -> None:
    query = {"direction": "up", "rate": "0.2", "samples": "64", "step": "1"}
    app = visit(PAGE, **query)
    assert link(app) == query
    assert "64 samples" in said(app)
