"""The flow: determinants by autograd, undone exactly, a density that integrates to 1, refused where it folds."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from explorer.core.experiments.normalizing_flow import (
    LAYERS,
    LEAST,
    PARAMETERS,
    flow_films,
    forward,
    log_density,
    log_noise,
)
from explorer.core.parameters import Parameter

THETAS = ({"layers": 4.0, "strength": 1.0}, {"layers": 2.5, "strength": 1.2}, {"layers": 4.0, "strength": -0.4})
EACH = pytest.mark.parametrize("theta", THETAS, ids=str)


def tensors(theta: dict[str, float]) -> dict[str, Tensor]:
    return {name: torch.tensor(value, dtype=torch.float64) for name, value in theta.items()}


def noise(n: int = 20) -> Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@EACH
def test_log_determinants_are_autograds(theta: dict[str, float]) -> None:
    at = tensors(theta)
    for eps in noise(5):
        jacobian = torch.autograd.functional.jacobian(lambda z: forward(z, at)[0], eps)
        assert float(forward(eps, at)[1].sum()) == pytest.approx(float(jacobian.det().log()), abs=1e-10)  # type: ignore[union-attr]


@EACH
def test_the_flow_is_undone(theta: dict[str, float]) -> None:
    eps, at = 2 * noise(), tensors(theta)
    x, log_dets = forward(eps, at)
    torch.testing.assert_close(log_density(x, at), log_noise(eps) - log_dets.sum(-1), rtol=0, atol=1e-9)


@EACH
def test_the_density_integrates_to_one(theta: dict[str, float]) -> None:
    axis = torch.linspace(-11, 11, 701, dtype=torch.float64)
    density = log_density(torch.cartesian_prod(axis, axis), tensors(theta)).exp()
    # Near the fold the density has a ridge about as narrow as the lattice.
    assert float(density.sum() * (axis[1] - axis[0]) ** 2) == pytest.approx(
        1, abs=1e-6 if theta["strength"] > 0 else 2e-3
    )


def test_no_layers_leave_the_noise_alone() -> None:
    x, log_dets = forward(noise(), tensors({"layers": 0.0, "strength": 1.0}))
    assert torch.equal(x, noise())
    assert not log_dets.any()


def test_every_offered_strength_can_be_undone() -> None:
    low, high = PARAMETERS[1].slider
    assert all(strength * layer.product > -1 for strength in (low, high) for layer in LAYERS)
    with pytest.raises(ValueError, match="strength must be"):
        flow_films({"layers": 1.0, "strength": LEAST}, noise(2))


def test_films_are_the_flow_at_each_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parameter, "step", property(lambda self: (self.slider[1] - self.slider[0]) / 2))
    theta = {"layers": 3.0, "strength": 0.5}
    for film in flow_films(theta, noise(3)):
        assert float(film.values[film.start]) == theta[film.parameter.name]
        for frame in range(len(film.values)):
            at = tensors({**theta, film.parameter.name: float(film.values[frame])})
            x, log_dets = forward(noise(3), at)
            torch.testing.assert_close(film.samples[frame], x)
            torch.testing.assert_close(film.log_dets[frame], log_dets)
        assert film.density.isfinite().all()
