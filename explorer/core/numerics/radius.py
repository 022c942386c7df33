"""The law of |z| for z ~ N(0, I) in D dimensions, the chi law: all of it is exact.

density r^(D-1) exp(-r^2 / 2) / (2^(D/2 - 1) Gamma(D/2)),    P(|z| < r) = P(D/2, r^2/2), the regularized gamma
function, and E|z| = sqrt 2 Gamma((D+1)/2) / Gamma(D/2)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

BAND = 0.95
"""The share of the mass in the band of radii, as much again left out below it as above."""
_HALVINGS = 100


@dataclass(frozen=True)
class Radius:
    """The law of |z| for z ~ N(0, I) in so many dimensions."""

    n_latents: int

    @property
    def mean(self) -> float:
        """E|z|."""
        half = self.n_latents / 2
        return math.sqrt(2) * math.exp(math.lgamma(half + 0.5) - math.lgamma(half))

    def density(self, radius: Tensor) -> Tensor:
        """At radii (...) >= 0, float64."""
        half, radius = self.n_latents / 2, radius.double()
        power = torch.xlogy(torch.tensor(2 * half - 1, dtype=torch.float64), radius)
        return (power - radius.square() / 2 - (half - 1) * math.log(2) - math.lgamma(half)).exp()

    def mass_within(self, radius: float) -> float:
        """P(|z| < radius)."""
        return float(torch.special.gammainc(*self._halves(radius)))

    def mass_beyond(self, radius: float) -> float:
        """P(|z| > radius), of full precision where it is small."""
        return float(torch.special.gammaincc(*self._halves(radius)))

    def _halves(self, radius: float) -> tuple[Tensor, Tensor]:
        half, squared = (torch.tensor(each, dtype=torch.float64) for each in (self.n_latents / 2, radius**2 / 2))
        return half, squared

    def quantile(self, share: float) -> float:
        """The radius within which a share in (0, 1) of the mass lies, by halving. Raises ValueError for another."""
        if not 0 < share < 1:
            raise ValueError(f"share must be in (0, 1), got {share}")
        low, high = 0.0, 1.0
        while self.mass_within(high) < share:
            high *= 2
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.mass_within(middle) < share else (low, middle)
        return (low + high) / 2

    @property
    def band(self) -> tuple[float, float]:
        """The radii between which BAND of the mass lies, (1 - BAND) / 2 on either side."""
        return self.quantile((1 - BAND) / 2), self.quantile((1 + BAND) / 2)
