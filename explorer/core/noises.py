"""Step one of the sampling: noise from a fixed distribution p(eps) that never sees theta.

Contract of a `Noise`: `sample(n, generator)` gives n float32 draws on the generator's device; `log_prob(eps)` their log
density; `stretch(t)` maps the real line onto the noise's support and returns eps with d eps / d t, so that quadrature
over t in `interval` meets a smooth, decaying integrand; `unstretch` is its inverse; `kinks` are points eps where the
density is not smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Noise:
    """A parameter-free distribution, for drawing and for integrating over. See the module's contract."""

    name: str
    latex: str
    sample: Callable[[int, torch.Generator], Tensor]
    log_prob: Callable[[Tensor], Tensor]
    stretch: Callable[[Tensor], tuple[Tensor, Tensor]]
    unstretch: Callable[[Tensor], Tensor]
    interval: tuple[float, float]
    window: tuple[float, float]
    """The range a figure shows: all but about one draw in a thousand."""
    kinks: tuple[float, ...] = ()


def _identity(t: Tensor) -> tuple[Tensor, Tensor]:
    return t, torch.ones_like(t)


def _logistic(t: Tensor) -> tuple[Tensor, Tensor]:
    u = torch.sigmoid(t)
    return u, u * torch.sigmoid(-t)


def _sample_uniform(n: int, generator: torch.Generator) -> Tensor:
    """torch.rand gives multiples of 2**-24, so 0 once in 17 million draws; half a step up, log(eps) is finite."""
    return torch.rand(n, generator=generator, device=generator.device).clamp_(min=2**-25)


def _sample_laplace(n: int, generator: torch.Generator) -> Tensor:
    """The difference of two standard exponentials: exact, and with no loss of precision in the tails."""
    pair = torch.empty(2, n, device=generator.device).exponential_(generator=generator)
    return pair[0] - pair[1]


NORMAL = Noise(
    name="normal",
    latex=r"\mathcal{N}(0, 1)",
    sample=lambda n, generator: torch.randn(n, generator=generator, device=generator.device),
    log_prob=lambda eps: -0.5 * eps.square() - 0.5 * math.log(2 * math.pi),
    stretch=_identity,
    unstretch=lambda eps: eps,
    interval=(-30.0, 30.0),
    window=(-3.3, 3.3),
)
UNIFORM = Noise(
    name="uniform",
    latex=r"\mathcal{U}(0, 1)",
    sample=_sample_uniform,
    log_prob=torch.zeros_like,
    stretch=_logistic,
    unstretch=torch.logit,
    # Beyond 36 the distance of u from 1 is below the spacing of float64.
    interval=(-36.0, 36.0),
    window=(0.0, 1.0),
)
LAPLACE = Noise(
    name="laplace",
    latex=r"\mathrm{Laplace}(0, 1)",
    sample=_sample_laplace,
    log_prob=lambda eps: -eps.abs() - math.log(2),
    stretch=_identity,
    unstretch=lambda eps: eps,
    interval=(-80.0, 80.0),
    window=(-6.9, 6.9),
    kinks=(0.0,),
)
