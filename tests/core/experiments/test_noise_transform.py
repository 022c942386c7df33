"""Films: each frame is the family itself at that value, on the same noise; nothing is left to interpolation."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.experiments.noise_transform import TransformFilm, transform_films
from explorer.core.experiments.sweep import CURVE_POINTS, sweep
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.parameters import Parameter
from tests.core.cases import SCALAR, at_corners, defaults

QUICK = [family for family in SCALAR if family.route != "implicit"]
IMPLICIT = [family for family in SCALAR if family.route == "implicit"]

Films = tuple[tuple[float, float], list[TransformFilm]]


def noise(family: Family, n: int = 40, seed: int = 0) -> Tensor:
    return draw_noise(family, n, generator_for(seed, torch.device("cpu")))


def at_frame(film: TransformFilm, theta: dict[str, float], frame: int) -> dict[str, Tensor]:
    values = {**theta, film.parameter.name: float(film.values[frame])}
    return {name: torch.tensor(value, dtype=torch.float64) for name, value in values.items()}


def frames(film: TransformFilm) -> list[int]:
    """The ends, the start and one between."""
    last = len(film.values) - 1
    return sorted({0, film.start, last // 3, last})


@at_corners(QUICK)
def test_every_frame_is_the_family_at_that_value(family: Family, theta: dict[str, float]) -> None:
    eps = noise(family)
    _, films = transform_films(family, theta, eps)
    assert [film.parameter for film in films] == list(family.parameters)
    exact = eps.double()
    for film in films:
        n_frames = len(film.values)
        assert film.curve.shape == (n_frames, CURVE_POINTS)
        assert film.samples.shape == (n_frames, len(eps))
        assert film.density.shape == (n_frames, len(film.levels))
        low, high = family.noise.window
        half = 0.5 * (high - low) / CURVE_POINTS
        assert film.grid[[0, -1]].tolist() == pytest.approx([low + half, high - half])
        assert film.curve.isfinite().all()
        for frame in frames(film):
            now = at_frame(film, theta, frame)
            assert torch.equal(film.samples[frame], family.transform(exact, now).expand_as(exact))
            assert torch.equal(film.curve[frame], family.transform(film.grid, now))
            torch.testing.assert_close(film.density[frame], family.log_prob(film.levels, now).exp())


@pytest.mark.parametrize("family", IMPLICIT, ids=lambda family: family.name)
def test_frames_of_an_implicit_family(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each frame's quantiles are solved for, which is dear: four steps to a slider."""
    monkeypatch.setattr(Parameter, "step", property(lambda self: (self.slider[1] - self.slider[0]) / 4))
    theta, eps = defaults(family), noise(family)
    (low, high), films = transform_films(family, theta, eps)
    assert -float("inf") < low < high < float("inf")
    for film in films:
        assert film.samples.shape == (len(film.values), len(eps))
        assert torch.isfinite(film.density).all()
        for frame in (0, film.start):
            now = at_frame(film, theta, frame)
            torch.testing.assert_close(film.samples[frame], family.transform(eps.double(), now))
            torch.testing.assert_close(film.curve[frame], family.transform(film.grid, now))
            torch.testing.assert_close(film.density[frame], family.log_prob(film.levels, now).exp())


@at_corners(QUICK)
def test_all_films_start_at_theta(family: Family, theta: dict[str, float]) -> None:
    eps = noise(family)
    _, films = transform_films(family, theta, eps)
    for film in films:
        assert float(film.values[film.start]) == theta[film.parameter.name]
        assert torch.equal(film.samples[film.start], films[0].samples[films[0].start])
        assert torch.equal(film.density[film.start], films[0].density[films[0].start])


@pytest.mark.parametrize("family", QUICK, ids=lambda family: family.name)
def test_sweep_covers_the_slider_in_its_steps(family: Family) -> None:
    theta = defaults(family)
    for parameter in family.parameters:
        values, start = sweep(parameter, parameter.default, family, theta)
        low, high = parameter.slider
        assert values.dtype == torch.float64
        assert float(values[0]) == pytest.approx(low)
        assert float(values[-1]) == pytest.approx(high)
        assert float(values[start]) == parameter.default
        assert torch.all(values.diff() > 0)
        assert float(values.diff().max()) == pytest.approx(parameter.step)
        assert len(values) <= 102


