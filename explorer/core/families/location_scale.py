"""Families with x = loc + scale eps (Kingma & Welling 2013, Section 2.4), and what other families share with them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.special import ndtr

from explorer.core.families import noises
from explorer.core.families.family import Family, Support, Theta, WeakDerivative, inside
from explorer.core.families.float32 import FARTHEST, NARROWEST, SMALLEST_SCALE, between, kept_inside, resolved
from explorer.core.families.noises import Noise
from explorer.core.parameters import POSITIVE, Parameter

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
KINGMA = "Kingma & Welling 2013, Section 2.4"


def _normal_score(x: Tensor, theta: Theta, name: str) -> Tensor:
    if name == "loc":
        return (x - theta["loc"]) / theta["scale"].square()
    return (standardised(x, theta).square() - 1) / theta["scale"]


def location_scale(eps: Tensor, theta: Theta) -> Tensor:
    return torch.addcmul(theta["loc"], theta["scale"], eps)


def standardised(x: Tensor, theta: Theta) -> Tensor:
    return (x - theta["loc"]) / theta["scale"]


def normal_log_prob(x: Tensor, theta: Theta) -> Tensor:
    return -0.5 * standardised(x, theta).square() - theta["scale"].log() - _HALF_LOG_2PI


def _laplace_cdf(x: Tensor, theta: Theta) -> Tensor:
    away = standardised(x, theta)
    # Not by abs: its derivative at 0 is 0, that of F there is not.
    tail = 0.5 * torch.exp(torch.where(away < 0, away, -away))
    return torch.where(away < 0, tail, 1 - tail)


def _uniform_transform(eps: Tensor, theta: Theta) -> Tensor:
    low, high = theta["low"], theta["high"]
    return kept_inside(low + (high - low) * eps, low.nextafter(high), high.nextafter(low))


def _uniform_fault(values: Mapping[str, float]) -> str:
    low, high = values["low"], values["high"]
    if found := between(low=(-FARTHEST, FARTHEST), high=(-FARTHEST, FARTHEST))(values):
        return found
    least = max(SMALLEST_SCALE, NARROWEST * max(abs(low), abs(high)))
    return "" if high - low >= least else f"high − low must be at least {least:g} for samples in float32"


def location(low: float = -4.0, high: float = 4.0, default: float = 1.0) -> Parameter:
    return Parameter("loc", r"\mu", default, (low, high))


def positive(name: str, symbol: str, default: float, low: float, high: float) -> Parameter:
    return Parameter(name, symbol, default, (low, high), POSITIVE)


def _on_the_line(*, noise: Noise, **own: Any) -> Family:
    """A law of loc + scale eps on the whole line. `own` says what is its own; its density follows from the noise's."""
    common: dict[str, Any] = {
        "support": Support(r"\mathbb{R}"),
        "route": "location-scale",
        "source": KINGMA,
        "transform": location_scale,
        "inverse": standardised,
        "log_prob": lambda x, theta: noise.log_prob(standardised(x, theta)) - theta["scale"].log(),
        "path": lambda eps, theta, name: eps,
        "shift": "loc",
        "float32_fault": resolved((("loc",), "scale")),
    }
    return Family(noise=noise, **(common | own))


LOCATION_SCALE = (
    _on_the_line(
        name="normal",
        title="Normal",
        latex=r"x = \mu + \sigma\,\varepsilon,\quad \varepsilon \sim \mathcal{N}(0, 1)",
        parameters=(location(), positive("scale", r"\sigma", 1.0, 0.1, 3.0)),
        noise=noises.NORMAL,
        log_prob=normal_log_prob,
        cdf=lambda x, theta: ndtr(standardised(x, theta)),
        score=_normal_score,
        weak={
            # A standard Rayleigh variable is the square root of twice an exponential one.
            "loc": WeakDerivative(
                constant=lambda theta: 1 / (theta["scale"] * math.sqrt(2 * math.pi)),
                plus=lambda x, eps, extra, theta: theta["loc"] + theta["scale"] * (2 * extra).sqrt(),
                minus=lambda x, eps, extra, theta: theta["loc"] - theta["scale"] * (2 * extra).sqrt(),
            ),
            # The double-sided Maxwell variable M given N = M U, U uniform: M² = N² + 2 E with the sign of N.
            "scale": WeakDerivative(
                constant=lambda theta: 1 / theta["scale"],
                plus=lambda x, eps, extra, theta: (
                    theta["loc"] + theta["scale"] * eps.sign() * (eps.square() + 2 * extra).sqrt()
                ),
                minus=lambda x, eps, extra, theta: x,
            ),
        },
    ),
    _on_the_line(
        name="laplace",
        title="Laplace",
        latex=r"x = \mu + b\,\varepsilon,\quad \varepsilon \sim \mathrm{Laplace}(0, 1)",
        parameters=(location(), positive("scale", "b", 1.0, 0.1, 3.0)),
        noise=noises.LAPLACE,
        log_prob=lambda x, theta: -standardised(x, theta).abs() - (2 * theta["scale"]).log(),
        cdf=_laplace_cdf,
    ),
    _on_the_line(
        name="logistic",
        title="Logistic",
        latex=r"x = \mu + s\,\varepsilon,\quad \varepsilon \sim \mathrm{Logistic}(0, 1)",
        parameters=(location(), positive("scale", "s", 0.6, 0.1, 2.0)),
        noise=noises.LOGISTIC,
        cdf=lambda x, theta: torch.sigmoid(standardised(x, theta)),
    ),
    _on_the_line(
        name="gumbel",
        title="Gumbel",
        latex=r"x = \mu + \beta\,\varepsilon,\quad \varepsilon \sim \mathrm{Gumbel}(0, 1)",
        parameters=(location(), positive("scale", r"\beta", 0.8, 0.1, 2.0)),
        noise=noises.GUMBEL,
        cdf=lambda x, theta: torch.exp(-torch.exp(-standardised(x, theta))),
    ),
    _on_the_line(
        name="cauchy",
        title="Cauchy",
        latex=r"x = \mu + \gamma\,\varepsilon,\quad \varepsilon \sim \mathrm{Cauchy}(0, 1)",
        parameters=(location(), positive("scale", r"\gamma", 1.0, 0.1, 3.0)),
        noise=noises.CAUCHY,
        cdf=lambda x, theta: 0.5 + standardised(x, theta).atan() / math.pi,
        tail=lambda values: 1.0,
    ),
    Family(
        name="uniform",
        title="Uniform",
        latex=r"x = a + (b - a)\,\varepsilon,\quad \varepsilon \sim \mathcal{U}(0, 1)",
        parameters=(Parameter("low", "a", 0.0, (-4.0, 0.9)), Parameter("high", "b", 2.0, (1.0, 5.0))),
        support=Support("[a, b]", moves=True),
        route="location-scale",
        source=KINGMA,
        noise=noises.UNIFORM,
        transform=_uniform_transform,
        inverse=lambda x, theta: (x - theta["low"]) / (theta["high"] - theta["low"]),
        log_prob=lambda x, theta: inside(
            x,
            (x >= theta["low"]) & (x <= theta["high"]),
            -(theta["high"] - theta["low"]).log().expand_as(x),
        ),
        cdf=lambda x, theta: ((x - theta["low"]) / (theta["high"] - theta["low"])).clamp(0, 1),
        float32_fault=_uniform_fault,
        fault=lambda values: (
            ""
            if values["low"] < values["high"]
            else f"low must be below high, got low={values['low']:g} and high={values['high']:g}"
        ),
    ),
)
