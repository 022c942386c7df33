"""The task of matching a picture: distances against an independent answer, the nearest code against all there are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Independent, kl_divergence

from explorer.vae.model import VAE
from explorer.vae.reconstruct import STEP, Attempt, Ranking, Task, live_error, make_task, on_steps, ranking
from explorer.vae.reconstruct_search import best_found, best_single
from explorer.vae.traversals import use_of_latents


@pytest.fixture
def task(make_vae: Callable[..., VAE], binary_image: Tensor) -> Callable[..., Task]:
    def make(n_latents: int = 2, posterior: str = "full", *, decoded: bool = True, reach: float = 3.0) -> Task:
        vae = make_vae(n_latents, posterior)
        return make_task(vae, binary_image, Ranking(tuple(range(n_latents)), reach), seed=3, decoded=decoded)

    return make


@pytest.mark.parametrize("decoded", [True, False])
def test_distances_are_torchs(task: Callable[..., Task], decoded: bool) -> None:
    made = task(decoded=decoded)
    places = [(0.5, -1.0), (2.0, 0.25)]
    found = made.distances(places)
    logits = made.vae.decode_logits(torch.tensor(places)).double()
    target = Independent(Bernoulli(probs=made.target.expand_as(logits)), 1)
    expected = kl_divergence(target, Independent(Bernoulli(logits=logits), 1))
    assert found.nats.tolist() == pytest.approx(expected.tolist(), rel=1e-6)
    squared = (logits.sigmoid() - made.target).square().mean(1)
    assert found.pixels.tolist() == pytest.approx(squared.sqrt().tolist(), rel=1e-6)
    if not decoded:
        log_prob = Independent(Bernoulli(logits=logits), 1).log_prob(made.target)
        assert found.nats.tolist() == pytest.approx((-log_prob).tolist(), rel=1e-6)


def test_the_decode_is_matched_exactly_by_places_that_sliders_have(task: Callable[..., Task]) -> None:
    for n, posterior in ((2, "full"), (12, "diagonal")):
        made = task(n, posterior)
        assert len(made.dimensions) == min(n, 10)
        assert best_found(made, seed=0) == made.own
        assert float(made.distances([made.own]).nats) == pytest.approx(0, abs=1e-9)
        for place in (*made.own, *made.start):
            assert place / STEP == pytest.approx(round(place / STEP), abs=1e-6)
            assert abs(place) <= made.reach


def test_the_nearest_code_is_that_of_all_there_are(task: Callable[..., Task]) -> None:
    made = task(decoded=False)
    line = [round(k * STEP, 2) for k in range(-60, 61)]
    every = list(itertools.product(line, line))
    nats = made.distances(every).nats
    best = best_found(made, seed=0)
    assert float(made.distances([best]).nats) == pytest.approx(float(nats.min()), abs=1e-6)
    slider, single = best_single(made)
    alone = [i for i, at in enumerate(every) if at[1 - slider] == made.start[1 - slider]]
    other = [i for i, at in enumerate(every) if at[slider] == made.start[slider]]
    assert float(single.nats) == pytest.approx(float(nats[alone].min()), abs=1e-6)
    assert float(single.nats) <= float(nats[other].min())


def test_kl_of_each_latent_is_torchs(make_vae: Callable[..., VAE], images: Tensor) -> None:
    vae = make_vae(3)
    loc, scale_tril = vae.encode(images)
    covariance = scale_tril @ scale_tril.mT
    marginals = torch.distributions.Normal(loc, covariance.diagonal(dim1=1, dim2=2).sqrt())
    expected = kl_divergence(marginals, torch.distributions.Normal(0.0, 1.0)).mean(0)
    assert use_of_latents(vae, images).kl.tolist() == pytest.approx(expected.tolist(), rel=1e-5)


def test_the_sliders_are_the_active_latents_by_their_kl(make_vae: Callable[..., VAE], images: Tensor) -> None:
    vae = make_vae(4, "diagonal")
    with torch.no_grad():
        vae.encoder[-1].weight[:4].mul_(20)
        vae.encoder[-1].weight[2].zero_()
    found = ranking(vae, images)
    assert set(found.dimensions) == {0, 1, 3}
    kl = use_of_latents(vae, images).kl
    assert sorted(found.dimensions, key=lambda i: -float(kl[i])) == list(found.dimensions)
    assert found.reach == max(3, math.ceil(float(vae.encode(images)[0].abs().max())))


def test_latents_without_a_slider_stand_at_the_targets_code(make_vae: Callable[..., VAE], binary_image: Tensor) -> None:
    vae = make_vae(4, "diagonal")
    made = make_task(vae, binary_image, Ranking((3, 1), 3.0), seed=0, decoded=True)
    code = on_steps(vae.encode(binary_image)[0][0], 3.0)
    found = made.codes(torch.tensor([[0.5, -0.5]]))[0]
    assert found.tolist() == pytest.approx([float(code[0]), -0.5, float(code[2]), 0.5])


def test_the_live_error_is_that_of_half_weights(task: Callable[..., Task]) -> None:
    nats, pixels = live_error(task(), seed=0)
    assert 0 < nats < 0.1
    assert 0 < pixels < 1e-3
    exact = task()
    for parameter in exact.vae.decoder.parameters():
        parameter.copy_(parameter.half())
    assert live_error(exact, seed=0) == (0, 0)


def test_what_is_no_task_is_refused(make_vae: Callable[..., VAE], binary_image: Tensor, images: Tensor) -> None:
    bits = make_vae(4, "bernoulli")
    with pytest.raises(ValueError, match="4 bits"):
        ranking(bits, images)
    with pytest.raises(ValueError, match="4 bits"):
        make_task(bits, binary_image, Ranking((0,), 3.0), seed=0, decoded=True)
    made = make_task(make_vae(), binary_image, Ranking((0, 1), 3.0), seed=0, decoded=True)
    with pytest.raises(ValueError, match=r"\(N, 2\)"):
        made.distances([(1.0,)])


def test_a_move_is_of_one_slider_until_another_is_taken() -> None:
    attempt = Attempt()
    for places in ((0.0, 0.0), (0.0, 0.0), (0.5, 0.0), (0.7, 0.0), (0.7, 0.1), (0.6, 0.1), (0.6, 0.1)):
        attempt.go(places)
    assert attempt.moves == [0, 1, 2, 3]
    assert attempt.places[1] == (0.7, 0.0)
    attempt.go((2.0, 2.0), shown=True)
    attempt.go((2.0, 1.9))
    assert attempt.moves[-2:] == [4, 5]
    assert attempt.shown == [False] * 4 + [True, True]


def test_releases_that_come_as_one_count_each_slider_once() -> None:
    attempt = Attempt()
    for places in ((0.0, 0.0, 0.0), (0.5, 0.0, 0.0), (0.6, 0.2, 0.0), (0.6, 0.3, 0.0), (0.6, 0.3, 1.0)):
        attempt.go(places)
    assert attempt.moves == [0, 1, 2, 3]
    assert attempt.places[2] == (0.6, 0.3, 0.0)
