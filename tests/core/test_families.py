"""The contract of a Family, for every entry of FAMILIES."""

import numpy as np
import pytest
import torch
from scipy import stats

from explorer.core.device import generator_for
from explorer.core.families import FAMILIES, Family, draw_noise, get_family
from tests.core.cases import (
    SCIPY,
    WITH_A_ROUTE,
    WITHOUT_A_ROUTE,
    Floats,
    Theta,
    at_corners,
    defaults,
    difference,
    moved,
)

CPU = torch.device("cpu")
EVERY = list(FAMILIES.values())


def draws(
    family: Family, theta: Theta, n: int, seed: int
) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    """eps, x and theta in float64; eps from the family's own noise."""
    eps = draw_noise(family, n, generator_for(seed, CPU)).double()
    values = family.tensors(theta, eps)
    return eps, family.transform(eps, values), values


def test_scipy_knows_every_family() -> None:
    assert SCIPY.keys() == FAMILIES.keys(), "add the family to SCIPY in tests/core/cases.py"


@pytest.mark.parametrize("family", EVERY, ids=lambda family: family.name)
def test_entries_are_whole(family: Family) -> None:
    assert FAMILIES[family.name] is family
    assert family.title
    assert family.latex
    assert family.support.latex
    assert family.source
    assert family.parameters
    assert (family.inverse is None) == (family.route == "none")
    for parameter in family.parameters:
        low, high = parameter.slider
        assert parameter.valid[0] < low <= parameter.default <= high < parameter.valid[1]
    assert family.check(defaults(family)) == defaults(family)


@at_corners(WITH_A_ROUTE)
def test_path_equals_the_implicit_derivative(family: Family, theta: Theta) -> None:
    """dx/dtheta = -(dF/dtheta) / q at each draw, F and q from scipy.

    dF/dtheta is a central difference D(h) of order 8. Its error is bounded by what it moves as h halves twice (the
    error falls at least linearly in h, also where the stencil meets a kink of F), plus the rounding of F, 2**-52 of the
    tail that is differenced, over h. Draws so near an end of a moving support that the stencil leaves it are left out.
    """
    eps, x, values = draws(family, theta, 2000, seed=1)
    points = x.numpy()
    density = SCIPY[family.name](**theta).pdf(points)
    upper = SCIPY[family.name](**theta).cdf(points) > 0.5
    for name in theta:

        def smaller_tail(by: float, name: str = name) -> Floats:
            shifted = SCIPY[family.name](**moved(theta, name, by))
            return np.where(upper, -shifted.sf(points), shifted.cdf(points))

        step = 0.002 * min(1.0, *(abs(value) or 1.0 for value in theta.values()))
        wide, middle, narrow = (difference(smaller_tail, step / 2**k) for k in range(3))
        size = np.abs(points) + max(abs(value) for value in theta.values())
        rounding = 8 * 2**-52 * (np.abs(smaller_tail(0.0)) + density * size) / (step / 4)
        bound = (np.abs(wide - middle) + np.abs(middle - narrow) + rounding) / density
        path = family.paths(eps, values, name).expand_as(eps).numpy()
        whole = np.all(
            [SCIPY[family.name](**moved(theta, name, by)).pdf(points) > 0 for by in (-4 * step, 4 * step)], 0
        )
        assert whole.mean() > 0.5
        assert np.all((np.abs(path + narrow / density) <= bound)[whole])
        sharp = bound <= 1e-6 * (1 + np.abs(path))
        assert sharp[whole].mean() > 0.9, "the bound would let a fault through"


@at_corners(WITHOUT_A_ROUTE)
def test_no_route_means_no_path(family: Family, theta: Theta) -> None:
    eps, _, values = draws(family, theta, 1000, seed=2)
    for name in theta:
        assert torch.equal(family.paths(eps, values, name), torch.zeros_like(eps))


@at_corners(EVERY)
def test_closed_forms_equal_autograd(family: Family, theta: Theta) -> None:
    """To the rounding of float64, relative to the largest of the values that a form cancels down from."""
    eps, x, values = draws(family, theta, 1000, seed=3)

    def autograd(total: torch.Tensor) -> torch.Tensor:
        return torch.autograd.grad(total.sum(), own)[0]

    for name in theta:
        own = values[name].expand_as(eps).clone().requires_grad_()
        score = autograd(family.log_prob(x, {**values, name: own}))
        torch.testing.assert_close(
            family.scores(x, values, name), score, rtol=1e-12, atol=1e-12 * float(score.abs().max())
        )
        if family.route != "none":
            path = autograd(family.transform(eps, {**values, name: own}))
            torch.testing.assert_close(family.paths(eps, values, name).expand_as(eps), path, rtol=1e-12, atol=0)


