"""Estimators whose samples move with theta, and finite differences, which tend to them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import all_parameters, estimator
from explorer.core.estimators.score import score_function
from explorer.core.family import Family, Theta
from explorer.core.quadrature import Rows

STEP = 0.05
"""Half the distance of a finite difference; less where a parameter's range ends."""


@estimator(
    "pathwise",
    "Pathwise (reparameterization)",
    latex=r"f'(g(\varepsilon; \theta))\,\nabla_\theta\, g(\varepsilon; \theta)",
    source="Kingma & Welling 2013, Section 2.4; Rezende, Mohamed & Wierstra 2014; Mohamed et al. 2020, Section 5",
    needs_pathwise=True,
    needs_smooth=True,
    remainder="drops out",
)
def pathwise(draw: Draw, name: str) -> Tensor:
    """f'(g(eps)) d g(eps) / d theta: samples move."""
    return draw.along(name)


def _with_cdf(family: Family) -> tuple[str, ...]:
    return all_parameters(family) if family.size == 1 and (family.cdf or family.route == "implicit") else ()


@estimator(
    "implicit_pathwise",
    "Implicit pathwise",
    latex=r"-f'(x)\,\frac{\nabla_\theta F(x; \theta)}{q_\theta(x)}",
    source="Figurnov, Mohamed & Mnih 2018, Section 3",
    needs_pathwise=True,
    needs_smooth=True,
    remainder="drops out",
    covers=_with_cdf,
)
def implicit_pathwise(draw: Draw, name: str) -> Tensor:
    """f'(x) dx/dtheta from the distribution function F alone; for an increasing g the same number, draw by draw."""
    if draw.family.cdf is None:
        return pathwise(draw, name)
    return draw.slope * draw.family.implicit_paths(draw.x, draw.theta, name)


@estimator(
    "antithetic_score",
    "Score function, antithetic pairs",
    latex=r"\tfrac12\left(f(x)\,\nabla_\theta \log q_\theta(x) + f(x')\,\nabla_\theta \log q_\theta(x')\right)",
    source="Hammersley & Morton 1956; Mohamed et al. 2020, Section 7",
    needs_fixed_support=True,
    evaluations=2,
    mirrored=True,
)
def antithetic_score(draw: Draw, name: str) -> Tensor:
    """The mean of the score-function gradients of a noise and of its mirror image."""
    return 0.5 * (score_function(draw, name) + score_function(draw.mirrored(), name))


@estimator(
    "antithetic_pathwise",
    "Pathwise, antithetic pairs",
    latex=r"\tfrac12\left(f'(x)\,\nabla_\theta\, x + f'(x')\,\nabla_\theta\, x'\right)",
    source="Hammersley & Morton 1956; Mohamed et al. 2020, Section 7",
    needs_pathwise=True,
    needs_smooth=True,
    remainder="drops out",
    evaluations=2,
    mirrored=True,
)
def antithetic_pathwise(draw: Draw, name: str) -> Tensor:
    """The mean of the pathwise gradients of a noise and of its mirror image."""
    return 0.5 * (pathwise(draw, name) + pathwise(draw.mirrored(), name))


def _step(family: Family, theta: Theta, name: str) -> Tensor:
    """Half the distance of the difference at each theta: STEP, or half the way to the end of the valid range."""
    low, high = family.parameter(name).valid
    room = 0.5 * torch.minimum(theta[name] - low, high - theta[name])
    return room.clamp(max=STEP)


def _shifted(family: Family, theta: Theta, name: str) -> tuple[Theta, Theta]:
    step = _step(family, theta, name)
    return {**theta, name: theta[name] - step}, {**theta, name: theta[name] + step}


def _both_sides(family: Family, theta: Rows, name: str) -> Sequence[Rows]:
    return _shifted(family, theta, name)


def _below(draw: Draw, name: str) -> Tensor:
    low, high = _shifted(draw.family, draw.theta, name)
    return -draw.at(low).f / (high[name] - low[name])


def _above(draw: Draw, name: str) -> Tensor:
    low, high = _shifted(draw.family, draw.theta, name)
    return draw.at(high).f / (high[name] - low[name])


@estimator(
    "finite_differences",
    "Finite differences, common noise",
    latex=r"\frac{f(g(\varepsilon; \theta + h)) - f(g(\varepsilon; \theta - h))}{2h}",
    source="Glasserman 2003, Chapter 7",
    biased=True,
    evaluations=2,
    others=_both_sides,
    remainder="drops out",
)
def finite_differences(draw: Draw, name: str) -> Tensor:
    """A central difference on the same noise: tends to the pathwise estimator where there is one."""
    return _below(draw, name) + _above(draw, name)


@estimator(
    "finite_differences_independent",
    "Finite differences, independent noise",
    latex=r"\frac{f(g(\varepsilon; \theta + h)) - f(g(\varepsilon'; \theta - h))}{2h}",
    source="Glasserman 2003, Chapter 7",
    biased=True,
    evaluations=2,
    others=_both_sides,
    halves=(_above, _below),
)
def finite_differences_independent(draw: Draw, name: str) -> Tensor:
    """A central difference on two independent noises: its variance grows as 1/h²."""
    return _above(draw, name) + _below(draw.second, name)
