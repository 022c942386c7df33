"""The race in words: who is behind since when, what is level, exact, biased or stopped."""

from __future__ import annotations

import csv
import dataclasses
import io

import pytest

from explorer.vae.race import Race, Row, Terms
from explorer.verdicts.race import as_csv, as_markdown, gradients, honest, parted, standing, table


def row(step: int, elbo: float, variance: float = 2.0, error: float = 0.1) -> Row:
    return Row(step, elbo, error, elbo - 5, error, None if step == 0 else 1.0, variance, 0.1 * variance)


def race(latents: str, **rows: list[Row]) -> Race:
    """A race whose lanes have been measured so."""
    made = Race(latents, tuple(rows), Terms(n_steps=40), 0)
    for name, lane in made.lanes.items():
        lane.rows[:] = rows[name]
    made.taken = max(each[-1].step for each in rows.values())
    return made


BEHIND = {
    "score_function": [row(0, -200, 400), row(10, -199), row(20, -180), row(30, -181)],
    "pathwise": [row(0, -200, 4), row(10, -190), row(20, -180), row(30, -150)],
}


def test_behind_for_good_is_since_the_last_time_it_was_not() -> None:
    leader, other = BEHIND["pathwise"], BEHIND["score_function"]
    assert parted(leader, other) == 30
    assert parted(leader[:2], other[:2]) == 10
    assert parted(leader[:3], other[:3]) is None
    assert parted(other, leader) is None
    # A gap within two standard errors of what it was measured with is none.
    noisy = [dataclasses.replace(each, elbo_error=12.0) for each in leader]
    assert parted(noisy, other) == 30
    assert parted([dataclasses.replace(each, elbo_error=16.0) for each in leader], other) is None


def test_the_standing_is_computed() -> None:
    made = race("normal", **BEHIND)
    said = standing(made)
    assert "After 30 of 40 steps **Pathwise** leads" in said
    assert "**−150.0 ± 0.1** nats" in said
    assert "Score function is at −181.0 ± 0.1, **31.0 ± 0.1** nats behind, and has been for good since step 30" in said
    assert "score function **100 ± 14 times** as much" in gradients(made)
    assert "Now, each at its own weights: score function 1 times." in gradients(made)
    made.taken = 31
    assert "After 31 of 40 steps (measured after 30) **Pathwise** leads" in standing(made)
    level = standing(race("normal", **{name: rows[:3] for name, rows in BEHIND.items()}))
    assert "**all lanes are level**" in level
    assert "behind" not in level


def test_what_is_exact_biased_or_stopped_is_said() -> None:
    exact = [row(0, -200, 0, 0.0), row(10, -150, 0, 0.0)]
    made = race("bernoulli", enumeration=exact, gumbel_softmax=[row(0, -200, 2, 0.0), row(10, -149.5, 2, 0.0)])
    assert "**Gumbel-softmax** leads" not in standing(made)
    assert "by enumeration does not vary at all" in gradients(made)
    assert "Gumbel-softmax is biased" in honest(made)
    made.lanes["gumbel_softmax"].stopped = 12
    assert "**Gumbel-softmax was stopped after step 12**" in standing(made)


def test_the_table_has_every_number_and_nothing_that_is_not_there() -> None:
    made = race("normal", score_function=BEHIND["score_function"][:2], pathwise=BEHIND["pathwise"])
    lines = list(csv.DictReader(io.StringIO(as_csv(made))))
    assert [(each["step"], each["lane"]) for each in lines[:3]] == [
        ("0", "score_function"),
        ("0", "pathwise"),
        ("10", "score_function"),
    ]
    assert len(lines) == 6
    assert lines[0]["norm"] == ""
    assert float(lines[-1]["elbo"]) == -150
    columns = table(made)
    assert columns["step"] == [0, 10, 20, 30]
    assert columns["pathwise_elbo"] == [-200, -190, -180, -150]
    assert columns["score_function_elbo"] == [-200, -199]
    assert "| Pathwise | 30 | −150.0 ± 0.1 |" in as_markdown(made)


@pytest.mark.parametrize("latents", ["normal", "bernoulli"])
def test_a_race_that_has_not_begun_has_words_too(latents: str) -> None:
    made = Race(latents, ("score_function",), Terms(n_steps=40), 0)
    assert "all lanes are one model" in standing(made)
    assert gradients(made) == ""
