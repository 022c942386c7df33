"""Families whose derivative comes from the distribution function alone; their g is solved for numerically."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from explorer.core.families import noises
from explorer.core.families.family import Family, Support, Theta, WeakDerivative, inside
from explorer.core.families.location_scale import location, location_scale, normal_log_prob, positive
from explorer.core.families.quantile_table import QuantileMap
from explorer.core.parameters import Parameter

FIGURNOV = "Figurnov, Mohamed & Mnih 2018, Section 3"
_NORMAL_NOISE = r"\Phi(\varepsilon),\quad \varepsilon \sim \mathcal{N}(0, 1)"
MIXTURE_WEIGHT = 0.4
"""The weight of the mixture's first component."""


def _softplus(t: Tensor) -> tuple[Tensor, Tensor]:
    # torch's softplus is the identity above 20, off by 2e-9 there.
    return t.clamp(min=0) + torch.log1p(torch.exp(-t.abs())), torch.sigmoid(t)


def _unit(t: Tensor) -> tuple[Tensor, Tensor]:
    return torch.sigmoid(t), torch.sigmoid(t) * torch.sigmoid(-t)


def _circle(t: Tensor) -> tuple[Tensor, Tensor]:
    return math.pi * torch.tanh(0.5 * t), 2 * math.pi * _unit(t)[1]


def _line(t: Tensor) -> tuple[Tensor, Tensor]:
    return t.sinh(), t.cosh()


def _safe_log(x: Tensor) -> Tensor:
    return x.clamp(min=torch.finfo(x.dtype).tiny).log()


def _gamma_log_prob(x: Tensor, theta: Theta) -> Tensor:
    alpha, rate = theta["concentration"], theta["rate"]
    return inside(x, x > 0, alpha * rate.log() + (alpha - 1) * _safe_log(x) - rate * x - torch.lgamma(alpha))


def beta_log_prob(x: Tensor, theta: Theta) -> Tensor:
    a, b = theta["concentration1"], theta["concentration0"]
    # The largest number below 1 stands for what rounding has moved onto 1.
    log_rest = torch.log1p(-x.clamp(0, 1 - torch.finfo(x.dtype).eps / 2))
    log_norm = torch.lgamma(a + b) - torch.lgamma(a) - torch.lgamma(b)
    return inside(x, (x >= 0) & (x <= 1), log_norm + (a - 1) * _safe_log(x) + (b - 1) * log_rest)


def _beta_on_line(t: Tensor, theta: Theta) -> Tensor:
    """beta_log_prob at sigmoid(t), with all the digits of 1 - x."""
    a, b = theta["concentration1"], theta["concentration0"]
    log_norm = torch.lgamma(a + b) - torch.lgamma(a) - torch.lgamma(b)
    return log_norm + (a - 1) * logsigmoid(t) + (b - 1) * logsigmoid(-t)


def _student_log_prob(x: Tensor, theta: Theta) -> Tensor:
    df, scale = theta["df"], theta["scale"]
    y = (x - theta["loc"]) / scale
    log_norm = torch.lgamma(0.5 * (df + 1)) - torch.lgamma(0.5 * df) - 0.5 * (math.pi * df).log() - scale.log()
    return log_norm - 0.5 * (df + 1) * torch.log1p(y.square() / df)


def _von_mises_log_prob(x: Tensor, theta: Theta) -> Tensor:
    kappa = theta["concentration"]
    # cos - 1 by way of the half angle: no cancellation near the mode.
    exponent = -2 * kappa * torch.sin(0.5 * (x - theta["loc"])).square()
    log_norm = math.log(2 * math.pi) + _log_bessel(kappa)
    return inside(x, x.abs() <= math.pi + 1e-6, exponent - log_norm)


def _log_bessel(kappa: Tensor) -> Tensor:
    """log(I0(kappa) exp(-kappa)), differentiable."""
    return torch.special.i0e(kappa).log()


