"""The contract of a Family, for every entry of FAMILIES."""

import numpy as np
import pytest
import torch

from explorer.core.families import FAMILIES, get_family
from explorer.core.families.family import Family
from tests.core.cases import (
    EVERY,
    SCALAR,
    SCIPY,
    SCIPY_VECTORS,
    VECTORS,
    Theta,
    at_corners,
    defaults,
    draws,
)

CPU = torch.device("cpu")


def test_scipy_knows_every_family() -> None:
    assert SCIPY.keys() | SCIPY_VECTORS.keys() == FAMILIES.keys(), "add the family to tests/core/cases.py"
    assert SCIPY_VECTORS.keys() == {family.name for family in VECTORS}


@pytest.mark.parametrize("family", EVERY, ids=lambda family: family.name)
def test_entries_are_whole(family: Family) -> None:
    assert FAMILIES[family.name] is family
    assert family.title
    assert family.latex
    assert family.support.latex
    assert family.source
    assert family.parameters
    assert (family.inverse is None) == (family.route in ("none", "implicit"))
    assert family.discrete == (family.route == "none") == (family.jumps is not None)
    assert set(family.weak) <= set(defaults(family))
    for parameter in family.parameters:
        low, high = parameter.slider
        assert parameter.valid[0] < low <= parameter.default <= high < parameter.valid[1]
    assert family.check(defaults(family)) == defaults(family)


@at_corners(SCALAR)
def test_log_prob_equals_scipy_and_torch(family: Family, theta: Theta) -> None:
    _, x, values = draws(family, theta, 1000, seed=4)
    reference = SCIPY[family.name](**theta)
    expected = reference.logpmf(x.numpy()) if family.discrete else reference.logpdf(x.numpy())
    np.testing.assert_allclose(family.log_prob(x, values).numpy(), expected, rtol=1e-10, atol=1e-10)
    # torch's von Mises is right to single precision; its Categorical takes one vector.
    torch_class = getattr(torch.distributions, family.name.title().replace("_", ""), None)
    if torch_class is not None and family.name not in ("von_mises", "categorical"):
        torch.testing.assert_close(
            family.log_prob(x, values), torch_class(**values).log_prob(x), rtol=1e-10, atol=1e-10
        )


@at_corners(VECTORS)
def test_log_prob_of_a_vector_equals_scipy(family: Family, theta: Theta) -> None:
    _, x, values = draws(family, theta, 1000, seed=4)
    found = family.log_prob(x, values).numpy()
    assert found.shape == (1000,)
    reference = SCIPY_VECTORS[family.name](**theta)
    # scipy's Dirichlet takes points as columns, and no others than sum to 1 exactly.
    points = x.numpy()
    expected = reference.logpdf(points) if family.name == "multivariate_normal" else reference.logpdf(points.T)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("x", [[0.5, 0.6, 0.1], [-0.1, 0.6, 0.5], [0.2, 0.2, 0.2]])
def test_a_dirichlet_vector_sums_to_one(x: list[float]) -> None:
    family = FAMILIES["dirichlet"]
    point = torch.tensor([x], dtype=torch.float64)
    assert family.log_prob(point, family.tensors(defaults(family), point)).item() == -np.inf


@at_corners(SCALAR)
def test_log_prob_is_minus_infinity_outside_the_support(family: Family, theta: Theta) -> None:
    grid = torch.linspace(-7.03, 7.03, 201, dtype=torch.float64)
    values = family.tensors(theta, grid)
    low, high = SCIPY[family.name](**theta).support()
    inside = np.isin(grid, family.support.points) if family.support.points else ((low <= grid) & (grid <= high)).numpy()
    log_prob = family.log_prob(grid, values).numpy()
    assert not np.isnan(log_prob).any()
    assert np.all(log_prob[~inside] == -np.inf)
    assert np.all(np.isfinite(log_prob[inside]))


@at_corners([family for family in EVERY if family.cdf is not None])
def test_cdf_equals_scipy(family: Family, theta: Theta) -> None:
    grid = torch.linspace(-7.03, 7.03, 201, dtype=torch.float64)
    assert family.cdf is not None
    found = family.cdf(grid, family.tensors(theta, grid)).numpy()
    np.testing.assert_allclose(found, SCIPY[family.name](**theta).cdf(grid.numpy()), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("family", [family for family in EVERY if family.logits is not None], ids=lambda f: f.name)
def test_logits_are_the_log_masses_up_to_a_constant(family: Family) -> None:
    points = torch.tensor(family.support.points, dtype=torch.float64)
    values = family.tensors(defaults(family), points)
    assert family.logits is not None
    torch.testing.assert_close(torch.log_softmax(family.logits(values), -1), family.log_prob(points, values))


@pytest.mark.parametrize(
    ("name", "theta"),
    [
        ("student_t", {"df": 2.5, "loc": 1.0, "scale": 2.0}),
        ("student_t", {"df": 4.0, "loc": 1.0, "scale": 2.0}),
        ("pareto", {"scale": 1.0, "alpha": 3.5}),
        ("cauchy", {"loc": 0.0, "scale": 1.0}),
        ("normal", {"loc": 0.0, "scale": 1.0}),
        ("log_normal", {"loc": 0.0, "scale": 1.0}),
    ],
)
def test_tail_says_which_moments_are_finite(name: str, theta: dict[str, float]) -> None:
    """E|x|^r by scipy's density: over ever wider ranges its growth dies out, or does not."""
    law = SCIPY[name](**theta)
    tail = FAMILIES[name].tail(theta)
    for order in (1, 2, 3, 4, 5):
        # x^(r + 1) q(x) tells how the integral of x^r q grows with log x.
        near, far = (point ** (order + 1) * law.pdf(point) for point in (1e10, 1e20))
        assert (far < 0.1 * near or far == near == 0) == (order < tail)


@pytest.mark.parametrize("name", ["nonsense", "", "Normal", None, 3, ["normal"]])
def test_unknown_family(name: object) -> None:
    with pytest.raises(ValueError, match="family must be one of normal, "):
        get_family(name)


def test_uniform_needs_low_below_high() -> None:
    with pytest.raises(ValueError, match="low must be below high, got low=2 and high=2"):
        FAMILIES["uniform"].check({"low": 2.0, "high": 2.0})
