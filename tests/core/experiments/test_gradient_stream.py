"""A stream of gradient samples: reproducible, mergeable, its answers exact and its window fair."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.gradient_stream import PILOT, SPREADS, TRAIL_LENGTH, GradientStream
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.summaries import Histogram, Moments
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.core.randomness import Streams
from tests.core.cases import corners, defaults, label, variants
from tests.core.pairs import BOTH as NAMES
from tests.core.pairs import THIN

CPU = torch.device("cpu")
FIRST = [
    pytest.param(*case.values, next(iter(defaults(case.values[0]))), id=str(case.id))  # type: ignore[arg-type]
    for case in THIN
]
EVERYWHERE = [
    pytest.param(family, variant, theta, id=f"{family.name}-{objective.name}({label(variant.values)})-{label(theta)}")
    for family in FAMILIES.values()
    if len(family.parameters) <= 2
    for objective in (OBJECTIVES["squared_exponential"], OBJECTIVES["step"])
    for variant, theta in [
        *((objective, theta) for theta in corners(family)[:3]),
        *((variant, defaults(family)) for variant in variants(objective)[1:]),
    ]
    # A jump of f on an end of the support: there is no one derivative.
    if not (family.support.moves and any(jump.at in theta.values() for jump in variant.jumps))
]


def stream_at(
    family: str = "normal", objective: str = "square", parameter: str = "loc", seed: int = 0, **theta: float
) -> GradientStream:
    entry = FAMILIES[family]
    return informed(Problem(entry, OBJECTIVES[objective], {**defaults(entry), **theta}, parameter), seed)


def informed(problem: Problem, seed: int = 0) -> GradientStream:
    """A stream with its exact answers."""
    stream = GradientStream(problem, NAMES, seed, CPU)
    stream.know(Answers.of(problem, NAMES))
    return stream


def answers(stream: GradientStream) -> Answers:
    assert stream.answers is not None
    return stream.answers


def samples(stream: GradientStream, n: int, seed: int) -> dict[str, torch.Tensor]:
    """Gradient samples drawn apart from the stream."""
    draw = stream.problem.draw(draw_noise(stream.problem.family, n, generator_for(seed, CPU)))
    return {name: ESTIMATORS[name](draw, stream.problem.parameter) for name in stream.estimators}


def kurtosis(stream: GradientStream, name: str) -> float:
    """Of the pilot's samples: so many of them as one that makes all of their variance would have."""
    eps = draw_noise(stream.problem.family, PILOT, Streams(stream.seed, CPU).named("window"))
    values = ESTIMATORS[name](stream.problem.draw(eps), stream.problem.parameter).double()
    centred = values - values.mean()
    square = float(centred.square().mean())
    return float(centred.pow(4).mean()) / square**2 if square else 0.0


def moments(stream: GradientStream) -> dict[str, Moments]:
    return {name: summary.moments for name, summary in stream.summaries.items()}


def counts(stream: GradientStream) -> list[list[int]]:
    return [summary.histogram.counts.tolist() for summary in stream.summaries.values()]


def test_same_seed_and_batches_give_the_same_numbers() -> None:
    one, other = stream_at(), stream_at()
    for batch in (2, 100, 5_001):
        one.advance(batch)
        other.advance(batch)
    assert moments(one) == moments(other)
    assert counts(one) == counts(other)
    assert one.trail == other.trail
    another = stream_at(seed=1)
    another.advance(5_103)
    assert moments(another) != moments(one)


def test_restart_goes_back_to_the_seeds_first_draw() -> None:
    stream = stream_at()
    stream.advance(300)
    first, drawn = moments(stream), counts(stream)
    stream.advance(50)
    stream.restart()
    assert stream.n == 0
    assert not any(stream.trail.values())
    assert sum(map(sum, counts(stream))) == 0
    stream.advance(300)
    assert moments(stream) == first
    assert counts(stream) == drawn


def test_n_counts_each_sample_once() -> None:
    stream = stream_at()
    assert stream.n == 0
    for batch, total in ((2, 2), (7, 9), (200_000, 200_009)):
        stream.advance(batch)
        assert stream.n == total
        assert all(summary.histogram.n == summary.moments.n == total for summary in stream.summaries.values())


def test_summaries_equal_one_pass_over_the_same_noise() -> None:
    stream = stream_at(loc=2.0)
    for batch in (100, 64, 1000):
        stream.advance(batch)
    generator = generator_for(0, CPU)
    eps = torch.cat([draw_noise(stream.problem.family, batch, generator) for batch in (100, 64, 1000)])
    draw = stream.problem.draw(eps)
    for name, summary in stream.summaries.items():
        values = ESTIMATORS[name](draw, "loc")
        assert summary.moments.n == len(values)
        assert summary.moments.mean == pytest.approx(float(values.double().mean()), rel=1e-6)
        assert summary.moments.variance == pytest.approx(float(values.double().var()), rel=1e-5)
        direct = Histogram.of_codes(stream.window, stream.window.codes(values))
        assert summary.histogram.counts.tolist() == direct.counts.tolist()


