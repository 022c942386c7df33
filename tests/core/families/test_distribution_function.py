"""The line of implicit families: the same law, the same paths, the same moments as by way of the noise."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch.special import ndtri

from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.moments import moments
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.numerics.panels import integrate
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import defaults

IMPLICIT = [family for family in FAMILIES.values() if family.line is not None]


def rows(family: Family, n: int = 3) -> dict[str, torch.Tensor]:
    """theta at its defaults but for the first parameter, which takes n values."""
    first = family.parameters[0]
    theta = {name: torch.full((n, 1), value, dtype=torch.float64) for name, value in defaults(family).items()}
    low, high = first.slider
    near = torch.linspace(0.7, 1.2, n, dtype=torch.float64) * first.default
    return {**theta, first.name: near.clamp(low, high).unsqueeze(1)}


def test_every_implicit_family_has_a_line() -> None:
    assert [family.name for family in FAMILIES.values() if family.size == 1 and family.route == "implicit"] == [
        family.name for family in IMPLICIT if family.route == "implicit"
    ]


@pytest.mark.parametrize("family", IMPLICIT, ids=lambda family: family.name)
def test_the_mass_on_the_line_is_one_and_falls_where_the_cdf_says(family: Family) -> None:
    assert family.line is not None
    line, theta = family.line, rows(family)
    low, high = line.ends(theta)

    def density(t: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
        return line.log_density(t, {name: value[row] for name, value in theta.items()}).exp().unsqueeze(0)

    middle = 0.5 * (low + high)
    whole = integrate(density, torch.cat((low, middle, high), dim=1), 64)
    assert whole.values[0].tolist() == pytest.approx([1.0] * 3, abs=1e-11)
    # x at the noise that has as much below it is x at t.
    for share in (0.3, 0.8):
        t = low + share * (high - low)
        below = integrate(density, torch.cat((low, t), dim=1), 64, tail=False).values[0]
        held = (below > 1e-6) & (below < 1 - 1e-6)
        eps = ndtri(below).unsqueeze(1)
        x = family.transform(eps, theta)
        torch.testing.assert_close(x[held], line.transform(t, theta)[held], rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("family", IMPLICIT, ids=lambda family: family.name)
def test_paths_on_the_line_are_those_of_the_noise(family: Family) -> None:
    """At the t whose x the noise gives: found by halving."""
    assert family.line is not None
    line, theta = family.line, rows(family)
    shares = torch.special.ndtr(torch.linspace(-3, 3, 13, dtype=torch.float64)).tolist()
    eps = torch.tensor([family.noise.quantile(p) for p in shares], dtype=torch.float64).expand(3, -1)
    x = family.transform(eps, theta)
    low, high = (end.expand_as(x) for end in line.ends(theta))
    for _ in range(70):
        middle = 0.5 * (low + high)
        beyond = line.transform(middle, theta) > x
        low, high = torch.where(beyond, low, middle), torch.where(beyond, middle, high)
    for parameter in family.parameters:
        by_noise = family.paths(eps, theta, parameter.name).expand_as(x)
        on_line = family.on_line().paths(high, theta, parameter.name).expand_as(x)
        torch.testing.assert_close(on_line, by_noise, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("family", IMPLICIT, ids=lambda family: family.name)
def test_moments_over_the_line_are_those_over_the_noise(family: Family) -> None:
    by_noise = dataclasses.replace(family, line=None)
    theta = one_row(defaults(family))
    for objective in ("square", "absolute", "step"):
        for name in ("score_function", "pathwise"):
            parameter = family.parameters[-1].name
            one, other = (
                moments(each, OBJECTIVES[objective], ESTIMATORS[name], theta, parameter) for each in (family, by_noise)
            )
            assert one.faults == other.faults == [""]
            assert float(one.mean) == pytest.approx(float(other.mean), rel=1e-8, abs=1e-8)
            assert float(one.variance) == pytest.approx(float(other.variance), rel=1e-8, abs=1e-8)
