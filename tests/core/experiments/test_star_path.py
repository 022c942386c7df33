"""The star's speed by two ways, wherever a hand can bring it; a discrete star jumps where g does."""

from __future__ import annotations

import pytest
import torch

from explorer.core.experiments.star_path import StarPath, star_of, star_paths, star_sweep
from explorer.core.families.family import Family
from tests.core.cases import SCALAR, Theta, at_corners, defaults
from tests.core.cases import difference as quotient

WITH_A_CDF = [family for family in SCALAR if family.cdf is not None]
SOLVED = [family for family in SCALAR if family.cdf is None and family.route != "none"]
DISCRETE = [family for family in SCALAR if family.route == "none"]


@at_corners(WITH_A_CDF)
def test_both_ways_agree_wherever_the_star_can_be_brought(family: Family, theta: Theta) -> None:
    """g's slope by autograd and -(dF/dtheta) / q; and F is the noise's own share below, whatever theta is."""
    star = star_of(family.noise)
    for parameter in family.parameters:
        sweep = star_sweep(family, theta, star.default, parameter.name)
        assert sweep.speeds.gap is not None
        assert sweep.speeds.gap < 1e-9
        here = star_sweep(family, defaults(family), star.default, parameter.name).speeds.share
        assert here is not None
        torch.testing.assert_close(sweep.speeds.share, here, rtol=0, atol=1e-12)
    for eps in star.slider:
        for path in star_paths(family, theta, eps):
            assert path.speeds.gap is not None
            assert path.speeds.gap < 1e-9
            assert path.speeds.share is not None
            assert float(path.speeds.share.max() - path.speeds.share.min()) < 1e-12


@pytest.mark.parametrize("family", SOLVED, ids=lambda family: family.name)
def test_a_solved_g_moves_as_the_law_says(family: Family) -> None:
    """To the error of a difference quotient of solved quantiles."""
    for parameter in family.parameters:
        sweep = star_sweep(family, defaults(family), star_of(family.noise).default, parameter.name)
        assert sweep.speeds.is_quotient
        assert sweep.speeds.gap is not None
        assert sweep.speeds.gap < 1e-7


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_the_star_stays_inside_of_its_noise_and_starts_well_off_the_centre(family: Family) -> None:
    noise, star = family.noise, star_of(family.noise)
    (low, high), (first, last) = noise.window, star.slider
    assert low <= first < star.default < last <= high
    assert noise.support[0] < first
    assert last < noise.support[1]
    assert star.default == pytest.approx(noise.quantile(0.8), abs=0.51 * star.step)


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_g_rises(family: Family) -> None:
    """On this the share below the star rests. The Bernoulli variable's g falls: there is no share there."""
    star = star_of(family.noise)
    sweep = star_sweep(family, defaults(family), star.default, family.parameters[0].name)
    steps = sweep.speeds.x.diff()
    assert (steps <= 0).all() if family.name == "bernoulli" else (steps >= 0).all()
    if family.route != "none":
        assert (steps > 0).all()


@at_corners(DISCRETE)
def test_a_star_jumps_where_g_does(family: Family, theta: Theta) -> None:
    star = star_of(family.noise)
    assert family.jumps is not None
    for path in star_paths(family, theta, star.default):
        assert int((path.speeds.x.diff() != 0).sum()) == len(path.jumps)
        assert path.speeds.formula is None
        for value in path.jumps.tolist():
            at = {name: torch.tensor(each, dtype=torch.float64) for name, each in theta.items()}
            at[path.parameter.name] = torch.tensor(value, dtype=torch.float64)
            assert float((family.jumps(at) - star.default).abs().min()) < 1e-12


@pytest.mark.parametrize("family", DISCRETE, ids=lambda family: family.name)
def test_the_mean_of_a_discrete_family_has_the_slope_of_its_own_differences(family: Family) -> None:
    for path in star_paths(family, defaults(family), 0.5):
        assert path.mean is not None
        assert path.mean_slope is not None

        def mean(by: float, path: StarPath = path) -> float:
            return _mean(family, {**defaults(family), path.parameter.name: path.parameter.default + by})

        assert float(path.mean[path.start]) == pytest.approx(mean(0.0), abs=1e-12)
        assert float(path.mean_slope[path.start]) == pytest.approx(quotient(mean, 1e-3), abs=1e-9)


def _mean(family: Family, theta: Theta) -> float:
    """As an integral of g over the uniform noise: steps between the places where g jumps."""
    assert family.jumps is not None
    values = {name: torch.tensor(each, dtype=torch.float64) for name, each in theta.items()}
    ends = torch.cat((torch.zeros(1), family.jumps(values), torch.ones(1))).double()
    middle = 0.5 * (ends[:-1] + ends[1:])
    return float((ends.diff() * family.transform(middle, values)).sum())


def test_what_does_not_exist_is_refused() -> None:
    normal = SCALAR[0]
    with pytest.raises(ValueError, match="parameter must be one of"):
        star_sweep(normal, defaults(normal), 0.8, "rate")
    with pytest.raises(ValueError, match="scale"):
        star_paths(normal, {"loc": 0.0, "scale": -1.0}, 0.8)
