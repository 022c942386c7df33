"""Gradients of the ELBO in words: who needs more samples, what has no noise, what is biased, what does not vary."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from explorer.vae.gradients import BERNOULLI, NORMAL
from explorer.vae.gradients.answers import ElboAnswers, Example, variance_ratio
from explorer.vae.gradients.moments import Estimate
from explorer.vae.gradients.stream import ElboStream
from explorer.verdicts.definitions import WITH_SLOPE, of_elbo_estimator
from explorer.verdicts.elbo_gradient import bias, compared, comparison, samples_needed, signal_table, times_of

SCORE, PATH = "score_function", "pathwise"


def test_whichever_needs_more_samples_is_named_first() -> None:
    expected = "To match one pathwise sample in μ₁ you need **4,667** score function samples (exact)."
    assert samples_needed(SCORE, PATH, Estimate(4667.2), "in μ₁") == expected
    assert samples_needed(PATH, SCORE, Estimate(1 / 4667.2), "in μ₁") == expected


def test_an_estimate_carries_its_error() -> None:
    assert times_of(Estimate(12_812, 223)) == "12,800 ± 220"
    said = samples_needed(PATH, SCORE, Estimate(0.1, 0.01), "here")
    assert "**10 ± 1** score function samples (estimated)" in said


def test_what_has_no_noise_or_nothing_at_all_is_said() -> None:
    assert samples_needed("enumeration", "rebar", Estimate(0.0), "here").startswith("Enumeration has no noise")
    assert samples_needed("rebar", "enumeration", Estimate(math.inf), "here").startswith("Enumeration has no noise")
    assert samples_needed(SCORE, PATH, Estimate(math.nan), "here").startswith("Next to nothing varies")


def test_a_variance_that_is_rounding_has_no_ratio() -> None:
    one, other = torch.tensor([4.0, 1e-12, 2.0]), torch.tensor([1.0, 1.0, 1e-10])
    found = variance_ratio(one, other)
    assert found[0] == 4
    assert found[1:].isnan().all()
    assert variance_ratio(one, torch.zeros(3))[0] == math.inf


def test_the_trick_is_compared_where_it_is_there_and_biased_ones_last() -> None:
    assert compared(list(NORMAL.values())) == (SCORE, PATH)
    assert compared([NORMAL["leave_one_out"], NORMAL["pathwise"]]) == ("leave_one_out", PATH)
    chosen = [BERNOULLI[name] for name in (SCORE, "disarm", "gumbel_softmax")]
    assert compared(chosen) == (SCORE, "disarm")
    assert compared(chosen[1:]) == ("disarm", "gumbel_softmax")
    assert compared(chosen[:1]) is None


@pytest.fixture(scope="module")
def stream() -> ElboStream:
    made = ElboStream(Example.shipped("mnist-2d", 0, 0), (NORMAL[SCORE], NORMAL[PATH]), 0, 0)
    made.advance(512)
    return made


def test_before_the_answers_there_are_the_samples(stream: ElboStream) -> None:
    assert "on their way" in comparison(stream)
    assert "**512** samples" in comparison(stream)
    assert not signal_table(stream)


def test_a_bias_beyond_rounding_and_errors_is_said(stream: ElboStream) -> None:
    answers = ElboAnswers.of_example(stream.example, stream.estimators, "analytic")
    assert bias(answers, PATH, 0) is None
    planted = dataclasses.replace(answers.of[PATH], mean=answers.truth.mean + 1)
    off = bias(dataclasses.replace(answers, of={**answers.of, PATH: planted}), PATH, 0)
    assert off
    assert off.value == pytest.approx(1)
    doubtful = dataclasses.replace(planted, mean_error=torch.full_like(planted.mean, 0.5))
    assert bias(dataclasses.replace(answers, of={**answers.of, PATH: doubtful}), PATH, 0) is None


def test_every_estimator_is_defined_a_click_away() -> None:
    assert {*NORMAL, *BERNOULLI} > WITH_SLOPE
    for method in (*NORMAL.values(), *BERNOULLI.values()):
        text = of_elbo_estimator(method)
        assert method.latex in text
        assert method.source[1:] in text
        assert ("biased by design" in text) == method.biased
        assert ("the slope of log p" in text) == (method.name in WITH_SLOPE)
        assert "{" not in text.replace(method.latex, "")
