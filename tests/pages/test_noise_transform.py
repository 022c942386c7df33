"""Noise, then transform: families by their route, and the star where its link puts it."""

from __future__ import annotations

import pytest

from explorer.core.families import SCALAR
from explorer.figures.noise_gallery import PLACES
from explorer.visit.noise_curve import ROUTE, routes
from tests.pages.apps import charts, healthy, link, said, visit


def test_every_family_has_one_place_in_the_gallery() -> None:
    named = [name for names in routes().values() for name in names]
    assert sorted(named) == sorted(SCALAR)


def test_a_family_in_a_link_opens_its_route() -> None:
    app = healthy(visit("noise_transform", family="log_normal"))
    assert app.session_state[ROUTE] == "composition"
    assert app.selectbox(key="family").options == ["Log-Normal"]
    app = healthy(visit("noise_transform", family="bernoulli"))
    assert app.session_state[ROUTE] == "none"
    assert app.selectbox(key="family").options == ["Bernoulli", "Categorical", "Poisson"]
    app.selectbox(key="family").set_value("poisson").run()
    assert link(healthy(app)) == {"family": "poisson"}
    assert "**No dot slides.**" in said(app)


def test_link_restores_the_star() -> None:
    app = healthy(visit("noise_transform", **{"star.normal": "-1.5", "normal.along": "scale"}))
    (chart,) = charts(app).values()
    *_, star = chart["films"]
    assert star["values"][star["start"]] == pytest.approx(-1.5)
    assert star["captions"][star["start"]].startswith("ε = −1.50: with σ = 1.00 held, the star's sample is x = −0.50.")
    assert "∂x/∂σ = −1.5" in chart["alt"]
    assert [film["leads"] for film in chart["films"]] == [False, True, False]
    assert link(app) == {"star.normal": "-1.5", "normal.along": "scale"}


def test_a_star_between_the_places_of_its_slider_has_a_place_of_its_own() -> None:
    app = healthy(visit("noise_transform", **{"star.normal": "0.123"}))
    (chart,) = charts(app).values()
    *_, star = chart["films"]
    assert star["values"][star["start"]] == pytest.approx(0.123)


def test_gallery_shows_every_family() -> None:
    app = healthy(visit("noise_transform", view="gallery", family="gamma"))
    (chart,) = charts(app).values()
    assert len(chart["figure"]["data"][PLACES]["x"]["bdata"]) > 0
    with_a_route = sum(family.route != "none" for family in SCALAR.values())
    assert f"**{with_a_route} of {len(SCALAR)} families**" in said(app)
    assert link(app) == {"view": "gallery", "family": "gamma"}
