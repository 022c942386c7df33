"""What lies beyond the end of a line, where an integrand falls there as an exponential times a polynomial.

    h(t) = p(t) exp(-c t):   the integral from T on is the sum of p^(i)(T) exp(-c T) / c^(i+1)

The powers of tails are such integrands, in the logarithm. c and p are fitted to values at equal distances, which obey
(E - q)^m h = 0 with E the shift by one distance, q = exp(-c distance), and m one more than the degree of p.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

_VALUES = 8
_MOST_TERMS = 5
_NEWTON_STEPS = 3
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
    best, least = 0.0, math.inf
    for terms in range(1, _MOST_TERMS + 1):
        for fit in _fits(values, distance, terms):
            # Fitted one value earlier, what is wrongly fitted goes elsewhere.
            for other in _fits(values[:-1], distance, terms):
                error = max(fit.misfit * max(abs(fit.rest), abs(last) * distance), abs(fit.rest - other.later))
                if error < least:
                    best, least = fit.rest, error
    return best if least <= allowed else None


class _Fit(NamedTuple):
    """`rest` lies beyond the point one distance after the last value, `later` beyond that two distances after it."""

    rest: float
    later: float
    misfit: float


def _fits(values: Tensor, distance: float, terms: int) -> list[_Fit]:
    last = float(values[-1])
    scaled = values / last
    index = torch.arange(-len(values), 0, dtype=values.dtype)
    powers = index[:, None] ** torch.arange(terms)
    found = []
    for q in _roots(scaled, terms):
        polynomial = scaled * q**-index
        fitted = torch.linalg.solve(powers[-terms:], polynomial[-terms:])
        misfit = float(((powers @ fitted - polynomial).abs() / polynomial.abs()).max())
        coefficients = fitted.tolist()
        rest = [c * math.factorial(i) / (-math.log(q)) ** (i + 1) for i, c in enumerate(coefficients)]
        # The polynomial in powers of the distance from one point farther on.
        moved = [sum(math.comb(i, j) * coefficients[i] for i in range(j, terms)) for j in range(terms)]
        later = [q * c * math.factorial(i) / (-math.log(q)) ** (i + 1) for i, c in enumerate(moved)]
        found.append(_Fit(last * distance * sum(rest), last * distance * sum(later), misfit))
    return found


def values_wanted(end: Tensor, inward: Tensor) -> tuple[Tensor, Tensor]:
    """Where `beyond` wants an integrand's values, (R, _VALUES), and their distance (R,): before `end`, from `inward`.

    Not at the end itself, where a sum over the law may have run out.
    """
    distance = (end - inward) / 32
    steps = torch.arange(_VALUES, 0, -1, dtype=end.dtype)
    return end.unsqueeze(1) - distance.unsqueeze(1) * steps, distance.abs()


def _roots(values: Tensor, terms: int) -> list[float]:
    """The q between 0 and 1 with (E - q)^terms values = 0 at the last terms + 1 of them."""
    weights = [math.comb(terms, i) * (-1) ** (terms - i) for i in range(terms + 1)]
    coefficients = weights * values[-terms - 1 :].numpy()
    roots = np.roots(coefficients)
    # Newton's method gives back the digits that the eigenvalues have lost.
    with np.errstate(all="ignore"):
        for _ in range(_NEWTON_STEPS):
            roots = roots - np.polyval(coefficients, roots) / np.polyval(np.polyder(coefficients), roots)
    return [float(q.real) for q in roots if abs(q.imag) < 1e-9 and 0 < q.real < math.exp(-_SLOWEST)]
