"""Every estimator: draw by draw by hand, and on average for every family and objective of the registries."""

import math
from collections.abc import Iterator

import pytest
import torch

from explorer.core.estimators import ESTIMATORS, Draw, Estimator, estimator, get_estimator
from explorer.core.exact import exact_gradient, exact_variance, expected_estimate
from explorer.core.families import FAMILIES, Family
from explorer.core.objectives import OBJECTIVES, Objective
from explorer.core.sampling import gradient_samples
from tests.core.cases import WITHOUT_A_ROUTE, corners, defaults, label

N_SAMPLES = 10**6
STANDARD_ERRORS = 4.5
"""Two-sided, a right mean is further off once in 150,000 tests."""


def draw(family: str, objective: str, eps: list[float], **theta: float) -> Draw:
    noise = torch.tensor(eps, dtype=torch.float64)
    return Draw(FAMILIES[family], OBJECTIVES[objective], FAMILIES[family].tensors(theta, noise), noise)


def by_estimator(draw: Draw, name: str, parameter: str) -> list[float]:
    return ESTIMATORS[name](draw, parameter).tolist()


def test_normal_square_by_hand() -> None:
    loc, scale, eps = 1.5, 2.0, [-1.0, 0.25, 3.0]
    fixed = draw("normal", "square", eps, loc=loc, scale=scale)
    x = [loc + scale * e for e in eps]
    assert by_estimator(fixed, "score_function", "loc") == pytest.approx([v * v * (v - loc) / 4 for v in x])
    assert by_estimator(fixed, "score_function", "scale") == pytest.approx(
        [v * v * (e * e - 1) / scale for v, e in zip(x, eps, strict=True)]
    )
    assert by_estimator(fixed, "pathwise", "loc") == pytest.approx([2 * v for v in x])
    assert by_estimator(fixed, "pathwise", "scale") == pytest.approx([2 * v * e for v, e in zip(x, eps, strict=True)])


def test_exponential_square_by_hand() -> None:
    rate, eps = 2.0, [0.1, 0.5, 0.9]
    fixed = draw("exponential", "square", eps, rate=rate)
    x = [-math.log(1 - e) / rate for e in eps]
    assert by_estimator(fixed, "score_function", "rate") == pytest.approx([v * v * (1 / rate - v) for v in x])
    assert by_estimator(fixed, "pathwise", "rate") == pytest.approx([-2 * v * v / rate for v in x])


def test_bernoulli_square_by_hand() -> None:
    fixed = draw("bernoulli", "square", [0.1, 0.39, 0.41, 0.9], probs=0.4)
    assert by_estimator(fixed, "score_function", "probs") == pytest.approx([2.5, 2.5, 0.0, 0.0])
    assert by_estimator(fixed, "pathwise", "probs") == [0.0] * 4


def test_both_estimators_share_one_draw() -> None:
    fixed = draw("normal", "square", [0.5], loc=0.0, scale=1.0)
    assert fixed.x is fixed.x
    assert fixed.f is fixed.f
    assert fixed.slope is fixed.slope


def on_average() -> Iterator[object]:
    """Each pair at the defaults and at two opposite corners of the sliders."""
    for family in FAMILIES.values():
        box = corners(family)
        for theta in (box[0], box[1], box[-1]):
            for objective in OBJECTIVES.values():
                for name in ESTIMATORS:
                    yield pytest.param(
                        family, objective, name, theta, id=f"{family.name}-{objective.name}-{name}-{label(theta)}"
                    )


@pytest.mark.parametrize(("family", "objective", "name", "theta"), list(on_average()))
def test_on_average(family: Family, objective: Objective, name: str, theta: dict[str, float]) -> None:
    """The mean of 10**6 samples against its exact expectation, their variance against the exact one.

    The slack beside the standard errors is the rounding of float32: a sample is a few operations, each rounded to
    2**-24 of its size. The variance's standard error is the square root of (m4 - variance**2) / n, from the samples'
    own fourth moment m4. Where a few samples make up that moment it says nothing, and the variance is not compared.
    Quadrature itself may err by 1e-11.
    """
    expected = expected_estimate(family.name, objective, name, theta)
    variance = exact_variance(family.name, objective, name, theta)
    samples = gradient_samples(family.name, objective, name, theta, N_SAMPLES, seed=31, device="cpu")
    assert samples.keys() == expected.keys() == variance.keys() == theta.keys()
    for parameter, gradient in samples.items():
        assert gradient.shape == (N_SAMPLES,)
        assert gradient.dtype == torch.float32
        values = gradient.double()
        rounding = 8 * 2**-24 * float(values.abs().mean()) + 1e-11
        standard_error = math.sqrt(variance[parameter] / N_SAMPLES)
        assert abs(float(values.mean()) - expected[parameter]) <= STANDARD_ERRORS * standard_error + rounding
        squares = (values - expected[parameter]).square()
        fourth = squares.square()
        if float(fourth.sum()) ** 2 >= 100 * float(fourth.square().sum()):
            error = math.sqrt(max(0.0, float(fourth.mean()) - variance[parameter] ** 2) / N_SAMPLES)
            slack = 2 * math.sqrt(variance[parameter]) * rounding + rounding**2 + 1e-11
            assert abs(float(squares.mean()) - variance[parameter]) <= STANDARD_ERRORS * error + slack


