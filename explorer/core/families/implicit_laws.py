"""Laws of which only the density is known in closed form, each with the line on which its integrals are taken."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from explorer.core.families.family import Theta, inside
from explorer.core.families.float32 import BELOW_ONE, LEAST, kept_inside
from explorer.core.families.location_scale import normal_log_prob
from explorer.core.families.quantile_table import QuantileMap

MIXTURE_WEIGHT = 0.4
"""The weight of the mixture's first component."""


def _softplus(t: Tensor) -> tuple[Tensor, Tensor]:
    # torch's softplus is the identity above 20, off by 2e-9 there.
    return t.clamp(min=0) + torch.log1p(torch.exp(-t.abs())), torch.sigmoid(t)


def _unit(t: Tensor) -> tuple[Tensor, Tensor]:
    return kept_inside(torch.sigmoid(t), LEAST, BELOW_ONE), torch.sigmoid(t) * torch.sigmoid(-t)


def _circle(t: Tensor) -> tuple[Tensor, Tensor]:
    x = kept_inside(math.pi * torch.tanh(0.5 * t), -BELOW_ONE * math.pi, BELOW_ONE * math.pi)
    return x, 2 * math.pi * torch.sigmoid(t) * torch.sigmoid(-t)


def _line(t: Tensor) -> tuple[Tensor, Tensor]:
    return t.sinh(), t.cosh()


def _safe_log(x: Tensor) -> Tensor:
    return x.clamp(min=torch.finfo(x.dtype).tiny).log()


def gamma_log_prob(x: Tensor, theta: Theta) -> Tensor:
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


def _student_log_square(x: Tensor, theta: Theta) -> Tensor:
    """log(y² / df), y being x in scales from loc: squares of what is far out would overflow."""
    return 2 * _safe_log(((x - theta["loc"]) / theta["scale"]).abs()) - theta["df"].log()


def student_log_prob(x: Tensor, theta: Theta) -> Tensor:
    df, scale = theta["df"], theta["scale"]
    log_square = _student_log_square(x, theta)
    log_norm = torch.lgamma(0.5 * (df + 1)) - torch.lgamma(0.5 * df) - 0.5 * (math.pi * df).log() - scale.log()
    return log_norm - 0.5 * (df + 1) * torch.logaddexp(torch.zeros_like(log_square), log_square)


def student_score(x: Tensor, theta: Theta, name: str) -> Tensor:
    df, scale = theta["df"], theta["scale"]
    log_square = _student_log_square(x, theta)
    # y² / (df + y²)
    share = torch.sigmoid(log_square)
    if name == "scale":
        return ((df + 1) * share - 1) / scale
    if name == "loc":
        return (1 + 1 / df) * (x - theta["loc"]) / scale.square() * torch.sigmoid(-log_square)
    log_term = torch.where(log_square > 50, log_square, torch.log1p(log_square.exp()))
    # Nearly all of it cancels where df is large: in float64, on the CPU since not every device has that.
    wide = df.to("cpu", torch.float64)
    known = torch.digamma(0.5 * (wide + 1)) - torch.digamma(0.5 * wide) - 1 / wide
    return 0.5 * (known.to(x.device, x.dtype) + (1 + 1 / df) * share - log_term)


def von_mises_log_prob(x: Tensor, theta: Theta) -> Tensor:
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


def mixture_log_prob(x: Tensor, theta: Theta) -> Tensor:
    return torch.logaddexp(*_mixture_parts(x, theta))


def _mixture_interval(theta: Theta) -> tuple[Tensor, Tensor]:
    ends = [[theta[f"loc_{i}"] + sign * 13 * theta[f"scale_{i}"] for i in (1, 2)] for sign in (-1, 1)]
    return torch.minimum(*ends[0]), torch.maximum(*ends[1])


GAMMA = QuantileMap(
    ("concentration",),
    lambda x, theta: (theta["concentration"] - 1) * _safe_log(x) - x - torch.lgamma(theta["concentration"]),
    _softplus,
    # On the far side x is t itself, and the concentration reaches 1,000.
    farthest=2000.0,
)


BETA = QuantileMap(("concentration1", "concentration0"), beta_log_prob, _unit, on_line=_beta_on_line)


def beta_shares(eps: Tensor, theta: Theta) -> tuple[Tensor, Tensor]:
    """x and 1 - x, each with all its digits."""
    t = BETA.solution(eps, theta)
    return _unit(t)[0], _unit(-t)[0]


STUDENT = QuantileMap(
    ("df",),
    lambda x, theta: student_log_prob(x, {**theta, "loc": x.new_zeros(()), "scale": x.new_ones(())}),
    _line,
    largest_eps=30.0,
    # The heavier the tails, the longer the line.
    panels=768,
)


VON_MISES = QuantileMap(
    ("loc", "concentration"),
    von_mises_log_prob,
    _circle,
    largest_eps=8.0,
    nodes=16384,
    interval=lambda theta: (torch.full_like(theta["loc"], -42.0), torch.full_like(theta["loc"], 42.0)),
    # From panel to panel log q moves by at most 3, at a concentration of 100: paths across the antimode, where q is
    # exp(-2 concentration) of the mode's, are polynomials there.
    panels=4096,
)


MIXTURE = QuantileMap(
    ("loc_1", "scale_1", "loc_2", "scale_2"),
    mixture_log_prob,
    lambda t: (t, torch.ones_like(t)),
    nodes=16384,
    interval=_mixture_interval,
)
