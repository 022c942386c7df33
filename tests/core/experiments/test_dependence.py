"""Which of the two depends: distances and derivatives against scipy, and what stays is the same in every frame."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
import torch

from explorer.core.by_name import exact_gradient
from explorer.core.device import generator_for
from explorer.core.experiments.dependence import Dependence, dependence
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from explorer.core.parameters import Parameter
from tests.core.cases import SCALAR, SCIPY, defaults

N = 30


@functools.cache
def film_of(family: str, name: str, objective: str = "squared_exponential") -> Dependence:
    """At the defaults; of an implicit family, whose quantiles are dear, four steps to a slider."""
    entry = FAMILIES[family]
    eps = draw_noise(entry, N, generator_for(0, torch.device("cpu")))
    with pytest.MonkeyPatch.context() as patch:
        if entry.route == "implicit":
            patch.setattr(Parameter, "step", property(lambda self: (self.slider[1] - self.slider[0]) / 4))
        return dependence(Problem(entry, OBJECTIVES[objective], defaults(entry), name), eps)


CASES = [
    pytest.param(family, each.name, id=f"{family.name}-{each.name}")
    for family in SCALAR
    for each in (family.parameters if family.name == "normal" else family.parameters[:1])
]


def normal_cdf(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


@pytest.mark.parametrize("frame", [0, 30, 50, -1])
def test_distances_in_closed_form(frame: int) -> None:
    loc = film_of("normal", "loc")
    assert float(loc.distance[frame]) == pytest.approx(
        2 * normal_cdf(abs(float(loc.values[frame]) - 1) / 2) - 1, abs=1e-10
    )
    scale = film_of("normal", "scale")
    s = float(scale.values[frame])
    if s != 1:
        c = math.sqrt(2 * math.log(s) / (1 - s**-2))
        assert float(scale.distance[frame]) == pytest.approx(abs(2 * normal_cdf(c) - 2 * normal_cdf(c / s)), abs=1e-10)
    rate = film_of("exponential", "rate")
    b = float(rate.values[frame])
    if b != 1:
        c = math.log(b) / (b - 1)
        assert float(rate.distance[frame]) == pytest.approx(abs(math.exp(-c) - math.exp(-b * c)), abs=1e-10)
    high = film_of("uniform", "high")
    width = float(high.values[frame])
    assert float(high.distance[frame]) == pytest.approx(1 - min(width, 2) / max(width, 2), abs=1e-10)
    probs = film_of("bernoulli", "probs")
    assert float(probs.distance[frame]) == pytest.approx(
        abs(float(probs.values[frame]) - defaults(FAMILIES["bernoulli"])["probs"]), abs=1e-12
    )


def moved_to(family: Family, eps: torch.Tensor, theta: dict[str, object]) -> torch.Tensor:
    return family.transform(eps, {key: torch.as_tensor(value).double() for key, value in theta.items()})


@pytest.mark.parametrize(("family", "name"), CASES)
def test_distances_are_those_of_scipys_densities(family: Family, name: str) -> None:
    film, start = film_of(family.name, name), SCIPY[family.name](**defaults(family))
    assert not film.fault
    assert float(film.distance[film.origin]) == 0
    for frame in (0, len(film.values) // 3, -1):
        now = SCIPY[family.name](**{**defaults(family), name: float(film.values[frame])})
        if family.discrete:
            atoms = np.array(family.support.points)
            expected = 0.5 * np.abs(now.pmf(atoms) - start.pmf(atoms)).sum()
        else:
            # Half of the change of F_now - F_start, up and down over many x of both, is the distance.
            low, high = family.noise.window
            eps = torch.linspace(low + 1e-6, high - 1e-6, 8001, dtype=torch.float64)
            thetas = ({**defaults(family), name: film.values[at]} for at in (frame, film.origin))
            x = np.unique(torch.cat([moved_to(family, eps, theta) for theta in thetas]).numpy())
            change = np.concatenate([[0], now.cdf(x) - start.cdf(x), [0]])
            expected = 0.5 * np.abs(np.diff(change)).sum()
        assert float(film.distance[frame]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("family", "name"), CASES)
def test_derivatives_are_differences_of_what_is_drawn(family: Family, name: str) -> None:
    """The density's and the function's, a little to either side of a frame; not next to an edge or a jump."""
    film, h = film_of(family.name, name), 1e-5
    frame = len(film.values) // 3
    around = [
        {key: torch.tensor(value).double() for key, value in defaults(family).items()}
        | {name: film.values[frame] + sign * h}
        for sign in (1, -1)
    ]
    up, down = (family.log_prob(film.levels, theta).exp() for theta in around)
    even = (up > 0) == (down > 0)
    torch.testing.assert_close(film.density_slope[frame][even], ((up - down) / (2 * h))[even], rtol=1e-4, atol=1e-4)
    inner = slice(20, -20)
    f = film.problem.objective
    up, down = (f(family.transform(film.grid[inner], theta)) for theta in around)
    expected = (up - down) / (2 * h)
    smooth = expected.abs() < 1e3
    torch.testing.assert_close(film.moved_slope[frame][inner][smooth], expected[smooth], rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("name", ["loc", "scale"])
def test_both_derivatives_averaged_are_the_gradient(name: str) -> None:
    film = film_of("normal", name, "cosine")
    frame = film.nearest(1.0)
    f_levels = film.problem.objective(film.levels)
    through_density = float(torch.trapezoid(f_levels * film.density_slope[frame], film.levels))
    through_function = float(torch.trapezoid(film.noise_density * film.moved_slope[frame], film.grid))
    exact = exact_gradient("normal", "cosine", {"loc": 1.0, "scale": 1.0})[name]
    assert through_density == pytest.approx(exact, abs=1e-5)
    # The window leaves a thousandth of the noise out.
    assert through_function == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("family", [each for each in SCALAR if each.route == "none"], ids=lambda each: each.name)
def test_without_a_route_no_derivative_passes_the_function(family: Family) -> None:
    film = film_of(family.name, family.parameters[0].name)
    assert not film.moved_slope.any()
    assert film.density_slope.any()
    assert film.change.max() > 0


def test_what_stays_has_no_frames_and_what_moves_has() -> None:
    film = film_of("normal", "loc")
    assert {each.ndim for each in (film.eps, film.noise_density, film.f_levels)} == {1}
    frames = len(film.values)
    for moving in (film.density, film.density_slope, film.moved, film.moved_slope, film.samples, film.f_samples):
        assert len(moving) == frames
    torch.testing.assert_close(film.samples, film.eps + film.values[:, None])
    assert float(film.change[film.origin]) == 0


def test_where_f_is_not_defined_it_is_said() -> None:
    family = FAMILIES["normal"]
    eps = draw_noise(family, N, generator_for(0, torch.device("cpu")))
    with pytest.raises(FloatingPointError, match="samples"):
        dependence(Problem(family, formula("log(x)"), defaults(family), "loc"), eps)
