"""How samples and densities of each family move with theta: paths, scores, implicit derivatives and weak ones."""

import numpy as np
import pytest
import torch

from explorer.core.device import generator_for
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.families.noises import EXPONENTIAL
from tests.core.cases import (
    EVERY,
    SCIPY,
    WITH_A_ROUTE,
    WITHOUT_A_ROUTE,
    Floats,
    Theta,
    at_corners,
    defaults,
    difference,
    draws,
    moved,
)

EXPLICIT = [family for family in WITH_A_ROUTE if family.route != "implicit"]

CPU = torch.device("cpu")


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
