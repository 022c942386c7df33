"""The chains of the composition route, by name. The contract of a `Chain` stands in composition_chain."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from explorer.core.experiments.composition_chain import Chain, Step
from explorer.core.families import FAMILIES
from explorer.core.families.family import Theta
from explorer.core.families.noises import NORMAL, UNIFORM
from explorer.core.parameters import POSITIVE, Parameter

MOST = 5
"""So many noises are drawn where a parameter counts them."""


def _columns(*parts: Tensor) -> Tensor:
    return torch.stack(torch.broadcast_tensors(*parts), dim=-1)


def _gamma(eps: Tensor, concentration: Tensor) -> Tensor:
    """F^-1(Phi(eps)) of the Gamma law of rate 1, with its slopes in both: the implicit route, for use in a chain.

    Its value is solved for outside of autograd, and its two slopes are put beside it: in eps the ratio of densities, in
    the concentration that of Figurnov, Mohamed & Mnih 2018.
    """
    family = FAMILIES["gamma"]
    law = {"concentration": concentration.detach(), "rate": torch.ones_like(concentration.detach())}
    fixed = eps.detach()
    x = family.transform(fixed, law)
    across = (NORMAL.log_prob(fixed) - family.log_prob(x, law)).exp()
    along = family.paths(fixed.expand_as(x), law, "concentration")
    return x + across * (eps - fixed) + along * (concentration - concentration.detach())


def _summed(count: str) -> Callable[[Tensor, Theta], Tensor]:
    """The sum of the first so many."""

    def function(before: Tensor, theta: Theta) -> Tensor:
        used = torch.arange(before.shape[-1]) < theta[count].unsqueeze(-1)
        return torch.where(used, before, 0.0).sum(-1, keepdim=True)

    return function


def _counting(name: str, symbol: str, default: float) -> Parameter:
    choices = tuple(float(i) for i in range(1, MOST + 1))
    return Parameter(name, symbol, default, (1.0, float(MOST)), POSITIVE, choices)


def _named(name: str, of: str, **new: object) -> Parameter:
    return replace(FAMILIES[of].parameter(name), **new)  # type: ignore[arg-type]


_DEGREES = (1.5, 12.0)
CHAINS: dict[str, Chain] = {
    chain.name: chain
    for chain in (
        Chain(
            "log_normal",
            NORMAL,
            1,
            FAMILIES["log_normal"].parameters,
            (
                Step(lambda e, theta: theta["scale"].unsqueeze(-1) * e, (-3.0, 3.0)),
                Step(lambda e, theta: theta["loc"].unsqueeze(-1) + e, (-4.0, 4.0)),
                Step(lambda e, theta: e.exp(), (0.0, 8.0)),
            ),
            lambda t: ("lognorm", {"s": t["scale"], "scale": math.exp(t["loc"])}),
            lambda t: ("log_normal", dict(t)),
        ),
        Chain(
            "gamma",
            UNIFORM,
            MOST,
            (_counting("concentration", r"\alpha", 3.0), _named("rate", "gamma")),
            (
                Step(lambda u, theta: -u.log(), (0.0, 6.0)),
                Step(_summed("concentration"), (0.0, 12.0)),
                Step(lambda s, theta: s / theta["rate"].unsqueeze(-1), (0.0, 12.0)),
            ),
            lambda t: ("gamma", {"a": t["concentration"], "scale": 1 / t["rate"]}),
            lambda t: ("gamma", dict(t)),
        ),
        Chain(
            "chi2",
            NORMAL,
            MOST,
            (_counting("df", r"\nu", 3.0),),
            (Step(lambda e, theta: e.square(), (0.0, 8.0)), Step(_summed("df"), (0.0, 16.0))),
            lambda t: ("chi2", {"df": t["df"]}),
            lambda t: ("gamma", {"concentration": t["df"] / 2, "rate": 0.5}),
        ),
        Chain(
            "student_t",
            NORMAL,
            2,
            FAMILIES["student_t"].parameters,
            (
                Step(lambda e, theta: _columns(e[..., 0], 2 * _gamma(e[..., 1], theta["df"] / 2)), (-4.0, 24.0)),
                Step(lambda p, theta: _columns(p[..., 0] / (p[..., 1] / theta["df"]).sqrt()), (-5.0, 5.0)),
                Step(lambda t, theta: theta["loc"].unsqueeze(-1) + theta["scale"].unsqueeze(-1) * t, (-7.0, 7.0)),
            ),
            lambda t: ("t", {"df": t["df"], "loc": t["loc"], "scale": t["scale"]}),
            lambda t: ("student_t", dict(t)),
        ),
        Chain(
            "beta",
            NORMAL,
            2,
            FAMILIES["beta"].parameters,
            (
                Step(
                    lambda e, theta: _columns(
                        _gamma(e[..., 0], theta["concentration1"]), _gamma(e[..., 1], theta["concentration0"])
                    ),
                    (0.0, 12.0),
                ),
                Step(lambda g, theta: g[..., :1] / g.sum(-1, keepdim=True), (0.0, 1.0)),
            ),
            lambda t: ("beta", {"a": t["concentration1"], "b": t["concentration0"]}),
            lambda t: ("beta", dict(t)),
        ),
        Chain(
            "dirichlet",
            NORMAL,
            3,
            FAMILIES["dirichlet"].parameters,
            (
                Step(
                    lambda e, theta: _columns(*(_gamma(e[..., i], theta[f"concentration_{i + 1}"]) for i in range(3))),
                    (0.0, 12.0),
                ),
                Step(lambda g, theta: g / g.sum(-1, keepdim=True), (0.0, 1.0)),
            ),
            # What is left of the stick beside the first share.
            lambda t: ("beta", {"a": t["concentration_1"], "b": t["concentration_2"] + t["concentration_3"]}),
            lambda t: ("dirichlet", dict(t)),
        ),
        Chain(
            "f",
            NORMAL,
            2,
            (Parameter("df1", r"\nu_1", 4.0, _DEGREES, POSITIVE), Parameter("df2", r"\nu_2", 6.0, _DEGREES, POSITIVE)),
            (
                Step(
                    lambda e, theta: _columns(*(2 * _gamma(e[..., i], theta[f"df{i + 1}"] / 2) for i in range(2))),
                    (0.0, 24.0),
                ),
                Step(lambda c, theta: _columns(*(c[..., i] / theta[f"df{i + 1}"] for i in range(2))), (0.0, 4.0)),
                Step(lambda r, theta: r[..., :1] / r[..., 1:], (0.0, 8.0)),
            ),
            lambda t: ("f", {"dfn": t["df1"], "dfd": t["df2"]}),
        ),
    )
}
"""The chains by name."""
