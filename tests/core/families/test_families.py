"""The contract of a Family, for every entry of FAMILIES."""

import numpy as np
import pytest
import torch
from scipy import stats

from explorer.core.device import generator_for
from explorer.core.families import FAMILIES, get_family
from explorer.core.families.family import Family, draw_noise
from explorer.core.families.noises import EXPONENTIAL
from tests.core.cases import (
    EVERY,
    SCALAR,
    SCIPY,
    SCIPY_VECTORS,
    VECTORS,
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
EXPLICIT = [family for family in WITH_A_ROUTE if family.route != "implicit"]


def draws(
    family: Family, theta: Theta, n: int, seed: int
) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    """eps, x and theta in float64; eps from the family's own noise."""
    eps = draw_noise(family, n, generator_for(seed, CPU)).double()
    values = family.tensors(theta, eps)
    return eps, family.transform(eps, values), values


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


@at_corners([family for family in WITH_A_ROUTE if family.size == 1])
def test_path_equals_the_implicit_derivative(family: Family, theta: Theta) -> None:
    """dx/dtheta = -(dF/dtheta) / q at each draw, F and q from scipy.

    dF/dtheta is a central difference D(h) of order 8. Its error is bounded by what it moves as h halves twice (the
    error falls at least linearly in h, also where the stencil meets a kink of F), plus the rounding of F, 2**-52 of the
    tail that is differenced, over h. Draws so near an end of a moving support that the stencil leaves it are left out.
    Where g is solved for numerically, 1e-6 is allowed beside: the cubics' error next to a cliff of the quantiles.
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
        rounding = (
            (8 if family.route != "implicit" else 64)
            * 2**-52
            * (np.abs(smaller_tail(0.0)) + density * size)
            / (step / 4)
        )
        bound = (np.abs(wide - middle) + np.abs(middle - narrow) + rounding) / density
        path = family.paths(eps, values, name).expand_as(eps).numpy()
        whole = np.all(
            [SCIPY[family.name](**moved(theta, name, by)).pdf(points) > 0 for by in (-4 * step, 4 * step)], 0
        )
        assert whole.mean() > 0.5
        slack = 1e-6 * (1 + np.abs(path)) if family.route == "implicit" else 0.0
        assert np.all((np.abs(path + narrow / density) <= bound + slack)[whole])
        sharp = bound <= 1e-6 * (1 + np.abs(path))
        assert sharp[whole].mean() > 0.9, "the bound would let a fault through"


@at_corners(WITHOUT_A_ROUTE)
def test_no_route_means_no_path(family: Family, theta: Theta) -> None:
    eps, _, values = draws(family, theta, 1000, seed=2)
    for name in theta:
        assert torch.equal(family.paths(eps, values, name), torch.zeros_like(eps))


@pytest.mark.parametrize(
    ("family", "name"),
    [
        pytest.param(FAMILIES[family], name, id=f"{family}-{name}")
        for family, name in (
            ("gamma", "concentration"),
            ("beta", "concentration0"),
            ("student_t", "df"),
            ("von_mises", "concentration"),
            ("normal_mixture", "scale_1"),
            ("dirichlet", "concentration_1"),
            ("dirichlet", "concentration_2"),
            ("dirichlet", "concentration_3"),
        )
    ],
)
def test_numerical_path_equals_a_difference_of_transform(family: Family, name: str) -> None:
    """At fixed eps, to the cubics' error of 1e-11 over the step; every shifted theta is a row of one batch."""
    eps, _, values = draws(family, defaults(family), 300, seed=8)
    step = 5e-3
    places = [place for place in range(-4, 5) if place]
    column = torch.tensor([float(values[name]) + place * step for place in places], dtype=torch.float64).unsqueeze(1)
    rows = dict(zip(places, family.transform(eps.unsqueeze(0), {**values, name: column}), strict=True))
    slope = difference(lambda by: rows[round(by / step)], step)
    path = family.paths(eps, values, name).expand_as(slope)
    torch.testing.assert_close(path, slope, rtol=1e-6, atol=1e-6 * float(path.abs().max()))


@at_corners(EVERY)
def test_closed_forms_equal_autograd(family: Family, theta: Theta) -> None:
    """To the rounding of float64, relative to the largest of the values that a form cancels down from."""
    eps, x, values = draws(family, theta, 1000, seed=3)
    for name in theta:
        own = values[name].expand(len(eps)).clone().requires_grad_()

        def autograd(total: torch.Tensor, own: torch.Tensor = own) -> torch.Tensor:
            found = torch.autograd.grad(total.sum(), own, allow_unused=True)[0]
            return torch.zeros_like(own) if found is None else found

        score = autograd(family.log_prob(x, {**values, name: own}))
        torch.testing.assert_close(
            family.scores(x, values, name), score, rtol=1e-12, atol=1e-12 * float(score.abs().max())
        )
        if family in EXPLICIT:
            path = family.paths(eps, values, name)
            if family.size == 1:
                expected = autograd(family.transform(eps, {**values, name: own}))
            else:
                coordinates = range(x.shape[-1])
                expected = torch.stack(
                    [autograd(family.transform(eps, {**values, name: own})[:, i]) for i in coordinates], dim=-1
                )
            torch.testing.assert_close(path.expand_as(expected), expected, rtol=1e-12, atol=0)


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


@at_corners([family for family in WITH_A_ROUTE if family.cdf is not None])
def test_implicit_paths_equal_paths(family: Family, theta: Theta) -> None:
    """In the middle of the law, where the distribution function from below has its digits."""
    eps, x, values = draws(family, theta, 500, seed=9)
    assert family.cdf is not None
    middle = (family.cdf(x, values) - 0.5).abs() < 0.49
    for name in theta:
        path = family.paths(eps, values, name).expand_as(x)[middle]
        found = family.implicit_paths(x, values, name)[middle]
        torch.testing.assert_close(found, path, rtol=1e-9, atol=1e-9 * float(path.abs().max()))


@at_corners([FAMILIES[name] for name in ("exponential", "weibull", "pareto")])
def test_implicit_paths_far_out(family: Family, theta: Theta) -> None:
    """Where 1e-12 of the mass is left, F is 1 but for its last digits, and its slope still has all of its own."""
    eps = torch.tensor([family.noise.quantile(1 - 1e-12)], dtype=torch.float64)
    values = family.tensors(theta, eps)
    x = family.transform(eps, values)
    for name in theta:
        torch.testing.assert_close(
            family.implicit_paths(x, values, name), family.paths(eps, values, name), rtol=1e-9, atol=0
        )


@at_corners(SCALAR)
def test_transform_has_the_law(family: Family, theta: Theta) -> None:
    """Kolmogorov-Smirnov for densities, chi-squared for atoms; a right sampler fails one seed in ten thousand.

    Atoms met fewer than ten times in the mean are taken together with their neighbours.
    """
    eps = draw_noise(family, 100_000, generator_for(5, CPU))
    x = family.transform(eps, family.tensors(theta, eps)).numpy()
    reference = SCIPY[family.name](**theta)
    if family.discrete:
        points = np.array(family.support.points)
        assert np.isin(x, points).all()
        counts = np.array([(x == point).sum() for point in points])
        expected = reference.pmf(points) * len(x)
        common = expected >= 10
        pooled = [np.append(part[common], part[~common].sum()) for part in (counts, expected)]
        if pooled[1][-1] < 10:
            pooled = [np.append(part[:-2], part[-2:].sum()) for part in pooled]
        p_value = stats.chisquare(*pooled).pvalue
    else:
        p_value = stats.kstest(x, reference.cdf).pvalue
    assert p_value > 1e-4


@at_corners(VECTORS)
def test_transform_of_a_vector_has_the_law(family: Family, theta: Theta) -> None:
    """Each coordinate's marginal law, and the covariance to five standard errors."""
    n = 50_000
    eps = draw_noise(family, n, generator_for(5, CPU))
    x = family.transform(eps, family.tensors(theta, eps)).double().numpy()
    if family.name == "multivariate_normal":
        mean, covariance = SCIPY_VECTORS[family.name](**theta).mean, SCIPY_VECTORS[family.name](**theta).cov_object
        covariance = covariance.covariance
        marginals = [stats.norm(mean[i], covariance[i, i] ** 0.5) for i in range(2)]
    else:
        alphas = np.array(list(theta.values()))
        covariance = SCIPY_VECTORS[family.name](**theta).cov()
        marginals = [stats.beta(alpha, alphas.sum() - alpha) for alpha in alphas]
        np.testing.assert_allclose(x.sum(1), 1, atol=1e-6)
    for column, marginal in zip(x.T, marginals, strict=True):
        assert stats.kstest(column, marginal.cdf).pvalue > 1e-4
    centred = x - x.mean(0)
    for i, j in np.ndindex(covariance.shape):
        product = centred[:, i] * centred[:, j]
        assert abs(product.mean() - covariance[i, j]) < 5 * product.std() / n**0.5


@at_corners([family for family in SCALAR if family.inverse is not None])
def test_inverse_undoes_transform(family: Family, theta: Theta) -> None:
    """To the rounding of x, carried back through the inverse: 2**-50 of |x| over dx/deps."""
    eps, x, values = draws(family, theta, 1000, seed=6)
    assert family.inverse is not None
    leaf = eps.clone().requires_grad_()
    speed = torch.autograd.grad(family.transform(leaf, values).sum(), leaf)[0].abs()
    size = x.abs() + sum(value.abs() for value in values.values())
    bound = 2**-50 * (size * (1 + x.abs().log().abs()) / speed + eps.abs())
    assert ((family.inverse(x, values) - eps).abs() <= bound).all()


@at_corners([family for family in VECTORS if family.inverse is not None])
def test_inverse_of_a_vector_undoes_transform(family: Family, theta: Theta) -> None:
    eps, x, values = draws(family, theta, 1000, seed=6)
    assert family.inverse is not None
    torch.testing.assert_close(family.inverse(x, values), eps, rtol=1e-12, atol=1e-13)


@at_corners([family for family in SCALAR if family.discrete])
def test_jumps_are_where_transform_jumps(family: Family, theta: Theta) -> None:
    """One between each atom and the next; those within rounding of 1 are passed over."""
    values = family.tensors(theta, torch.zeros((), dtype=torch.float64))
    assert family.jumps is not None
    jumps = family.jumps(values)
    assert jumps.shape == (len(family.support.points) - 1,)
    within = [jump for jump in jumps if jump < 1 - 1e-8]
    for jump in within:
        below, above = family.transform(torch.stack((jump - 1e-9, jump + 1e-9)), values)
        assert abs(below - above) == 1
    np.testing.assert_allclose(
        np.sort(np.diff([0, *jumps.tolist(), 1])),
        np.sort(SCIPY[family.name](**theta).pmf(family.support.points)),
        atol=1e-14,
    )


@pytest.mark.parametrize("family", [family for family in SCALAR if family.discrete], ids=lambda family: family.name)
def test_rows_of_theta_equal_one_by_one_where_discrete(family: Family) -> None:
    """Both ways of a batch: a row of samples for each theta, and a theta for each sample."""
    thetas = [
        {
            parameter.name: low + (high - low) * share
            for parameter in family.parameters
            for low, high in [parameter.slider]
        }
        for share in (0.1, 0.4, 0.9)
    ]
    eps = torch.linspace(0.011, 0.987, 3 * 40, dtype=torch.float64).view(40, 3).T.contiguous()
    columns = {name: torch.tensor([[theta[name]] for theta in thetas], dtype=torch.float64) for name in thetas[0]}
    each = torch.stack(
        [family.transform(row, family.tensors(theta, row)) for row, theta in zip(eps, thetas, strict=True)]
    )
    assert torch.equal(family.transform(eps, columns), each)
    whole = {name: column.expand(3, 40) for name, column in columns.items()}
    assert torch.equal(family.transform(eps, whole), each)
    assert family.jumps is not None
    assert family.jumps(columns).shape == (3, 1, len(family.support.points) - 1)


@pytest.mark.parametrize("family", [family for family in EVERY if family.logits is not None], ids=lambda f: f.name)
def test_logits_are_the_log_masses_up_to_a_constant(family: Family) -> None:
    points = torch.tensor(family.support.points, dtype=torch.float64)
    values = family.tensors(defaults(family), points)
    assert family.logits is not None
    torch.testing.assert_close(torch.log_softmax(family.logits(values), -1), family.log_prob(points, values))


@at_corners([family for family in EVERY if family.weak])
def test_weak_derivatives_give_the_gradient(family: Family, theta: Theta) -> None:
    """c (E f(x+) - E f(x-)) for f = x and f = x², in 4.5 standard errors of the derivative of scipy's moments."""
    n = 100_000
    eps, x, values = draws(family, theta, n, seed=10)
    extra = EXPONENTIAL.sample(n, generator_for(11, CPU)).double()
    for name, weak in family.weak.items():
        plus, minus = (side(x, eps, extra, values) for side in (weak.plus, weak.minus))
        for order in (1, 2):
            samples = weak.constant(values) * (plus**order - minus**order)
            exact = difference(
                lambda by, name=name, order=order: SCIPY[family.name](**moved(theta, name, by)).moment(order),
                0.002 * min(1.0, abs(theta[name]) or 1.0),
            )
            error = float(samples.std()) / n**0.5
            assert abs(float(samples.mean()) - exact) < 4.5 * error + 1e-8 * (1 + abs(exact)), (name, order)


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


@at_corners(EVERY)
def test_float32_draws_stay_finite(family: Family, theta: Theta) -> None:
    """At the very ends of the noise too, where a uniform draw is next to 0 or 1."""
    eps = draw_noise(family, 100_000, generator_for(7, CPU))
    if family.noise.name == "uniform":
        eps[:2] = torch.tensor([2.0**-25, 1 - 2.0**-24])
    if family.noise.name.startswith("normal"):
        eps[:2] = torch.tensor([-6.0, 6.0]).view(-1, *[1] * (family.size - 1))
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
