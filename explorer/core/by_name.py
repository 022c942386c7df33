"""From names and numbers to samples: the engine's entrances for the pages and the public face."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer.core.device import generator_for, resolve_device
from explorer.core.draw import Draw
from explorer.core.estimators import Estimator, get_estimator
from explorer.core.estimators.contract import Moments
from explorer.core.exact.gradients import expectations, gradients
from explorer.core.exact.moments import moments
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.expectations.space import Rows
from explorer.core.families import get_family
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import get_objective
from explorer.core.objectives.objective import Objective
from explorer.core.randomness import Streams


@isolated
def sample(family: str, theta: Mapping[str, object], n_samples: int, *, seed: int = 0) -> Tensor:
    """The two steps in one call: noise, then transform -> float32 on the best device, (n_samples,), or
    (n_samples, coordinates) for a family of vectors.

    Raises ValueError on an unknown family, a parameter outside its range, n_samples < 1 or a bad seed.
    """
    entry = get_family(family)
    eps = draw_noise(entry, n_samples, generator_for(seed, resolve_device(None)))
    return entry.transform(eps, entry.tensors(theta, eps))


@isolated
def gradient_samples(
    family: str,
    objective: str | Objective,
    estimator: str | Estimator,
    theta: Mapping[str, object],
    n_samples: int,
    *,
    seed: int = 0,
    device: str | torch.device | None = None,
) -> dict[str, Tensor]:
    """One gradient a sample and a parameter that the estimator covers: {name: (n_samples,) float32}.

    The estimator is a name or, at other settings, a value: `ESTIMATORS["gumbel_softmax"].at(temperature=0.1)`.
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


def _known(
    found: Mapping[str, tuple[Tensor, list[str]]], objective: Objective, family: Family, theta: Rows
) -> dict[str, float]:
    """The answers (1,) by name. Raises QuadratureError where one has a fault, with the others in it."""
    faults = {name: reasons[0] for name, (_, reasons) in found.items() if reasons[0]}
    known = {name: float(value[0]) for name, (value, _) in found.items() if name not in faults}
    if faults:
        where = ", ".join(f"{name}={float(column):g}" for name, column in theta.items())
        reasons = "; ".join(f"{name}: {fault}" if len(found) > 1 else fault for name, fault in faults.items())
        others = "".join(f"; {name}: {value:g}" for name, value in known.items())
        raise QuadratureError(
            f"no exact value for {objective.title} under {family.title} at {where}: {reasons}{others}", known
        )
    return known


@isolated
def exact_value(family: str, objective: str | Objective, theta: Mapping[str, object]) -> float:
    """E_q[f(x)]. Raises ValueError on bad arguments, QuadratureError when the integral does not converge."""
    entry, function = get_family(family), get_objective(objective)
    rows = one_row(entry.check(theta))
    found = expectations(entry, function, rows)
    return _known({"": (found.value, found.faults)}, function, entry, rows)[""]


@isolated
def exact_gradient(family: str, objective: str | Objective, theta: Mapping[str, object]) -> dict[str, float]:
    """The gradient of E_q[f(x)] with respect to each parameter; see `gradients`.

    The error is below 1e-8, absolutely or relative to the integral of the integrand's size where that is above 1.
    Raises ValueError on bad arguments, QuadratureError when an integral does not converge; the others are in its
    `known`.
    """
    entry, function = get_family(family), get_objective(objective)
    rows = one_row(entry.check(theta))
    found = {name: gradients(entry, function, rows, name) for name in rows}
    return _known({name: (each.value, each.faults) for name, each in found.items()}, function, entry, rows)


def _exact_moments(
    family: str, objective: str | Objective, estimator: str | Estimator, theta: Mapping[str, object]
) -> tuple[Family, Objective, Rows, dict[str, Moments]]:
    entry, function, method = get_family(family), get_objective(objective), get_estimator(estimator)
    rows = one_row(entry.check(theta))
    covered = method.check_covers(entry)
    return entry, function, rows, {name: moments(entry, function, method, rows, name) for name in covered}


@isolated
def expected_estimate(
    family: str, objective: str | Objective, estimator: str | Estimator, theta: Mapping[str, object]
) -> dict[str, float]:
    """The exact expectation of one sample of an estimator, for each parameter that it covers.

    Where it differs from `exact_gradient`, that is its bias. Errors as for `exact_variance`.
    """
    entry, function, rows, found = _exact_moments(family, objective, estimator, theta)
    return _known({name: (each.mean, each.faults) for name, each in found.items()}, function, entry, rows)


@isolated
def exact_variance(
    family: str, objective: str | Objective, estimator: str | Estimator, theta: Mapping[str, object]
) -> dict[str, float]:
    """The exact variance of one sample of an estimator, for each parameter that it covers; inf where it is infinite.

    Raises ValueError on bad arguments or an estimator that is not defined for the family, QuadratureError when the
    estimator has no mean or an integral does not converge; what is known for other parameters is in its `known`.
    """
    entry, function, rows, found = _exact_moments(family, objective, estimator, theta)
    return _known({name: (each.variance, each.faults) for name, each in found.items()}, function, entry, rows)
