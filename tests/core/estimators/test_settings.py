"""Settings: temperature, step and group size as values of an estimator, with exact answers that follow them."""

import math

import pytest
import torch

from explorer.core.by_name import exact_variance, expected_estimate, gradient_samples
from explorer.core.estimators import ESTIMATORS, Choice, Estimator
from explorer.core.exact.moments import moments
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.variance_curves import Setting
from explorer.core.families import FAMILIES
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.parameters import Parameter
from tests.core.cases import defaults
from tests.core.estimators.tolerance import drawn, in_float64, off, off_squared

SETTINGS = [(method, setting) for method in ESTIMATORS.values() for setting in method.settings]
ENDS = [
    pytest.param(method.at(**{setting.name: value}), id=f"{method.name}-{setting.name}={value:g}")
    for method, setting in SETTINGS
    for value in setting.slider
]
every_setting = pytest.mark.parametrize(
    ("method", "setting"), SETTINGS, ids=[f"{method.name}-{setting.name}" for method, setting in SETTINGS]
)
TRIED = (
    ("normal", "cosine"),
    ("normal", "step"),
    ("exponential", "square"),
    ("uniform", "absolute"),
    ("bernoulli", "shifted_square"),
    ("bernoulli", "step"),
    ("categorical", "shifted_square"),
)


def test_there_are_settings() -> None:
    assert {(method.name, setting.name) for method, setting in SETTINGS} >= {
        ("gumbel_softmax", "temperature"),
        ("straight_through", "temperature"),
        ("rebar", "temperature"),
        ("finite_differences", "step"),
        ("finite_differences_independent", "step"),
        ("leave_one_out", "group"),
    }


@torch.no_grad()
@pytest.mark.parametrize("method", ENDS)
def test_exact_answers_follow_the_setting(method: Estimator) -> None:
    """Mean and variance of samples at the ends of the slider against the exact ones there."""
    tried = 0
    for family_name, objective_name in TRIED:
        family, objective = FAMILIES[family_name], OBJECTIVES[objective_name]
        for name in method.covers(family)[:1]:
            exact = moments(family, objective, method, one_row(defaults(family)), name)
            assert not exact.faults[0]
            draw = drawn(family, objective, 160_000)
            values, same = method(draw, name).double(), method(in_float64(draw), name)
            mean = float(exact.mean)
            assert off(values, same, mean, float(exact.spread)) <= 1, (family_name, objective_name)
            of_variance = off_squared(values - mean, same - mean, float(exact.variance), method.group)
            if of_variance is not None:
                assert of_variance <= 1, (family_name, objective_name)
                tried += 1
    assert tried >= 2


@every_setting
def test_the_exact_variance_is_of_the_setting(method: Estimator, setting: Parameter) -> None:
    family = "bernoulli" if "bernoulli" in {f.name for f in FAMILIES.values() if method.covers(f)} else "normal"
    theta, objective = defaults(FAMILIES[family]), OBJECTIVES["shifted_square"].at(k=-1.0)
    low, high = (
        exact_variance(family, objective, method.at(**{setting.name: value}), theta) for value in setting.slider
    )
    plain = exact_variance(family, objective, method, theta)
    assert plain == exact_variance(family, objective, method.name, theta)
    assert len({round(next(iter(each.values())), 9) for each in (low, high, plain)}) == 3


def test_finite_differences_by_hand() -> None:
    """x² on two noises: Var f at μ ± h is 4 (μ ± h)² + 2. cos x on one: the derivative times sin(h) / h."""
    theta = {"loc": 1.0, "scale": 1.0}
    for h in (0.02, 0.3):
        two = ESTIMATORS["finite_differences_independent"].at(step=h)
        exact = (4 * (1 + h) ** 2 + 4 * (1 - h) ** 2 + 4) / (4 * h * h)
        assert exact_variance("normal", "square", two, theta)["loc"] == pytest.approx(exact, rel=1e-9)
        one = ESTIMATORS["finite_differences"].at(step=h)
        found = expected_estimate("normal", OBJECTIVES["cosine"].at(k=1.0), one, theta)["loc"]
        assert found == pytest.approx(-math.sin(1.0) * math.exp(-0.5) * math.sin(h) / h, abs=1e-11)


