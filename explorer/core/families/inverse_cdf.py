"""Families with x = F^{-1}(u), the inverse distribution function in closed form, or a composition of such steps."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.special import ndtr

from explorer.core.families import noises
from explorer.core.families.family import Family, Line, Support, Theta, WeakDerivative, inside
from explorer.core.families.float32 import (
    BELOW_ONE,
    LEAST,
    ROUNDED_TO_ONE,
    away_from_one,
    between,
    first_of,
    kept_inside,
)
from explorer.core.families.location_scale import (
    KINGMA,
    location,
    location_scale,
    normal_log_prob,
    positive,
    standardised,
)


def _positive(x: Tensor) -> Tensor:
    """x with what lies outside (0, inf) moved inside, so that logarithms stay finite where they are not used."""
    return x.clamp(min=torch.finfo(x.dtype).tiny)


def _within_unit(x: Tensor) -> Tensor:
    """The same for (0, 1): the largest number below 1 stands for what rounding has moved onto it."""
    return _positive(x).clamp(max=1 - torch.finfo(x.dtype).eps / 2)


def _weibull_log_prob(x: Tensor, theta: Theta) -> Tensor:
    scale, shape = theta["scale"], theta["concentration"]
    log_ratio = _positive(x).log() - scale.log()
    return inside(x, x > 0, shape.log() - scale.log() + (shape - 1) * log_ratio - torch.exp(shape * log_ratio))


def _kumaraswamy_log_prob(x: Tensor, theta: Theta) -> Tensor:
    a, b = theta["concentration1"], theta["concentration0"]
    log_x = _within_unit(x).log()
    return inside(
        x,
        (x >= 0) & (x <= 1),
        a.log() + b.log() + (a - 1) * log_x + (b - 1) * torch.log(-torch.expm1(a * log_x)),
    )


def _kumaraswamy_transform(eps: Tensor, theta: Theta) -> Tensor:
    x = (-torch.expm1(torch.log1p(-eps) / theta["concentration0"])) ** (1 / theta["concentration1"])
    return kept_inside(x, LEAST, BELOW_ONE)


def _kumaraswamy_log_mass_at_one(values: Mapping[str, float]) -> float:
    """log P(x > 1 - ROUNDED_TO_ONE)."""
    a, b = values["concentration1"], values["concentration0"]
    return b * math.log(-math.expm1(a * math.log1p(-ROUNDED_TO_ONE)))


def _pareto_transform(eps: Tensor, theta: Theta) -> Tensor:
    x = theta["scale"] * torch.exp(eps / theta["alpha"])
    return kept_inside(x, torch.nextafter(theta["scale"], 2 * theta["scale"]))


def _rising(y: Tensor) -> Tensor:
    """1 - exp(-y), y >= 0, to the last digits: expm1 keeps those of a small value, exp those of a small slope."""
    return torch.where(y < 1, -torch.expm1(-y), 1 - torch.exp(-y))


def _kumaraswamy_cdf(x: Tensor, theta: Theta) -> Tensor:
    """1 - (1 - x**a)**b; log(1 - x**a) from whichever form keeps its digits."""
    log_power = theta["concentration1"] * _within_unit(x).log()
    near, far = log_power.clamp(min=-0.7), log_power.clamp(max=-0.7)
    log_rest = torch.where(log_power > -0.7, torch.log(-torch.expm1(near)), torch.log1p(-torch.exp(far)))
    return _rising(-theta["concentration0"] * log_rest)


def _exponential_on_line(t: Tensor, theta: Theta) -> Tensor:
    eps, stretch = noises.EXPONENTIAL.stretch(t)
    return noises.EXPONENTIAL.log_prob(eps) + stretch.log()


def _exponential_ends(theta: Theta) -> tuple[Tensor, Tensor]:
    low, high = noises.EXPONENTIAL.interval
    return torch.full_like(theta["rate"], low), torch.full_like(theta["rate"], high)


INVERSE_CDF = (
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
        cdf=lambda x, theta: _rising(theta["rate"] * x.clamp(min=0)),
        float32_fault=between(rate=(1e-5, 1e5)),
        # A uniform number next to 1 has lost the digits of 1 - u, which a slow tail needs.
        line=Line(
            transform=lambda t, theta: noises.EXPONENTIAL.stretch(t)[0] / theta["rate"],
            path=lambda t, theta, name: -noises.EXPONENTIAL.stretch(t)[0] / theta["rate"].square(),
            log_density=_exponential_on_line,
            ends=_exponential_ends,
            inverse=lambda x, theta: noises.EXPONENTIAL.unstretch(theta["rate"] * x),
        ),
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
        cdf=lambda x, theta: _rising((_positive(x) / theta["scale"]) ** theta["concentration"]),
        # Below, the power of the smallest draw leaves float32; above, log(x / scale) loses its digits.
        float32_fault=between(scale=(1e-5, 1e5), concentration=(0.25, 1000.0)),
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
        transform=_pareto_transform,
        inverse=lambda x, theta: theta["alpha"] * (_positive(x).log() - theta["scale"].log()),
        log_prob=lambda x, theta: inside(
            x,
            x >= theta["scale"],
            theta["alpha"].log() - _positive(x).log() - theta["alpha"] * (_positive(x).log() - theta["scale"].log()),
        ),
        cdf=lambda x, theta: _rising(theta["alpha"] * (_positive(x).log() - theta["scale"].log()).clamp(min=0)),
        tail=lambda values: values["alpha"],
        # Below, squares of samples 10**10 scales out leave float32 when weighed; above, log(x / scale) loses digits.
        float32_fault=between(scale=(1e-3, 1e3), alpha=(0.75, 1000.0)),
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
        transform=_kumaraswamy_transform,
        float32_fault=first_of(
            between(concentration1=(0.4, 1000.0), concentration0=(0.4, 1000.0)),
            away_from_one(_kumaraswamy_log_mass_at_one),
        ),
        inverse=lambda x, theta: (
            -torch.expm1(theta["concentration0"] * torch.log1p(-(x.clamp(0, 1) ** theta["concentration1"])))
        ),
        log_prob=_kumaraswamy_log_prob,
        cdf=_kumaraswamy_cdf,
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
        transform=lambda eps, theta: location_scale(eps, theta).exp(),
        inverse=lambda x, theta: standardised(x.clamp(min=0).log(), theta),
        # exp(20 + 6 * 3) has a square in float32.
        float32_fault=between(loc=(-20.0, 20.0), scale=(1e-3, 3.0)),
        log_prob=lambda x, theta: inside(x, x > 0, normal_log_prob(_positive(x).log(), theta) - x.abs().log()),
        cdf=lambda x, theta: ndtr(standardised(_positive(x).log(), theta)),
    ),
)
