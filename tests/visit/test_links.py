"""The state in a visit: the link first, then the hand, then the default; and the link that says it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.runtime.state.query_params_proxy import QueryParamsProxy
from streamlit.testing.v1 import AppTest

from explorer.visit import links
from tests.pages.apps import link, small_app


def film() -> None:
    import streamlit as st

    from explorer.core.families import FAMILIES
    from explorer.visit import state
    from explorer.visit.links import film_theta
    from tests.visit.apps import on_a_page

    released = dict(st.session_state.get("test.released", {}))
    st.session_state["test.released"] = {}
    family = FAMILIES[st.session_state.get("test.family", "normal")]
    with on_a_page(state.family(FAMILIES)) as refused:
        st.markdown(f"{film_theta(family, released)}")
        st.caption(" ".join(refused))


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


def test_a_link_is_written_again_where_the_browser_came_with_the_one_before_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A quick hand's run begins before the browser has heard of the last one's link."""
    written: list[dict[str, object]] = []
    write = QueryParamsProxy.from_dict
    monkeypatch.setattr(
        QueryParamsProxy, "from_dict", lambda self, link: (written.append(dict(link)), write(self, link))[1]
    )
    app = small_app(film)
    app.session_state["test.released"] = {"normal.scale": 0.25}
    app.run()
    assert written == [{"normal.scale": ["0.25"]}]
    app.query_params.clear()
    app.session_state["test.released"] = {"normal.scale": 1.0}
    app.run()
    app.run()
    assert written == [{"normal.scale": ["0.25"]}, {}]


def test_each_family_keeps_its_own_film_and_the_link_says_what_is_shown() -> None:
    app = small_app(film, **{"normal.loc": "2.5", "unknown": "stays"})
    app.session_state["test.family"] = "laplace"
    app.run()
    assert app.markdown[0].value == str({"loc": 1.0, "scale": 1.0})
    assert link(app) == {"unknown": "stays"}
    app.session_state["test.family"] = "normal"
    app.run()
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 1.0})
    assert link(app) == {"normal.loc": "2.5", "unknown": "stays"}


@pytest.mark.parametrize("given", ["nan", "inf", "99", "", "x", "<script>alert(1)</script>", "日本語", "1" * 5000])
def test_a_bad_link_is_named_by_its_key(given: str) -> None:
    app = small_app(film, **{"normal.loc": given})
    assert not app.exception
    assert app.markdown[0].value == str({"loc": 1.0, "scale": 1.0})
    assert app.caption[0].value == "normal.loc"
    assert link(app) == {}
    assert app.run().caption[0].value == "", "once"


def test_a_stale_address_does_not_undo_what_the_visitor_set() -> None:
    app = small_app(film, **{"normal.loc": "2.5"})
    app.session_state["test.released"] = {"normal.loc": -1.0}
    app.run()
    # The browser sends its next message before it has the new address.
    app.query_params["normal.loc"] = "2.5"
    app.run()
    assert app.markdown[0].value == str({"loc": -1.0, "scale": 1.0})
    assert link(app) == {"normal.loc": "-1"}


def go_back(app: AppTest, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    with monkeypatch.context() as patch:
        context = SimpleNamespace(is_history_navigation=True, fragment_ids_this_run=None)
        patch.setattr(links, "get_script_run_ctx", lambda: context)
        app.query_params.clear()
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()


def test_going_back_restores_what_the_address_says(monkeypatch: pytest.MonkeyPatch) -> None:
    app = small_app(film, **{"normal.scale": "2"})
    app.session_state["test.released"] = {"normal.loc": 2.5}
    app.run()
    go_back(app, monkeypatch, **{"normal.scale": "2"})
    assert app.markdown[0].value == str({"loc": 1.0, "scale": 2.0})
    go_back(app, monkeypatch, **{"normal.scale": "2", "normal.loc": "2.5"})
    assert app.markdown[0].value == str({"loc": 2.5, "scale": 2.0})
    go_back(app, monkeypatch)
    assert app.markdown[0].value == str({"loc": 1.0, "scale": 1.0})


def menus() -> None:
    import streamlit as st

    from explorer.core.families import FAMILIES
    from explorer.visit import state
    from explorer.visit.controls import menu, slider
    from tests.visit.apps import on_a_page

    with on_a_page(state.family(FAMILIES)):
        family = menu("family")
        st.markdown(f"{family} {slider(f'{family}.loc')}")


def test_going_back_overrules_the_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    app = small_app(menus)
    app.selectbox[0].select("laplace").run()
    app.slider[0].set_value(2.0).run()
    assert link(app) == {"family": "laplace", "laplace.loc": "2"}
    go_back(app, monkeypatch, family="laplace")
    assert app.markdown[0].value == "laplace 1.0"
    go_back(app, monkeypatch)
    assert app.markdown[0].value == "normal 1.0"
    assert app.selectbox[0].value == "normal"


def point() -> None:
    import streamlit as st

    from explorer.visit.fields import Point
    from explorer.visit.links import link_point
    from tests.visit.apps import on_a_page

    held = st.session_state
    released = held.get("test.released")
    held["test.released"] = None
    with on_a_page([Point("z", 3.5)]) as refused:
        st.markdown(f"{link_point('z', released, held.get('test.subject', 'a'), (0.25, -0.5))}")
        st.caption(" ".join(refused))


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
def test_bad_point_is_named(given: str) -> None:
    app = small_app(point, z=given)
    assert not app.exception
    assert app.markdown[0].value == "(0.25, -0.5)"
    assert app.caption[0].value == "z"
    assert link(app) == {}
