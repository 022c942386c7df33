"""The size of the score: its page by AppTest, and its sentences."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import re

import pytest
import torch

from explorer.core.experiments.score_size import COMPARED, CONTINUOUS, Part, ScoreFilm
from explorer.core.families.family import Family
from explorer.text.numbers import number
from explorer.verdicts.score_size import at_frame, over_film, per_cent
from tests.core.cases import defaults
from tests.core.experiments.test_score_film import film_of
from tests.pages.apps import charts, link, said, visit

PAGE = "score_size"
HARD = [CONTINUOUS[name] for name in ("cauchy", "uniform", "pareto", "student_t", "normal_mixture")]
"""No mean, supports that move, infinite second moments, four parameters."""
NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none|null)\b", re.IGNORECASE)


@pytest.mark.parametrize("family", HARD, ids=lambda family: family.name)
def test_hard_families(family: Family) -> None:
    app = visit(PAGE, family=family.name)
    assert not app.exception
    chart = charts(app)["score_size"]
    (film,) = chart["films"]
    assert film["name"] == f"{family.name}.{family.parameters[0].name}"
    assert film["values"][film["start"]] == defaults(family)[family.parameters[0].name]
    assert not [caption for caption in film["captions"] if NOT_A_NUMBER.search(caption)]
    assert not NOT_A_NUMBER.search(chart["alt"])
    assert family.support.moves == any("support moves" in warning.value for warning in app.warning)


def test_discrete_families_are_left_out() -> None:
    assert not [family for family in CONTINUOUS.values() if family.discrete or family.size > 1]
    assert len(CONTINUOUS) == 16
    assert "Discrete families" in "\n".join(markdown.value for markdown in visit(PAGE).markdown)


def test_a_link_restores_the_film_and_the_sliders() -> None:
    query = {"normal.gradient": "scale", "normal.scale": "2.5", "normal.loc": "-1", "objective": "cosine"}
    app = visit(PAGE, **query)
    (film,) = charts(app)["score_size"]["films"]
    assert film["name"] == "normal.scale"
    assert film["values"][film["start"]] == 2.5
    assert film["captions"][film["start"]].startswith("σ = 2.5:")
    assert app.slider(key="normal.loc").value == -1
    assert {"normal.gradient": "scale", "normal.scale": "2.5"}.items() <= link(app).items()


def test_the_sentences_say_the_films_numbers() -> None:
    app = visit(PAGE)
    (film,) = charts(app)["score_size"]["films"]
    caption = film["captions"][film["start"]]
    assert caption == (
        "μ = 1: the outer 5 % of samples carry 66 % of the score function's and 16 % of pathwise's second moment. "
        "Exact variances 30 and 4, ratio 7.5."
    )
    # (15 + 14 μ² + μ⁴) / 4 is least at μ = 0 and largest at the ends.
    assert "**3.75 to 124 times** pathwise's" in said(app)


def test_a_script_prints_the_same_share() -> None:
    code = visit(PAGE, **{"normal.gradient": "scale"}).code[0].value
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    shares = [float(line.split(": ")[1]) for line in printed.getvalue().splitlines() if ":" in line]
    film = film_of("normal", name="scale")
    frame = int((film.values - 1).abs().argmin())
    assert shares == pytest.approx([float(film.parts[name].share[frame]) for name in COMPARED])


def with_parts(film: ScoreFilm, **parts: Part) -> ScoreFilm:
    return dataclasses.replace(film, parts={**film.parts, **parts})


def part_of(second: float, share: float, variance: float, fault: str, n: int) -> Part:
    columns = (torch.full((n,), value, dtype=torch.float64) for value in (second, share, variance, 0.0))
    return Part(*columns, faults=[fault] * n)  # type: ignore[misc]


def test_infinite_unknown_and_nothing_are_said_in_words() -> None:
    film = film_of("normal")
    n, nan, inf = len(film.values), float("nan"), float("inf")
    endless = with_parts(film, score_function=part_of(inf, nan, inf, "", n))
    assert "Score function: infinite second moment." in at_frame(endless, 0)
    assert "pathwise's" in over_film(endless)
    nothing = with_parts(film, pathwise=part_of(0.0, nan, 0.0, "", n))
    assert "Pathwise: every sample is 0." in at_frame(nothing, 0)
    assert "times" not in over_film(nothing)
    lost = part_of(nan, nan, nan, "the integral does not converge", n)
    both = with_parts(film, score_function=lost, pathwise=lost)
    assert (
        at_frame(both, 0)
        == f"μ = {number(float(film.values[0]), 4)}: Both estimators: no exact answer, the integral does not converge."
    )
    assert over_film(both) == "There is no second moment to draw here."


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0 %"), (1e-5, "under 1 %"), (0.05, "5 %"), (0.664, "66 %"), (0.999, "over 99 %"), (1.0, "100 %")],
)
def test_per_cent(share: float, said: str) -> None:
    assert per_cent(share) == said
