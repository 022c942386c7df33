"""What sliders and pads inside a component hold: the hand, then the link, then the default; a bad link is answered."""

from __future__ import annotations

import re

import pytest

from tests.pages.apps import link, small_app


def film() -> None:
    import streamlit as st

    from explorer.core.families import FAMILIES
    from explorer.visit.links import film_theta

    released = dict(st.session_state.get("test.released", {}))
    st.session_state["test.released"] = {}
    family = FAMILIES[st.session_state.get("test.family", "normal")]
    st.markdown(f"{film_theta(family, released)}")


def test_film_follows_the_hand_then_keeps_its_place() -> None:
    app = small_app(film, **{"normal.loc": "2.5"})
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 1.0})
    assert link(app) == {"normal.loc": "2.5"}
    app.session_state["test.released"] = {"normal.scale": 0.25}
    app.run()
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 0.25})
    assert link(app) == {"normal.loc": "2.5", "normal.scale": "0.25"}
    app.run()
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 0.25})
    app.session_state["test.released"] = {"normal.loc": 1.0}
    app.run()
    assert link(app) == {"normal.scale": "0.25"}, "a default is left out"


def test_each_family_keeps_its_own_film() -> None:
    app = small_app(film, **{"normal.loc": "2.5"})
    app.session_state["test.family"] = "laplace"
    app.run()
    assert app.markdown[0].value == str({"loc": 1.0, "scale": 1.0})
    app.session_state["test.family"] = "normal"
    app.run()
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 1.0})


@pytest.mark.parametrize("given", ["nan", "inf", "99", "", "x", "<script>alert(1)</script>", "日本語", "1" * 5000])
def test_bad_film_link_is_answered_in_words(given: str) -> None:
    app = small_app(film, **{"normal.loc": given})
    assert not app.exception
    assert app.markdown[0].value == str({"loc": 1.0, "scale": 1.0})
    assert len(app.warning) == 1
    assert len(app.warning[0].value) < 200
    assert link(app) == {}


@pytest.mark.parametrize("given", ["![](//a.example/b.png)", "`![](//a.example/b.png)", "[a](//b.example)", "<b>x</b>"])
def test_nothing_in_a_link_becomes_a_picture_or_a_link(given: str) -> None:
    """Warnings are Markdown: what they quote of a link stands in backticks it cannot end, or is left out."""
    for script, key in ((film, "normal.loc"), (point, "z")):
        (warning,) = small_app(script, **{key: given}).warning
        assert not re.search(r"\]\(|<", re.sub(r"`[^`]*`", "", warning.value))


def point() -> None:
    import streamlit as st

    from explorer.visit.links import link_point

    state = st.session_state
    released = state.get("test.released")
    state["test.released"] = None
    st.markdown(f"{link_point('z', released, state.get('test.subject', 'a'), (0.25, -0.5), 3.5)}")


def test_point_comes_from_the_hand_then_the_link_then_the_start() -> None:
    app = small_app(point, z="1,-1")
    assert app.markdown[0].value == "(1.0, -1.0)"
    app.session_state["test.released"] = (2.0, 0.125)
    app.run()
    assert app.markdown[0].value == "(2.0, 0.125)"
    app.run()
    assert app.markdown[0].value == "(2.0, 0.125)"
    x, y = (float(part) for part in link(app)["z"].split(","))
    assert (x, y) == pytest.approx((2.0, 0.125), abs=0.006)
    app.session_state["test.subject"] = "b"
    app.run()
    assert app.markdown[0].value == "(0.25, -0.5)"
    assert link(app) == {}


@pytest.mark.parametrize("given", ["nan,0", "1", "1,2,3", "4,0", "0,-3.6", "inf,inf", "", ",", "a,b", "日,本"])
def test_bad_point_is_answered_in_words(given: str) -> None:
    app = small_app(point, z=given)
    assert not app.exception
    assert app.markdown[0].value == "(0.25, -0.5)"
    assert len(app.warning) == 1
    assert link(app) == {}