def _mixture_parts(x: Tensor, theta: Theta) -> tuple[Tensor, Tensor]:
    """The log of each weighted component's density at x."""
    first, second = (
        math.log(weight) + normal_log_prob(x, {"loc": theta[f"loc_{i}"], "scale": theta[f"scale_{i}"]})
        for i, weight in ((1, MIXTURE_WEIGHT), (2, 1 - MIXTURE_WEIGHT))
    )
    return first, second


def _mixture_log_prob(x: Tensor, theta: Theta) -> Tensor:
    return torch.logaddexp(*_mixture_parts(x, theta))


def _mixture_interval(theta: Theta) -> tuple[Tensor, Tensor]:
    ends = [[theta[f"loc_{i}"] + sign * 13 * theta[f"scale_{i}"] for i in (1, 2)] for sign in (-1, 1)]
    return torch.minimum(*ends[0]), torch.maximum(*ends[1])


def _mixture_fault(values: Mapping[str, float]) -> str:
    """The distribution function is summed over panels of equal width, which must not step over a component."""
    narrow, wide = sorted((values["scale_1"], values["scale_2"]))
    if 26 * wide + abs(values["loc_1"] - values["loc_2"]) > 800 * narrow:
        return "the components are too unlike: the narrow one's scale must be at least 1/800 of the mixture's width"
    return ""


GAMMA = QuantileMap(
    ("concentration",),
    lambda x, theta: (theta["concentration"] - 1) * _safe_log(x) - x - torch.lgamma(theta["concentration"]),
    _softplus,
    # On the far side x is t itself, and the concentration reaches 1,000.
    farthest=2000.0,
)
BETA = QuantileMap(("concentration1", "concentration0"), beta_log_prob, _unit, on_line=_beta_on_line)
_STUDENT = QuantileMap(
    ("df",),
    lambda x, theta: _student_log_prob(x, {**theta, "loc": x.new_zeros(()), "scale": x.new_ones(())}),
    _line,
    reach=30.0,
    # The heavier the tails, the longer the line.
    panels=768,
)
_VON_MISES = QuantileMap(
    ("loc", "concentration"),
    _von_mises_log_prob,
    _circle,
    reach=8.0,
    nodes=16384,
    interval=lambda theta: (torch.full_like(theta["loc"], -42.0), torch.full_like(theta["loc"], 42.0)),
)
_MIXTURE = QuantileMap(
    ("loc_1", "scale_1", "loc_2", "scale_2"),
    _mixture_log_prob,
    lambda t: (t, torch.ones_like(t)),
    nodes=16384,
    interval=_mixture_interval,
)


class _Map(Protocol):
    """A law's x and dx/dtheta, from the noise or from the line."""

    @property
    def transform(self) -> Callable[[Tensor, Theta], Tensor]: ...

    @property
    def path(self) -> Callable[[Tensor, Theta, str], Tensor]: ...


def _with_rate(law: _Map) -> dict[str, Any]:
    """`transform` and `path` of a standard law divided by the rate."""

    def path(at: Tensor, theta: Theta, name: str) -> Tensor:
        if name == "rate":
            return -law.transform(at, theta) / theta["rate"].square()
        return law.path(at, theta, name) / theta["rate"]

    return {"transform": lambda at, theta: law.transform(at, theta) / theta["rate"], "path": path}


def _with_loc_and_scale(law: _Map) -> dict[str, Any]:
    """`transform` and `path` of a standard law moved and stretched."""

    def path(at: Tensor, theta: Theta, name: str) -> Tensor:
        return law.transform(at, theta) if name == "scale" else theta["scale"] * law.path(at, theta, name)

    return {"transform": lambda at, theta: location_scale(law.transform(at, theta), theta), "path": path}


def _concentration(name: str, symbol: str, default: float, low: float, high: float, least: float) -> Parameter:
    # Past 1,000 a density is narrower than the panels that its distribution function is summed over; below `least` the
    # mass that lies within rounding of an end of the support can be seen.
    return Parameter(name, symbol, default, (low, high), (least, 1000.0))


