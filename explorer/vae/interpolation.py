"""Two ways from one latent point to another: the straight one, and the spherical one round the origin.

    straight   z_t = (1 - t) a + t b
    spherical  z_t = ((1 - t) |a| + t |b|) u_t,
               u_t = (sin((1 - t) W) a / |a| + sin(t W) b / |b|) / sin W,   W the angle between a and b

Both begin at a and end at b. The direction u_t turns evenly (Shoemake 1985, slerp), the length grows evenly: with these
weights on a and b themselves (White 2016) the way would bulge where they differ in length and nearly oppose each other.
As W goes to 0 the second becomes the first. At W = pi, or where a or b is 0, there is no plane to turn in, and it is
not defined.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated

PARALLEL = 1e-5
"""The sine of an angle, in radians, below which two directions count as the same, or as opposite."""


@dataclass(frozen=True)
class Path:
    """Places (T, D) float64 on the way."""

    places: Tensor

    @property
    def norms(self) -> Tensor:
        """|z| of each place, (T,)."""
        return self.places.norm(dim=1)

    @property
    def log_prior(self) -> Tensor:
        """log p(z) of each place under N(0, I), (T,) nats."""
        return -0.5 * self.places.square().sum(1) - 0.5 * self.places.shape[1] * math.log(2 * math.pi)


@isolated
def straight(a: Tensor, b: Tensor, t: Tensor) -> Path:
    """From a (D,) to b (D,) at the shares t (T,) of the way. Raises ValueError for other shapes or what is not finite.

    Half-way between two independent points of N(0, I) in D dimensions |z|^2 is D / 2 on average, and not D.
    """
    a, b, t = _checked(a, b, t)
    return Path((1 - t) * a + t * b)


@isolated
def spherical(a: Tensor, b: Tensor, t: Tensor) -> Path:
    """The same round the origin.

    Raises ValueError as `straight`, and where a or b is 0 or they point in opposite directions.
    """
    a, b, t = _checked(a, b, t)
    if not float(a.norm()) > 0 or not float(b.norm()) > 0:
        raise ValueError("a and b must not be 0 for a spherical way: 0 has no direction")
    omega = angle(a, b)
    if math.sin(omega) < PARALLEL:
        if omega > 1:
            raise ValueError("a and b must not be opposite for a spherical way: there is one on every side")
        return Path((1 - t) * a + t * b)
    one, other = a / a.norm(), b / b.norm()
    direction = (torch.sin((1 - t) * omega) * one + torch.sin(t * omega) * other) / math.sin(omega)
    return Path(((1 - t) * a.norm() + t * b.norm()) * direction)


def angle(a: Tensor, b: Tensor) -> float:
    """The angle between two vectors (D,), neither of them 0, in [0, pi] radians.

    Twice the arctangent of half chords: near 0 and pi the arccosine would lose half of all digits (Kahan 2006).
    """
    one, other = (each.double() / each.double().norm() for each in (a, b))
    return 2 * math.atan2(float((one - other).norm()), float((one + other).norm()))


def _checked(a: Tensor, b: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(f"a and b must have one shape (D,), got {tuple(a.shape)} and {tuple(b.shape)}")
    if t.ndim != 1:
        raise ValueError(f"t must have shape (T,), got {tuple(t.shape)}")
    if not all(bool(part.isfinite().all()) for part in (a, b, t)):
        raise ValueError("a, b and t must be finite")
    return a.double().cpu(), b.double().cpu(), t.double().cpu()[:, None]
