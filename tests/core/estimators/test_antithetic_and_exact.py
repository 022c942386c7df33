"""DisARM, exact enumeration and the boundary term, draw by draw, by hand."""

import math

import pytest
import torch

from explorer.core.by_name import exact_gradient, exact_variance, expected_estimate, gradient_samples
from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.moments import moments
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from explorer.core.objectives.objective import Jump, Objective
from tests.core.cases import WITHOUT_A_ROUTE, defaults


def made(family: str, objective: Objective, eps: list[float], **theta: float) -> Draw:
    noise = torch.tensor(eps, dtype=torch.float64)
    return Draw(FAMILIES[family], objective, FAMILIES[family].tensors(theta, noise), noise)


def test_disarm_by_hand() -> None:
    """f(1) - f(0) = d: a pair that differs gives d / (2 min(p, 1 - p)), one that agrees gives 0."""
    f = OBJECTIVES["shifted_square"].at(k=-1.0)
    d = 4.0 - 1.0
    eps = [0.1, 0.25, 0.35, 0.5, 0.65, 0.75, 0.95]
    for p, differ in ((0.3, [1, 1, 0, 0, 0, 1, 1]), (0.8, [1, 0, 0, 0, 0, 0, 1])):
        found = ESTIMATORS["disarm"](made("bernoulli", f, eps, probs=p), "probs")
        expected = [d / (2 * min(p, 1 - p)) * each for each in differ]
        assert found.tolist() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("p", [0.02, 0.3, 0.5, 0.9])
def test_the_variance_of_disarm(p: float) -> None:
    """A pair differs with the chance 2 min(p, 1 - p). 0 at one half, nowhere above two samples with a baseline each.

    That is what the papers prove; a single REINFORCE sample may vary less, and does here at 0.9.
    """
    f, theta = OBJECTIVES["shifted_square"].at(k=-1.0), {"probs": p}
    least = min(p, 1 - p)
    found = exact_variance("bernoulli", f, "disarm", theta)["probs"]
    assert found == pytest.approx(9 * (1 / (2 * least) - 1), rel=1e-9, abs=1e-12)
    family, pair = FAMILIES["bernoulli"], ESTIMATORS["leave_one_out"].at(group=2)
    assert found < float(moments(family, f, pair, one_row(theta), "probs").spread) / 2
    assert (found > exact_variance("bernoulli", f, "score_function", theta)["probs"]) == (p == 0.9)
    assert expected_estimate("bernoulli", f, "disarm", theta)["probs"] == pytest.approx(3.0, abs=1e-11)


@pytest.mark.parametrize("family", WITHOUT_A_ROUTE, ids=lambda family: family.name)
def test_enumeration_is_the_gradient(family: Family) -> None:
    """Every sample is; the variance is 0, and f is asked for once an atom."""
    method, theta = ESTIMATORS["enumeration"], defaults(family)
    for name, gradient in exact_gradient(family.name, "cosine", theta).items():
        samples = gradient_samples(family.name, "cosine", method, theta, 40, device="cpu")[name]
        torch.testing.assert_close(samples, torch.full((40,), gradient), rtol=1e-5, atol=1e-6)
    assert set(exact_variance(family.name, "cosine", method, theta).values()) == {0.0}
    assert method.evaluations_for(family) == len(family.support.points)


def test_enumeration_by_hand() -> None:
    """Bernoulli: f(1) - f(0), whatever is drawn. Poisson, f = x²: 1 + 2 rate."""
    f = OBJECTIVES["shifted_square"].at(k=3.0)
    assert ESTIMATORS["enumeration"](made("bernoulli", f, [0.1, 0.9], probs=0.4), "probs").tolist() == [-5.0, -5.0]
    counted = ESTIMATORS["enumeration"](made("poisson", OBJECTIVES["square"], [0.5], rate=2.5), "rate")
    assert counted.tolist() == pytest.approx([6.0])


def test_the_boundary_term_by_hand() -> None:
    """N(1, 2), a step of height 3 at 2 added to x²: 2x and 2x eps, plus 3 q(2) and 3 q(2) (2 - 1) / 2."""
    stepped = Objective(
        "stepped",
        "x² + 3 · 1[x > 2]",
        "",
        lambda x, values: x.square() + 3 * (x > 2).to(x.dtype),
        "a test",
        jumps_at=lambda values: (Jump(2.0, 3.0),),
        derivative=lambda x, values: 2 * x,
    )
    draw = made("normal", stepped, [-1.0, 0.25, 3.0], loc=1.0, scale=2.0)
    q = math.exp(-1 / 8) / math.sqrt(2 * math.pi) / 2
    method = ESTIMATORS["boundary_pathwise"]
    x = draw.x
    assert method(draw, "loc").tolist() == pytest.approx((2 * x + 3 * q).tolist())
    assert method(draw, "scale").tolist() == pytest.approx((2 * x * draw.eps + 1.5 * q).tolist())
    plain = made("normal", OBJECTIVES["square"], [-1.0, 3.0], loc=1.0, scale=2.0)
    assert torch.equal(method(plain, "loc"), ESTIMATORS["pathwise"](plain, "loc"))


@pytest.mark.parametrize("k", [-1.0, 0.0, 0.3, 1.0, 2.5])
@pytest.mark.parametrize(
    "family", [each for each in FAMILIES.values() if ESTIMATORS["boundary_pathwise"].covers(each)], ids=lambda f: f.name
)
def test_the_boundary_term_puts_right_what_pathwise_misses(family: Family, k: float) -> None:
    """On a step nothing else is left: the exact gradient, with variance 0; beyond the support 0."""
    step, theta = OBJECTIVES["step"].at(k=k), defaults(family)
    method = ESTIMATORS["boundary_pathwise"]
    assert not method.warning(family, step)
    assert expected_estimate(family.name, step, method, theta) == pytest.approx(
        exact_gradient(family.name, step, theta), abs=1e-8
    )
    assert set(exact_variance(family.name, step, method, theta).values()) == {0.0}


def test_it_covers_what_has_an_inverse() -> None:
    covered = {name for name, family in FAMILIES.items() if ESTIMATORS["boundary_pathwise"].covers(family)}
    assert {"normal", "uniform", "pareto", "kumaraswamy"} <= covered
    assert not covered & {"bernoulli", "poisson", "categorical", "multivariate_normal", "dirichlet"}


def test_a_jump_of_unknown_place_is_said() -> None:
    method, own = ESTIMATORS["boundary_pathwise"], formula("abs(x)/x")
    if own.may_jump:
        assert "at a place that is not known" in method.warning(FAMILIES["normal"], own)
