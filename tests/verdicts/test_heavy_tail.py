"""Heavy tails in words."""

from __future__ import annotations

from explorer.core.experiments.heavy_tail import REPETITIONS, HeavyTail, Running
from explorer.verdicts.heavy_tail import captions, described, table, verdict
from tests.core.failing import heavy, runs


def pair(objective: str, estimator: str) -> tuple[HeavyTail, Running]:
    return heavy(objective, estimator), runs(objective, estimator)


def said(objective: str, estimator: str, df: float) -> str:
    film, found = pair(objective, estimator)
    return verdict(film.at(df), found)


def test_infinite_variance_is_said_and_where_it_ends() -> None:
    found = said("square", "pathwise", 3.5)
    assert "At ν = 3.5 the variance of pathwise is **infinite**" in found
    assert "meaningless" in found
    assert "finite beyond ν = **4**." in found
    film, runs = pair("square", "pathwise")
    errors = runs.error[film.at(3.5).now, :, -1]
    assert f"{float(errors.min()):.2g} to {float(errors.max()):.2g}" in found


def test_finite_variance_is_said_with_the_error_of_its_estimate() -> None:
    found = said("square", "pathwise", 5.0)
    assert "is **88.89**" in found
    assert "Up to ν = 8 the error of the sample variance itself is infinite." in found
    assert "itself" not in said("square", "pathwise", 9.0)


def test_a_wave_has_no_sharp_end_and_the_score_none_at_all() -> None:
    assert "between ν = **2** and **2.5**" in said("cosine", "pathwise", 2.0)
    assert "It is finite at every ν shown." in said("cosine", "score_function", 2.0)


def test_every_frame_has_a_sentence() -> None:
    film, found = pair("square", "pathwise")
    assert len(captions(film, found)) == len(film.values)
    assert "infinite" in described(film.at(3.0), found)
    assert len(table(film, found)) == 2 * REPETITIONS + 3
