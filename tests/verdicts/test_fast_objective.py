"""A fast f in words: who wins follows from the variances."""

from __future__ import annotations

from explorer.verdicts.fast_objective import captions, described, table, verdict
from tests.core.failing import wave


def test_the_winner_and_the_factor_follow_from_the_variances() -> None:
    film = wave("cosine")
    fast, slow = verdict(film.at(5.0)), verdict(film.at(0.5))
    assert "At k = 5: **Score function** wins, with variance 0.5 against 12.5: pathwise needs **25 times**" in fast
    assert "At k = 0.5: **Pathwise** wins" in slow
    assert "cross at k = **1.064**: pathwise below, score function above." in fast
    assert len(captions(film)) == len(table(film)["k"])
    assert "**" not in described(film)
