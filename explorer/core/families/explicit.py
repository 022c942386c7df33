"""Families with an explicit g: location-scale, inverse distribution function, composition."""

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


def _location_scale_path(eps: Tensor, theta: Theta, name: str) -> Tensor:
    return torch.ones_like(theta["loc"]) if name == "loc" else eps


def _location_scale(eps: Tensor, theta: Theta) -> Tensor:
    return theta["loc"] + theta["scale"] * eps


def _standardised(x: Tensor, theta: Theta) -> Tensor:
    return (x - theta["loc"]) / theta["scale"]


def normal_log_prob(x: Tensor, theta: Theta) -> Tensor:
    return -0.5 * _standardised(x, theta).square() - theta["scale"].log() - _HALF_LOG_2PI


def _laplace_cdf(x: Tensor, theta: Theta) -> Tensor:
    tail = 0.5 * torch.exp(-_standardised(x, theta).abs())
    return torch.where(x < theta["loc"], tail, 1 - tail)


def _between(x: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    return (x >= low) & (x <= high)


def _positive(x: Tensor) -> Tensor:
    """x with what lies outside (0, inf) moved inside, so that logarithms stay finite where they are not used."""
    return x.clamp(min=torch.finfo(x.dtype).tiny)


def _weibull_log_prob(x: Tensor, theta: Theta) -> Tensor:
    scale, shape = theta["scale"], theta["concentration"]
    log_ratio = _positive(x).log() - scale.log()
    return inside(x, x > 0, shape.log() - scale.log() + (shape - 1) * log_ratio - torch.exp(shape * log_ratio))


def _kumaraswamy_log_prob(x: Tensor, theta: Theta) -> Tensor:
    a, b = theta["concentration1"], theta["concentration0"]
    # The largest number below 1 stands for what rounding has moved onto 1.
    inner = _positive(x).clamp(max=1 - torch.finfo(x.dtype).eps / 2)
    log_x = inner.log()
    return inside(
        x,
        _between(x, 0, 1),
        a.log() + b.log() + (a - 1) * log_x + (b - 1) * torch.log(-torch.expm1(a * log_x)),
    )


def location(low: float = -4.0, high: float = 4.0, default: float = 1.0) -> Parameter:
    return Parameter("loc", r"\mu", default, (low, high))


def positive(name: str, symbol: str, default: float, low: float, high: float) -> Parameter:
    return Parameter(name, symbol, default, (low, high), POSITIVE)


EXPLICIT = (
    Family(
        name="normal",
        title="Normal",
        latex=r"x = \mu + \sigma\,\varepsilon,\quad \varepsilon \sim \mathcal{N}(0, 1)",
        parameters=(location(), positive("scale", r"\sigma", 1.0, 0.1, 3.0)),
        support=Support(r"\mathbb{R}"),
        route="location-scale",
        source=KINGMA,
        noise=noises.NORMAL,
        transform=_location_scale,
        inverse=_standardised,
        log_prob=normal_log_prob,
        cdf=lambda x, theta: ndtr(_standardised(x, theta)),
        score=_normal_score,
        path=_location_scale_path,
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
        transform=_location_scale,
        inverse=_standardised,
        log_prob=lambda x, theta: -_standardised(x, theta).abs() - (2 * theta["scale"]).log(),
        cdf=_laplace_cdf,
        path=_location_scale_path,
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
        transform=_location_scale,
        inverse=_standardised,
        log_prob=lambda x, theta: noises.LOGISTIC.log_prob(_standardised(x, theta)) - theta["scale"].log(),
        cdf=lambda x, theta: torch.sigmoid(_standardised(x, theta)),
        path=_location_scale_path,
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
        transform=_location_scale,
        inverse=_standardised,
        log_prob=lambda x, theta: noises.GUMBEL.log_prob(_standardised(x, theta)) - theta["scale"].log(),
        cdf=lambda x, theta: torch.exp(-torch.exp(-_standardised(x, theta))),
        path=_location_scale_path,
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
        transform=_location_scale,
        inverse=_standardised,
        log_prob=lambda x, theta: noises.CAUCHY.log_prob(_standardised(x, theta)) - theta["scale"].log(),
        cdf=lambda x, theta: 0.5 + _standardised(x, theta).atan() / math.pi,
        path=_location_scale_path,
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
    Family(
        name="exponential",
        title="Exponential",
        latex=r"x = -\log(1 - \varepsilon) / \lambda,\quad \varepsilon \sim \mathcal{U}(0, 1)",
        parameters=(positive("rate", r"\lambda", 1.0, 0.4, 4.0),),
        support=Support(r"[0, \infty)"),
        route="inverse CDF",
        source=KINGMA,
        noise=noises.UNIFORM,
        transform=lambda eps, theta: -torch.log1p(-eps) / theta["rate"],
        inverse=lambda x, theta: -torch.expm1(-theta["rate"] * x),
        log_prob=lambda x, theta: inside(x, x >= 0, theta["rate"].log() - theta["rate"] * x),
        cdf=lambda x, theta: -torch.expm1(-theta["rate"] * x.clamp(min=0)),
        weak={
            "rate": WeakDerivative(
                constant=lambda theta: 1 / theta["rate"],
                plus=lambda x, eps, extra, theta: x,
                minus=lambda x, eps, extra, theta: x + extra / theta["rate"],
            )
        },
    ),
    Family(
        name="weibull",
        title="Weibull",
        latex=r"x = \lambda\,\varepsilon^{1/k},\quad \varepsilon = -\log(1 - u) \sim \mathrm{Exp}(1)",
        parameters=(
            positive("scale", r"\lambda", 1.0, 0.4, 3.0),
            positive("concentration", "k", 1.5, 1.0, 5.0),
        ),
        support=Support(r"(0, \infty)"),
        route="inverse CDF",
        source=KINGMA,
        noise=noises.EXPONENTIAL,
        transform=lambda eps, theta: theta["scale"] * eps ** (1 / theta["concentration"]),
        inverse=lambda x, theta: (x.clamp(min=0) / theta["scale"]) ** theta["concentration"],
        log_prob=_weibull_log_prob,
        cdf=lambda x, theta: -torch.expm1(-((_positive(x) / theta["scale"]) ** theta["concentration"])),
        weak={
            "scale": WeakDerivative(
                constant=lambda theta: theta["concentration"] / theta["scale"],
                plus=lambda x, eps, extra, theta: theta["scale"] * (eps + extra) ** (1 / theta["concentration"]),
                minus=lambda x, eps, extra, theta: x,
            )
        },
    ),
    Family(
        name="pareto",
        title="Pareto",
        latex=r"x = m\,e^{\varepsilon/\alpha},\quad \varepsilon = -\log(1 - u) \sim \mathrm{Exp}(1)",
        parameters=(
            positive("scale", "m", 1.0, 0.5, 2.0),
            positive("alpha", r"\alpha", 6.0, 1.5, 10.0),
        ),
        support=Support(r"[m, \infty)", moves=True),
        route="inverse CDF",
        source=KINGMA,
        noise=noises.EXPONENTIAL,
        transform=lambda eps, theta: theta["scale"] * torch.exp(eps / theta["alpha"]),
        inverse=lambda x, theta: theta["alpha"] * (_positive(x).log() - theta["scale"].log()),
        log_prob=lambda x, theta: inside(
            x,
            x >= theta["scale"],
            theta["alpha"].log() - _positive(x).log() - theta["alpha"] * (_positive(x).log() - theta["scale"].log()),
        ),
        cdf=lambda x, theta: -torch.expm1(-theta["alpha"] * (_positive(x).log() - theta["scale"].log()).clamp(min=0)),
        tail=lambda values: values["alpha"],
    ),
    Family(
        name="kumaraswamy",
        title="Kumaraswamy",
        latex=r"x = \left(1 - (1 - \varepsilon)^{1/b}\right)^{1/a},\quad \varepsilon \sim \mathcal{U}(0, 1)",
        parameters=(
            positive("concentration1", "a", 2.0, 1.0, 5.0),
            positive("concentration0", "b", 3.0, 1.0, 5.0),
        ),
        support=Support("(0, 1)"),
        route="inverse CDF",
        source="Kumaraswamy 1980; the transformation is its inverse distribution function",
        noise=noises.UNIFORM,
        transform=lambda eps, theta: (
            (-torch.expm1(torch.log1p(-eps) / theta["concentration0"])) ** (1 / theta["concentration1"])
        ),
        inverse=lambda x, theta: (
            -torch.expm1(theta["concentration0"] * torch.log1p(-(x.clamp(0, 1) ** theta["concentration1"])))
        ),
        log_prob=_kumaraswamy_log_prob,
        cdf=lambda x, theta: (
            -torch.expm1(
                theta["concentration0"]
                * torch.log1p(
                    -(x.clamp(torch.finfo(x.dtype).tiny, 1 - torch.finfo(x.dtype).eps / 2) ** theta["concentration1"])
                )
            )
        ),
    ),
    Family(
        name="log_normal",
        title="Log-Normal",
        latex=r"x = e^{\mu + \sigma\,\varepsilon},\quad \varepsilon \sim \mathcal{N}(0, 1)",
        parameters=(location(-1.5, 1.0, 0.0), positive("scale", r"\sigma", 0.5, 0.1, 1.0)),
        support=Support(r"(0, \infty)"),
        route="composition",
        source=KINGMA,
        noise=noises.NORMAL,
        transform=lambda eps, theta: _location_scale(eps, theta).exp(),
        inverse=lambda x, theta: (x.clamp(min=0).log() - theta["loc"]) / theta["scale"],
        log_prob=lambda x, theta: inside(x, x > 0, normal_log_prob(_positive(x).log(), theta) - x.abs().log()),
        cdf=lambda x, theta: ndtr(_standardised(_positive(x).log(), theta)),
    ),
)
