"""Estimators whose samples move with theta, and finite differences, which tend to them."""

from __future__ import annotations

import torch
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


def _with_inverse(family: Family) -> tuple[str, ...]:
    continuous = family.size == 1 and not family.discrete
    return all_parameters(family) if continuous and family.inverse is not None else ()


@estimator(
    "boundary_pathwise",
    "Pathwise, boundary-corrected",
    latex=r"f'(x)\,\nabla_\theta\, x + \textstyle\sum_k \left(f(k^+) - f(k^-)\right) q_\theta(k)\,"
    r"\nabla_\theta\, x\big|_{x = k}",
    source="Lee, Yu & Yang 2018",
    needs_pathwise=True,
    needs_known_jumps=True,
    remainder="drops out",
    covers=_with_inverse,
)
def boundary_pathwise(draw: Draw, name: str) -> Tensor:
    """The pathwise gradient, and for each jump of f its height times the mass that flows across it (Leibniz's rule)."""
    gradient, family = pathwise(draw, name), draw.family
    assert family.inverse is not None
    for jump in draw.objective.jumps:
        at = torch.as_tensor(jump.at, dtype=draw.eps.dtype, device=draw.eps.device)
        eps = family.inverse(at, draw.theta)
        flow = family.log_prob(at, draw.theta).exp() * family.paths(eps, draw.theta, name)
        # Where x stands still at an end of its support this is 0 times infinity, and nothing flows.
        gradient = gradient + jump.height * torch.where(flow.isfinite(), flow, 0.0)
    return gradient
