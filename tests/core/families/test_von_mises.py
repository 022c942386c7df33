"""Exact answers for the von Mises law up to the cut at pi, where the mass runs over into the other end.

d q / dloc = -d q / dx, so that E[f' dx/dloc] is the integral of f'(x) (q(x) - q(pi)): what flows through the cut is in
it, and at the antimode the path is 1 - q(pi) / q, up to exp(2 kappa).
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import integrate, special

from explorer.core.by_name import exact_gradient, exact_variance
from explorer.core.exact.gradients import gradients
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.families import FAMILIES
from explorer.core.objectives.formula import formula

LOCS = (-3.14, -2.8, -1.3, 0.0, 2.0, 2.8, 3.1415)
KAPPAS = (0.01, 5.0, 50.0, 99.9)
F: dict[str, Callable[[float], float]] = {
    "sin(x)": math.sin,
    "cos(x)": math.cos,
    "x": lambda x: x,
    "x^2": lambda x: x * x,
    "abs(x - 0.5)": lambda x: abs(x - 0.5),
    "exp(-x^2)": lambda x: math.exp(-x * x),
}


class Law:
    """The density, and integrals that scipy cuts at the mode, the antimode and widths around them."""

    def __init__(self, loc: float, kappa: float) -> None:
        self.loc, self.kappa = loc, kappa
        self.ratio = special.ive(1, kappa) / special.ive(0, kappa)
        widths = [c / math.sqrt(1 + kappa) for c in (-8, -3, 0, 3, 8)]
        places = [loc + k * math.pi + width for k in (-2, -1, 0, 1, 2) for width in widths]
        inner = [place for place in [0.5, *places] if abs(place) < math.pi]
        self.cuts = sorted([-math.pi, *inner, math.pi])

    def density(self, x: float) -> float:
        exponent = -2 * self.kappa * math.sin(0.5 * (x - self.loc)) ** 2
        return math.exp(exponent) / (2 * math.pi * float(special.ive(0, self.kappa)))

    def integral(self, h: Callable[[float], float]) -> float:
        parts = itertools.pairwise(self.cuts)
        return sum(integrate.quad(h, low, high, epsabs=1e-13, epsrel=1e-11)[0] for low, high in parts)


@pytest.mark.parametrize("text", F)
def test_gradients_equal_the_score_integral_of_scipy(text: str) -> None:
    """All rows in one batch; the support is fixed, so E[f d log q] is the whole gradient."""
    pairs = list(itertools.product(LOCS, KAPPAS))
    columns = (torch.tensor(column, dtype=torch.float64) for column in zip(*pairs, strict=True))
    rows = dict(zip(("loc", "concentration"), columns, strict=True))
    f, objective, family = F[text], formula(text), FAMILIES["von_mises"]
    found = {name: gradients(family, objective, rows, name) for name in rows}
    for row, (loc, kappa) in enumerate(pairs):
        law = Law(loc, kappa)
        q = law.density
        expected = {
            "loc": law.integral(lambda x: f(x) * q(x) * kappa * math.sin(x - loc)),  # noqa: B023
            "concentration": law.integral(lambda x: f(x) * q(x) * (math.cos(x - loc) - law.ratio)),  # noqa: B023
        }
        for name, value in expected.items():
            assert not found[name].faults[row]
            assert float(found[name].value[row]) == pytest.approx(value, rel=1e-8, abs=1e-8), (loc, kappa, name)


@pytest.mark.parametrize(("loc", "kappa"), [(2.8, 99.0), (-3.0, 60.0), (3.14, 99.9)])
def test_the_mean_of_the_sine(loc: float, kappa: float) -> None:
    """E sin x = A(kappa) sin(loc), A = I1 / I0, in closed form."""
    ratio = special.ive(1, kappa) / special.ive(0, kappa)
    found = exact_gradient("von_mises", formula("sin(x)"), {"loc": loc, "concentration": kappa})
    assert found["loc"] == pytest.approx(ratio * math.cos(loc), abs=1e-9)
    assert found["concentration"] == pytest.approx((1 - ratio / kappa - ratio**2) * math.sin(loc), abs=1e-9, rel=1e-9)


@pytest.mark.parametrize("loc", [-3.1, 0.3, 2.0, 2.8])
@pytest.mark.parametrize("kappa", [0.5, 5.0, 20.0, 99.0])
def test_the_variance_of_the_path(loc: float, kappa: float) -> None:
    """The integral of f'² (q - q(pi))² / q less the squared mean: up to 10**80 near the cut."""
    law = Law(loc, kappa)
    q, cut = law.density, law.density(math.pi)
    mean = law.integral(lambda x: math.cos(x) * (q(x) - cut))
    square = law.integral(lambda x: math.cos(x) ** 2 * (q(x) - 2 * cut))
    # The large part, with its scale taken out so that scipy sees numbers about 1.
    scale = 2 * kappa
    rest = law.integral(lambda x: math.cos(x) ** 2 * math.exp(2 * kappa * math.sin(0.5 * (x - loc)) ** 2 - scale))
    square += cut * cut * math.exp(scale) * 2 * math.pi * float(special.ive(0, kappa)) * rest
    for estimator in ("pathwise", "implicit_pathwise"):
        found = exact_variance("von_mises", formula("sin(x)"), estimator, {"loc": loc, "concentration": kappa})
        assert found["loc"] == pytest.approx(square - mean**2, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize(("loc", "kappa"), [(2.8, 20.0), (-2.5, 99.0)])
def test_the_variance_of_the_path_in_the_concentration(loc: float, kappa: float) -> None:
    """All of it lies at the antimode, where the trapezoidal rule is exact; dF/dkappa by Gauss sums from an end."""
    law = Law(loc, kappa)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    x, step = np.linspace(-math.pi, math.pi, 4001, retstep=True)
    log_norm = math.log(2 * math.pi * special.ive(0, kappa))

    def log_density(x: Any) -> Any:
        return -2 * kappa * np.sin(0.5 * (x - loc)) ** 2 - log_norm

    at = x[:-1, None] + 0.5 * step * (nodes + 1)
    parts = 0.5 * step * (np.exp(log_density(at)) * (np.cos(at - loc) - law.ratio)) @ weights
    # From the end on the antimode's side of the mode, where the mass is little.
    slope = np.append(0, parts.cumsum()) if loc > 0 else np.append(parts[::-1].cumsum()[::-1], 0)
    away = x < loc if loc > 0 else x > loc
    expected = step * np.sum((np.cos(x) ** 2 * slope**2 * np.exp(-log_density(x)))[away])
    found = exact_variance("von_mises", formula("sin(x)"), "pathwise", {"loc": loc, "concentration": kappa})
    assert found["concentration"] == pytest.approx(expected, rel=1e-8)


def test_pairs_of_steep_paths_are_refused() -> None:
    """Over the noise their spikes are narrower than its numbers; a few gave 0.0002 in place of 5 × 10¹⁷."""
    with pytest.raises(QuadratureError, match="too steep in its noise"):
        exact_variance("von_mises", "cosine", "antithetic_pathwise", {"loc": 2.0, "concentration": 50.0})
    family = FAMILIES["von_mises"]
    corner = {parameter.name: torch.tensor([parameter.slider[1]]).double() for parameter in family.parameters}
    assert family.steep is not None
    assert not family.steep(corner).any()
