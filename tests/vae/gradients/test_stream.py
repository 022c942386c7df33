"""The live run on the shipped models: its moments are those of its samples, and the answers beside them are exact."""

from __future__ import annotations

import math

import pytest
import torch

import explorer
from explorer.vae.datasets import binarize
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients.answers import ElboAnswers, Example
from explorer.vae.gradients.coordinates import coordinates_of, key_of, letter_of
from explorer.vae.gradients.stream import ElboStream, Totals
from explorer.vae.model import Architecture
from explorer.vae.pretrained import load_sample, load_vae

PAIR = (NORMAL["score_function"], NORMAL["pathwise"])


def shipped(model: str = "mnist-2d", image: int = 24) -> tuple[Example, torch.Tensor]:
    vae = load_vae(model, "cpu")
    images, _ = load_sample()
    binary = binarize(images[image : image + 1], torch.Generator().manual_seed(0))
    return Example(model, image, 0, vae, vae.pixels_of(binary)), binary


@pytest.fixture(scope="module")
def stream() -> ElboStream:
    example, _ = shipped()
    made = ElboStream(example, (*PAIR, NORMAL["leave_one_out"]), 1, 0)
    for _ in range(8):
        made.advance(512)
    make = made.question[1]
    made.know(make())
    return made


def test_all_estimators_see_the_same_noise_and_the_coordinates_moments_are_the_totals(stream: ElboStream) -> None:
    assert stream.n == 8 * 512
    for name, summary in stream.summaries.items():
        total = stream.totals[name]
        assert total.n == summary.histogram.n == stream.n
        assert float(total.mean[1]) == pytest.approx(summary.moments.mean, rel=1e-4)
        assert float(total.variance[1]) == pytest.approx(summary.moments.variance, rel=1e-4)
    alone = ElboStream(stream.example, PAIR[1:], 1, 0)
    for _ in range(8):
        alone.advance(512)
    assert torch.equal(alone.totals["pathwise"].mean, stream.totals["pathwise"].mean)


def test_totals_of_parts_are_those_of_the_whole() -> None:
    values = torch.randn(100, 3, generator=torch.Generator().manual_seed(0)) * 3 + 50
    parts = Totals.of(values[:1]) + Totals.of(values[1:40]) + Totals.of(values[40:])
    assert parts.n == 100
    torch.testing.assert_close(parts.mean, values.double().mean(0))
    torch.testing.assert_close(parts.variance, values.double().var(0))
    assert Totals.of(values[:1]).variance.isnan().all()


def test_means_and_variances_agree_with_the_exact_ones(stream: ElboStream) -> None:
    assert stream.answers
    assert stream.answers.is_exact
    truth = stream.answers.gradient(stream.coordinate)
    assert truth.error == 0
    for name, summary in stream.summaries.items():
        assert abs(summary.moments.mean - truth.value) < 4.5 * summary.standard_error
        assert summary.moments.variance == pytest.approx(float(stream.answers.of[name].variance[1]), rel=0.12)
        # What is drawn into the picture is the same.
        marks = stream.answers.marks(stream.coordinate)
        assert marks.deviations[name] ** 2 == pytest.approx(float(stream.answers.of[name].variance[1]))
        assert marks.gradient == truth.value


def test_the_answers_are_the_public_ones(stream: ElboStream) -> None:
    example, binary = shipped()
    assert stream.answers
    gradient = explorer.exact_elbo_gradient(example.vae, binary)
    score, path = (explorer.exact_elbo_variance(example.vae, binary, each) for each in PAIR)
    for i, (name, index) in enumerate(example.coordinates):
        assert stream.answers.gradient(i).value == pytest.approx(float(gradient[name][index]))
        ratio = stream.answers.ratio("score_function", "pathwise", i)
        assert ratio.value == pytest.approx(float(score[name][index] / path[name][index]))
        assert ratio.error == 0
    sums = [sum(float(part.sum()) for part in each.values()) for each in (score, path)]
    assert stream.answers.overall_ratio("score_function", "pathwise").value == pytest.approx(sums[0] / sums[1])
    here = stream.answers.signal_to_noise("pathwise", 1)
    assert here == pytest.approx(abs(float(gradient["loc"][1])) / float(path["loc"][1]) ** 0.5)


def test_where_nothing_is_exact_a_reference_says_its_errors() -> None:
    example, _ = shipped("mnist-50d")
    answers = ElboAnswers.of_example(example, PAIR, "analytic")
    assert not answers.is_exact
    assert len(example.coordinates) == len(answers.truth.mean) == 100
    ratio, error = answers.ratios("score_function", "pathwise")
    assert bool((ratio > 1).all())
    assert bool((error > 0).all())
    assert bool((error < 0.1 * ratio).all())
    made = ElboStream(example, PAIR, 60, 5)
    made.advance(1024)
    assert made.ratios(*answers.of).log10().sub(ratio.log10()).abs().max() < 0.2


def test_one_window_for_all_or_one_for_each(stream: ElboStream) -> None:
    assert len(set(stream.windows.values())) == 1
    own = ElboStream(stream.example, PAIR, 1, 0, common=False).windows
    assert own["pathwise"].width < 0.1 * own["score_function"].width
    assert stream.answers
    for name, window in own.items():
        mean, deviation = (float(part[1]) for part in (stream.answers.of[name].mean, stream.answers.of[name].variance))
        assert window.low < mean - math.sqrt(deviation)
        assert window.high > mean + math.sqrt(deviation)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"estimators": ()}, "at least one"),
        ({"estimators": (PAIR[0], PAIR[0])}, "chosen once"),
        ({"coordinate": 5}, r"in \[0, 4\]"),
        ({"rest_at": 0}, "n_samples"),
    ],
)
def test_what_cannot_be_is_refused_in_words(changes: dict[str, object], fault: str) -> None:
    example, _ = shipped()
    with pytest.raises(ValueError, match=fault):
        ElboStream(**{"example": example, "estimators": PAIR, "coordinate": 0, "seed": 0, **changes})  # type: ignore[arg-type]


def test_every_coordinate_has_a_name_and_a_letter() -> None:
    found = {
        posterior: [key_of(each) for each in coordinates_of(Architecture(12, 4, posterior))]  # type: ignore[arg-type]
        for posterior in ("full", "diagonal", "bernoulli")
    }
    assert [len(each) for each in found.values()] == [12 + 78, 24, 12]
    assert found["full"][12:15] == ["scale_tril_1_1", "scale_tril_2_1", "scale_tril_2_2"]
    for keys in found.values():
        assert len({letter_of(key) for key in keys}) == len(keys)
    assert [letter_of(key) for key in ("loc_1", "scale_tril_2_1", "scale_tril_12_7", "logits_10")] == [
        *("μ₁", "L₂₁", "L₁₂,₇", "ℓ₁₀"),
    ]
