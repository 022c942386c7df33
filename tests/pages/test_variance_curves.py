"""The page of variance curves: what it says is what the engine says, on every axis and for every family."""

from __future__ import annotations

import re

import pytest

import explorer
from explorer.core.experiments.curve_winners import turns
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.variance_curves import Setting
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import SCALAR, defaults
from tests.pages.apps import charts, link, numbers, said, visit

PAGE = "variance_curves"


def test_the_turn_on_the_page_is_the_engines() -> None:
    app = visit(PAGE)
    setting = Setting(Problem(FAMILIES["normal"], OBJECTIVES["cosine"], {"loc": 1.0, "scale": 1.0}, "loc"))
    names = ("score_function", "pathwise")
    at = setting.grid("k", names)
    (turn,) = turns(setting, {name: setting.curve(name, "k", at) for name in names}, "k")
    assert (
        f"**Pathwise** has the smallest variance up to k = **{turn.at:.4g}**, then **score function** beyond."
        in said(app)
    )
    part = charts(app)["variance_curves"]
    assert part["films"][0]["start"] == 9
    exact = explorer.exact_variance("normal", OBJECTIVES["cosine"].at(k=1.0), "pathwise", {"loc": 1.0, "scale": 1.0})
    assert f"Pathwise {exact['loc']:.3g}" in part["films"][0]["captions"][9]


def test_a_link_restores_axis_value_and_gradient() -> None:
    query = {"normal.cosine.against": "scale", "normal.scale": "0.5", "normal.gradient": "scale", "normal.loc": "2"}
    app = visit(PAGE, **query)
    assert not app.exception
    film = charts(app)["variance_curves"]["films"][0]
    assert film["name"] == "normal.scale"
    assert film["values"][film["start"]] == pytest.approx(0.5)
    assert link(app) == query
    assert [slider.key for slider in app.slider] == ["normal.loc", "cosine.k"]


@pytest.mark.parametrize("axis", ["samples", "dimension"])
def test_axes_that_are_no_parameters(axis: str) -> None:
    query = {"objective": "square", "normal.square.against": axis}
    app = visit(PAGE, **query, **{f"axis.{axis}": "64"})
    assert not app.exception
    film = charts(app)["variance_curves"]["films"][0]
    assert film["values"][film["start"]] == 64
    assert "**Pathwise** has the smallest variance" in said(app)
    assert charts(app)["variance_curves"]["figure"]["layout"]["xaxis"]["type"] == "log"


def test_what_has_no_closed_form_in_more_dimensions_is_said() -> None:
    app = visit(
        PAGE, objective="square", **{"normal.square.against": "dimension"}, estimators=["antithetic_score", "pathwise"]
    )
    assert not app.exception
    assert any("no closed form against the dimension" in info.value for info in app.info)


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_every_family(family: Family) -> None:
    """x², whose variance may be infinite or nowhere: never a trace, never a number that is none."""
    app = visit(PAGE, family=family.name, objective="square")
    assert not app.exception
    (chart,) = charts(app).values()
    assert not re.search(r"\b(nan|inf|none)\b", said(app).replace("None has", ""), re.IGNORECASE)
    assert all(number == number for number in numbers(chart["figure"]["layout"]))
    assert len(chart["films"][0]["captions"]) == len(chart["films"][0]["values"]) > 8


def test_a_heavy_tail_is_said_to_be_without_bound() -> None:
    app = visit(PAGE, family="student_t", objective="square", **{"student_t.gradient": "scale"})
    assert "**infinite variance** for ν = " in said(app)
    assert "Score function and Pathwise: " in said(app)


def test_a_biased_estimator_wins_nothing() -> None:
    app = visit(PAGE, objective="step")
    assert any("biased where f jumps" in warning.value for warning in app.warning)
    assert "**Pathwise** has" not in said(app)
    names = [trace.get("name") for trace in charts(app)["variance_curves"]["figure"]["data"]]
    assert "Pathwise (biased)" in names


def test_the_same_numbers_are_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A film's release changes no curve."""
    app = visit(PAGE)
    calls: list[str] = []
    monkeypatch.setattr(Setting, "curve", lambda *args: calls.append("curve"))
    app.run()
    assert not app.exception
    assert calls == []


def test_every_default_is_a_point_of_its_own_axis() -> None:
    for family in SCALAR:
        for parameter in family.parameters:
            setting = Setting(Problem(family, OBJECTIVES["square"], defaults(family), parameter.name))
            at = setting.grid(parameter.name, ())
            assert (at - parameter.default).abs().min() < 1e-9
