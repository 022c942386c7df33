"""What is said of an attempt follows from its numbers."""

from __future__ import annotations

import dataclasses

import pytest

from explorer.verdicts.reconstruct import Standing, label, live, others, verdict

AT = Standing(start=200.0, now=50.0, best=0.0, pixels=0.1, best_pixels=0.0, moves=3, is_shown=False, can_match=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"now": 200.0, "moves": 0}, ["**200.00 nats**", "An exact match exists"]),
        ({}, ["**75 %** of the way", "3 moves", "An exact match exists"]),
        ({"now": 300.0, "moves": 1}, ["After 1 move that is farther than the start (200.00 nats)"]),
        ({"now": 1e-9}, ["**Matched**, in 3 moves: 0.00 nats"]),
        ({"now": 1e-9, "is_shown": True}, ["This is the answer, shown after 3 moves"]),
        ({"is_shown": True}, ["The answer has been shown"]),
        ({"best": 20.0, "can_match": False}, ["**83 %** of the way", "found is at 20.00 nats"]),
        ({"best": 50.0, "can_match": False}, ["**As near as any code that was found**"]),
    ],
)
def test_the_verdict_follows_from_the_numbers(changes: dict[str, object], said: list[str]) -> None:
    text = verdict(dataclasses.replace(AT, **changes))  # type: ignore[arg-type]
    assert all(part in text for part in said), text
    assert ("Matched" in text) == any("Matched" in part for part in said)


def test_a_start_that_is_the_answer_has_all_the_way_behind() -> None:
    assert dataclasses.replace(AT, start=0.0, now=0.0).share == 1


def test_other_models_stand_in_a_table() -> None:
    assert "| b | 3 | 200.00 | 50.00 | 75 % |" in others({"a": AT, "b": AT})


def test_how_far_off_is_rounded_up() -> None:
    assert "at most 0.3 nats and 3 × 10⁻⁵" in live(0.21, 2.1e-5, 64)
    assert label(41) == "z₄₂"
