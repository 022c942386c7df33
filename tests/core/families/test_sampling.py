"""The two steps of each family: transformed noise has the law, and the inverse undoes the transformation."""

import numpy as np
import pytest
import torch
from scipy import stats

from explorer.core.device import generator_for
from explorer.core.families.family import Family, draw_noise
from tests.core.cases import (
    EVERY,
    SCALAR,
    SCIPY,
    SCIPY_VECTORS,
    VECTORS,
    Theta,
    at_corners,
    draws,
)

CPU = torch.device("cpu")


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
