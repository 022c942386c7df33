"""Relaxed bits in words."""

from __future__ import annotations

import pytest

from explorer.text.numbers import number
from explorer.verdicts.temperature import best_temperature, captions, least_error, refusal, table, verdict
from tests.core.failing import softened


def test_the_bias_and_the_best_temperature_are_the_engines() -> None:
    film = softened("shifted_square").at(0.5)
    said = verdict(film, 100)
    assert f"(bias {number(float(film.biases['gumbel_softmax'][film.now]), 3)})" in said
    assert f"τ = {number(float(film.values[best_temperature(film, 100)]), 3)}" in said
    assert "that of **DisARM**" in said
    assert len(captions(film)) == len(table(film)["temperature"])
    assert "raises **NotImplementedError**" in refusal(film)


def test_more_samples_ask_for_a_colder_temperature() -> None:
    film = softened("cosine")
    cold, warm = (best_temperature(film, n) for n in (10_000, 10))
    assert cold < warm


def test_least_error_is_least() -> None:
    film = softened("cosine").at(2.0)
    found = least_error(film, 10)
    least = min(float(film.squared_error(name, 10)[film.now]) for name in film.biases if name != "enumeration")
    assert float(film.squared_error(found, 10)[film.now]) == pytest.approx(least)


def test_a_jump_between_the_values_is_missed_by_all_that_relax() -> None:
    said = verdict(softened("step"), 100)
    assert "Gumbel-softmax, straight-through and REBAR go to 0" in said or "go to 0 at every temperature" in said
    assert "at every temperature. f jumps" in said
