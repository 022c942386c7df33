"""What lies beyond the end of a line, where an integrand falls there as an exponential times a polynomial.

    h(t) = p(t) exp(-c t):   the integral from T on is the sum of p^(i)(T) exp(-c T) / c^(i+1)

The powers of tails are such integrands, in the logarithm. c and p are fitted to values at equal distances, which obey
(E - q)^m h = 0 with E the shift by one distance, q = exp(-c distance), and m one more than the degree of p.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_VALUES = 8
_MOST_TERMS = 5
_NEWTON_STEPS = 60
_SLOWEST = 1e-3
"""The least fall over a distance, as a share, that is told from none."""


def beyond(values: Tensor, distance: float, allowed: float) -> float | None:
    """The integral beyond the point one `distance` after the last of some values (_VALUES,), so far apart, outward.

    None where they do not fall as an exponential times a polynomial of degree below 5 closely enough for an error of
    about `allowed`.
    """
    last = float(values[-1])
    if last == 0:
        return 0.0
    if not values.isfinite().all() or (values == 0).any():
        return None
    scaled = values / last
    for terms in range(1, _MOST_TERMS + 1):
        q = _root(scaled, terms)
        if not 0 < q < math.exp(-_SLOWEST):
            continue
        index = torch.arange(-len(values), 0, dtype=values.dtype)
        polynomial = scaled * q**-index
        fitted = torch.linalg.solve(index[-terms:, None] ** torch.arange(terms), polynomial[-terms:])
        misfit = (index[:, None] ** torch.arange(terms) @ fitted - polynomial).abs() / polynomial.abs()
        fall = -math.log(q)
        parts = [c * math.factorial(i) / fall ** (i + 1) for i, c in enumerate(fitted.tolist())]
        total = last * distance * sum(parts)
        if float(misfit.max()) * max(abs(total), abs(last) * distance) <= allowed:
            return total
    return None


def values_wanted(end: float, inward: float) -> tuple[Tensor, float]:
    """Where `beyond` wants an integrand's values, (_VALUES,), and their distance: before `end`, from `inward`.

    Not at the end itself, where a sum over the law may have run out.
    """
    distance = (end - inward) / 32
    return end - distance * torch.arange(_VALUES, 0, -1, dtype=torch.float64), abs(distance)


def _root(values: Tensor, terms: int) -> float:
    """The q with (E - q)^terms values = 0 at the last terms + 1 of them, by Newton's method."""
    weights = [math.comb(terms, i) * (-1) ** (terms - i) for i in range(terms + 1)]
    coefficients = [weight * value for weight, value in zip(weights, values[-terms - 1 :].tolist(), strict=True)]
    q = 1 / float(values[-2])
    for _ in range(_NEWTON_STEPS):
        # coefficients[i] belongs to q^(terms - i).
        value = slope = 0.0
        for coefficient in coefficients:
            slope = slope * q + value
            value = value * q + coefficient
        if slope == 0 or not math.isfinite(value):
            break
        q -= value / slope
    return q
