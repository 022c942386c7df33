"""Where the trick fails: each case and choice runs, says what the engine says, and is restored by its link."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from urllib.parse import parse_qs

import pytest

import explorer
from explorer.core.experiments.which_estimator import COMPARED, SITUATIONS
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.visit.failures import CASES
from tests.pages.apps import NOT_A_NUMBER, PAGES, charts, healthy, link, said, visit, widget

PAGE = "failures"
FILMS = {"jump": "normal.loc", "support": "uniform.high", "fast": "cosine.k", "discrete": "tau", "infinite": "degrees"}


@pytest.mark.parametrize("case", CASES)
def test_a_case_has_one_film_with_a_sentence_a_frame(case: str) -> None:
    app = healthy(visit(PAGE, case=case))
    film = charts(app)[PAGE]["films"][0]
    assert film["name"] == FILMS[case]
    assert not [caption for caption in film["captions"] if NOT_A_NUMBER.search(caption)]
    assert link(app) == ({} if case == CASES[0] else {"case": case})


def test_the_jump_says_the_engines_numbers() -> None:
    app = healthy(visit(PAGE, jumping="step", **{"normal.loc": "0.5"}))
    exact = explorer.exact_gradient("normal", "step", {"loc": 0.5, "scale": 1.0})["loc"]
    assert f"exact slope is **{exact:.4g}**" in said(app)
    assert f"0 + {exact:.4g} = {exact:.4g}" in said(app)


def test_the_moving_end_says_the_engines_numbers() -> None:
    app = healthy(visit(PAGE, case="support", ending="square", drawn_n="1000", **{"uniform.high": "3"}))
    exact = explorer.exact_gradient("uniform", "square", {"low": 0.0, "high": 3.0})["high"]
    assert f"exact slope is **{exact:.4g}**" in said(app)
    assert "1,000 samples" in said(app)
    assert link(app) == {"case": "support", "ending": "square", "drawn_n": "1000", "uniform.high": "3"}


def test_the_fast_wave_says_the_engines_variances() -> None:
    app = healthy(visit(PAGE, case="fast", **{"cosine.k": "5"}))
    theta = {"loc": 1.0, "scale": 1.0}
    score, path = (
        explorer.exact_variance("normal", OBJECTIVES["cosine"].at(k=5.0), name, theta)["loc"]
        for name in ("score_function", "pathwise")
    )
    assert f"variance {score:.3g} against {path:.3g}" in said(app)
    assert f"**{path / score:.3g} times** the samples" in said(app)
    assert "cross at k = **1.064**" in said(app)


def test_the_table_stands_below_every_case_and_its_links_open_the_laboratory() -> None:
    app = visit(PAGE)
    (table,) = [part.value for part in app.markdown if part.value.startswith("| Where")]
    assert len(table.splitlines()) == 2 + len(SITUATIONS)
    assert "…" not in table
    cells = re.findall(r"\[([^]]+)\]\(two_estimators\?([^)]+)\)", table)
    assert len(cells) == len(SITUATIONS) * len(COMPARED)
    said_there = {words for words, _ in cells}
    assert {"infinite variance", "not defined", "unbiased, variance 0", "biased by −1"} <= said_there
    for start in range(0, len(cells), len(COMPARED)):
        words, query = cells[start]
        asked = parse_qs(query)
        opened = healthy(visit("gradient_stream", play="false", **asked))
        assert "cannot show" not in said(opened)
        for key, texts in asked.items():
            if key in link(opened):
                assert opened.query_params[key] in (texts, texts[-1])
        assert widget(opened, "family") == asked["family"][0]
        assert sorted(widget(opened, "estimators")) == sorted(asked["estimators"])
        if words.startswith("biased"):
            assert "biased" in said(opened)


def test_a_real_models_bits_with_a_link_to_their_live_gradients() -> None:
    app = healthy(visit(PAGE, case="discrete", bits="vae", image="3", bit="2"))
    film = charts(app)[PAGE]["films"][0]
    assert (film["name"], film["values"][film["start"]]) == ("bit", 2.0)
    assert "exact gradient of the ELBO" in said(app)
    assert "are estimated" in said(app)
    (there,) = [each.proto for each in app.get("page_link") if each.proto.page == PAGES["elbo_gradient"].address]
    asked = parse_qs(there.query_string)
    assert asked["model"] == ["mnist-10bit"]
    assert asked["image"] == ["3"]
    for key, texts in asked.items():
        assert PAGES["elbo_gradient"].state[key].read(texts) is not None


@pytest.mark.parametrize("case", [case for case in CASES if case != "jump"])
def test_the_script_of_a_case_runs(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That of the first case is run with every page's."""
    path = tmp_path / "script.py"
    path.write_text(visit(PAGE, case=case).code[0].value, encoding="utf-8")
    runpy.run_path(str(path), run_name="__main__")
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) >= 2
    assert "nan" not in printed
