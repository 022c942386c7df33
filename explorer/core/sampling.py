"""From names and numbers to samples: the engine's entrances for the pages and the public face."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer.core.device import generator_for, resolve_device
from explorer.core.draw import Draw
from explorer.core.estimators import get_estimator
from explorer.core.families import get_family
from explorer.core.family import Family, draw_noise
from explorer.core.objectives import Objective, get_objective
from explorer.core.parameters import check_n_samples
from explorer.core.randomness import Streams
from explorer.core.statistics import Summary, Window

CHUNK = 2**18
"""Samples worked on at once on a CPU: half as many cost more calls, twice as many leave its cache."""


@torch.no_grad()
def sample(family: str, theta: Mapping[str, object], n_samples: int, *, seed: int = 0) -> Tensor:
    """The two steps in one call: noise, then transform -> float32 on the best device, (n_samples,), or
    (n_samples, coordinates) for a family of vectors.

    Raises ValueError on an unknown family, a parameter outside its range, n_samples < 1 or a bad seed.
    """
    entry = get_family(family)
    eps = draw_noise(entry, n_samples, generator_for(seed, resolve_device(None)))
    return entry.transform(eps, entry.tensors(theta, eps))


@torch.no_grad()
def gradient_samples(
    family: str,
    objective: str | Objective,
    estimator: str,
    theta: Mapping[str, object],
    n_samples: int,
    *,
    seed: int = 0,
    device: str | torch.device | None = None,
) -> dict[str, Tensor]:
    """One gradient a sample and a parameter that the estimator covers: {name: (n_samples,) float32}.

    The same seed gives the same noise to every estimator of a family. A biased pair is computed too; see
    `Estimator.warning`. Raises ValueError on an unknown name, an estimator that is not defined for the family, a
    parameter outside its range, n_samples < 1, a bad seed or a device that cannot be used; QuadratureError where a
    baseline does not exist.
    """
    entry, function, method = get_family(family), get_objective(objective), get_estimator(estimator)
    entry.check(theta)
    covered = method.check_covers(entry)
    streams = Streams(seed, resolve_device(device))
    eps = draw_noise(entry, n_samples, streams.main)
    draw = Draw(entry, function, entry.tensors(theta, eps), eps, streams)
    return {name: method(draw, name) for name in covered}


@torch.no_grad()
def summarise_gradients(
    family: Family,
    objective: Objective,
    theta: Mapping[str, object],
    parameter: str,
    windows: Mapping[str, Window],
    n_samples: int,
    streams: Streams,
) -> dict[str, Summary]:
    """Fresh samples of each estimator in `windows` on the same noise, for one parameter: {estimator: Summary}.

    Goes on from the streams' state, so that successive calls are one stream. Raises ValueError on an unknown
    estimator or parameter, a theta outside its range or n_samples < 1, FloatingPointError when a sample is not finite.
    """
    methods = {name: get_estimator(name) for name in windows}
    values = family.tensors(theta, torch.empty((), device=streams.device))
    family.check_parameter(parameter)
    totals = {name: Summary.empty(window) for name, window in windows.items()}
    remaining = check_n_samples(n_samples)
    chunk = CHUNK if streams.device.type == "cpu" else n_samples
    while remaining:
        eps = draw_noise(family, min(chunk, remaining), streams.main)
        draw = Draw(family, objective, values, eps, streams)
        for name, method in methods.items():
            totals[name] = totals[name].with_more(method(draw, parameter), method.group)
        remaining -= len(eps)
    return totals
