"""The numerical quantile map against scipy's quantile functions and central differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from explorer.core.families import FAMILIES
from explorer.core.families import implicit_laws as laws
from explorer.core.families.quantile_table import QuantileMap, _solved
from explorer.core.numerics.panels import gauss_legendre
from tests.core.cases import SCIPY, Floats

EPS = torch.cat((torch.linspace(-8, 8, 331, dtype=torch.float64), torch.tensor([-11.0, -9.5, 9.5, 11.0]).double()))
CASES = [
    *((laws.GAMMA, "gamma", {"concentration": value}) for value in (0.06, 0.5, 1.0, 7.3, 990.0)),
    *(
        (laws.BETA, "beta", {"concentration1": a, "concentration0": b})
        for a, b in ((0.41, 0.41), (1.0, 1.0), (2.0, 3.0), (8.0, 0.7), (400.0, 900.0))
    ),
    *((laws.STUDENT, "student_t", {"df": value}) for value in (0.8, 1.5, 3.0, 40.0)),
]
UNIT = {"gamma": {"rate": 1.0}, "beta": {}, "student_t": {"loc": 0.0, "scale": 1.0}}
each = pytest.mark.parametrize(
    ("law", "name", "theta"), CASES, ids=lambda case: case if isinstance(case, str) else None
)


def tensors(theta: dict[str, float]) -> dict[str, Tensor]:
    return {name: torch.tensor(value, dtype=torch.float64) for name, value in theta.items()}


def by_scipy(name: str, theta: dict[str, float], eps: Floats) -> tuple[Floats, Floats, Floats]:
    """scipy's quantile, the density there, and the mass that is in the nearer tail."""
    law = SCIPY[name](**theta, **UNIT[name])
    tail = stats.norm.sf(np.abs(eps))
    x = np.where(eps < 0, law.ppf(tail), law.isf(tail))
    return x, law.pdf(x), tail


@each
def test_quantiles_equal_scipy(law: QuantileMap, name: str, theta: dict[str, float]) -> None:
    """To 1e-9 of x, far into the tails; or to 1e-9 of the mass, where scipy's own quantile is coarser."""
    eps = EPS.numpy()
    x = law.transform(EPS, tensors(theta)).numpy()
    expected, _, tail = by_scipy(name, theta, eps)
    dist = SCIPY[name](**theta, **UNIT[name])
    mass = np.where(eps < 0, dist.cdf(x), dist.sf(x))
    close = np.abs(x - expected) <= 1e-9 * np.abs(expected) + 1e-12
    assert np.all(close | (np.abs(mass - tail) <= 1e-9 * tail))
    assert close.mean() > 0.9


@each
def test_x_rises_with_eps(law: QuantileMap, name: str, theta: dict[str, float]) -> None:
    x = law.transform(torch.linspace(-6, 6, 4001, dtype=torch.float64), tensors(theta))
    assert (x.diff() >= 0).all()


@pytest.mark.parametrize(
    ("law", "thetas"),
    [
        (laws.GAMMA, [{"concentration": value} for value in (0.5, 2.0, 30.0)]),
        (laws.BETA, [{"concentration1": a, "concentration0": 2.5} for a in (0.5, 2.0, 30.0)]),
        (laws.STUDENT, [{"df": value} for value in (1.5, 4.0, 30.0)]),
        (laws.VON_MISES, [{"loc": value, "concentration": 2.0} for value in (-2.0, 0.0, 3.0)]),
        (
            laws.MIXTURE,
            [{"loc_1": -2.0, "scale_1": value, "loc_2": 1.0, "scale_2": 1.0} for value in (0.2, 1.0, 2.0)],
        ),
    ],
    ids=["gamma", "beta", "student_t", "von_mises", "mixture"],
)
def test_rows_in_one_batch_equal_one_by_one(law: QuantileMap, thetas: list[dict[str, float]]) -> None:
    eps = torch.linspace(-4, 4, 101, dtype=torch.float64)
    columns = {name: torch.tensor([[theta[name]] for theta in thetas], dtype=torch.float64) for name in law.names}
    alone = torch.stack([law.transform(eps, tensors(theta)) for theta in thetas])
    torch.testing.assert_close(law.transform(eps, columns), alone, rtol=1e-8, atol=1e-10)
    for name in law.names:
        alone = torch.stack([law.path(eps, tensors(theta), name) for theta in thetas])
        torch.testing.assert_close(law.path(eps, columns, name), alone, rtol=1e-6, atol=1e-7)


FAR = {"loc_1": -4.0, "scale_1": 0.2, "loc_2": 4.0, "scale_2": 0.2}


def test_far_components_are_solved_sample_by_sample() -> None:
    """Between the two the quantile climbs 6 units within 1e-9 of eps: no cubic follows it."""
    theta = tensors(FAR)
    cliff = float(stats.norm.ppf(0.4))
    eps = torch.cat((EPS, cliff + torch.tensor([-1e-4, -1e-7, -1e-9, 1e-9, 1e-7, 1e-4], dtype=torch.float64)))
    x = laws.MIXTURE.transform(eps, theta).numpy()
    law, tail = SCIPY["normal_mixture"](**FAR), stats.norm.sf(np.abs(eps.numpy()))
    mass = np.where(eps.numpy() < 0, law.cdf(x), law.sf(x))
    np.testing.assert_allclose(mass, tail, rtol=1e-9)
    assert _solved(laws.MIXTURE, (tuple(FAR.values()),)).rough is not None
    for name in FAR:
        assert laws.MIXTURE.path(eps, theta, name).isfinite().all()


def test_path_in_a_rough_cell_equals_minus_df_over_q() -> None:
    theta = tensors(FAR)
    eps = float(stats.norm.ppf(0.4)) + torch.tensor([-1e-4, -1e-6, 1e-6, 1e-4], dtype=torch.float64)
    x = laws.MIXTURE.transform(eps, theta).numpy()
    density = SCIPY["normal_mixture"](**FAR).pdf(x)
    # dF/dloc_1 is minus the first component's weighted density.
    expected = 0.4 * stats.norm(-4, 0.2).pdf(x) / density
    np.testing.assert_allclose(laws.MIXTURE.path(eps, theta, "loc_1").numpy(), expected, rtol=1e-8, atol=1e-10)


def test_beyond_the_largest_eps_the_map_is_constant() -> None:
    theta = tensors({"concentration": 2.0})
    ends = torch.tensor([-50.0, -12.0, 12.0, 50.0], dtype=torch.float64)
    x = laws.GAMMA.transform(ends, theta)
    assert x.isfinite().all()
    assert x[0] == x[1]
    assert x[2] == x[3]


def test_float32_is_the_same_map() -> None:
    theta = tensors({"concentration": 2.0})
    eps = torch.linspace(-5, 5, 1001)
    x = laws.GAMMA.transform(eps, {name: value.float() for name, value in theta.items()})
    assert x.dtype == torch.float32
    torch.testing.assert_close(x.double(), laws.GAMMA.transform(eps.double(), theta), rtol=1e-5, atol=1e-6)


def test_gauss_legendre_is_exact_for_polynomials() -> None:
    nodes, weights = gauss_legendre(12)
    for power in (0, 1, 10, 23):
        assert float(weights @ nodes**power) == pytest.approx(1 / (power + 1), rel=1e-13)


def test_every_implicit_family_is_here() -> None:
    names = {family.name for family in FAMILIES.values() if family.route == "implicit"}
    assert names == {"gamma", "beta", "student_t", "von_mises", "normal_mixture", "dirichlet"}
