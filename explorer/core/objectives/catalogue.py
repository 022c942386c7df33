"""The objectives on the menus."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from explorer.core.objectives.objective import Jump, Objective, Values, per_coordinate
from explorer.core.parameters import Parameter


def _log_sum_exp(x: Tensor, values: Values) -> Tensor:
    k = per_coordinate(values["k"])
    return torch.logsumexp(torch.cat((torch.zeros_like(x[..., :1]), k * x), dim=-1), dim=-1)


def _log_sum_exp_slope(x: Tensor, values: Values) -> Tensor:
    k = per_coordinate(values["k"])
    return k * torch.softmax(torch.cat((torch.zeros_like(x[..., :1]), k * x), dim=-1), dim=-1)[..., 1:]


_TEST_BED = "Mohamed, Rosca, Figurnov & Mnih 2020, Section 3"


_SHARPEST = 1000.0
"""The largest k: quadrature could step over what is narrower."""


def _k(
    default: float, slider: tuple[float, float], valid: tuple[float, float] = (-math.inf, math.inf)
) -> tuple[Parameter, ...]:
    return (Parameter("k", "k", default, slider, valid),)


OBJECTIVES: dict[str, Objective] = {
    objective.name: objective.at(**{parameter.name: parameter.default for parameter in objective.parameters})
    for objective in (
        Objective(
            name="constant",
            title="1",
            latex="1",
            function=lambda x, values: torch.ones_like(x),
            derivative=lambda x, values: torch.zeros_like(x),
            source="its gradient is 0: what is left is an estimator's own noise",
        ),
        Objective(
            name="identity",
            title="x",
            latex="x",
            function=lambda x, values: x,
            derivative=lambda x, values: torch.ones_like(x),
            source="the gradient of the mean",
        ),
        Objective(
            name="square",
            title="x²",
            latex="x^2",
            function=lambda x, values: x * x,
            derivative=lambda x, values: 2 * x,
            source="the toy problem: minimise E[x²] under N(θ, 1)",
        ),
        Objective(
            name="shifted_square",
            title="(x − k)²",
            latex="(x - k)^2",
            function=lambda x, values: (x - values["k"]).square(),
            derivative=lambda x, values: 2 * (x - values["k"]),
            parameters=_k(2.0, (-3.0, 3.0)),
            source=_TEST_BED,
        ),
        Objective(
            name="absolute",
            title="|x − k|",
            latex=r"\lvert x - k \rvert",
            function=lambda x, values: (x - values["k"]).abs(),
            derivative=lambda x, values: (x - values["k"]).sign(),
            kinks_at=lambda values: (values["k"],),
            parameters=_k(0.5, (-3.0, 3.0)),
            source="continuous, with a kink: the pathwise estimator still holds (Mohamed et al. 2020, Section 5)",
        ),
        Objective(
            name="squared_exponential",
            title="exp(−k x²)",
            latex="e^{-k x^2}",
            function=lambda x, values: (-values["k"] * x.square()).exp(),
            parameters=_k(1.0, (0.1, 20.0), (0.0, _SHARPEST)),
            source=_TEST_BED,
        ),
        Objective(
            name="cosine",
            title="cos(k x)",
            latex=r"\cos(k x)",
            function=lambda x, values: (values["k"] * x).cos(),
            derivative=lambda x, values: -values["k"] * (values["k"] * x).sin(),
            period=lambda values: 2 * math.pi / torch.as_tensor(values["k"], dtype=torch.float64).abs(),
            parameters=_k(1.0, (0.1, 10.0), (-_SHARPEST, _SHARPEST)),
            source=_TEST_BED,
        ),
        Objective(
            name="step",
            title="step at k",
            latex=r"\mathbf{1}[x > k]",
            function=lambda x, values: (x > values["k"]).to(x.dtype),
            parameters=_k(1.0, (-3.0, 3.0)),
            jumps_at=lambda values: (Jump(values["k"], 1.0),),
            source="Mohamed, Rosca, Figurnov & Mnih 2020, Section 5",
        ),
        Objective(
            name="rare_event",
            title="rare bump at k",
            latex=r"e^{-50 (x - k)^2}",
            function=lambda x, values: (-50 * (x - values["k"]).square()).exp(),
            derivative=lambda x, values: -100 * (x - values["k"]) * (-50 * (x - values["k"]).square()).exp(),
            parameters=_k(3.0, (-6.0, 6.0)),
            source="a bump of width 0.1 where few samples fall: the keys away from the street lamp",
        ),
        Objective(
            name="log_sum_exp",
            title="log(1 + Σ exp(k x))",
            latex=r"\log\left(1 + \textstyle\sum_d e^{k x_d}\right)",
            function=_log_sum_exp,
            derivative=_log_sum_exp_slope,
            joint=True,
            parameters=_k(2.0, (0.1, 5.0), (-_SHARPEST, _SHARPEST)),
            source="the log-normaliser of a softmax; for one coordinate the softplus",
        ),
    )
}


def get_objective(objective: object) -> Objective:
    """The entry of OBJECTIVES for a name; an Objective is returned as it is. Raises ValueError with the known names."""
    if isinstance(objective, Objective):
        return objective
    if not isinstance(objective, str) or objective not in OBJECTIVES:
        raise ValueError(f"objective must be an Objective or one of {', '.join(OBJECTIVES)}, got {objective!r}")
    return OBJECTIVES[objective]
