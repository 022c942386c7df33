"""Every family, objective and estimator of the registries: sampled means and variances against the exact moments."""

import math
from collections.abc import Callable

import pytest
import torch

from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS, Estimator
from explorer.core.exact.gradients import gradients
from explorer.core.exact.moments import moments, space_of
from explorer.core.expectations.quadrature import QuadratureError, expect
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from tests.core.cases import defaults
from tests.core.estimators.tolerance import PART, drawn, in_float64, off, off_squared

NO_GRADIENT = {
    ("cauchy", "identity"): "E|x| is infinite",
    ("cauchy", "square"): "E x² is infinite",
    ("cauchy", "shifted_square"): "E x² is infinite",
    ("cauchy", "absolute"): "E|x| is infinite",
    ("cauchy", "log_sum_exp"): "far out it grows as x does",
}
"""(family, objective) -> why there is no exact gradient, so nothing to compare with. All other pairs are compared."""
TOO_DEAR = {
    ("dirichlet", objective, estimator): "a second fold in the plane: 3 to 19 s; met under the Normal in two dimensions"
    for objective in ("absolute", "step")
    for estimator in (
        *("mean_baseline", "optimal_baseline", "leave_one_out", "antithetic_score", "antithetic_pathwise"),
        *("finite_differences", "finite_differences_independent"),
    )
}
"""(family, objective, estimator) -> why its exact moments are left out: f's fold has to be followed by halving at each
node, at each theta or mirror image. The two that are left, score function and pathwise, show that it is followed."""
N_SAMPLES = {"location-scale": 4 * 10**5, "inverse CDF": 4 * 10**5, "composition": 4 * 10**5}
FEWER_SAMPLES = 2 * 10**5
"""By route; fewer where a sample costs more. 2 % of a mean are seen where sd / |mean| is below 0.02 √n / 4.5: 2.8, or
2; ten times as many samples would see them where it is 9, and take most of the time."""


def compared() -> list[tuple[Family, Objective, Estimator]]:
    """The product of the registries where the estimator is defined for the family, less the two tables."""
    return [
        (family, objective, method)
        for family in FAMILIES.values()
        for objective in OBJECTIVES.values()
        for method in ESTIMATORS.values()
        if method.covers(family)
        and (family.name, objective.name) not in NO_GRADIENT
        and (family.name, objective.name, method.name) not in TOO_DEAR
    ]


PAIRS = list(dict.fromkeys((family.name, objective.name) for family, objective, _ in compared()))


def parameter_of(family: Family, objective: Objective, method: Estimator) -> str:
    """The parameter that an estimator is compared at. It goes round with the objective: over the ten each has its turn.

    Every parameter of every pair would double the time and prove no more of the estimators.
    """
    covered = method.covers(family)
    return covered[list(OBJECTIVES).index(objective.name) % len(covered)]


def rows_of(family: Family) -> dict[str, torch.Tensor]:
    return one_row(defaults(family))


@torch.no_grad()
@pytest.mark.parametrize(("family_name", "objective_name"), PAIRS)
def test_on_average(family_name: str, objective_name: str) -> None:
    """The mean of n samples against its exact expectation, and their variance against the exact one.

    All estimators share one draw. Where there is no warning, the expectation is the exact gradient. Where the variance
    rests on a few large samples, a window is laid over x and the variance under the window is compared instead.
    """
    family, objective = FAMILIES[family_name], OBJECTIVES[objective_name]
    methods = [method for one, other, method in compared() if (one, other) == (family, objective)]
    n = FEWER_SAMPLES if family.size > 1 else N_SAMPLES.get(family.route, FEWER_SAMPLES)
    rows, draw = rows_of(family), drawn(family, objective, n)
    names = {method.name: parameter_of(family, objective, method) for method in methods}
    sampled = {method.name: method(draw, names[method.name]).double() for method in methods}
    wide = in_float64(draw)
    exact_gradients = {name: gradients(family, objective, rows, name) for name in dict.fromkeys(names.values())}
    for method in methods:
        name, values = names[method.name], sampled[method.name]
        gradient, exact = exact_gradients[name], moments(family, objective, method, rows, name)
        assert not gradient.faults[0]
        assert not exact.faults[0], (method.name, name, exact.faults)
        mean, variance, spread = float(exact.mean), float(exact.variance), float(exact.spread)
        if not method.warning(family, objective):
            assert abs(mean - float(gradient.value)) < 1e-8 * max(1.0, abs(mean)), (method.name, name)
        assert math.isfinite(variance)
        assert values.shape == (n,)
        same = method(wide, name)
        assert off(values, same, mean, spread) <= 1, (method.name, name)
        of_variance = off_squared(values - mean, same - mean, variance, method.group)
        if of_variance is not None:
            assert of_variance <= 1, (method.name, name)
        elif method.group == 1:
            # Of a group the others' f has no window over it; its variance is tested by hand and where it is tame.
            assert_under_a_window(method, draw, wide, name)