@pytest.mark.parametrize("batches", [1, 2, TRAIL_LENGTH, TRAIL_LENGTH + 1, 5 * TRAIL_LENGTH])
def test_trail_keeps_its_ends_and_stays_short(batches: int) -> None:
    stream = stream_at()
    stream.advance(100)
    first = {name: steps[0] for name, steps in stream.trail.items()}
    for _ in range(batches - 1):
        stream.advance(2)
    for name, steps in stream.trail.items():
        assert len(steps) <= TRAIL_LENGTH
        assert len(steps) >= min(batches, TRAIL_LENGTH // 2)
        assert steps[0] == first[name]
        now = stream.summaries[name].moments
        assert (steps[-1].n, steps[-1].mean, steps[-1].standard_error) == (stream.n, now.mean, now.standard_error)
        assert all(before.n < after.n for before, after in itertools.pairwise(steps))
    lengths = {tuple(step.n for step in steps) for steps in stream.trail.values()}
    assert len(lengths) == 1, "the estimators' trails must stay in step: they share a column of the table"


@pytest.mark.parametrize(("family", "objective", "theta"), EVERYWHERE)
def test_a_bias_has_its_reason_and_the_window_is_fair(
    family: Family, objective: Objective, theta: dict[str, float]
) -> None:
    """At every corner of the sliders: what is called biased is so for a stated reason, and the picture hides little.

    Where a sample in a thousand makes all of the variance, neither a pilot nor the picture has seen its size.
    """
    n, cut = 20_000, 0.01
    # Six standard errors of a share beside the one in a hundred that may lie beyond each end.
    most = cut + 6 * math.sqrt(cut / n)
    for parameter in theta:
        stream = informed(Problem(family, objective, theta, parameter))
        low, high = stream.window.low, stream.window.high
        assert answers(stream).gradient is not None
        assert low < answers(stream).gradient < high
        for name, values in samples(stream, n, seed=1).items():
            mean, deviation = answers(stream).expectations[name], answers(stream).deviations[name]
            assert mean is not None
            assert deviation is not None
            if kurtosis(stream, name) < 0.1 * PILOT:
                assert low < mean - deviation
                assert mean + deviation < high
            assert float((values < low).double().mean()) <= most
            assert float((values > high).double().mean()) <= most
            if answers(stream).is_biased(name):
                assert ESTIMATORS[name].warning(family, objective)


def test_window_is_no_wider_than_it_must_be() -> None:
    """Its ends are a standard deviation from a mean or half the share cut of some estimator, 5 % of the whole away.

    The pilot's 16,384 samples know such a quantile to a few per cent: 10 % are about three standard errors.
    """
    stream = stream_at(loc=2.0)
    pairs = [(answers(stream).expectations[name] or 0.0, answers(stream).deviations[name] or 0.0) for name in NAMES]
    inner = 0.05 / 1.1 * (stream.window.high - stream.window.low)
    values = samples(stream, 200_000, seed=2)
    cuts = torch.tensor([0.005, 0.995])
    lowest, highest = torch.stack([part.quantile(cuts) for part in values.values()]).T
    low = min(float(lowest.min()), *(mean - SPREADS * deviation for mean, deviation in pairs))
    high = max(float(highest.max()), *(mean + SPREADS * deviation for mean, deviation in pairs))
    assert stream.window.low + inner == pytest.approx(low, rel=0.1)
    assert stream.window.high - inner == pytest.approx(high, rel=0.1)


def test_errors_away_is_in_standard_errors() -> None:
    stream = stream_at(loc=2.0)
    assert stream.errors_away("pathwise") is None
    stream.advance(400)
    for name in NAMES:
        now = stream.summaries[name].moments
        away = stream.errors_away(name)
        assert away == pytest.approx(abs(now.mean - 4) / math.sqrt(now.variance / 400))
        assert away is not None
        assert away < 5


def test_errors_are_not_counted_below_the_accuracy_of_the_exact_answer() -> None:
    """Here f is below 1e-8 all along the samples seen: the quadrature's own error would count as millions of errors."""
    objective = OBJECTIVES["squared_exponential"].at(k=20.0)
    stream = informed(Problem(FAMILIES["log_normal"], objective, {"loc": 1.0, "scale": 0.1}, "loc"))
    stream.advance(4000)
    assert all(stream.summaries[name].moments.standard_error < 1e-8 for name in NAMES)
    assert all(stream.errors_away(name) is None for name in NAMES)


def test_gradients_that_are_all_zero_make_no_trouble() -> None:
    """A Bernoulli variable never passes a step at 1: f, the gradient and every estimate are 0."""
    stream = stream_at("bernoulli", "step", "probs")
    assert answers(stream).gradient == 0
    assert (stream.window.low, stream.window.high) == (-1, 1)
    stream.advance(1000)
    for name in NAMES:
        assert stream.summaries[name].moments.mean == stream.summaries[name].moments.variance == 0
        assert stream.summaries[name].histogram.share_outside == 0
        assert stream.errors_away(name) is None
        assert not answers(stream).is_biased(name)
    assert answers(stream).samples_ratio("score_function", "pathwise") is None
