"""Numbers and lists in sentences are written one way."""

from __future__ import annotations

import pytest

from explorer.text.numbers import number, times
from explorer.verdicts.words import listed, lowered, measured, said


def test_numbers_by_powers_of_ten() -> None:
    assert [number(x) for x in (0.0, 8.7e-4, 4e-5, 0.29, 13.4, 123456.0, -2e-7)] == [
        *("0", "8.7 × 10⁻⁴", "4.0 × 10⁻⁵", "0.29", "13", "1.2 × 10⁵", "−2.0 × 10⁻⁷")
    ]
    assert number(3.98423, 5) == "3.9842"


def test_what_is_infinite_or_not_known_is_said() -> None:
    assert [said(value, 3) for value in (1.2345, float("inf"), float("nan"), None)] == [
        "1.23",
        "infinite",
        "–",
        "–",
    ]


def test_an_estimate_carries_its_error() -> None:
    assert measured(-4.12345, 0.0456) == "−4.123 ± 0.046"


@pytest.mark.parametrize(
    ("ratio", "written"), [(21.75, "21.8"), (646_953.0, "647,000"), (1.0, "1"), (3.62e12, "3.62 × 10¹²")]
)
def test_a_ratio_is_written_out(ratio: float, written: str) -> None:
    assert times(ratio) == written


def test_titles_inside_a_sentence() -> None:
    assert listed(["a", "b"]) == "a and b"
    titles = ("Score function", "REBAR", "DisARM", "DisARM (U2G)", "Baseline E f")
    assert [lowered(title) for title in titles] == ["score function", "REBAR", "DisARM", "DisARM (U2G)", "baseline E f"]
