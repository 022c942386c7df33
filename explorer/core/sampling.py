"""From names and numbers to samples: the engine's entrances for the pages and the public face."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer.core.device import generator_for, resolve_device
from explorer.core.estimators import Draw, get_estimator
from explorer.core.families import Family, draw_noise, get_family
from explorer.core.objectives import Objective, get_objective
from explorer.core.parameters import check_n_samples
from explorer.core.statistics import Summary, Window

CHUNK = 2**17
"""Samples worked on at once on a CPU: every intermediate of a chunk stays in its cache."""


@torch.no_grad()
def sample(family: str, theta: Mapping[str, object], n_samples: int, *, seed: int = 0) -> Tensor:
    """The two steps in one call: noise, then transform -> (n_samples,) float32 on the best device.

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
    """One gradient a sample and a parameter: {name: (n_samples,) float32}.

    The same seed gives the same noise to every estimator of a family. A biased pair is computed too; see
    `Estimator.warning`. Raises ValueError on an unknown name, a parameter outside its range, n_samples < 1, a bad seed
    or a device that cannot be used.
    """
    entry, function, method = get_family(family), get_objective(objective), get_estimator(estimator)
    entry.check(theta)
    eps = draw_noise(entry, n_samples, generator_for(seed, resolve_device(device)))
    draw = Draw(entry, function, entry.tensors(theta, eps), eps)
    return {parameter.name: method(draw, parameter.name) for parameter in entry.parameters}


@torch.no_grad()
def summarise_gradients(
    family: Family,
    objective: Objective,
    theta: Mapping[str, object],
    parameter: str,
    windows: Mapping[str, Window],
    n_samples: int,
    generator: torch.Generator,
) -> dict[str, Summary]:
    """Fresh samples of each estimator in `windows` on the same noise, for one parameter: {estimator: Summary}.

    Goes on from the generator's state, so that successive calls are one stream. Raises ValueError on an unknown
    estimator or parameter, a theta outside its range or n_samples < 1, FloatingPointError when a sample is not finite.
    """
    methods = {name: get_estimator(name) for name in windows}
    values = family.tensors(theta, torch.empty((), device=generator.device))
    if parameter not in values:
        raise ValueError(f"parameter must be one of {', '.join(values)}, got {parameter!r}")
    totals = {name: Summary.empty(window) for name, window in windows.items()}
    remaining = check_n_samples(n_samples)
    chunk = CHUNK if generator.device.type == "cpu" else n_samples
    while remaining:
        eps = draw_noise(family, min(chunk, remaining), generator)
        draw = Draw(family, objective, values, eps)
        for name, window in windows.items():
            totals[name] += Summary.of(methods[name](draw, parameter), window)
        remaining -= len(eps)
    return totals
