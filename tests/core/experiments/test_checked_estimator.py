"""Samples of every known estimator are recognised; planted faults, wild tails and unknown answers are told."""

import math

import numpy as np
import pytest
import torch

from explorer.core.by_name import exact_gradient, exact_variance, gradient_samples
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.checked_estimator import Checked, checked, samples_of
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import defaults

CASES = (
    ("normal", "cosine", "loc"),
    ("exponential", "squared_exponential", "rate"),
    ("normal", "step", "scale"),
    ("bernoulli", "shifted_square", "probs"),
    ("categorical", "shifted_square", "logits_3"),
)


def report(family: str, objective: str, parameter: str, samples: object) -> Checked:
    problem = Problem(FAMILIES[family], OBJECTIVES[objective], defaults(FAMILIES[family]), parameter)
    return checked(samples_of({parameter: samples}, FAMILIES[family])[parameter], problem)


def drawn(family: str, objective: str, estimator: str, parameter: str, n: int = 100_000) -> torch.Tensor:
    theta = defaults(FAMILIES[family])
    return gradient_samples(family, objective, estimator, theta, n, seed=5, device="cpu")[parameter]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_samples_of_each_known_estimator_are_recognised(name: str) -> None:
    """The closest or equal to it; or not ruled out, and nearer to the closest than a standard error.

    Its bias is told where it has one that 10**5 samples show.
    """
    tried = 0
    for family, objective, parameter in CASES:
        if parameter not in ESTIMATORS[name].covers(FAMILIES[family]):
            continue
        found = report(family, objective, parameter, drawn(family, objective, name, parameter))
        by_name = {each.estimator: each for each in found.known}
        known, closest = by_name[name], by_name[found.like[0]]
        if name not in found.like:
            assert name in found.perhaps
            assert abs(known.mean - closest.mean) < found.standard_error
            assert abs(known.variance - closest.variance) < found.variance_error
        assert known.ratio is None or abs(known.ratio - 1) < 4 * known.ratio_error  # type: ignore[operator]
        off = known.mean - found.gradient
        if abs(off) < 1e-9:
            assert found.verdict == "agrees"
        elif abs(off) > 6 * found.standard_error:
            assert found.verdict in ("biased", "constant")
        tried += 1
    assert tried


def test_the_others_are_told_apart() -> None:
    case = ("normal", "squared_exponential", "loc")
    found = report(*case, drawn("normal", "squared_exponential", "score_function", "loc"))
    assert found.like == ("score_function",)
    assert found.perhaps == ()
    assert [each.estimator for each in found.known] == [
        name for name, method in ESTIMATORS.items() if "loc" in method.covers(FAMILIES["normal"])
    ]


@pytest.mark.parametrize("name", ["score_function", "pathwise", "measure_valued"])
def test_two_per_cent_of_bias_are_seen(name: str) -> None:
    family, objective, parameter = "normal", "squared_exponential", "loc"
    fair = drawn(family, objective, name, parameter, 1_000_000)
    assert report(family, objective, parameter, fair).verdict == "agrees"
    found = report(family, objective, parameter, fair + 0.02 * found_gradient(family, objective, parameter))
    assert found.verdict == "biased"
    assert found.chance < 1e-3 < abs(found.errors)
    assert found.bias == pytest.approx(0.02 * found.gradient, abs=4 * found.standard_error)
    assert found.like == ()


def found_gradient(family: str, objective: str, parameter: str) -> float:
    return exact_gradient(family, objective, defaults(FAMILIES[family]))[parameter]


def test_a_fault_of_scale_is_seen() -> None:
    """Twice the deviation about the right mean: no bias, four times the variance, and like none of those known."""
    family, objective, parameter = "normal", "cosine", "loc"
    fair = drawn(family, objective, "pathwise", parameter)
    gradient = found_gradient(family, objective, parameter)
    found = report(family, objective, parameter, gradient + 2 * (fair - gradient))
    assert found.verdict == "agrees"
    assert found.like == found.perhaps == ()
    (path,) = [each for each in found.known if each.estimator == "pathwise"]
    assert path.ratio == pytest.approx(4.0, rel=0.05)
    assert path.variance == exact_variance(family, objective, "pathwise", defaults(FAMILIES[family]))[parameter]


def test_three_per_cent_of_scale_are_seen() -> None:
    fair = drawn("normal", "cosine", "pathwise", "loc", 1_000_000)
    found = report("normal", "cosine", "loc", 1.03 * fair)
    assert found.verdict == "biased"
    assert found.like == ()


