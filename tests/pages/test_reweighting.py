"""Samples move, or weights change: every family, the sentences against the engine, links, the button."""

from __future__ import annotations

import re

import pytest
import torch
from streamlit.testing.v1 import AppTest

import explorer
from explorer.core.device import generator_for
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.reweighting import reweighting
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.text.numbers import number
from explorer.verdicts.reweighting import captions, cautions, described, verdict
from tests.core.cases import SCALAR, corners, defaults
from tests.core.pairs import THIN
from tests.pages.apps import charts, link, said, visit
from tests.pages.test_snippets import output

PAGE = "reweighting"
NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none)\b", re.IGNORECASE)
QUICK = [family for family in SCALAR if family.route != "implicit"]


def healthy(app: AppTest) -> dict[str, object]:
    assert not app.exception
    assert not app.error
    (chart,) = charts(app).values()
    (film,) = chart["films"]
    assert not [text for text in (*film["captions"], chart["alt"], said(app)) if NOT_A_NUMBER.search(text)]
    return {**film, "alt": chart["alt"]}


def caption(film: dict[str, object]) -> str:
    return film["captions"][film["start"]]  # type: ignore[index,no-any-return]


@pytest.mark.parametrize("name", ["beta", "poisson", "cauchy"])
def test_a_page_of_each_kind(name: str) -> None:
    family = FAMILIES[name]
    film = healthy(visit(PAGE, family=family.name))
    parameter = family.parameters[0]
    assert film["name"] == f"{name}.{parameter.name}.to"
    assert abs(film["values"][film["start"]] - parameter.default) > 5 * parameter.step  # type: ignore[index]
    assert caption(film) in str(film["alt"])


def sentences(family: Family, objective: Objective, theta: dict[str, float], name: str) -> list[str]:
    film = reweighting(
        Problem(family, objective, theta, name), draw_noise(family, 20, generator_for(0, torch.device("cpu")))
    )
    return [*captions(film), verdict(film), cautions(film), described(film, 0)]


@pytest.mark.parametrize("family", QUICK, ids=lambda family: family.name)
def test_words_hold_at_the_ends_of_every_slider(family: Family) -> None:
    _, low, *_, high = corners(family)
    for theta, name in ((low, next(iter(low))), (high, next(reversed(high)))):
        for sentence in sentences(family, OBJECTIVES["square"], theta, name):
            assert not NOT_A_NUMBER.search(sentence), sentence


@pytest.mark.parametrize(("family", "objective"), THIN)
def test_words_hold_for_every_objective(family: Family, objective: Objective) -> None:
    if family.size == 1 and family.route != "implicit":
        for sentence in sentences(family, objective, defaults(family), family.parameters[0].name):
            assert not NOT_A_NUMBER.search(sentence), sentence


def test_the_sentence_says_what_the_estimators_say() -> None:
    app = visit(PAGE, objective="square", seed="4", **{"normal.loc": "0.5"})
    healthy(app)
    theta = {"loc": 0.5, "scale": 1.0}
    for name in ("score_function", "pathwise"):
        g = explorer.gradient_samples("normal", "square", name, theta, 50, seed=4, device="cpu")["loc"].double()
        assert f"**{number(float(g.mean()), 3)} ± {number(float(g.std() / 50**0.5))}**" in said(app)
    assert "exact **1**" in said(app)


def test_the_script_prints_the_caption() -> None:
    app = visit(PAGE, **{"normal.loc.to": "1.5"})
    words = caption(healthy(app))
    printed = output(app.code[0].value)
    weighted, effective = (float(found) for found in re.findall(r"weighted mean (\S+)  effective (\S+)", printed)[0])
    moved = float(re.findall(r"moved mean\s+(\S+)", printed)[0])
    assert f"Weighted mean {weighted:.3g} ±" in words
    assert f"moved mean {moved:.3g} ±" in words
    assert f"effective sample size {effective:.1f} of 50" in words


def test_a_link_restores_the_film_and_theta_0() -> None:
    query = {"normal.loc": "-0.5", "normal.loc.to": "0.7", "normal.scale": "0.8", "seed": "3"}
    app = visit(PAGE, **query)
    film = healthy(app)
    assert film["values"][film["start"]] == pytest.approx(0.7)  # type: ignore[index]
    assert "At θ₀, μ = −0.5" in said(app)
    assert link(app) == query


def test_moving_another_parameter() -> None:
    film = healthy(visit(PAGE, **{"normal.move": "scale", "normal.scale.to": "0.4"}))
    assert film["name"] == "normal.scale.to"
    assert "σ = 0.4" in caption(film)


def test_draw_afresh_takes_the_value_under_the_picture_for_theta_0() -> None:
    app = visit(PAGE, **{"normal.loc.to": "-2"})
    (button,) = [button for button in app.button if button.label == "Draw afresh here"]
    film = healthy(button.click().run())
    assert float(link(app)["normal.loc"]) == -2
    assert "all weights are 1, effective sample size 50.0 of 50" in caption(film)


def test_where_a_picture_is_wrong_it_is_said() -> None:
    app = visit(PAGE, family="bernoulli")
    healthy(app)
    assert "its samples jump" in app.warning[0].value
    assert "by motion (pathwise) **0 ± 0**" in said(app)
    app = visit(PAGE, family="uniform", **{"uniform.move": "high", "uniform.high.to": "4"})
    assert "50.0 % of q lies where no sample drawn at θ₀ can be" in caption(healthy(app))
    assert "its support moves" in app.warning[0].value
    assert "no weight can repair that" in said(app)


def test_an_undefined_f_is_answered_in_words() -> None:
    app = visit(PAGE, objective="formula", f="log(x)")
    assert not app.exception
    assert "leave the range" in app.error[0].value