def assert_under_a_window(method: Estimator, draw: Draw, wide: Draw, name: str) -> None:
    """The mean and the mean square of an estimator times a bell in x that leaves its centre and little else."""
    family, objective = draw.family, draw.objective
    x = wide.x.view(PART, -1)
    middle = x.median(0).values
    width = (x - middle).abs().quantile(0.9)

    def bell(draw: Draw) -> torch.Tensor:
        x = draw.x.double() if family.size > 1 else draw.x.double().unsqueeze(-1)
        return (-((x - middle) / width).square().sum(-1)).exp()

    def window(draw: Draw) -> torch.Tensor:
        return bell(draw) * bell(draw.mirrored) if method.integration.mirrored else bell(draw)

    space = space_of(family, objective, method, rows_of(family), name)
    for part in method.parts:

        def seen(draw: Draw, part: Callable[[Draw, str], torch.Tensor] = part) -> torch.Tensor:
            return part(draw, name).double() * window(draw)

        found = expect(space, lambda draw, seen=seen: [seen(draw), seen(draw).square()])  # type: ignore[misc]
        assert not found.faults[0], (method.name, name, found.faults)
        mean, square = (float(value[0]) for value in found.values)
        values, same = seen(draw), seen(wide)
        assert off(values, same, mean, square - mean**2) <= 1, (method.name, name)
        of_square = off_squared(values, same, square)
        if of_square is None:
            # Few samples fall on a rare bump, whatever the window; and a far extra is not under it.
            assert objective.name == "rare_event" or space.extras, (method.name, name)
        else:
            assert of_square <= 1, (method.name, name)


def test_the_product_is_compared() -> None:
    """All that is defined but for the tables, each triple at a parameter; no table names what is not there."""
    defined = {
        (family.name, objective, method.name)
        for family in FAMILIES.values()
        for objective in OBJECTIVES
        for method in ESTIMATORS.values()
        if method.covers(family)
    }
    done = {(family.name, objective.name, method.name) for family, objective, method in compared()}
    assert defined - done == {triple for triple in defined if triple[:2] in NO_GRADIENT or triple in TOO_DEAR}
    assert {triple[:2] for triple in defined} >= set(NO_GRADIENT)
    assert defined >= set(TOO_DEAR)
    assert len(done) >= 2100
    assert {triple[0] for triple in done} == set(FAMILIES)
    assert {triple[2] for triple in done} == set(ESTIMATORS)
    turns = {
        (family.name, method.name, parameter_of(family, objective, method)) for family, objective, method in compared()
    }
    for family in FAMILIES.values():
        for method in ESTIMATORS.values():
            for name in method.covers(family):
                assert (family.name, method.name, name) in turns


@torch.no_grad()
@pytest.mark.parametrize(("family_name", "objective_name"), NO_GRADIENT)
def test_what_is_left_out_has_a_reason(family_name: str, objective_name: str) -> None:
    """The engine gives one too, for the gradient and for each estimator whose halves do not cancel in the tails."""
    family, objective = FAMILIES[family_name], OBJECTIVES[objective_name]
    gradient = gradients(family, objective, rows_of(family), "scale")
    assert gradient.faults[0] == "E[f] does not exist: the tails are too heavy"
    assert math.isnan(float(gradient.value))
    for method in ESTIMATORS.values():
        if "scale" in method.covers(family) and not method.integration.mirrored:
            assert reason(family, objective, method, "scale"), method.name


def reason(family: Family, objective: Objective, method: Estimator, name: str) -> str:
    try:
        found = moments(family, objective, method, rows_of(family), name)
    except QuadratureError as error:
        return str(error)
    if found.faults[0]:
        assert math.isnan(float(found.mean))
        assert math.isnan(float(found.variance))
    return found.faults[0]


EASY = (
    ("normal", "squared_exponential", {"loc": 1.0, "scale": 1.0}),
    ("normal", "identity", {"loc": 1.0, "scale": 0.1}),
    ("bernoulli", "identity", {"probs": 0.4}),
)
"""Pairs whose estimates vary little, so that 10**6 samples show 2 %."""


@torch.no_grad()
@pytest.mark.parametrize("name", ESTIMATORS)
def test_two_per_cent_too_much_is_seen(name: str) -> None:
    """The on-average test's own tolerance is passed by some pair, and the right estimator keeps it on each."""
    method = ESTIMATORS[name]
    seen = []
    for family_name, objective_name, theta in EASY:
        family, objective = FAMILIES[family_name], OBJECTIVES[objective_name]
        rows = one_row(theta)
        for parameter in method.covers(family)[:1]:
            exact = moments(family, objective, method, rows, parameter)
            draw = drawn(family, objective, 10**6, 32, **theta)
            values = method(draw, parameter).double()
            same = method(in_float64(draw, **theta), parameter)
            right, wrong = (
                off(factor * values, factor * same, float(exact.mean), float(exact.spread)) for factor in (1.0, 1.02)
            )
            assert right <= 1
            seen.append(wrong > 1)
    assert any(seen)
