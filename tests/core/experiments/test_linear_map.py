"""The plane: covariances and areas by other means, derivatives by autograd, straight images of straight lines."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from explorer.core.experiments.linear_map import (
    WITHIN,
    area_ratios,
    covariance,
    entry_paths,
    lower_triangle,
    map_films,
    noise_circle,
    on_plane,
    ruled_noise,
    within_circle,
)
from explorer.core.families import SCALAR, VECTORS
from explorer.core.families.family import Family
from explorer.core.parameters import Parameter
from tests.core.cases import defaults

EACH = pytest.mark.parametrize("family", VECTORS.values(), ids=lambda family: family.name)
NORMAL, DIRICHLET = VECTORS["multivariate_normal"], VECTORS["dirichlet"]
THETA = {"loc_1": -0.5, "loc_2": 2.0, "scale_tril_11": 1.5, "scale_tril_21": -0.7, "scale_tril_22": 0.4}


def noise(n: int = 20, seed: int = 0) -> Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@EACH
def test_every_frame_is_the_family_at_that_value(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parameter, "step", property(lambda self: self.slider[1] - self.slider[0]))
    theta, eps = defaults(family), noise(5)
    for film in map_films(family, theta, eps):
        assert float(film.values[film.start]) == theta[film.parameter.name]
        for frame in (0, film.start, len(film.values) - 1):
            at = {name: each[frame] for name, each in film.theta.items()}
            assert float(at[film.parameter.name]) == float(film.values[frame])
            torch.testing.assert_close(film.samples[frame], family.transform(eps, at))
            torch.testing.assert_close(film.circle[frame], family.transform(noise_circle(), at))
            rows = film.ruled[frame].isfinite().all(-1)
            assert torch.equal(rows, ruled_noise().isfinite().all(-1))
            torch.testing.assert_close(film.ruled[frame][rows], family.transform(ruled_noise()[rows], at))
            # By differences of the map itself, not by the closed form that the film takes.
            step, name = 1e-5, film.parameter.name
            up, down = (family.transform(eps, {**at, name: at[name] + sign * step}) for sign in (1, -1))
            torch.testing.assert_close(film.path[frame], (up - down) / (2 * step), rtol=1e-5, atol=1e-5)


def test_an_entry_of_the_factor_moves_its_row_by_its_noise() -> None:
    eps = torch.tensor([0.8, -1.3], dtype=torch.float64)
    paths = entry_paths(NORMAL, THETA, eps)
    for i, j in ((1, 1), (2, 1), (2, 2)):
        moved = torch.zeros(2, dtype=torch.float64)
        moved[i - 1] = eps[j - 1]
        assert torch.equal(paths[f"scale_tril_{i}{j}"], moved)
    assert paths["loc_1"].tolist() == [1, 0]
    assert paths["loc_2"].tolist() == [0, 1]


def test_entry_paths_are_autograds() -> None:
    """The Dirichlet's map is solved for: its paths are held to differences of the map above."""
    family, theta = NORMAL, defaults(NORMAL)
    for each in noise(3):
        at = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in theta.items()}
        x = family.transform(each[None], at)[0]
        for i, entry in enumerate(x):
            slopes = torch.autograd.grad(entry, list(at.values()), retain_graph=True, allow_unused=True)
            for (name, path), slope in zip(entry_paths(family, theta, each).items(), slopes, strict=True):
                assert float(path[i]) == pytest.approx(0.0 if slope is None else float(slope), abs=1e-7), name


def test_the_covariance_is_torchs_and_not_the_square_root_of_it() -> None:
    at = NORMAL.tensors(THETA, torch.zeros(1, dtype=torch.float64))
    law = torch.distributions.MultivariateNormal(torch.zeros(2).double(), scale_tril=lower_triangle(at))
    torch.testing.assert_close(covariance(at), law.covariance_matrix)
    torch.testing.assert_close(covariance(at).diagonal(), law.variance)
    x = NORMAL.transform(noise(200_000), at)
    torch.testing.assert_close(covariance(at), torch.cov(x.mT), rtol=0, atol=0.02)


@EACH
def test_areas_are_multiplied_by_the_determinant_of_the_drawn_map(family: Family) -> None:
    theta, eps = defaults(family), noise(4)
    at = family.tensors(theta, eps)
    for each, ratio in zip(eps, area_ratios(family, theta, eps), strict=True):
        jacobian = torch.stack(
            [
                (on_plane(family.transform(each + step, at)) - on_plane(family.transform(each - step, at))) / 2e-5
                for step in 1e-5 * torch.eye(2, dtype=torch.float64)
            ],
            dim=-1,
        )
        assert float(ratio) == pytest.approx(float(jacobian.det().abs()), rel=1e-6)


def test_the_normals_area_is_the_product_of_the_diagonal() -> None:
    torch.testing.assert_close(area_ratios(NORMAL, THETA, noise()), torch.full((20,), 1.5 * 0.4).double())


@EACH
def test_lines_of_noise_become_straight_lines(family: Family) -> None:
    """So their ends are all that a picture needs."""
    ends = ruled_noise().view(-1, 3, 2)[:, :2]
    along = torch.linspace(0, 1, 7, dtype=torch.float64).view(-1, 1, 1)
    points = ends[:, 0] + along * (ends[:, 1] - ends[:, 0])
    x = on_plane(family.transform(points.reshape(-1, 2), family.tensors(defaults(family), points))).view(7, -1, 2)
    way, whole = x - x[0], x[-1] - x[0]
    assert float((way[..., 0] * whole[..., 1] - way[..., 1] * whole[..., 0]).abs().max()) < 1e-9


def test_shares_stay_on_their_triangle() -> None:
    for path in entry_paths(
        DIRICHLET, {"concentration_1": 0.9, "concentration_2": 4.0, "concentration_3": 2.0}, noise()[0]
    ).values():
        assert float(path.sum()) == pytest.approx(0, abs=1e-12)
        assert float(path.abs().max()) > 1e-3


def test_the_circle_holds_its_share() -> None:
    n = 40_000
    assert within_circle(noise(n)) / n == pytest.approx(WITHIN, abs=5 * math.sqrt(0.25 / n))


def test_a_family_of_one_noise_is_refused() -> None:
    with pytest.raises(ValueError, match="two noises"):
        map_films(SCALAR["normal"], defaults(SCALAR["normal"]), noise())
