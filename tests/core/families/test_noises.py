"""The contract of a Noise, for every noise that a family draws."""

import itertools

import pytest
import torch
from scipy import stats

from explorer.core.device import generator_for
from explorer.core.families import FAMILIES, noises
from explorer.core.families.noises import Noise
from explorer.core.numerics.panels import gauss_legendre

EVERY = {family.noise.name: family.noise for family in FAMILIES.values()}
SCIPY = {
    "normal": stats.norm,
    "uniform": stats.uniform,
    "laplace": stats.laplace,
    "logistic": stats.logistic,
    "gumbel": stats.gumbel_r,
    "cauchy": stats.cauchy,
    "exponential": stats.expon,
    "normal_pair": stats.norm,
}
"""The law of one coordinate."""
each = pytest.mark.parametrize("noise", EVERY.values(), ids=EVERY)


def draw(noise: Noise, n: int) -> torch.Tensor:
    return noise.sample(n, generator_for(11, torch.device("cpu")))


@each
def test_sample_is_float32_from_the_generator_alone(noise: Noise) -> None:
    eps = draw(noise, 1000)
    assert eps.shape == ((1000,) if noise.size == 1 else (1000, noise.size))
    assert eps.dtype == torch.float32
    assert torch.equal(eps, draw(noise, 1000))


@each
def test_sample_has_the_law(noise: Noise) -> None:
    eps = draw(noise, 100_000).view(-1, noise.size)
    for column in eps.T.numpy():
        assert stats.kstest(column, SCIPY[noise.name].cdf).pvalue > 1e-4


def test_the_coordinates_of_a_pair_are_independent() -> None:
    assert abs(stats.pearsonr(*draw(noises.NORMAL_PAIR, 100_000).T.numpy()).statistic) < 4.5 / 100_000**0.5


@each
def test_reflection_keeps_the_law_and_undoes_itself(noise: Noise) -> None:
    eps = draw(noise, 100_000)
    mirrored = noise.reflect(eps)
    assert mirrored.shape == eps.shape
    assert mirrored.dtype == torch.float32
    assert stats.kstest(mirrored[..., 0] if noise.size > 1 else mirrored, SCIPY[noise.name].cdf).pvalue > 1e-4
    exact = eps[:2000].double()
    # Where the mirror image runs flat its own rounding comes back larger.
    torch.testing.assert_close(noise.reflect(noise.reflect(exact)), exact, rtol=1e-10, atol=1e-10)


@each
def test_reflection_turns_the_law_round(noise: Noise) -> None:
    """The mirror image has as much of the law below it as the draw has above."""
    eps = draw(noise, 2000).double()
    law = SCIPY[noise.name]
    found, expected = law.cdf(noise.reflect(eps).numpy()), law.sf(eps.numpy())
    torch.testing.assert_close(torch.from_numpy(found), torch.from_numpy(expected), rtol=1e-9, atol=1e-15)


@each
def test_log_prob_equals_scipy(noise: Noise) -> None:
    eps = draw(noise, 1000).double()
    torch.testing.assert_close(noise.log_prob(eps), torch.from_numpy(SCIPY[noise.name].logpdf(eps.numpy())))


@each
def test_density_integrates_to_one(noise: Noise) -> None:
    nodes, weights = gauss_legendre(12)
    ends = [noise.interval[0], *noise.kinks, noise.interval[1]]
    total = 0.0
    for low, high in itertools.pairwise(ends):
        edges = torch.linspace(low, high, 1001, dtype=torch.float64).unsqueeze(1)
        t = edges[:-1] + edges.diff(dim=0) * nodes
        eps, speed = noise.stretch(t)
        total += float((noise.log_prob(eps).exp() * speed * edges.diff(dim=0) @ weights).sum())
    assert abs(total - 1) < 1e-12


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
    """Of the Cauchy law, which has no end, one in twenty."""
    low, high = noise.window
    law = SCIPY[noise.name]
    assert law.cdf(low) + law.sf(high) < (0.05 if noise.name == "cauchy" else 1.1e-3)


def test_uniform_noise_is_never_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "rand", lambda n, **kwargs: torch.zeros(n))
    assert (draw(noises.UNIFORM, 10) == 2.0**-25).all()
