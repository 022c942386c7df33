"""The chains: their laws against scipy's and against the families', their derivatives by differences of the whole."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats
from torch import Tensor

from explorer.core.experiments.chain_catalogue import CHAINS
from explorer.core.experiments.composition_chain import Chain, chain_films, links, stages
from explorer.core.families import FAMILIES
from explorer.core.parameters import Parameter

EACH = pytest.mark.parametrize("chain", CHAINS.values(), ids=lambda chain: chain.name)


def default(chain: Chain) -> dict[str, float]:
    return {each.name: each.default for each in chain.parameters}


def noise(chain: Chain, n: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([chain.noise.sample(n, generator) for _ in range(chain.n_noises)], dim=-1).double()


def last(chain: Chain, eps: Tensor, theta: dict[str, float]) -> Tensor:
    return stages(chain, eps, {name: torch.tensor(value, dtype=torch.float64) for name, value in theta.items()})[-1]


@EACH
def test_the_last_step_has_the_law(chain: Chain) -> None:
    """So many samples show two per cent of a scale."""
    x = last(chain, noise(chain, 300_000), default(chain))
    name, arguments = chain.law(default(chain))
    assert stats.kstest(x[:, 0].numpy(), getattr(stats, name)(**arguments).cdf).pvalue > 0.001


@EACH
def test_a_family_of_that_name_is_the_same_law(chain: Chain) -> None:
    if chain.as_family is None:
        return
    x = last(chain, noise(chain, 5), default(chain))
    name, theta = chain.as_family(default(chain))
    family = FAMILIES[name]
    found = family.log_prob(x if family.size > 1 else x[:, 0], family.tensors(theta, x))
    law, arguments = chain.law(default(chain))
    exact = (
        stats.dirichlet(list(theta.values())).logpdf(x.numpy().T)
        if family.size > 1
        else getattr(stats, law)(**arguments).logpdf(x[:, 0].numpy())
    )
    torch.testing.assert_close(found, torch.as_tensor(exact))


@EACH
def test_the_slope_passed_along_is_that_of_the_whole(chain: Chain) -> None:
    theta, eps = default(chain), noise(chain, 1, seed=3)
    for parameter in chain.parameters:
        if parameter.choices:
            with pytest.raises(ValueError, match="a count has no derivative"):
                links(chain, theta, eps[0], parameter.name)
            continue
        found = links(chain, theta, eps[0], parameter.name)
        step = 1e-4
        up, down = (
            last(chain, eps, {**theta, parameter.name: theta[parameter.name] + sign * step})[0] for sign in (1, -1)
        )
        torch.testing.assert_close(found[-1].speed, (up - down) / (2 * step), rtol=1e-5, atol=1e-7)
        torch.testing.assert_close(found[-1].values, last(chain, eps, theta)[0])
        before = torch.zeros(chain.n_noises, dtype=torch.float64)
        for link in found:
            torch.testing.assert_close(link.speed, link.slopes @ before + link.own)
            before = link.speed


def test_a_chain_by_hand() -> None:
    """x = exp(loc + scale eps): in scale eps x, in loc x."""
    theta, eps = {"loc": 0.5, "scale": 0.8}, torch.tensor([1.25])
    x = math.exp(1.5)
    assert [float(link.speed) for link in links(CHAINS["log_normal"], theta, eps, "scale")] == pytest.approx(
        [1.25, 1.25, 1.25 * x]
    )
    assert [float(link.speed) for link in links(CHAINS["log_normal"], theta, eps, "loc")] == pytest.approx([0, 1, x])


@EACH
def test_films_are_the_stages_at_each_value(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parameter, "step", property(lambda self: (self.slider[1] - self.slider[0]) / 2))
    theta, eps = default(chain), noise(chain, 4)
    for film in chain_films(chain, theta, eps):
        assert float(film.values[film.start]) == theta[film.parameter.name]
        assert film.stages[-1].isfinite().all()
        at = {**theta, film.parameter.name: float(film.values[-1])}
        torch.testing.assert_close(film.stages[-1][-1], last(chain, eps, at))
        if chain.count:
            used = film.stages[0].isfinite().sum(-1)
            count = film.values if film.parameter is chain.count else torch.tensor([theta[chain.count.name]])
            assert torch.equal(used, count.long().unsqueeze(1).expand_as(used))


def test_what_is_not_allowed_is_refused() -> None:
    with pytest.raises(ValueError, match="concentration must be one of 1, 2"):
        chain_films(CHAINS["gamma"], {"concentration": 1.5, "rate": 1.0}, noise(CHAINS["gamma"], 2))