IMPLICIT = (
    Family(
        name="gamma",
        title="Gamma",
        latex=r"x = F^{-1}(u;\, \alpha) / \beta,\quad u = " + _NORMAL_NOISE,
        parameters=(
            _concentration("concentration", r"\alpha", 2.0, 0.5, 8.0, 0.05),
            positive("rate", r"\beta", 1.0, 0.4, 4.0),
        ),
        support=Support(r"(0, \infty)"),
        route="implicit",
        source=FIGURNOV,
        noise=noises.NORMAL,
        log_prob=_gamma_log_prob,
        **_with_rate(GAMMA),
        line=replace(GAMMA.line(), **_with_rate(GAMMA.line())),
        weak={
            # A gamma variable plus an exponential one has one more in its concentration.
            "rate": WeakDerivative(
                constant=lambda theta: theta["concentration"] / theta["rate"],
                plus=lambda x, eps, extra, theta: x,
                minus=lambda x, eps, extra, theta: x + extra / theta["rate"],
            )
        },
    ),
    Family(
        name="beta",
        title="Beta",
        latex=r"x = F^{-1}(u;\, a, b),\quad u = " + _NORMAL_NOISE,
        parameters=(
            _concentration("concentration1", "a", 2.0, 1.0, 8.0, 0.4),
            _concentration("concentration0", "b", 3.0, 1.0, 8.0, 0.4),
        ),
        support=Support("(0, 1)"),
        route="implicit",
        source=FIGURNOV,
        noise=noises.NORMAL,
        transform=BETA.transform,
        log_prob=beta_log_prob,
        path=BETA.path,
        line=BETA.line(),
    ),
    Family(
        name="student_t",
        title="Student-t",
        latex=r"x = \mu + \sigma\,F^{-1}(u;\, \nu),\quad u = " + _NORMAL_NOISE,
        parameters=(
            Parameter("df", r"\nu", 8.0, (1.5, 12.0), (0.7, 1000.0)),
            location(),
            positive("scale", r"\sigma", 1.0, 0.1, 3.0),
        ),
        support=Support(r"\mathbb{R}"),
        route="implicit",
        source=FIGURNOV,
        noise=noises.NORMAL,
        log_prob=_student_log_prob,
        **_with_loc_and_scale(_STUDENT),
        shift="loc",
        line=replace(_STUDENT.line(), **_with_loc_and_scale(_STUDENT.line())),
        tail=lambda values: values["df"],
    ),
    Family(
        name="von_mises",
        title="von Mises",
        latex=r"x = F^{-1}(u;\, \mu, \kappa),\quad u = " + _NORMAL_NOISE,
        parameters=(
            # Nearer the cut at pi, or sharper, paths across the antimode grow past what quadrature resolves.
            Parameter("loc", r"\mu", 1.0, (-2.0, 2.0), (-math.pi, math.pi)),
            Parameter("concentration", r"\kappa", 2.0, (0.5, 5.0), (0.0, 100.0)),
        ),
        support=Support(r"[-\pi, \pi]"),
        route="implicit",
        source=FIGURNOV,
        noise=noises.NORMAL,
        transform=_VON_MISES.transform,
        log_prob=_von_mises_log_prob,
        path=_VON_MISES.path,
        line=_VON_MISES.line(),
    ),
    Family(
        name="normal_mixture",
        title="Mixture of two Normals",
        latex=r"x = F^{-1}(u),\quad F = 0.4\,F_1 + 0.6\,F_2,\quad u = " + _NORMAL_NOISE,
        parameters=(
            Parameter("loc_1", r"\mu_1", -1.0, (-4.0, 4.0)),
            positive("scale_1", r"\sigma_1", 0.6, 0.2, 2.0),
            Parameter("loc_2", r"\mu_2", 2.0, (-4.0, 4.0)),
            positive("scale_2", r"\sigma_2", 1.0, 0.2, 2.0),
        ),
        support=Support(r"\mathbb{R}"),
        route="implicit",
        source="Figurnov, Mohamed & Mnih 2018, Section 4",
        noise=noises.NORMAL,
        transform=_MIXTURE.transform,
        log_prob=_mixture_log_prob,
        path=_MIXTURE.path,
        line=_MIXTURE.line(),
        fault=_mixture_fault,
    ),
)
