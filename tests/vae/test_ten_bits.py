"""Ten bits: exact biases and deviations against the public entrances, the order, estimates with their errors."""

from __future__ import annotations

import functools

import pytest
import torch

import explorer
from explorer.vae.gradients.answers import Example
from explorer.vae.ten_bits import BY_SAMPLES, EXACTLY, TenBits, answers_of, ten_bits

MODEL = "mnist-10bit"


@functools.cache
def example() -> Example:
    return Example.shipped(MODEL, 3, 0)


@functools.cache
def film_of(*, sampled: bool) -> TenBits:
    return ten_bits(example(), answers_of(example(), EXACTLY), answers_of(example(), BY_SAMPLES) if sampled else None)


def test_what_is_exact_is_that_of_the_public_entrances() -> None:
    film, vae = film_of(sampled=False), example().vae
    image = example().pixels.view(1, 1, vae.dataset.side, vae.dataset.side)
    gradient = explorer.exact_elbo_gradient(vae, image)["logits"]
    torch.testing.assert_close(film.gradient, gradient[film.order])
    for name in ("score_function", "straight_through"):
        variance = explorer.exact_elbo_variance(vae, image, name)["logits"]
        torch.testing.assert_close(film.deviations[name].square(), variance[film.order])
    assert film.rows == ("straight_through", "score_function", "leave_one_out", "disarm")


def test_bits_are_in_the_order_of_their_certainty() -> None:
    film = film_of(sampled=False)
    away = (film.certainty - 0.5).abs()
    assert bool((away.diff() >= -1e-9).all())
    assert int(film.order[0]) == example().least_certain
    assert sorted(film.order.tolist()) == list(range(10))


def test_unbiased_ones_have_no_bias_and_straight_through_has_one() -> None:
    film = film_of(sampled=False)
    for name in ("score_function", "leave_one_out", "disarm"):
        assert not film.biases[name].any()
        assert not film.bias_errors[name].any()
    assert film.biases["straight_through"].all()


def test_estimates_come_with_errors_and_samples_agree() -> None:
    film = film_of(sampled=True)
    assert film.rows[0] == "gumbel_softmax"
    assert bool((film.bias_errors["gumbel_softmax"] > 0).all())
    assert not film.biases["rebar"].any()
    vae = example().vae
    image = example().pixels.view(1, 1, vae.dataset.side, vae.dataset.side)
    g = explorer.elbo_gradient_samples(vae, image, "gumbel_softmax", 4000, seed=1)["logits"].double()[:, film.order]
    error = g.std(0) / len(g) ** 0.5
    gap = g.mean(0) - film.gradient - film.biases["gumbel_softmax"]
    assert bool((gap.abs() < 4.5 * (error + film.bias_errors["gumbel_softmax"])).all())


@pytest.mark.parametrize("frame", [0, 9])
def test_a_frame_is_kept(frame: int) -> None:
    assert ten_bits(example(), answers_of(example(), EXACTLY), None, frame).now == frame
