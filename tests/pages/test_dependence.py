"""Which of the two depends: links, the start taken over, and the script against the page."""

from __future__ import annotations

import re

import pytest

from explorer.text.numbers import number
from tests.pages.apps import charts, healthy, link, printed, said, visit, widget

PAGE = "dependence"


@pytest.mark.parametrize("name", ["weibull", "gamma", "poisson"])
def test_a_page_of_each_kind(name: str) -> None:
    app = healthy(visit(PAGE, family=name))
    (chart,) = charts(app).values()
    (film,) = chart["films"]
    assert film["name"].startswith(f"{name}.")
    assert film["captions"][film["start"]] in chart["alt"]
    assert bool(app.warning) == (name == "poisson")


def test_a_link_restores_it_and_the_start_moves_to_the_slider() -> None:
    query = {"objective": "cosine", "normal.move": "scale", "normal.scale": "0.5", "normal.scale.to": "1.5"}
    app = healthy(visit(PAGE, **query))
    assert link(app) == query
    assert "From σ = 0.5 to 1.5" in said(app)
    (button,) = (each for each in app.button if each.label == "Start here")
    healthy(button.click().run())
    assert widget(app, "normal.scale") == 1.5
    assert "nothing has moved yet" in said(app)


def test_the_script_prints_what_the_page_says() -> None:
    app = healthy(visit(PAGE, **{"normal.loc.to": "2"}))
    text = printed(app.code[0].value)
    change, distance, error = (float(found) for found in re.findall(r"dots (\S+)\n.*of q (\S+) \+- (\S+)", text)[0])
    assert f"by **{number(change, 3)}** on average" in said(app)
    found = re.search(r"total variation distance of \*\*([\d.]+)", said(app))
    assert found
    assert abs(float(found[1]) - distance) < 5 * error + 5e-4


def test_an_undefined_f_is_answered_in_words() -> None:
    app = visit(PAGE, objective="formula", f="log(x)")
    assert not app.exception
    assert "leave the range" in app.error[0].value
