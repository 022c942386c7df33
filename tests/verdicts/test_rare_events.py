"""Rare events in words: the numbers are the engine's, and what has no number is said."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from explorer.core.experiments.rare_events import averages, exact_term
from explorer.core.experiments.reach import SAMPLED, TILTS, frames, medians, share_reached
from explorer.text.numbers import per_cent, placed, times
from explorer.verdicts import rare_events as bump
from explorer.verdicts import reach
from tests.pages.apps import NOT_A_NUMBER

AT = (0.5, 2.0, 5.0)
RADII = torch.linspace(0, 40, 41, dtype=torch.float64)


def test_the_sentence_has_the_averages_numbers() -> None:
    plain, aimed = (averages("value", 100, AT, seed=0, aimed=aimed) for aimed in (False, True))
    said = bump.verdict(plain, aimed, 1)
    median, share, error = (float(each[1]) for each in (plain.median, plain.covered, plain.covered_error))
    assert said.startswith("With n = 100 and the bump at c = 2: half of all averages")
    assert f"below **{per_cent(median, 1)}** of the truth" in said
    assert f"**{placed(100 * share, 1)} ± {placed(100 * error, 1)} % of the cases**" in said
    assert f"effective sample is {float(plain.effective[1]):.1f} of 100" in said
    assert f"takes **{times(exact_term('value', 2.0).draws_for(0.1))}** draws" in said
    assert f"holds the truth in **{placed(100 * float(aimed.covered[1]), 1)} ±" in said
    assert "Drawn where the bump is" not in bump.verdict(plain, None, 1)


@pytest.mark.parametrize("what", ["value", "score_function", "pathwise"])
def test_no_frame_is_without_words(what: str) -> None:
    for n in (10, 100):
        plain, aimed = (averages(what, n, AT, seed=0, aimed=aimed, repetitions=300) for aimed in (False, True))
        for said in (*bump.captions(plain, aimed), *(bump.verdict(plain, aimed, frame) for frame in range(3))):
            assert not NOT_A_NUMBER.search(said)
        assert bump.captions(plain, None)[2] in bump.described(plain, None, 2)
        assert len(bump.table(plain, aimed)) == 14
        assert all(len(column) == 3 for column in bump.table(plain, aimed).values())


def test_never_always_and_nothing_are_words() -> None:
    plain = averages("value", 10, AT, seed=0, repetitions=200)
    never = dataclasses.replace(plain, covered=torch.zeros(3, dtype=torch.float64))
    assert "in **0 of 200 cases**" in bump.verdict(never, None, 0)
    always = dataclasses.replace(plain, covered=torch.ones(3, dtype=torch.float64))
    assert "in **all of 200 cases**" in bump.verdict(always, None, 0)
    nothing = dataclasses.replace(plain, estimates=torch.zeros(3, 200, dtype=torch.float64))
    assert "below **10⁻³⁰⁰** of the truth" in bump.verdict(nothing, None, 0)


def test_the_reach_is_told_with_its_shares() -> None:
    film, found = frames(100, [100] * len(TILTS), TILTS, RADII), medians(100, seed=0)
    frame = TILTS.index(0.4)
    said = reach.verdict(film, found, frame)
    assert "In 100 dimensions 95 % of all draws lie between |z| = **8.62** and **11.38**" in said
    assert "1.8 × 10⁻⁷⁸ % within 1 of the densest point" in said
    share = float(share_reached("value", 100, torch.tensor([100]), 0.4))
    assert f"E f comes from about |z| = 12.91; 100 draws reach {float(film.reach[frame]):.2f}" in said
    assert f"within it is **{per_cent(share, 1)}** of E f" in said
    median = float(found.median["value"][SAMPLED.index(100), frame])
    assert f"At D = 100 half of 2,000 averages are below {per_cent(median, 1)} of E f" in said
    assert "half of" not in reach.verdict(film, None, frame).partition("exact.")[2]
    endless = ["no finite variance" in reach.verdict(film, None, place) for place in range(len(TILTS))]
    assert endless == [tilt >= 0.5 for tilt in TILTS]
    far = frames(100, [500], [0.4], RADII)
    assert "less than 10⁻³⁰⁰ % within 1 of the densest point" in reach.verdict(far, None, 0)
    assert reach.captions(film)[frame] in reach.described(film, frame)
    assert "**about 10⁵³** draws" in reach.verdict(film, None, TILTS.index(0.8))
    assert all(len(column) == 25 for column in reach.table(film, frame).values())