@at_corners(EVERY)
def test_log_prob_equals_scipy_and_torch(family: Family, theta: Theta) -> None:
    _, x, values = draws(family, theta, 1000, seed=4)
    reference = SCIPY[family.name](**theta)
    expected = reference.logpmf(x.numpy()) if family.support.points else reference.logpdf(x.numpy())
    np.testing.assert_allclose(family.log_prob(x, values).numpy(), expected, rtol=1e-10, atol=1e-10)
    torch_class = getattr(torch.distributions, family.name.title().replace("_", ""), None)
    if torch_class is not None:
        torch.testing.assert_close(
            family.log_prob(x, values), torch_class(**values).log_prob(x), rtol=1e-10, atol=1e-10
        )


@at_corners(EVERY)
def test_log_prob_is_minus_infinity_outside_the_support(family: Family, theta: Theta) -> None:
    grid = torch.linspace(-7.03, 7.03, 201, dtype=torch.float64)
    values = family.tensors(theta, grid)
    low, high = SCIPY[family.name](**theta).support()
    inside = np.isin(grid, family.support.points) if family.support.points else ((low <= grid) & (grid <= high)).numpy()
    log_prob = family.log_prob(grid, values).numpy()
    assert not np.isnan(log_prob).any()
    assert np.all(log_prob[~inside] == -np.inf)
    assert np.all(np.isfinite(log_prob[inside]))


@at_corners(EVERY)
def test_transform_has_the_law(family: Family, theta: Theta) -> None:
    """Kolmogorov-Smirnov for densities, chi-squared for atoms; a right sampler fails one seed in ten thousand."""
    eps = draw_noise(family, 100_000, generator_for(5, CPU))
    x = family.transform(eps, family.tensors(theta, eps)).numpy()
    reference = SCIPY[family.name](**theta)
    if family.support.points:
        assert np.isin(x, family.support.points).all()
        counts = [int((x == point).sum()) for point in family.support.points]
        p_value = stats.chisquare(counts, reference.pmf(family.support.points) * len(x)).pvalue
    else:
        p_value = stats.kstest(x, reference.cdf).pvalue
    assert p_value > 1e-4


@at_corners(WITH_A_ROUTE)
def test_inverse_undoes_transform(family: Family, theta: Theta) -> None:
    """To the rounding of x, carried back through the inverse: 2**-50 of |x| over dx/deps."""
    eps, x, values = draws(family, theta, 1000, seed=6)
    assert family.inverse is not None
    leaf = eps.clone().requires_grad_()
    speed = torch.autograd.grad(family.transform(leaf, values).sum(), leaf)[0].abs()
    size = x.abs() + sum(value.abs() for value in values.values())
    bound = 2**-50 * (size * (1 + x.abs().log().abs()) / speed + eps.abs())
    assert ((family.inverse(x, values) - eps).abs() <= bound).all()


@pytest.mark.parametrize("family", EVERY, ids=lambda family: family.name)
def test_jumps_are_where_transform_jumps(family: Family) -> None:
    values = family.tensors(defaults(family), torch.zeros((), dtype=torch.float64))
    jumps = family.jumps(values)
    assert bool(jumps) == bool(family.support.points)
    for jump in jumps:
        below, above = family.transform(torch.stack((jump - 1e-9, jump + 1e-9)), values)
        assert below != above


@at_corners(EVERY)
def test_float32_draws_stay_finite(family: Family, theta: Theta) -> None:
    """At the very ends of the noise too, where a uniform draw is next to 0 or 1."""
    eps = draw_noise(family, 100_000, generator_for(7, CPU))
    if family.noise.name == "uniform":
        eps[:2] = torch.tensor([2.0**-25, 1 - 2.0**-24])
    values = family.tensors(theta, eps)
    x = family.transform(eps, values)
    assert x.dtype == torch.float32
    assert family.log_prob(x, values).isfinite().all()
    for name in theta:
        assert family.scores(x, values, name).isfinite().all()
        assert family.paths(eps, values, name).isfinite().all()


@pytest.mark.parametrize("name", ["nonsense", "", "Normal", None, 3, ["normal"]])
def test_unknown_family(name: object) -> None:
    with pytest.raises(ValueError, match="family must be one of normal, "):
        get_family(name)


def test_uniform_needs_low_below_high() -> None:
    with pytest.raises(ValueError, match="low must be below high, got low=2 and high=2"):
        FAMILIES["uniform"].check({"low": 2.0, "high": 2.0})
