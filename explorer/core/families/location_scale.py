"""Families with x = loc + scale eps (Kingma & Welling 2013, Section 2.4), and what other families share with them."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.special import ndtr

from explorer.core import noises
from explorer.core.family import Family, Support, Theta, WeakDerivative, inside
from explorer.core.parameters import POSITIVE, Parameter

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
KINGMA = "Kingma & Welling 2013, Section 2.4"


def _normal_score(x: Tensor, theta: Theta, name: str) -> Tensor:
    loc, scale = theta["loc"], theta["scale"]
    if name == "loc":
        return (x - loc) / scale.square()
    return (((x - loc) / scale).square() - 1) / scale


def _path_of_scale(eps: Tensor, theta: Theta, name: str) -> Tensor:
    return eps


def location_scale(eps: Tensor, theta: Theta) -> Tensor:
    return torch.addcmul(theta["loc"], theta["scale"], eps)


def standardised(x: Tensor, theta: Theta) -> Tensor:
    return (x - theta["loc"]) / theta["scale"]


def normal_log_prob(x: Tensor, theta: Theta) -> Tensor:
    return -0.5 * standardised(x, theta).square() - theta["scale"].log() - _HALF_LOG_2PI


def _laplace_cdf(x: Tensor, theta: Theta) -> Tensor:
    tail = 0.5 * torch.exp(-standardised(x, theta).abs())
    return torch.where(x < theta["loc"], tail, 1 - tail)


def _between(x: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    return (x >= low) & (x <= high)


def location(low: float = -4.0, high: float = 4.0, default: float = 1.0) -> Parameter:
    return Parameter("loc", r"\mu", default, (low, high))


def positive(name: str, symbol: str, default: float, low: float, high: float) -> Parameter:
    return Parameter(name, symbol, default, (low, high), POSITIVE)


LOCATION_SCALE = (
    Family(
        name="normal",
        title="Normal",
        latex=r"x = \mu + \sigma\,\varepsilon,\quad \varepsilon \sim \mathcal{N}(0, 1)",
        parameters=(location(), positive("scale", r"\sigma", 1.0, 0.1, 3.0)),
        support=Support(r"\mathbb{R}"),
        route="location-scale",
        source=KINGMA,
        noise=noises.NORMAL,
        transform=location_scale,
        inverse=standardised,
        log_prob=normal_log_prob,
        cdf=lambda x, theta: ndtr(standardised(x, theta)),
        score=_normal_score,
        path=_path_of_scale,
        shift="loc",
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
    Family(
        name="laplace",
        title="Laplace",
        latex=r"x = \mu + b\,\varepsilon,\quad \varepsilon \sim \mathrm{Laplace}(0, 1)",
        parameters=(location(), positive("scale", "b", 1.0, 0.1, 3.0)),
        support=Support(r"\mathbb{R}"),
        route="location-scale",
        source=KINGMA,
        noise=noises.LAPLACE,
        transform=location_scale,
        inverse=standardised,
        log_prob=lambda x, theta: -standardised(x, theta).abs() - (2 * theta["scale"]).log(),
        cdf=_laplace_cdf,
        path=_path_of_scale,
        shift="loc",
    ),
    Family(
        name="logistic",
        title="Logistic",
        latex=r"x = \mu + s\,\varepsilon,\quad \varepsilon \sim \mathrm{Logistic}(0, 1)",
        parameters=(location(), positive("scale", "s", 0.6, 0.1, 2.0)),
        support=Support(r"\mathbb{R}"),
        route="location-scale",
        source=KINGMA,
        noise=noises.LOGISTIC,
        transform=location_scale,
        inverse=standardised,
        log_prob=lambda x, theta: noises.LOGISTIC.log_prob(standardised(x, theta)) - theta["scale"].log(),
        cdf=lambda x, theta: torch.sigmoid(standardised(x, theta)),
        path=_path_of_scale,
        shift="loc",
    ),
    Family(
        name="gumbel",
        title="Gumbel",
        latex=r"x = \mu + \beta\,\varepsilon,\quad \varepsilon \sim \mathrm{Gumbel}(0, 1)",
        parameters=(location(), positive("scale", r"\beta", 0.8, 0.1, 2.0)),
        support=Support(r"\mathbb{R}"),
        route="location-scale",
        source=KINGMA,
        noise=noises.GUMBEL,
        transform=location_scale,
        inverse=standardised,
        log_prob=lambda x, theta: noises.GUMBEL.log_prob(standardised(x, theta)) - theta["scale"].log(),
        cdf=lambda x, theta: torch.exp(-torch.exp(-standardised(x, theta))),
        path=_path_of_scale,
        shift="loc",
    ),
    Family(
        name="cauchy",
        title="Cauchy",
        latex=r"x = \mu + \gamma\,\varepsilon,\quad \varepsilon \sim \mathrm{Cauchy}(0, 1)",
        parameters=(location(), positive("scale", r"\gamma", 1.0, 0.1, 3.0)),
        support=Support(r"\mathbb{R}"),
        route="location-scale",
        source=KINGMA,
        noise=noises.CAUCHY,
        transform=location_scale,
        inverse=standardised,
        log_prob=lambda x, theta: noises.CAUCHY.log_prob(standardised(x, theta)) - theta["scale"].log(),
        cdf=lambda x, theta: 0.5 + standardised(x, theta).atan() / math.pi,
        path=_path_of_scale,
        shift="loc",
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
        transform=lambda eps, theta: theta["low"] + (theta["high"] - theta["low"]) * eps,
        inverse=lambda x, theta: (x - theta["low"]) / (theta["high"] - theta["low"]),
        log_prob=lambda x, theta: inside(
            x, _between(x, theta["low"], theta["high"]), -(theta["high"] - theta["low"]).log().expand_as(x)
        ),
        cdf=lambda x, theta: ((x - theta["low"]) / (theta["high"] - theta["low"])).clamp(0, 1),
        fault=lambda values: (
            ""
            if values["low"] < values["high"]
            else f"low must be below high, got low={values['low']:g} and high={values['high']:g}"
        ),
    ),
)
