"""Two estimators in words: sentences follow the numbers, name what is biased, and never say nan."""

from __future__ import annotations

import dataclasses
import re

import pytest
import torch

from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.text import short
from explorer.text.numbers import number
from explorer.verdicts.gradient_stream import cautions, comparison, described, samples_needed, samples_table
from explorer.verdicts.words import said
from tests.core.cases import defaults
from tests.core.pairs import BOTH as NAMES
from tests.core.pairs import THIN

NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none|null)\b", re.IGNORECASE)


def stream_of(
    family: str = "normal",
    objective: Objective | str = "square",
    parameter: str | None = None,
    n: int = 100,
    **theta: float,
) -> GradientStream:
    entry = FAMILIES[family]
    function = OBJECTIVES[objective] if isinstance(objective, str) else objective
    values = {**defaults(entry), **theta}
    problem = Problem(entry, function, values, parameter or next(iter(values)))
    stream = GradientStream(problem, NAMES, 0, torch.device("cpu"))
    stream.know(Answers.of(problem, NAMES))
    if n:
        stream.advance(n)
    return stream


def sentences(stream: GradientStream) -> list[str]:
    return [comparison(stream), cautions(stream), needed(stream), described(stream), table(stream)]


def answers(stream: GradientStream) -> Answers:
    assert stream.answers is not None
    return stream.answers


def needed(stream: GradientStream) -> str:
    return samples_needed(answers(stream), NAMES)


def table(stream: GradientStream) -> str:
    return samples_table(stream)


@pytest.mark.parametrize(("family", "objective"), THIN)
def test_every_pair_has_sentences_of_numbers(family: Family, objective: Objective) -> None:
    for parameter in family.parameters[:2]:
        stream = stream_of(family.name, objective, parameter.name, n=0)
        for batch in (0, 2, 500):
            if batch:
                stream.advance(batch)
            assert not [text for text in sentences(stream) if NOT_A_NUMBER.search(text)]
            assert f"{stream.n:,}" in comparison(stream)
            for estimator in NAMES:
                assert (ESTIMATORS[estimator].title in cautions(stream)) == answers(stream).is_biased(estimator)
                assert (said(answers(stream).bias(estimator), 4) in comparison(stream)) >= (
                    answers(stream).is_biased(estimator) and batch > 0
                )
            biased = len(answers(stream).biased)
            assert comparison(stream).count("**biased**") == (biased if batch else 0)


@pytest.mark.parametrize(
    ("family", "objective", "parameter", "biased", "reason"),
    [
        ("normal", "step", "loc", "pathwise", "misses the jump"),
        ("uniform", "square", "high", "score_function", "Uniform"),
        ("bernoulli", "square", "probs", "pathwise", "Bernoulli"),
    ],
)
def test_biased_pair_is_named_with_its_reason(
    family: str, objective: str, parameter: str, biased: str, reason: str
) -> None:
    stream = stream_of(family, objective, parameter)
    assert ESTIMATORS[biased].title in cautions(stream)
    assert reason in cautions(stream)
    assert needed(stream) == ""


def test_unbiased_pair_has_no_caution() -> None:
    assert cautions(stream_of()) == ""


def test_sentences_follow_the_numbers() -> None:
    stream = stream_of(loc=2.0)
    before = sentences(stream)
    assert "21.8 times" in needed(stream)
    stream.advance(1000)
    after = sentences(stream)
    assert before[0] != after[0]
    assert before[3] != after[3]
    assert "**1,100** samples" in after[0]
    assert needed(stream_of(loc=1.0)) != needed(stream)
    for name in NAMES:
        mean = number(stream.summaries[name].moments.mean, 4)
        assert f"{short(name)}: {mean}" in after[0]
        assert f"{short(name)}: mean {mean}" in after[3]


def test_standard_errors_away_is_computed() -> None:
    stream = stream_of(loc=2.0)
    for name in NAMES:
        assert f"{stream.errors_away(name):.1f} standard errors" in comparison(stream)


def test_the_one_that_needs_more_samples_comes_first() -> None:
    """The pathwise estimator wins on x², the score function on a fast cosine."""
    assert needed(stream_of(loc=2.0)).startswith(short("score_function"))
    cosine = OBJECTIVES["cosine"].at(k=10.0)
    assert needed(stream_of(objective=cosine)).startswith(short("pathwise"))


def test_a_large_ratio_is_written_out() -> None:
    """(160.7 / 0.2)² of the score function under a narrow Normal."""
    text = needed(stream_of(loc=4.0, scale=0.1))
    assert "e+" not in text
    assert re.search(r"64\d,000 times", text)


def test_zero_is_written_as_zero() -> None:
    stream = stream_of(loc=0.0)
    assert "Exact gradient **0**" in comparison(stream)
    assert "gradient is 0." in described(stream)


def test_equal_variances_are_called_equal() -> None:
    stream = stream_of()
    stream.know(dataclasses.replace(answers(stream), errors=dict.fromkeys(NAMES, 1.0)))
    assert "same number" in needed(stream)


def test_no_exact_value_is_said() -> None:
    stream = stream_of()
    nothing = dict.fromkeys(NAMES)
    stream.know(Answers(None, nothing, nothing, nothing, "the tails are too heavy"))
    assert not [text for text in sentences(stream) if NOT_A_NUMBER.search(text)]
    assert "no exact gradient to compare with: the tails are too heavy." in comparison(stream)
    assert cautions(stream) == ""


def test_description_is_plain_text() -> None:
    """It is read out: no Markdown."""
    assert not re.search(r"[*_$`]", described(stream_of(n=1000)))


def test_the_table_says_what_one_per_cent_takes() -> None:
    """(sd / (0.01 · 4))²: 87 / 0.0016 = 54,375 and 4 / 0.0016 = 2,500 samples."""
    rows = table(stream_of(loc=2.0)).splitlines()[2:]
    assert [row.split(" | ")[3] for row in rows] == ["54,400", "2,500"]
    assert [row.split(" | ")[1] for row in rows] == ["9.327", "2"]
    assert [row.split(" | ")[2] for row in rows] == ["0", "0"]


def test_a_variance_without_bound_is_said() -> None:
    """Student-t, x²: the score's samples grow as x², so from 4 degrees of freedom down their squares have no mean."""
    for df, bound in ((4.0, False), (9.0, True)):
        stream = stream_of("student_t", "square", "scale", df=df)
        assert ("infinite" in comparison(stream)) != bound
        assert ("infinite" in table(stream)) != bound
    assert not [
        text for text in sentences(stream_of("student_t", "square", "scale", df=4.0)) if NOT_A_NUMBER.search(text)
    ]


def test_what_does_not_exist_is_said() -> None:
    assert "E[f] does not exist" in comparison(stream_of("cauchy", "square"))


def test_before_the_exact_answers_come_there_are_the_samples() -> None:
    known = stream_of(loc=2.0, n=500)
    awaited = GradientStream(known.problem, NAMES, 0, torch.device("cpu"))
    awaited.advance(500)
    for name in NAMES:
        assert f"{short(name)}: {number(awaited.summaries[name].moments.mean, 4)} ±" in comparison(awaited)
    for text in (comparison(awaited), described(awaited)):
        assert "500" in text
        assert "xact" not in text
    assert cautions(awaited) == ""
    awaited.know(answers(known))
    assert comparison(awaited) == comparison(known)
    assert described(awaited) == described(known)
