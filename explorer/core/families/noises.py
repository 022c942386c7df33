"""Step one of the sampling: noise from a fixed distribution p(eps) that never sees theta.

Contract of a `Noise`: `sample(n, generator)` gives n float32 draws on the generator's device, (n,), or (n, size) for a
vector of `size` independent coordinates. The rest is said of one coordinate: `log_prob(eps)` is its log density;
`stretch(t)` maps the real line onto its support and returns eps with d eps / d t, so that quadrature over t in
`interval`, in `panels` first panels, meets a smooth, decaying integrand; `unstretch` is its inverse; `reflect` maps a
draw to its mirror image, which has the same law; `kinks` are points eps where the density is not smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.families.float32 import BELOW_ONE, kept_inside


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
    quantile: Callable[[float], float]
    """The eps with so much of the mass below it."""
    support: tuple[float, float] = (-math.inf, math.inf)
    reflect: Callable[[Tensor], Tensor] = torch.neg
    kinks: tuple[float, ...] = ()
    panels: int = 128
    size: int = 1


def _identity(t: Tensor) -> tuple[Tensor, Tensor]:
    return t, torch.ones_like(t)


def _logistic(t: Tensor) -> tuple[Tensor, Tensor]:
    u = torch.sigmoid(t)
    return u, u * torch.sigmoid(-t)


def _sample_uniform(n: int, generator: torch.Generator) -> Tensor:
    """torch.rand gives multiples of 2**-24, so 0 once in 17 million draws; half a step up, log(eps) is finite."""
    return torch.rand(n, dtype=torch.float32, generator=generator, device=generator.device).clamp_(min=2**-25)


def _sample_laplace(n: int, generator: torch.Generator) -> Tensor:
    """The difference of two standard exponentials: exact, and with no loss of precision in the tails."""
    pair = torch.empty(2, n, dtype=torch.float32, device=generator.device).exponential_(generator=generator)
    return pair[0] - pair[1]


def _sample_logistic(n: int, generator: torch.Generator) -> Tensor:
    u = _sample_uniform(n, generator)
    return u.log() - torch.log1p(-u)


def _sample_exponential(n: int, generator: torch.Generator) -> Tensor:
    return torch.empty(n, dtype=torch.float32, device=generator.device).exponential_(generator=generator)


def _sinh(t: Tensor) -> tuple[Tensor, Tensor]:
    return t.sinh(), t.cosh()


def _softplus(t: Tensor) -> tuple[Tensor, Tensor]:
    """Like exp(t) near 0, like t far out, where the density falls as an exponential in either."""
    return t.clamp(min=0) + torch.log1p(torch.exp(-t.abs())), torch.sigmoid(t)


def _mirror_exponential(eps: Tensor) -> Tensor:
    """-log(1 - exp(-eps)), from whichever form keeps its digits."""
    return torch.where(eps > 0.7, -torch.log1p(-torch.exp(-eps)), -torch.log(-torch.expm1(-eps)))


def _mirror_gumbel(eps: Tensor) -> Tensor:
    """The Gumbel variable is -log of an exponential one."""
    return -torch.log(_mirror_exponential(torch.exp(-eps)))


NORMAL = Noise(
    name="normal",
    latex=r"\mathcal{N}(0, 1)",
    sample=lambda n, generator: torch.randn(n, dtype=torch.float32, generator=generator, device=generator.device),
    log_prob=lambda eps: -0.5 * eps.square() - 0.5 * math.log(2 * math.pi),
    stretch=_identity,
    unstretch=lambda eps: eps,
    interval=(-30.0, 30.0),
    window=(-3.3, 3.3),
    quantile=lambda p: float(torch.special.ndtri(torch.tensor(p, dtype=torch.float64))),
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
    quantile=lambda p: p,
    support=(0.0, 1.0),
    # The smallest draw, 2**-25, is half of float32's spacing below 1.
    reflect=lambda eps: kept_inside(1 - eps, 0.0, BELOW_ONE),
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
    quantile=lambda p: math.log(2 * p) if p < 0.5 else -math.log(2 * (1 - p)),
    kinks=(0.0,),
)
LOGISTIC = Noise(
    name="logistic",
    latex=r"\mathrm{Logistic}(0, 1)",
    sample=_sample_logistic,
    log_prob=lambda eps: -eps.abs() - 2 * torch.log1p(torch.exp(-eps.abs())),
    stretch=_identity,
    unstretch=lambda eps: eps,
    interval=(-80.0, 80.0),
    window=(-7.6, 7.6),
    quantile=lambda p: math.log(p) - math.log1p(-p),
)
GUMBEL = Noise(
    name="gumbel",
    latex=r"\mathrm{Gumbel}(0, 1)",
    sample=lambda n, generator: -_sample_exponential(n, generator).log(),
    log_prob=lambda eps: -eps - torch.exp(-eps),
    stretch=_identity,
    unstretch=lambda eps: eps,
    interval=(-6.0, 80.0),
    window=(-2.1, 7.6),
    quantile=lambda p: -math.log(-math.log(p)),
    reflect=_mirror_gumbel,
)
CAUCHY = Noise(
    name="cauchy",
    latex=r"\mathrm{Cauchy}(0, 1)",
    sample=lambda n, generator: torch.empty(n, dtype=torch.float32, device=generator.device).cauchy_(
        generator=generator
    ),
    log_prob=lambda eps: -torch.log1p(eps.square()) - math.log(math.pi),
    stretch=_sinh,
    unstretch=torch.asinh,
    interval=(-70.0, 70.0),
    window=(-16.0, 16.0),
    quantile=lambda p: math.tan(math.pi * (p - 0.5)),
)
EXPONENTIAL = Noise(
    name="exponential",
    latex=r"\mathrm{Exp}(1)",
    sample=_sample_exponential,
    log_prob=torch.neg,
    stretch=_softplus,
    unstretch=lambda eps: eps + torch.log(-torch.expm1(-eps)),
    interval=(-120.0, 660.0),
    window=(0.0, 6.9),
    quantile=lambda p: -math.log1p(-p),
    support=(0.0, math.inf),
    reflect=_mirror_exponential,
    panels=96,
)
NORMAL_PAIR = Noise(
    name="normal_pair",
    latex=r"\mathcal{N}(0, I_2)",
    sample=lambda n, generator: torch.randn(n, 2, dtype=torch.float32, generator=generator, device=generator.device),
    log_prob=NORMAL.log_prob,
    stretch=_identity,
    unstretch=lambda eps: eps,
    # Nested quadrature squares the work: 1e-23 of the mass is left out.
    interval=(-10.0, 10.0),
    window=(-3.3, 3.3),
    quantile=NORMAL.quantile,
    panels=12,
    size=2,
)
