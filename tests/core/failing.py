"""What *Where the trick fails* is made of, computed once for all tests."""

from __future__ import annotations

import functools

import torch

from explorer.core.device import generator_for
from explorer.core.experiments import discontinuity as jumps
from explorer.core.experiments import fast_objective as fast
from explorer.core.experiments import heavy_tail as tails
from explorer.core.experiments import temperature as bits
from explorer.core.families.family import draw_noise

PROBS = 0.3
boundary = functools.cache(jumps.discontinuity)
"""By its problem."""


@functools.cache
def softened(objective: str) -> bits.Temperature:
    return bits.temperature(bits.bit_problem(objective, PROBS))


@functools.cache
def wave(objective: str, parameter: str = "loc") -> fast.FastObjective:
    return fast.fast_objective(fast.fast_problem(objective, parameter))


@functools.cache
def heavy(objective: str, estimator: str) -> tails.HeavyTail:
    return tails.heavy_tail(tails.heavy_problem(objective), estimator)


@functools.cache
def runs(objective: str, estimator: str) -> tails.Running:
    film = heavy(objective, estimator)
    n = tails.REPETITIONS * tails.SAMPLES
    eps = draw_noise(film.problem.family, n, generator_for(0, torch.device("cpu")))
    return tails.running(film, eps.view(tails.REPETITIONS, -1))
