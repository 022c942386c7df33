"""A stream of gradient samples: reproducible, mergeable, its answers exact and its window fair."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from explorer.core.by_name import exact_gradient, exact_variance, expected_estimate
from explorer.core.device import generator_for
from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.gradient_stream import TRAIL_LENGTH, GradientStream
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.summaries import Histogram, Moments
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
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
    return GradientStream(entry, OBJECTIVES[objective], {**defaults(entry), **theta}, parameter, NAMES, seed, CPU)


def samples(stream: GradientStream, n: int, seed: int) -> dict[str, torch.Tensor]:
    """Gradient samples drawn apart from the stream."""
    eps = draw_noise(stream.family, n, generator_for(seed, CPU))
    draw = Draw(stream.family, stream.objective, stream.family.tensors(stream.theta, eps), eps)
    return {name: ESTIMATORS[name](draw, stream.parameter) for name in stream.estimators}


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
    eps = torch.cat([draw_noise(stream.family, batch, generator) for batch in (100, 64, 1000)])
    draw = Draw(stream.family, stream.objective, stream.family.tensors(stream.theta, eps), eps)
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


@pytest.mark.parametrize(("family", "objective", "parameter"), FIRST)
def test_answers_are_those_of_the_exact_module(family: Family, objective: Objective, parameter: str) -> None:
    theta = defaults(family)
    stream = GradientStream(family, objective, theta, parameter, NAMES, 0, CPU)
    gradient = exact_gradient(family.name, objective, theta)[parameter]
    assert stream.answers.gradient == pytest.approx(gradient, rel=1e-15, abs=1e-11)
    for name in NAMES:
        mean = expected_estimate(family.name, objective, name, theta)[parameter]
        assert stream.answers.expectations[name] == pytest.approx(mean, rel=1e-15, abs=1e-11)
        variance = exact_variance(family.name, objective, name, theta)[parameter]
        assert stream.answers.deviations[name] == pytest.approx(math.sqrt(variance), rel=1e-12)
        assert stream.bias(name) == pytest.approx(mean - gradient, abs=1e-10)
        assert stream.is_biased(name) == (abs(mean - gradient) > 1e-8)


@pytest.mark.parametrize(("family", "objective", "theta"), EVERYWHERE)
def test_a_bias_has_its_reason_and_the_window_is_fair(
    family: Family, objective: Objective, theta: dict[str, float]
) -> None:
    """At every corner of the sliders: what is called biased is so for a stated reason, and the picture hides little."""
    n, cut = 20_000, 0.01
    # Six standard errors of a share beside the one in a hundred that may lie beyond each end.
    most = cut + 6 * math.sqrt(cut / n)
    for parameter in theta:
        stream = GradientStream(family, objective, theta, parameter, NAMES, 0, CPU)
        low, high = stream.window.low, stream.window.high
        assert stream.answers.gradient is not None
        assert low < stream.answers.gradient < high
        for name, values in samples(stream, n, seed=1).items():
            mean, deviation = stream.answers.expectations[name], stream.answers.deviations[name]
            assert mean is not None
            assert deviation is not None
            assert low < mean - deviation
            assert mean + deviation < high
            assert float((values < low).double().mean()) <= most
            assert float((values > high).double().mean()) <= most
            if stream.is_biased(name):
                assert ESTIMATORS[name].warning(family, objective)


def test_an_answer_below_the_accuracy_of_quadrature_is_zero() -> None:
    """At loc 0 the slope of E[x²] is 0, not the 1e-17 that is left of cancelling sums."""
    assert exact_gradient("normal", "square", {"loc": 0.0, "scale": 1.0})["loc"] == pytest.approx(0, abs=1e-12)
    assert stream_at(loc=0.0).answers.gradient == 0


def test_window_is_no_wider_than_it_must_be() -> None:
    """Its ends are landmarks or half the share cut of some estimator, 5 % of the whole away.

    The pilot's 16,384 samples know such a quantile to a few per cent: 10 % are about three standard errors.
    """
    stream = stream_at(loc=2.0)
    inner = 0.05 / 1.1 * (stream.window.high - stream.window.low)
    values = samples(stream, 200_000, seed=2)
    cuts = torch.tensor([0.005, 0.995])
    lowest, highest = torch.stack([part.quantile(cuts) for part in values.values()]).T
    assert stream.window.low + inner == pytest.approx(min(float(lowest.min()), *stream.answers.landmarks()), rel=0.1)
    assert stream.window.high - inner == pytest.approx(max(float(highest.max()), *stream.answers.landmarks()), rel=0.1)


def test_ratio_of_samples_is_the_ratio_of_exact_variances() -> None:
    stream = stream_at(loc=2.0)
    assert stream.samples_ratio("score_function", "pathwise") == pytest.approx(87 / 4)
    assert stream.samples_ratio("pathwise", "score_function") == pytest.approx(4 / 87)
    assert stream.samples_ratio("pathwise", "pathwise") == pytest.approx(1)


@pytest.mark.parametrize(
    ("family", "objective", "parameter", "biased"),
    [
        ("normal", "step", "loc", "pathwise"),
        ("uniform", "square", "high", "score_function"),
        ("bernoulli", "square", "probs", "pathwise"),
    ],
)
def test_biased_pairs_have_no_ratio(family: str, objective: str, parameter: str, biased: str) -> None:
    stream = stream_at(family, objective, parameter)
    assert {name: stream.is_biased(name) for name in NAMES} == {name: name == biased for name in NAMES}
    assert stream.samples_ratio("score_function", "pathwise") is None
    assert stream.samples_ratio("pathwise", "score_function") is None


def test_bias_of_the_uniforms_score_is_known() -> None:
    """E[x²] = (a² + ab + b²) / 3, so d/db = (a + 2b) / 3; the score says -E[x²] / (b - a): at a = 0, b = 2, -2/3."""
    stream = stream_at("uniform", "square", "high", low=0.0, high=2.0)
    assert stream.answers.gradient == pytest.approx(4 / 3)
    assert stream.bias("score_function") == pytest.approx(-2 / 3 - 4 / 3)
    assert stream.bias("pathwise") == pytest.approx(0, abs=1e-12)


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
    stream = GradientStream(FAMILIES["log_normal"], objective, {"loc": 1.0, "scale": 0.1}, "loc", NAMES, 0, CPU)
    stream.advance(4000)
    assert all(stream.summaries[name].moments.standard_error < 1e-8 for name in NAMES)
    assert all(stream.errors_away(name) is None for name in NAMES)


def test_gradients_that_are_all_zero_make_no_trouble() -> None:
    """A Bernoulli variable never passes a step at 1: f, the gradient and every estimate are 0."""
    stream = stream_at("bernoulli", "step", "probs")
    assert stream.answers.gradient == 0
    assert (stream.window.low, stream.window.high) == (-1, 1)
    stream.advance(1000)
    for name in NAMES:
        assert stream.summaries[name].moments.mean == stream.summaries[name].moments.variance == 0
        assert stream.summaries[name].histogram.share_outside == 0
        assert stream.errors_away(name) is None
        assert not stream.is_biased(name)
    assert stream.samples_ratio("score_function", "pathwise") is None


@pytest.mark.parametrize("parameter", ["rate", "", "Loc"])
def test_unknown_parameter_is_named(parameter: str) -> None:
    with pytest.raises(ValueError, match="loc, scale"):
        stream_at(parameter=parameter)


@pytest.mark.parametrize("theta", [{"scale": 0.0}, {"scale": math.nan}, {"loc": math.inf}])
def test_theta_outside_its_range_is_refused(theta: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be a number"):
        stream_at(**theta)
