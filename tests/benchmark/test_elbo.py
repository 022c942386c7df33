"""The three ways that the benchmark compares give the same gradients; its figures are for a person to judge."""

import dataclasses

import torch

from explorer.benchmark import elbo as benchmark
from explorer.vae.gradients import NORMAL


def test_the_three_ways_give_the_same_gradients() -> None:
    draw = benchmark.first_draw(5)
    looped, vmapped = benchmark.looped(draw), benchmark.vmapped(draw)
    for name in benchmark.BOTH:
        expected = NORMAL[name](dataclasses.replace(draw))
        for found in (looped[name], vmapped[name]):
            torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-2)
    torch.testing.assert_close(benchmark.decoder(draw), draw.slope, rtol=1e-3, atol=1e-3)


def test_rates_are_ratios_of_work_done() -> None:
    found = benchmark.rates(n_samples=20, repetitions=2, loops=1)
    for each in (found.of_decoder, found.loop, found.vmapped):
        assert 0 < each.least <= each.median
    assert found.loop.median > 2