@pytest.mark.parametrize("family", QUICK, ids=lambda family: family.name)
def test_a_release_starts_the_next_film_on_the_same_frames(family: Family) -> None:
    """Every value a film can report back is one of the next film's, and leaves the number of frames alone."""
    theta = defaults(family)
    for parameter in family.parameters:
        values, _ = sweep(parameter, parameter.default, family, theta)
        for i, value in enumerate(values.tolist()):
            again, start = sweep(parameter, value, family, {**theta, parameter.name: value})
            assert start == i
            torch.testing.assert_close(again, values, rtol=0, atol=1e-12)


@pytest.mark.parametrize("current", [-4.0, -3.99999, 0.05, 1.2345678, 4.0])
def test_a_value_between_the_steps_gets_a_frame_of_its_own(current: float) -> None:
    family = FAMILIES["normal"]
    loc = family.parameters[0]
    values, start = sweep(loc, current, family, {"loc": current, "scale": 1.0})
    assert float(values[start]) == current
    assert torch.all(values.diff() > 0)
    assert values.tolist().count(current) == 1


def test_forbidden_combinations_are_left_out() -> None:
    family = FAMILIES["uniform"]
    _, (low, high) = transform_films(family, {"low": 0.3, "high": 0.5}, noise(family))
    assert float(low.values.max()) < 0.5
    assert float(low.values.max()) == pytest.approx(0.5 - family.parameters[0].step)
    assert float(high.values.min()) == 0.5
    _, (low, high) = transform_films(family, {"low": 2.0, "high": 2.5}, noise(family))
    assert float(low.values.max()) == 2.0
    assert float(high.values.min()) > 2.0
    for film in (low, high):
        assert torch.isfinite(film.density).all()


@pytest.mark.parametrize("theta", [{"low": 2.0, "high": 1.0}, {"low": 0.0}, {"low": float("nan"), "high": 1.0}])
def test_theta_that_is_not_allowed_is_refused(theta: dict[str, float]) -> None:
    family = FAMILIES["uniform"]
    with pytest.raises(ValueError, match=r"low|high"):
        transform_films(family, theta, noise(family))


@pytest.mark.parametrize("family", QUICK, ids=lambda family: family.name)
def test_axis_holds_the_middle_of_every_frame_from_the_defaults(family: Family) -> None:
    """At every frame all but 3 % of the mass at each end is in sight, six standard errors of the share allowed.

    The Cauchy noise's window leaves out another 2 % at each end.
    """
    n, cut = 4000, 0.05 if family.name == "cauchy" else 0.03
    (low, high), films = transform_films(family, defaults(family), noise(family, n, seed=3))
    most = cut + 6 * (cut / n) ** 0.5
    assert low < high
    for film in films:
        assert float((film.samples < low).double().mean(1).max()) <= most
        assert float((film.samples > high).double().mean(1).max()) <= most
        assert float(film.levels[0]) >= low
        assert float(film.levels[-1]) <= high or family.discrete


@at_corners(QUICK)
def test_axis_stands_still_when_theta_moves(family: Family, theta: dict[str, float]) -> None:
    here, _ = transform_films(family, theta, noise(family))
    there, _ = transform_films(family, defaults(family), noise(family))
    assert here == there


@pytest.mark.parametrize("family", QUICK, ids=lambda family: family.name)
def test_density_is_finite_and_a_mass_where_discrete(family: Family) -> None:
    _, films = transform_films(family, defaults(family), noise(family))
    for film in films:
        assert torch.isfinite(film.density).all()
        assert torch.isfinite(film.samples).all()
        if family.support.points:
            assert film.levels.tolist() == list(family.support.points)
            torch.testing.assert_close(film.density.sum(1), torch.ones(len(film.values), dtype=torch.float64))


def test_films_keep_no_graph_and_leave_the_noise_alone() -> None:
    family = FAMILIES["log_normal"]
    eps = noise(family)
    before = eps.clone()
    _, films = transform_films(family, defaults(family), eps)
    assert torch.equal(eps, before)
    assert not any(part.requires_grad for film in films for part in (film.curve, film.samples))


def test_sweep_steps_are_the_parameters_own() -> None:
    probe = Parameter("loc", "m", 0.25, (0.0, 1.0))
    values, start = sweep(probe, 0.25, FAMILIES["normal"], {"loc": 0.25, "scale": 1.0})
    assert len(values) == 101
    assert start == 25
