"""Every estimator draw by draw, by hand, and what its warnings are worth. On average: test_on_average."""

import math

import pytest
import torch

from explorer.core.by_name import exact_gradient, expected_estimate
from explorer.core.device import generator_for
from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.moments import moments
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.core.randomness import Streams
from tests.core.cases import WITHOUT_A_ROUTE, defaults

CPU = torch.device("cpu")
GROUP = ESTIMATORS["leave_one_out"].group


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


def rows_of(family: Family) -> dict[str, torch.Tensor]:
    return one_row(defaults(family))


def by_hand(name: str, family: str, objective: str, parameter: str, n: int = 20) -> tuple[Draw, torch.Tensor]:
    """A draw with its extras, in float32, and what the estimator makes of it."""
    entry = FAMILIES[family]
    streams = Streams(3, CPU)
    eps = draw_noise(entry, n, streams.main)
    made = Draw(entry, OBJECTIVES[objective], entry.tensors(defaults(entry), eps), eps, streams)
    return made, ESTIMATORS[name](made, parameter)


def test_baselines_by_hand() -> None:
    """N(1, 1), x²: E f = 2; b* for loc is E[x² eps²] / E[eps²] = 1 + 3 = 4."""
    for name, baseline in (("mean_baseline", 2.0), ("optimal_baseline", 4.0)):
        made, found = by_hand(name, "normal", "square", "loc")
        torch.testing.assert_close(found, (made.x**2 - baseline) * made.eps, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [1, 2, GROUP, GROUP + 1, 2 * GROUP + 3])
def test_leave_one_out_by_hand(n: int) -> None:
    made, found = by_hand("leave_one_out", "normal", "square", "loc", n)
    f = made.f.tolist()
    for i in range(n):
        start = i - i % GROUP
        others = [f[j] for j in range(start, min(start + GROUP, n)) if j != i]
        baseline = sum(others) / len(others) if others else 0.0
        assert float(found[i]) == pytest.approx((f[i] - baseline) * float(made.eps[i]), rel=1e-4, abs=1e-4)


def test_antithetic_by_hand() -> None:
    made, found = by_hand("antithetic_pathwise", "normal", "square", "loc")
    torch.testing.assert_close(found, torch.full_like(found, 2.0))
    made, found = by_hand("antithetic_score", "normal", "square", "loc")
    torch.testing.assert_close(found, 2 * made.eps**2, rtol=1e-4, atol=1e-5)


def test_finite_differences_by_hand() -> None:
    """((x + h)² - (x - h)²) / 2h = 2x on common noise."""
    made, found = by_hand("finite_differences", "normal", "square", "loc")
    torch.testing.assert_close(found, 2 * made.x, rtol=1e-3, atol=1e-4)
    made, found = by_hand("finite_differences_independent", "normal", "square", "loc")
    expected = ((made.x + 0.05) ** 2 - (made.second.x - 0.05) ** 2) / 0.1
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_measure_valued_by_hand() -> None:
    made, found = by_hand("measure_valued", "normal", "square", "loc")
    w = (2 * made.exponential).sqrt()
    torch.testing.assert_close(found, 4 * w / math.sqrt(2 * math.pi), rtol=1e-4, atol=1e-4)
    made, found = by_hand("measure_valued", "poisson", "square", "rate")
    torch.testing.assert_close(found, 2 * made.x + 1)
    made, found = by_hand("measure_valued", "exponential", "square", "rate")
    torch.testing.assert_close(found, made.x**2 - (made.x + made.exponential) ** 2, rtol=1e-4, atol=1e-4)
    _, found = by_hand("measure_valued", "bernoulli", "shifted_square", "probs")
    torch.testing.assert_close(found, torch.full_like(found, 1.0 - 4.0))


@pytest.mark.parametrize("family", ["laplace", "logistic", "gumbel", "exponential", "weibull", "log_normal", "gamma"])
def test_implicit_is_pathwise_draw_by_draw(family: str) -> None:
    entry = FAMILIES[family]
    eps = draw_noise(entry, 1000, generator_for(4, CPU)).double()
    made = Draw(entry, OBJECTIVES["square"], entry.tensors(defaults(entry), eps), eps)
    for name in defaults(entry):
        with torch.no_grad():
            one, other = (ESTIMATORS[key](made, name) for key in ("pathwise", "implicit_pathwise"))
        torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-9)


def test_relaxed_by_hand() -> None:
    """Bernoulli(p), f = x²: with r = (1/u - 1) / q, q the mass of the other category, y = sigmoid(± log(1 + r) / tau).

    At fixed noise the logit moves by 1 / (p (1 - p)); at fixed category and u, log(1 + r) moves by r / (q (1 + r)).
    """
    p, tau = 0.4, 0.5
    for name in ("gumbel_softmax", "straight_through", "rebar"):
        made, found = by_hand(name, "bernoulli", "square", "probs", 200)
        x, u = made.x.double(), made.uniforms[:, 0].double()
        assert set(x.tolist()) == {0.0, 1.0}
        q = torch.where(x > 0.5, 1 - p, p)
        r = (1 / u - 1) / q
        y = torch.sigmoid(torch.where(x > 0.5, 1.0, -1.0) * torch.log1p(r) / tau)
        slope = y * (1 - y) / tau
        at_fixed_noise, at_fixed_category = slope / (p * (1 - p)), slope * r / (q * (1 + r))
        score = x / p - (1 - x) / (1 - p)
        expected = {
            "gumbel_softmax": 2 * y * at_fixed_noise,
            "straight_through": 2 * x * at_fixed_noise,
            "rebar": (x * x - y * y) * score + 2 * y * at_fixed_noise - 2 * y * at_fixed_category,
        }[name]
        torch.testing.assert_close(found.double(), expected, rtol=1e-3, atol=1e-5)


def test_rebar_has_less_variance_than_its_score_function() -> None:
    family, objective = FAMILIES["bernoulli"], OBJECTIVES["shifted_square"].at(k=-1.0)
    rebar, score = (
        float(moments(family, objective, ESTIMATORS[name], rows_of(family), "probs").variance)
        for name in ("rebar", "score_function")
    )
    assert rebar < score


def test_rebar_misses_a_jump_between_the_values() -> None:
    """Its softened f jumps there, which neither of its paths sees: at one half nothing is left of the gradient 1."""
    step = OBJECTIVES["step"].at(k=0.5)
    assert expected_estimate("bernoulli", step, "rebar", {"probs": 0.4})["probs"] == pytest.approx(0.0, abs=1e-9)
    assert "misses the jump" in ESTIMATORS["rebar"].warning(FAMILIES["bernoulli"], step)


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