@pytest.mark.parametrize("k", [0.3, 1.37])
@pytest.mark.parametrize("h", [0.02, 0.1, 0.5])
def test_finite_differences_on_a_step_by_hand(h: float, k: float) -> None:
    """1 / 2h where x - μ lies within h of k - μ, with the chance p: the integral is split where the setting says."""
    method, step = ESTIMATORS["finite_differences"].at(step=h), OBJECTIVES["step"].at(k=k)
    theta = {"loc": 1.0, "scale": 1.0}
    p = 0.5 * (math.erf((k - 1 + h) / math.sqrt(2)) - math.erf((k - 1 - h) / math.sqrt(2)))
    assert expected_estimate("normal", step, method, theta)["loc"] == pytest.approx(p / (2 * h), abs=1e-10)
    variance = exact_variance("normal", step, method, theta)["loc"]
    assert variance == pytest.approx(p * (1 - p) / (4 * h * h), rel=1e-10)


def test_leave_one_out_by_hand() -> None:
    """x under N(0, 1): E[x² s²] + Var x E[s²] / (K - 1) - 1 = 3 + 1 / (K - 1) - 1."""
    for group in (2, 4, 16):
        method = ESTIMATORS["leave_one_out"].at(group=group)
        found = exact_variance("normal", "identity", method, {"loc": 0.0, "scale": 1.0})["loc"]
        assert found == pytest.approx(2 + 1 / (group - 1), abs=1e-10)
        assert method.group == group


def test_samples_take_the_setting() -> None:
    """A hot relaxation hardly moves with theta."""
    cold, hot = (ESTIMATORS["gumbel_softmax"].at(temperature=value) for value in (0.3, 50.0))
    theta = {"probs": 0.4}
    spread = [
        float(gradient_samples("bernoulli", "square", each, theta, 2_000, device="cpu")["probs"].std())
        for each in (cold, hot)
    ]
    assert spread[1] < 0.1 * spread[0]


@every_setting
def test_bad_values_are_named(method: Estimator, setting: Parameter) -> None:
    low, high = setting.valid
    for value in (low, high, math.nan, math.inf, "1", None, True):
        with pytest.raises(ValueError, match=f"{setting.name} must be "):
            method.at(**{setting.name: value})
    with pytest.raises(ValueError, match=f"{method.name} has no parameter 'k'; its parameters: {setting.name}"):
        method.at(k=1.0)


def test_a_group_is_one_of_a_few() -> None:
    """Batches are multiples of 16, and each group in them has to be full."""
    with pytest.raises(ValueError, match="group must be one of 2, 4, 8, 16, got 3"):
        ESTIMATORS["leave_one_out"].at(group=3)


def test_without_settings_there_is_one_value() -> None:
    assert ESTIMATORS["pathwise"].at() == ESTIMATORS["pathwise"]
    with pytest.raises(ValueError, match="pathwise has no parameter 'temperature'; its parameters: none"):
        ESTIMATORS["pathwise"].at(temperature=1.0)


@every_setting
def test_the_default_is_on_the_slider(method: Estimator, setting: Parameter) -> None:
    low, high = setting.slider
    assert setting.check(low) == low
    assert setting.check(high) == high
    if setting.choices:
        assert setting.default in setting.choices
        assert (low, high) == (setting.choices[0], setting.choices[-1])
    else:
        steps = (setting.default - low) / setting.step
        assert steps == pytest.approx(round(steps))
    assert f"{setting.default:g}" in method.title
    assert f"{high:g}" in method.at(**{setting.name: high}).title


@every_setting
def test_a_choice_knows_the_setting(method: Estimator, setting: Parameter) -> None:
    moved = method.at(**{setting.name: setting.slider[1]})
    plain, other = Choice((method.name, "score_function")), Choice((moved, "score_function"))
    assert list(plain) == list(other) == [method.name, "score_function"]
    assert plain == Choice((method, "score_function")) != other
    assert len({plain, other, Choice((method, "score_function"))}) == 2
    assert other[method.name] is moved
    assert Choice(other) == other
    with pytest.raises(ValueError, match="may be chosen once"):
        Choice((method.name, moved))


def test_answers_and_curves_are_of_the_setting() -> None:
    problem = Problem(FAMILIES["bernoulli"], OBJECTIVES["square"], {"probs": 0.4}, "probs")
    moved = ESTIMATORS["rebar"].at(temperature=1.5)
    exact = exact_variance("bernoulli", "square", moved, problem.theta)["probs"]
    assert Answers.of(problem, (moved,)).deviations["rebar"] == pytest.approx(math.sqrt(exact))
    at = torch.tensor([0.4], dtype=torch.float64)
    assert float(Setting(problem).curve(moved, "probs", at).variance) == pytest.approx(exact)
    assert float(Setting(problem).curve("rebar", "probs", at).variance) != pytest.approx(exact)
