"""Noise, then transform, its views beyond one number: their films, what they say, their scripts and their links."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from explorer.core.experiments.chain_catalogue import CHAINS
from explorer.core.families import VECTORS
from explorer.core.families.family import Family
from tests.pages.apps import NOT_A_NUMBER, charts, healthy, link, said, visit


@pytest.mark.parametrize("family", VECTORS.values(), ids=lambda family: family.name)
def test_the_plane_of_every_vector(family: Family, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moved = family.parameters[-1]
    value = round(moved.default + moved.step, 9)
    query = {"view": "plane", "vector": family.name, f"{family.name}.{moved.name}": f"{value:g}"}
    app = healthy(visit("noise_transform", **query))
    (chart,) = charts(app).values()
    assert [film["name"] for film in chart["films"]] == [f"{family.name}.{p.name}" for p in family.parameters]
    assert chart["films"][-1]["values"][chart["films"][-1]["start"]] == value
    assert not [caption for film in chart["films"] for caption in film["captions"] if NOT_A_NUMBER.search(caption)]
    assert f"Route: **{family.route}**" in said(app)
    assert "At the star" in said(app)
    assert {key: texts for key, texts in link(app).items() if texts != "multivariate_normal"} == {
        key: texts for key, texts in query.items() if texts != "multivariate_normal"
    }
    path = tmp_path / "script.py"
    path.write_text(app.code[0].value, encoding="utf-8")
    runpy.run_path(str(path), run_name="__main__")
    assert f"dx / d {moved.name}" in capsys.readouterr().out


@pytest.mark.parametrize("chain", CHAINS)
def test_the_strips_of_every_chain(chain: str) -> None:
    moved = CHAINS[chain].parameters[0]
    value = round(moved.default + (1 if moved.choices else moved.step), 9)
    key = f"composition_chain.{chain}.{moved.name}"
    app = healthy(visit("noise_transform", view="chain", chain=chain, **{key: f"{value:g}"}))
    (chart,) = charts(app).values()
    film = chart["films"][0]
    assert film["name"] == key
    assert film["values"][film["start"]] == value
    assert not [caption for film in chart["films"] for caption in film["captions"] if NOT_A_NUMBER.search(caption)]
    assert link(app)[key] == f"{value:g}"


@pytest.mark.parametrize(("view", "printed"), [("chain", "dx / d scale ="), ("flow", "undone from x:")])
def test_the_script_of_a_view_runs(view: str, printed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "script.py"
    path.write_text(visit("noise_transform", view=view).code[0].value, encoding="utf-8")
    runpy.run_path(str(path), run_name="__main__")
    assert printed in capsys.readouterr().out


def test_the_flow_of_a_link() -> None:
    query = {"view": "flow", "normalizing_flow.layers": "2.5", "normalizing_flow.strength": "-0.4"}
    app = healthy(visit("noise_transform", **query))
    (chart,) = charts(app).values()
    assert [film["values"][film["start"]] for film in chart["films"]] == [2.5, -0.4]
    assert not [caption for film in chart["films"] for caption in film["captions"] if NOT_A_NUMBER.search(caption)]
    assert link(app) == query
