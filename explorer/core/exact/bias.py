"""The exact bias of an estimator: of this problem, at these values, and never of a pair of names.

The one place that says whether an estimator is biased here. `Estimator.warning` gives the reason in words, and a hint
where this is not known.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

LARGEST_ERROR = 1e-8
"""The error that exact answers may have, absolutely or relative to a gradient above 1; a bias below it is none."""
_OF_DEVIATION = 1e-10
"""The error of a mean that is left when large samples cancel, in standard deviations of one sample."""


def bias(mean: Tensor, gradient: Tensor, deviation: Tensor) -> Tensor:
    """Of an estimator with this `mean` of one sample and this standard `deviation`, (R,) each, infinite ones included.

    (R,): 0 where the mean is the `gradient` as far as exact answers go, NaN where either is not known.
    """
    found = mean - gradient
    least = torch.maximum(
        LARGEST_ERROR * gradient.abs().clamp(min=1.0),
        _OF_DEVIATION * torch.where(deviation.isfinite(), deviation, 0.0),
    )
    return torch.where(found.abs() <= least, 0.0, found)


def largest(biases: Tensor) -> float | None:
    """The bias of the largest size among (R,) that are known; None where none is."""
    known = biases[~biases.isnan()]
    return float(known[known.abs().argmax()]) if len(known) else None


def bias_of_one(mean: float | None, gradient: float | None, deviation: float | None) -> float | None:
    """The same for single numbers; None is what is not known."""
    if mean is None or gradient is None:
        return None
    numbers = (torch.tensor(value, dtype=torch.float64) for value in (mean, gradient, deviation or 0.0))
    found = float(bias(*numbers))
    return None if math.isnan(found) else found
