"""Families of vectors. Their parameters are the entries, each a number of its own."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from explorer.core.families import noises
from explorer.core.families.family import Family, Support, Theta
from explorer.core.families.float32 import between, resolved
from explorer.core.families.implicit import FIGURNOV
from explorer.core.families.implicit_laws import BETA, beta_shares
from explorer.core.families.location_scale import KINGMA
from explorer.core.parameters import POSITIVE, Parameter


def _normal_transform(eps: Tensor, theta: Theta) -> Tensor:
    first, second = eps.unbind(-1)
    return torch.stack(
        torch.broadcast_tensors(
            theta["loc_1"] + theta["scale_tril_11"] * first,
            theta["loc_2"] + theta["scale_tril_21"] * first + theta["scale_tril_22"] * second,
        ),
        dim=-1,
    )


def _normal_inverse(x: Tensor, theta: Theta) -> Tensor:
    first = (x[..., 0] - theta["loc_1"]) / theta["scale_tril_11"]
    second = (x[..., 1] - theta["loc_2"] - theta["scale_tril_21"] * first) / theta["scale_tril_22"]
    return torch.stack(torch.broadcast_tensors(first, second), dim=-1)


def _normal_log_prob(x: Tensor, theta: Theta) -> Tensor:
    squares = _normal_inverse(x, theta).square().sum(-1)
    return -0.5 * squares - (theta["scale_tril_11"] * theta["scale_tril_22"]).log() - math.log(2 * math.pi)


def _normal_score(x: Tensor, theta: Theta, name: str) -> Tensor:
    """With eps = L^-1 (x - loc): L^-T eps for loc, tril(L^-T eps eps^T) - diag(1 / L_ii) for L."""
    first, second = _normal_inverse(x, theta).unbind(-1)
    down = second / theta["scale_tril_22"]
    up = (first - theta["scale_tril_21"] * down) / theta["scale_tril_11"]
    if name == "loc_1":
        return up
    if name == "loc_2":
        return down
    if name == "scale_tril_11":
        return up * first - 1 / theta["scale_tril_11"]
    if name == "scale_tril_21":
        return down * first
    return down * second - 1 / theta["scale_tril_22"]


def _normal_path(eps: Tensor, theta: Theta, name: str) -> Tensor:
    row = int(name.removeprefix("loc_")) if name.startswith("loc") else int(name[-2])
    speed = torch.ones_like(eps[..., 0]) if name.startswith("loc") else eps[..., int(name[-1]) - 1]
    still = torch.zeros_like(speed)
    return torch.stack((speed, still) if row == 1 else (still, speed), dim=-1)


def _sticks(theta: Theta) -> tuple[Theta, Theta]:
    """The Beta laws of the share that each break takes of what is left."""
    a, b, c = (theta[f"concentration_{i}"] for i in (1, 2, 3))
    return {"concentration1": a, "concentration0": b + c}, {"concentration1": b, "concentration0": c}


def _dirichlet_transform(eps: Tensor, theta: Theta) -> Tensor:
    (first, rest), (second, last) = (
        beta_shares(part, law) for part, law in zip(eps.unbind(-1), _sticks(theta), strict=True)
    )
    return torch.stack((first, rest * second, rest * last), dim=-1)


def _dirichlet_log_prob(x: Tensor, theta: Theta) -> Tensor:
    alphas = [theta[f"concentration_{i}"] for i in (1, 2, 3)]
    log_x = x.clamp(min=torch.finfo(x.dtype).tiny).log()
    total = torch.lgamma(alphas[0] + alphas[1] + alphas[2])
    for i, alpha in enumerate(alphas):
        total = total + (alpha - 1) * log_x[..., i] - torch.lgamma(alpha)
    within = (x >= 0).all(-1) & ((x.sum(-1) - 1).abs() < 1e-5)
    return torch.where(within, total, -math.inf)


def _dirichlet_score(x: Tensor, theta: Theta, name: str) -> Tensor:
    total = theta["concentration_1"] + theta["concentration_2"] + theta["concentration_3"]
    log_x = x[..., int(name[-1]) - 1].clamp(min=torch.finfo(x.dtype).tiny).log()
    return log_x + torch.digamma(total) - torch.digamma(theta[name])


def _dirichlet_path(eps: Tensor, theta: Theta, name: str) -> Tensor:
    laws, parts = _sticks(theta), eps.unbind(-1)
    (_, rest), (second, last) = (beta_shares(part, law) for part, law in zip(parts, laws, strict=True))
    index = int(name[-1])
    move_first = BETA.path(parts[0], laws[0], "concentration1" if index == 1 else "concentration0")
    move_second = torch.zeros_like(move_first)
    if index > 1:
        move_second = BETA.path(parts[1], laws[1], "concentration1" if index == 2 else "concentration0")
    return torch.stack(
        (
            move_first,
            rest * move_second - move_first * second,
            -rest * move_second - move_first * last,
        ),
        dim=-1,
    )


VECTORS = (
    Family(
        name="multivariate_normal",
        title="Normal in two dimensions",
        latex=r"x = \mu + L\,\varepsilon,\quad \varepsilon \sim \mathcal{N}(0, I_2)",
        parameters=(
            Parameter("loc_1", r"\mu_1", 1.0, (-3.0, 3.0)),
            Parameter("loc_2", r"\mu_2", 0.5, (-3.0, 3.0)),
            Parameter("scale_tril_11", "L_{11}", 1.0, (0.2, 2.0), POSITIVE),
            Parameter("scale_tril_21", "L_{21}", 0.5, (-2.0, 2.0)),
            Parameter("scale_tril_22", "L_{22}", 0.8, (0.2, 2.0), POSITIVE),
        ),
        support=Support(r"\mathbb{R}^2"),
        route="location-scale",
        source=KINGMA,
        noise=noises.NORMAL_PAIR,
        transform=_normal_transform,
        inverse=_normal_inverse,
        log_prob=_normal_log_prob,
        float32_fault=resolved((("loc_1",), "scale_tril_11"), (("loc_2", "scale_tril_21"), "scale_tril_22")),
        score=_normal_score,
        path=_normal_path,
    ),
    Family(
        name="dirichlet",
        title="Dirichlet",
        latex=r"x = (v_1,\ (1 - v_1)\,v_2,\ (1 - v_1)(1 - v_2)),\quad "
        r"v_i = F_{\mathrm{Beta}}^{-1}(\Phi(\varepsilon_i))",
        parameters=tuple(
            Parameter(f"concentration_{i}", rf"\alpha_{i}", default, (1.0, 6.0), (0.4, 400.0))
            for i, default in ((1, 2.0), (2, 3.0), (3, 1.5))
        ),
        support=Support(r"\{x \in (0, 1)^3 : x_1 + x_2 + x_3 = 1\}"),
        route="implicit",
        source=FIGURNOV,
        noise=noises.NORMAL_PAIR,
        transform=_dirichlet_transform,
        log_prob=_dirichlet_log_prob,
        float32_fault=between(**{f"concentration_{i}": (0.41, 399.0) for i in (1, 2, 3)}),
        score=_dirichlet_score,
        path=_dirichlet_path,
    ),
)
