"""Estimators whose samples move with theta, and finite differences, which tend to them."""

from __future__ import annotations

from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import all_parameters, estimator
from explorer.core.families.family import Family


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
    return draw.slope_along_path(name)


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
