"""Every page by AppTest: it runs, its pictures have words and numbers, its link restores it, a bad link is harmless."""

from __future__ import annotations

import functools
import itertools
import math
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.core.families.family import Family
from explorer.text.numbers import number
from explorer.vae.pretrained import manifest
from explorer.visit.live import FIRST_BATCH
from tests.core.cases import SCALAR, defaults
from tests.pages.apps import (
    HOSTILE,
    NOT_A_NUMBER,
    PAGES,
    charts,
    components,
    healthy,
    link,
    numbers,
    said,
    visit,
    widget,
)

SLOWEST = f"{FIRST_BATCH}"
"""The speed that draws as much a picture as the first picture has."""
MODELS = list(manifest().models)


@functools.cache
def plain(page: str) -> AppTest:
    """A visit to a page by its plain link, shared by the tests that only look."""
    return visit(page)


def drawn(app: AppTest) -> list[Any]:
    others = [part for name in ("traversal_grid", "autograd_graph") for part in components(app, f"explorer_{name}")]
    return [*(part["figure"] for part in charts(app).values()), *others]


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_and_its_plain_link_stays_plain(page: str) -> None:
    """Its pictures' sentences are read out: no Markdown."""
    app = healthy(plain(page))
    assert link(app) == {}
    assert not app.warning
    assert app.expander
    for chart in charts(app).values():
        assert not [number for number in numbers(chart["figure"]["layout"]) if not math.isfinite(number)]
        assert not re.search(r"[*$`]", chart["alt"])


@pytest.mark.parametrize("page", PAGES)
def test_page_is_the_same_in_the_next_visit(page: str) -> None:
    """What is random comes from the seed that is shown."""
    assert drawn(plain(page)) == drawn(visit(page))


@pytest.mark.parametrize("page", [page for page in PAGES if "seed" in PAGES[page].state])
def test_another_seed_is_another_picture(page: str) -> None:
    assert drawn(plain(page)) != drawn(visit(page, seed="1"))


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_noise_transform_of_every_family(family: Family) -> None:
    app = healthy(visit("noise_transform", family=family.name))
    (chart,) = charts(app).values()
    *films, star = chart["films"]
    assert [film["name"] for film in films] == [f"{family.name}.{p.name}" for p in family.parameters]
    assert star["name"] == f"star.{family.noise.name}"
    assert star["hand"]
    for film, parameter in zip(films, family.parameters, strict=True):
        assert film["values"][film["start"]] == parameter.default
    for film in chart["films"]:
        assert not [caption for caption in film["captions"] if NOT_A_NUMBER.search(caption)]
    assert f"Route: **{family.route}**" in said(app)


@pytest.mark.parametrize("page", PAGES)
def test_bad_link_does_no_harm(page: str) -> None:
    """Bad values at every key at once; tests/visit/test_state.py asks each field for each."""
    values = itertools.cycle(HOSTILE.values())
    app = healthy(visit(page, **dict(zip(PAGES[page].state, values, strict=False))))
    for slider in app.slider:
        assert slider.min <= slider.value <= slider.max


@pytest.mark.parametrize("page", PAGES)
def test_bad_key_alone_does_no_harm(page: str) -> None:
    """What a worse key would hide: each that the page shows by itself, at the two values that did harm before."""
    others = list(PAGES)[: list(PAGES).index(page)]
    for key in visit(page).session_state["visit/link"]:
        # The pages before read it by the same control.
        if not any(key in PAGES[other].state for other in others):
            for value in ("", "inf"):
                app = healthy(visit(page, **{key: value}))
                assert key not in link(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_bad_link_is_answered_in_words(page: str) -> None:
    app = visit(page, **dict.fromkeys(PAGES[page].state, "nope!"))
    assert any("cannot show what the link asks for" in warning.value for warning in app.warning)
    assert all(len(warning.value) < 400 for warning in app.warning)
    assert not [warning for warning in app.run().warning if "the link" in warning.value.lower()]


@pytest.mark.parametrize(
    ("page", "query", "expected"),
    [
        ("start", {"theta": "-1.5", "seed": "3"}, {"theta": -1.5, "seed": 3}),
        ("start", {"play": "false"}, {"play": False}),
        ("gradient_stream", {"family": "laplace"}, {"family": "laplace"}),
        ("gradient_stream", {"family": "Laplace"}, {"family": "laplace"}),
        (
            "gradient_stream",
            {"family": "Log-Normal", "objective": "cosine", "cosine.k": "3.1", "log_normal.scale": "0.7", "seed": "9"},
            {"family": "log_normal", "objective": "cosine", "cosine.k": 3.1, "log_normal.scale": 0.7, "seed": 9},
        ),
        (
            "gradient_stream",
            {"batch": SLOWEST, "normal.gradient": "scale"},
            {"batch": SLOWEST, "normal.gradient": "scale"},
        ),
        ("noise_transform", {"family": "exponential", "seed": "2"}, {"family": "exponential", "seed": 2}),
        ("latent_space", {"image": "7", "seed": "4"}, {"image": 7, "seed": 4}),
        ("latent_space", {"model": MODELS[0], f"{MODELS[0]}.view": "Prior"}, {f"{MODELS[0]}.view": "prior"}),
        ("descent", {"direction": "Uphill", "estimators": "REBAR"}, {"direction": "up", "estimators": ["rebar"]}),
    ],
)
def test_link_restores_the_widgets(page: str, query: dict[str, str], expected: dict[str, Any]) -> None:
    app = healthy(visit(page, **query))
    assert {key: widget(app, key) for key in expected} == expected


def test_link_restores_a_film() -> None:
    app = healthy(visit("noise_transform", **{"normal.loc": "2.5"}))
    (chart,) = charts(app).values()
    loc, scale, _ = chart["films"]
    assert loc["values"][loc["start"]] == 2.5
    assert scale["values"][scale["start"]] == 1.0
    assert "2.5" in chart["alt"]
    assert link(app) == {"normal.loc": "2.5"}


@pytest.mark.parametrize("theta", [-3.0, 0.0, 2.0])
def test_start_says_the_exact_numbers(theta: float) -> None:
    app = healthy(visit("start", theta=f"{theta:g}", play="false"))
    ratio = (theta**4 + 14 * theta**2 + 15) / 4
    assert f"Exact gradient **{number(2 * theta, 4)}**" in said(app)
    assert f"{ratio:.3g} times" in said(app)
    assert f"**{FIRST_BATCH}** samples" in said(app)


def test_leaving_and_coming_back_leaves_no_trace_of_an_error() -> None:
    app = visit("start")
    for page in ("gradient_stream", "latent_space", "noise_transform", "start", "latent_space"):
        healthy(app.switch_page(PAGES[page].script).run())


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_a_film_link_names_every_parameter(family: Family) -> None:
    """A link with every parameter away from its default is restored whole."""
    theta = {p.name: p.slider[0] + round((p.slider[1] - p.slider[0]) / p.step / 3) * p.step for p in family.parameters}
    # A value on its default is left out of a link.
    theta = {p.name: theta[p.name] + p.step * (abs(theta[p.name] - p.default) < p.step / 2) for p in family.parameters}
    assert not family.fault({**defaults(family), **theta})
    query = {f"{family.name}.{name}": f"{value:g}" for name, value in theta.items()}
    app = healthy(visit("noise_transform", family=family.name, **query))
    (chart,) = charts(app).values()
    for film in chart["films"][:-1]:
        assert f"{film['values'][film['start']]:g}" == query[film["name"]]
    assert query.items() <= link(app).items()