@pytest.mark.parametrize("method", ESTIMATORS.values(), ids=ESTIMATORS)
@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_warning_is_given_where_and_only_where_there_is_a_bias(
    family: Family, objective: Objective, method: Estimator
) -> None:
    """A warned pair is free of bias only where there is no gradient to find, as for a step beyond all atoms."""
    gradients, biases = [], []
    for theta in corners(family):
        expected = expected_estimate(family.name, objective, method.name, theta)
        for name, gradient in exact_gradient(family.name, objective, theta).items():
            gradients.append(gradient)
            biases.append(abs(expected[name] - gradient) / max(1.0, abs(gradient)))
    if method.warning(family, objective):
        assert max(biases) > 1e-8 or not any(gradients)
    else:
        assert max(biases) < 1e-8


def test_pathwise_on_a_step_is_zero() -> None:
    """Its bias is the whole gradient: the density at the jump times the speed of the samples there."""
    assert expected_estimate("normal", "step", "pathwise", {"loc": 0.0, "scale": 2.0}) == {"loc": 0.0, "scale": 0.0}
    density = math.exp(-1 / 8) / math.sqrt(2 * math.pi) / 2
    exact = exact_gradient("normal", "step", {"loc": 0.0, "scale": 2.0})
    assert exact == pytest.approx({"loc": density, "scale": density / 2}, abs=1e-12)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
@pytest.mark.parametrize("family", WITHOUT_A_ROUTE, ids=lambda family: family.name)
def test_pathwise_without_a_route_is_zero(family: Family, objective: Objective) -> None:
    expected = expected_estimate(family.name, objective, "pathwise", defaults(family))
    assert expected == dict.fromkeys(expected, 0.0)


def test_pathwise_on_a_bernoulli_misses_everything() -> None:
    theta = {"probs": 0.3}
    f0, f1 = 0.0 - 2.0, 1.0 - 2.0
    assert exact_gradient("bernoulli", "shifted_square", theta) == pytest.approx({"probs": f1**2 - f0**2}, abs=1e-12)


@pytest.mark.parametrize(("low", "high"), [(0.0, 2.0), (-4.0, 1.0), (0.9, 5.0)])
def test_score_on_a_uniform_misses_the_moving_ends(low: float, high: float) -> None:
    """The score of U(a, b) is 1/(b - a) for a, minus that for b; right is (2a + b)/3 and (a + 2b)/3."""
    theta = {"low": low, "high": high}
    second_moment = (low * low + low * high + high * high) / 3
    width = high - low
    assert expected_estimate("uniform", "square", "score_function", theta) == pytest.approx(
        {"low": second_moment / width, "high": -second_moment / width}, abs=1e-11
    )
    assert exact_gradient("uniform", "square", theta) == pytest.approx(
        {"low": (2 * low + high) / 3, "high": (low + 2 * high) / 3}, abs=1e-11
    )


def test_warnings_say_why() -> None:
    score, path = ESTIMATORS["score_function"], ESTIMATORS["pathwise"]
    square, step = OBJECTIVES["square"], OBJECTIVES["step"]
    assert score.warning(FAMILIES["normal"], square) == path.warning(FAMILIES["normal"], square) == ""
    assert "jump as θ changes" in path.warning(FAMILIES["bernoulli"], square)
    assert "misses the jump" in path.warning(FAMILIES["normal"], step)
    assert "its support moves with θ" in score.warning(FAMILIES["uniform"], square)


def test_registering_one_is_enough() -> None:
    @estimator("half", "Half", latex="", source="", biased=True)
    def half(draw: Draw, name: str) -> torch.Tensor:
        """A constant for every sample."""
        return torch.full((), 0.5, dtype=draw.eps.dtype)

    try:
        samples = gradient_samples("normal", "square", "half", {"loc": 0.0, "scale": 1.0}, 7, device="cpu")
        assert samples["loc"].tolist() == [0.5] * 7
        assert ESTIMATORS["half"].warning(FAMILIES["normal"], OBJECTIVES["square"]) == "Half is biased by design."
    finally:
        del ESTIMATORS["half"]


@pytest.mark.parametrize("entry", ESTIMATORS.values(), ids=ESTIMATORS)
def test_entries_are_whole(entry: Estimator) -> None:
    assert ESTIMATORS[entry.name] is entry
    assert entry.title
    assert entry.latex
    assert entry.source
    assert entry.function.__doc__


@pytest.mark.parametrize("name", ["nonsense", "", None, 3, "Pathwise"])
def test_unknown_estimator(name: object) -> None:
    with pytest.raises(ValueError, match="estimator must be one of score_function, pathwise"):
        get_estimator(name)