def test_the_numbers_by_hand() -> None:
    """x under N(1, 1): the gradient is 1. Half the samples 0, half 2: mean 1, and no error in the variance."""
    values = torch.tensor([0.0, 2.0]).repeat(200)
    found = report("normal", "identity", "loc", values)
    assert (found.n, found.mean) == (400, 1)
    assert (found.gradient, found.bias, found.errors, found.chance) == pytest.approx((1, 0, 0, 1), abs=1e-11)
    assert found.variance == pytest.approx(400 / 399)
    assert found.standard_error == pytest.approx(math.sqrt(1 / 399))
    assert found.variance_error == 0
    thirds = report("normal", "identity", "loc", torch.tensor([-1.0, 0.0, 1.0]).repeat(200))
    assert thirds.variance_error == pytest.approx(math.sqrt((2 / 3 - 4 / 9) / 600), rel=0.01)
    off = report("normal", "identity", "loc", values + 0.25)
    assert off.errors == pytest.approx(0.25 * math.sqrt(399))
    assert off.chance == pytest.approx(math.erfc(0.25 * math.sqrt(399 / 2)))
    assert off.verdict == "biased"


def test_equal_samples() -> None:
    right, wrong = (report("normal", "identity", "loc", torch.full((100,), value)) for value in (1.0, 1.5))
    assert (right.verdict, right.errors, right.chance) == ("agrees", 0.0, 1.0)
    assert "pathwise" in right.like
    assert (wrong.verdict, wrong.errors, wrong.chance, wrong.like) == ("constant", math.inf, 0.0, ())


def test_a_few_large_samples_carry_no_verdict() -> None:
    """A Cauchy's samples say nothing of their mean; nor does a bump that one of 2,000 met."""
    heavy = torch.empty(10_000).cauchy_(generator=torch.Generator().manual_seed(1))
    one = torch.cat((torch.zeros(1_999), torch.ones(1)))
    for samples in (heavy, one):
        found = report("normal", "square", "loc", samples)
        assert found.verdict == "wild"
        assert found.like == found.perhaps == ()
        assert all(each.ratio is None for each in found.known)


def test_an_infinite_variance_is_not_compared() -> None:
    problem = Problem(FAMILIES["student_t"], OBJECTIVES["square"], {"df": 3.0, "loc": 0.0, "scale": 1.0}, "scale")
    found = checked(torch.linspace(1.0, 11.0, 200, dtype=torch.float64), problem)
    (score,) = [each for each in found.known if each.estimator == "score_function"]
    assert score.variance == math.inf
    assert score.ratio is None
    assert "score_function" not in (*found.like, *found.perhaps)


def test_without_an_exact_gradient_there_is_no_verdict() -> None:
    problem = Problem(FAMILIES["cauchy"], OBJECTIVES["square"], {"loc": 0.0, "scale": 1.0}, "loc")
    found = checked(torch.linspace(-1.0, 1.0, 200, dtype=torch.float64), problem)
    assert found.verdict == "unknown"
    assert "does not exist" in found.reason
    assert math.isnan(found.gradient)
    assert all(each.reason or each.estimator.startswith("antithetic") for each in found.known)


def test_any_row_of_numbers_is_taken() -> None:
    plain = drawn("normal", "cosine", "pathwise", "loc", 200)
    wanted = report("normal", "cosine", "loc", plain)
    forms = (plain.double(), plain.numpy(), plain.tolist(), tuple(plain.tolist()), plain.clone().requires_grad_())
    for form in forms:
        assert report("normal", "cosine", "loc", form) == wanted
    for whole in (np.arange(100), torch.arange(100), list(range(100)), np.arange(100, dtype=np.uint8)):
        assert report("normal", "cosine", "loc", whole).mean == 49.5
    assert report("normal", "cosine", "loc", torch.ones(100, dtype=torch.bfloat16)).mean == 1.0


@pytest.mark.parametrize(
    ("samples", "fault"),
    [
        ({"scale_tril": [0.0] * 100}, "normal has no parameter 'scale_tril'; its parameters: loc, scale"),
        ({}, "samples must map some of normal's parameters"),
        ([0.0] * 100, "samples must map some of normal's parameters"),
        (None, "samples must map"),
        ({"loc": [0.0] * 99}, "samples of loc must be at least 100, got 99"),
        ({"loc": torch.zeros(100, 2)}, r"must have the shape \(n,\), got \(100, 2\)"),
        ({"loc": 3.0}, r"must have the shape \(n,\), got \(\)"),
        ({"loc": [[0.0], [1.0, 2.0]]}, "one row of numbers"),
        ({"loc": ["a"] * 100}, "must be real numbers"),
        ({"loc": [True] * 100}, "must be real numbers"),
        ({"loc": np.zeros(100, complex)}, "must be real numbers"),
        ({"loc": [None] * 100}, "must be real numbers"),
        ({"loc": [0.0] * 98 + [math.nan, math.inf]}, "2 of the 100 samples of loc are not finite"),
        ({"loc": [0.0] * 99 + [1e200]}, "too large"),
    ],
)
def test_what_is_no_row_of_samples_is_refused(samples: object, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        samples_of(samples, FAMILIES["normal"])  # type: ignore[arg-type]
