"""Keys under the street lamp: its three views, their links, and that sentences and scripts have one set of numbers."""

from __future__ import annotations

import contextlib
import io
import re

import pytest

from explorer.core.experiments.rare_events import DISTANCES, averages
from explorer.core.experiments.reach import DIMENSIONS, TILTS
from explorer.text.numbers import placed
from explorer.vae.pretrained import manifest
from tests.pages.apps import NOT_A_NUMBER, charts, healthy, link, said, visit

PAGE = "rare_events"
FIFTY = next(name for name, each in manifest().models.items() if each.recipe.architecture.n_latents == 50)


def output(code: str) -> str:
    """What a page's script prints, run here, where torch is in memory already."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    return printed.getvalue()


@pytest.mark.parametrize(
    ("query", "start"),
    [
        ({"n": "1000", "distance": "2.5"}, {"distance": 2.5}),
        ({"aimed": "true", "n": "10", "distance": "5"}, {"distance": 5.0}),
        ({"view": "typical_set", "n": "10", "dimension": "251", "tilt": "0.75"}, {"dimension": 251, "tilt": 0.75}),
    ],
)
def test_a_link_restores_a_view_and_its_films(query: dict[str, str], start: dict[str, float]) -> None:
    app = healthy(visit(PAGE, **query))
    (chart,) = charts(app).values()
    assert {film["name"]: film["values"][film["start"]] for film in chart["films"]} == start
    assert link(app) == query
    for film in chart["films"]:
        assert not [caption for caption in film["captions"] if NOT_A_NUMBER.search(caption)]
        assert film["captions"][film["start"]] in chart["alt"] or film["name"] == "tilt"


def test_both_films_of_many_dimensions_agree_where_they_meet() -> None:
    (chart,) = charts(visit(PAGE, view="typical_set", n="10", dimension="20", tilt="0.3")).values()
    dimensions, tilts = chart["films"]
    assert dimensions["values"] == list(DIMENSIONS)
    assert tilts["values"] == list(TILTS)
    assert dimensions["captions"][dimensions["start"]] == tilts["captions"][tilts["start"]]


def test_the_sentence_and_the_script_have_the_averages_numbers() -> None:
    app = healthy(visit(PAGE, n="10", distance="1.5"))
    found = averages("value", 10, [1.5], seed=0)
    share, error = (placed(100 * float(each), 1) for each in (found.covered, found.covered_error))
    assert f"holds it in **{share} ± {error} % of the cases**" in said(app)
    assert f"the effective sample is {placed(float(found.effective), 1)} of 10" in said(app)
    printed = re.findall(r"holds it: (\S+) ± (\S+)", output(app.code[0].value))
    assert float(printed[0][0]) == pytest.approx(float(found.covered))
    assert float(printed[1][0]) == pytest.approx(0.93, abs=0.03)


def test_other_numbers_of_draws_stand_beside_it() -> None:
    (chart,) = charts(visit(PAGE, n="10")).values()
    notes = [note["text"] for note in chart["figure"]["layout"]["annotations"]]
    assert {"n = 10", "n = 100", "n = 1,000", "n = 10,000"} <= set(notes)
    assert chart["pull"] is None
    (film,) = chart["films"]
    assert film["values"] == list(DISTANCES)


def test_the_decoder_is_the_one_of_the_latent_space() -> None:
    query = {"model": FIFTY, "threshold": "0.5", "seed": "3"}
    here = charts(healthy(visit(PAGE, view="decoder", **query)))[f"{PAGE}.prior"]
    there = charts(healthy(visit("latent_space", **{f"{FIFTY}.view": "prior"}, **query)))["latent_space.prior"]
    assert here["figure"] == there["figure"]
    assert here["alt"] == there["alt"]
    by_radius = charts(healthy(visit(PAGE, view="decoder", arranged="radius", **query)))
    assert set(by_radius) == {f"{PAGE}.radius", f"{PAGE}.at_radii"}


def test_every_view_has_its_script() -> None:
    for view, printed in (("typical_set", "median / exact  pathwise"), ("decoder", "mean |z| truncated at 1")):
        app = visit(PAGE, view=view, n="10")
        assert printed in output(app.code[0].value)
