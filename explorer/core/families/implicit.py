"""Families whose derivative comes from the distribution function alone; their g is solved for numerically."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

import torch
from torch import Tensor

from explorer.core.families import noises
from explorer.core.families.family import Family, Support, Theta, WeakDerivative
from explorer.core.families.float32 import (
    LEAST,
    ROUNDED_TO_ONE,
    away_from_one,
    between,
    first_of,
    kept_inside,
    resolved,
)
from explorer.core.families.implicit_laws import (
    BETA,
    GAMMA,
    MIXTURE,
    STUDENT,
    VON_MISES,
    beta_log_prob,
    gamma_log_prob,
    mixture_log_prob,
    student_log_prob,
    student_score,
    von_mises_log_prob,
)
from explorer.core.families.location_scale import location, location_scale, positive
from explorer.core.parameters import Parameter

FIGURNOV = "Figurnov, Mohamed & Mnih 2018, Section 3"
_NORMAL_NOISE = r"\Phi(\varepsilon),\quad \varepsilon \sim \mathcal{N}(0, 1)"


def _mixture_fault(values: Mapping[str, float]) -> str:
    """The distribution function is summed over panels of equal width, which must not step over a component."""
    narrow, wide = sorted((values["scale_1"], values["scale_2"]))
    if 26 * wide + abs(values["loc_1"] - values["loc_2"]) > 800 * narrow:
        return "the components are too unlike: the narrow one's scale must be at least 1/800 of the mixture's width"
    return ""


def _beta_log_mass_at_one(values: Mapping[str, float]) -> float:
    """log P(x > 1 - ROUNDED_TO_ONE), to leading order."""
    a, b = values["concentration1"], values["concentration0"]
    return b * math.log(ROUNDED_TO_ONE) - math.log(b) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)


def _von_mises_is_steep(theta: Theta) -> Tensor:
    """By dx/dloc = 1 - q(pi) / q(x), which is 1 - exp(kappa (1 - cos(loc))) at the antimode."""
    return theta["concentration"] * (1 - torch.cos(theta["loc"])) > 10


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

    def transform(at: Tensor, theta: Theta) -> Tensor:
        return kept_inside(law.transform(at, theta) / theta["rate"], LEAST)

    return {"transform": transform, "path": path}


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
        log_prob=gamma_log_prob,
        **_with_rate(GAMMA),
        line=replace(GAMMA.line(), **_with_rate(GAMMA.line())),
        # Below, samples are often smaller than any number in float32.
        float32_fault=between(concentration=(0.1, 999.0), rate=(1e-4, 1e4)),
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
        float32_fault=first_of(
            between(concentration1=(0.41, 999.0), concentration0=(0.41, 999.0)), away_from_one(_beta_log_mass_at_one)
        ),
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
        log_prob=student_log_prob,
        score=student_score,
        **_with_loc_and_scale(STUDENT),
        shift="loc",
        line=replace(STUDENT.line(), **_with_loc_and_scale(STUDENT.line())),
        float32_fault=first_of(between(df=(0.71, 999.0)), resolved((("loc",), "scale"))),
        tail=lambda values: values["df"],
    ),
    Family(
        name="von_mises",
        title="von Mises",
        latex=r"x = F^{-1}(u;\, \mu, \kappa),\quad u = " + _NORMAL_NOISE,
        parameters=(
            # At pi, where the support is cut, the mode would lie on both sides; past 100 the panels of the distribution
            # function are too wide for the density.
            Parameter("loc", r"\mu", 1.0, (-2.0, 2.0), (-math.pi, math.pi)),
            Parameter("concentration", r"\kappa", 2.0, (0.5, 5.0), (0.0, 100.0)),
        ),
        support=Support(r"[-\pi, \pi]"),
        route="implicit",
        source=FIGURNOV,
        noise=noises.NORMAL,
        transform=VON_MISES.transform,
        log_prob=von_mises_log_prob,
        path=VON_MISES.path,
        line=VON_MISES.line(),
        steep=_von_mises_is_steep,
        float32_fault=between(loc=(-3.14, 3.14), concentration=(1e-6, 99.9)),
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
        transform=MIXTURE.transform,
        log_prob=mixture_log_prob,
        path=MIXTURE.path,
        line=MIXTURE.line(),
        fault=_mixture_fault,
        float32_fault=resolved((("loc_1", "loc_2"), "scale_1"), (("loc_1", "loc_2"), "scale_2")),
    ),
)
