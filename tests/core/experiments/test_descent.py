"""Descent: the exact path in closed form, one step by hand, the same noise for all, and the spread theory gives."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import chi2

from explorer.core.by_name import exact_value
from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.descent import Descent, Rule
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import defaults

CPU = torch.device("cpu")


def descent(
    family: str = "normal",
    objective: str = "square",
    parameter: str = "loc",
    estimators: tuple[str, ...] = ("score_function", "pathwise"),
    rule: Rule | None = None,
    seed: int = 0,
    **theta: float,
) -> Descent:
    entry = FAMILIES[family]
    rule = rule or Rule(0.05, 8)
    problem = Problem(entry, OBJECTIVES[objective], {**defaults(entry), **theta}, parameter)
    return Descent(problem, estimators, seed, CPU, rule)


def walked(made: Descent) -> Descent:
    made.advance(made.rule.n_steps)
    return made


def test_the_exact_path_in_closed_form() -> None:
    """f = x² under N(theta, 1): each step multiplies theta by 1 - 2 rate."""
    made = walked(descent(loc=2.0))
    expected = 2.0 * 0.9 ** torch.arange(61, dtype=torch.float64)
    torch.testing.assert_close(made.exact, expected, rtol=1e-10, atol=1e-12)


def test_one_step_by_hand() -> None:
    made = descent(loc=2.0, rule=Rule(0.05, 8, n_runs=4, n_steps=1), seed=7)
    made.advance(1)
    eps = draw_noise(made.problem.family, 32, generator_for(7, CPU)).view(4, 8)
    x = 2.0 + eps
    for name, gradient in (("score_function", x**2 * eps), ("pathwise", 2 * x)):
        expected = 2.0 - 0.05 * gradient.mean(1).double()
        torch.testing.assert_close(made.runs[name][1], expected, rtol=1e-6, atol=1e-6)
        assert made.runs[name][0].tolist() == [2.0] * 4


def test_uphill_is_the_other_way() -> None:
    down, up = (descent(loc=2.0, rule=Rule(0.05, 8, upwards=way, n_steps=1)) for way in (False, True))
    for made in (down, up):
        made.advance(1)
    for name in down.estimators:
        moved = [made.runs[name][1] - 2.0 for made in (down, up)]
        torch.testing.assert_close(moved[0], -moved[1], rtol=0, atol=1e-12)


def test_an_estimator_walks_the_same_whoever_else_does() -> None:
    rule = Rule(0.05, 8, n_steps=5)
    every = ("score_function", "measure_valued_independent", "measure_valued", "finite_differences_independent")
    together = walked(descent(estimators=every, rule=rule))
    for name in every:
        assert torch.equal(walked(descent(estimators=(name,), rule=rule)).runs[name], together.runs[name])
    assert not torch.equal(walked(descent(estimators=every, rule=rule, seed=1)).runs[name], together.runs[name])


def test_the_spread_at_the_end_is_what_theory_says() -> None:
    """Pathwise samples of x² are 2 theta + 2 eps: the distance from the exact path is Gaussian with known variance."""
    rule = Rule(0.1, 4, n_runs=500, n_steps=40)
    made = walked(descent(loc=2.0, estimators=("pathwise",), rule=rule, seed=4))
    shrink = (1 - 2 * rule.rate) ** 2
    variance = rule.rate**2 * (4 / rule.n_samples) * (1 - shrink**rule.n_steps) / (1 - shrink)
    distance = made.runs["pathwise"][-1] - made.exact[-1]
    statistic = float(distance.square().sum()) / variance
    assert 1e-4 < chi2.cdf(statistic, rule.n_runs) < 1 - 1e-4
    found = made.distance("pathwise")
    assert found is not None
    assert found.root_mean_square == pytest.approx(float(distance.square().mean()) ** 0.5)
    # Of 500 runs a mean square has the relative error sqrt(2 / 500), its root half of that.
    assert found.standard_error == pytest.approx(found.root_mean_square * (2 / 500) ** 0.5 / 2, rel=0.2)
    assert found.at_edge == 0


def test_paths_stay_where_the_family_allows() -> None:
    """Uphill in x² the low end of a Uniform would walk past its high end."""
    made = walked(descent("uniform", "identity", "low", ("pathwise",), Rule(1.0, 1, upwards=True, n_steps=8)))
    high = made.problem.theta["high"]
    assert made.runs["pathwise"].max() < high
    assert made.exact.max() < high
    found = made.distance("pathwise")
    assert found is not None
    assert found.at_edge == made.rule.n_runs


def test_a_biased_estimator_stands_still_on_a_step() -> None:
    made = walked(descent(objective="step", rule=Rule(0.2, 8, n_steps=5)))
    assert (made.runs["pathwise"] == made.problem.theta["loc"]).all()
    assert made.exact[-1] < made.exact[0]


def test_where_nothing_is_exact_the_path_ends_with_a_reason() -> None:
    made = walked(descent("cauchy", "square", rule=Rule(0.05, 8, n_steps=3)))
    assert len(made.exact) == 1
    assert "tails are too heavy" in made.reason
    assert made.distance("pathwise") is None
    baseline = walked(descent("cauchy", "square", estimators=("mean_baseline",), rule=Rule(0.05, 8, n_steps=3)))
    assert "baseline" in baseline.lost["mean_baseline"]
    assert len(baseline.runs["mean_baseline"]) == 1


@pytest.mark.parametrize("family", [family for family in FAMILIES.values() if family.size == 1], ids=lambda f: f.name)
def test_every_family_walks_with_every_estimator_it_has(family: Family) -> None:
    parameter = family.parameters[-1].name
    names = tuple(name for name, method in ESTIMATORS.items() if parameter in method.covers(family))
    made = walked(descent(family.name, "cosine", parameter, names, Rule(0.05, 8, n_runs=3, n_steps=2)))
    low, high = made.range
    for name in names:
        assert name in made.lost or made.runs[name].shape == (3, 3)
        assert ((made.runs[name] >= low) & (made.runs[name] <= high)).all()


def test_the_landscape_is_exact_at_its_points_and_straight_between() -> None:
    made = descent("gamma", "cosine", "concentration")
    landscape = made.landscape()
    for i in (0, 80, 160):
        theta = {**made.problem.theta, "concentration": float(landscape.at[i])}
        assert float(landscape.value[i]) == pytest.approx(exact_value("gamma", "cosine", theta), abs=1e-8)
    between = 0.5 * (landscape.at[:-1] + landscape.at[1:])
    torch.testing.assert_close(landscape.height(between), 0.5 * (landscape.value[:-1] + landscape.value[1:]))
    torch.testing.assert_close(landscape.height(landscape.at), landscape.value)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="scale must be a number"):
        descent(scale=-1.0)
    with pytest.raises(ValueError, match="parameter must be one of loc, scale"):
        descent(parameter="nope")
