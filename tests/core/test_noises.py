"""The contract of a Noise, for every noise that a family draws."""

import pytest
import torch
from scipy import stats

from explorer.core import noises
from explorer.core.device import generator_for
from explorer.core.exact import _integral
from explorer.core.families import FAMILIES
from explorer.core.noises import Noise

EVERY = {family.noise.name: family.noise for family in FAMILIES.values()}
SCIPY = {"normal": stats.norm, "uniform": stats.uniform, "laplace": stats.laplace}
each = pytest.mark.parametrize("noise", EVERY.values(), ids=EVERY)


def draw(noise: Noise, n: int) -> torch.Tensor:
    return noise.sample(n, generator_for(11, torch.device("cpu")))


@each
def test_sample_is_float32_from_the_generator_alone(noise: Noise) -> None:
    eps = draw(noise, 1000)
    assert eps.shape == (1000,)
    assert eps.dtype == torch.float32
    assert torch.equal(eps, draw(noise, 1000))


@each
def test_sample_has_the_law(noise: Noise) -> None:
    eps = draw(noise, 100_000)
    assert stats.kstest(eps.numpy(), SCIPY[noise.name].cdf).pvalue > 1e-4


@each
def test_log_prob_equals_scipy(noise: Noise) -> None:
    eps = draw(noise, 1000).double()
    torch.testing.assert_close(noise.log_prob(eps), torch.from_numpy(SCIPY[noise.name].logpdf(eps.numpy())))


@each
def test_density_integrates_to_one(noise: Noise) -> None:
    def over_line(t: torch.Tensor) -> torch.Tensor:
        eps, stretch = noise.stretch(t)
        return noise.log_prob(eps).exp() * stretch

    assert abs(_integral(over_line, [noise.interval[0], *noise.kinks, noise.interval[1]]) - 1) < 1e-12


@each
def test_unstretch_undoes_stretch(noise: Noise) -> None:
    t = torch.linspace(-15, 15, 301, dtype=torch.float64)
    eps, _ = noise.stretch(t)
    # Near 1 a uniform draw carries its distance from 1 to 2**-53 only, which is 2**-53 e**15 in t.
    torch.testing.assert_close(noise.unstretch(eps), t, rtol=0, atol=1e-9)


@each
def test_stretch_gives_its_own_derivative(noise: Noise) -> None:
    t = torch.linspace(-15, 15, 301, dtype=torch.float64, requires_grad=True)
    eps, stretch = noise.stretch(t)
    torch.testing.assert_close(stretch, torch.autograd.grad(eps.sum(), t)[0], rtol=1e-9, atol=0)


@each
def test_window_leaves_out_one_draw_in_a_thousand_at_most(noise: Noise) -> None:
    low, high = noise.window
    law = SCIPY[noise.name]
    assert law.cdf(low) + law.sf(high) < 1.1e-3


def test_uniform_noise_is_never_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "rand", lambda n, **kwargs: torch.zeros(n))
    assert (draw(noises.UNIFORM, 10) == 2.0**-25).all()
