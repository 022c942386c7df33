"""Estimators for discrete families that go through a softened sample.

A category is the largest of z_k = logit_k + Gumbel_k. Given which one, k, is largest, the gaps a_m = z_k - z_m to the
others (m = 1, 2, ... in order) follow from independent uniforms v_m in closed form: with T the sum of exp(logit),

    exp(a_m) = 1 + (T / exp(logit_m)) (v_m^(-1/m) - 1) v_1^(-1) v_2^(-1/2) ... v_(m-1)^(-1/(m-1)),

because the gaps jointly exceed (a_1, a_2, ...) with probability T / (exp(logit_k) + sum of exp(logit_m + a_m)). So the
relaxed estimators see the same categories as all the others, and REBAR's conditional noise needs no inversion.

RELAX (Grathwohl et al. 2018) is left out: its control variate is a network that learns as it goes, so that there is no
fixed estimator with an exact variance to set beside the others.
"""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import Integration, all_parameters, estimator
from explorer.core.families.family import Family, Theta, per_sample_derivative
from explorer.core.parameters import Parameter

_TEMPERATURE = Parameter("temperature", r"\tau", 0.5, (0.1, 2.0), (0.02, 100.0))


def _with_logits(family: Family) -> tuple[str, ...]:
    return all_parameters(family) if family.logits is not None else ()


def _uniforms(family: Family) -> tuple[str, ...]:
    return tuple(f"u{m}" for m in range(1, len(family.support.points)))


def _heights(draw: Draw, theta: Theta) -> Tensor:
    """z_m - z_k for every category m, S + (K,), differentiable in theta at fixed category and uniforms."""
    assert draw.family.logits is not None
    logits = draw.family.logits(theta).expand(*draw.eps.shape, -1)
    n_categories = logits.shape[-1]
    log_share = torch.log_softmax(logits, dim=-1)
    category = draw.x.long().unsqueeze(-1)
    log_v = draw.uniforms.log()
    orders = torch.arange(1, n_categories, dtype=log_v.dtype, device=log_v.device)
    steps = -log_v / orders
    log_factor = torch.log(torch.expm1(steps)) + steps.cumsum(-1) - steps
    # The m-th of the other categories: those after k are one place further on.
    others = orders.long() - 1 + (orders.long() - 1 >= category).long()
    gaps = torch.nn.functional.softplus(log_factor - log_share.gather(-1, others))
    return torch.zeros_like(logits).scatter(-1, others, -gaps)


def _softened(draw: Draw, heights: Tensor, temperature: float) -> Tensor:
    """The softened sample, of shape S: the atoms weighed by a softmax at this temperature."""
    atoms = heights.new_tensor(draw.family.support.points)
    return torch.softmax(heights / temperature, dim=-1) @ atoms


def _at_fixed_noise(draw: Draw, theta: Theta, temperature: float) -> Tensor:
    """The softened sample as a function of theta when the Gumbel noise stays: each z moves with its own logit."""
    assert draw.family.logits is not None
    with torch.no_grad():
        now = draw.family.logits(draw.theta)
        noise = _heights(draw, draw.theta) - now
    return _softened(draw, noise + draw.family.logits(theta), temperature)


def _at_fixed_category(draw: Draw, theta: Theta, temperature: float) -> Tensor:
    """The softened sample as a function of theta when the category and the uniforms stay."""
    return _softened(draw, _heights(draw, theta), temperature)


def _over_uniforms(temperature: float) -> Integration:
    return Integration(_uniforms, f_points=lambda draw, name: (_at_fixed_category(draw, draw.theta, temperature),))


@estimator(
    "gumbel_softmax",
    "Gumbel-softmax, temperature {temperature}",
    latex=r"\nabla_\theta f\!\left(\mathrm{softmax}\left((\ell_\theta + G)/\tau\right)\right)",
    source="Jang, Gu & Poole 2017; Maddison, Mnih & Teh 2017",
    biased=True,
    covers=_with_logits,
    settings=(_TEMPERATURE,),
    integration_at=_over_uniforms,
)
def gumbel_softmax(draw: Draw, name: str, temperature: float) -> Tensor:
    """The pathwise gradient of f at a softened sample: it answers for a softened problem, so it is biased."""
    return per_sample_derivative(
        lambda theta: draw.value_at(_at_fixed_noise(draw, theta, temperature)), draw.theta, name, draw.eps
    )


@estimator(
    "straight_through",
    "Straight-through, temperature {temperature}",
    latex=r"f'(x)\,\nabla_\theta\, \mathrm{softmax}\left((\ell_\theta + G)/\tau\right)",
    source="Bengio, Léonard & Courville 2013; Jang, Gu & Poole 2017",
    biased=True,
    covers=_with_logits,
    settings=(_TEMPERATURE,),
    integration_at=_over_uniforms,
)
def straight_through(draw: Draw, name: str, temperature: float) -> Tensor:
    """The slope of f at the hard sample along the softened one's path: biased."""
    return draw.slope * per_sample_derivative(
        lambda theta: _at_fixed_noise(draw, theta, temperature), draw.theta, name, draw.eps
    )


@estimator(
    "rebar",
    "REBAR, temperature {temperature}",
    latex=r"\left(f(x) - f(\tilde z)\right)\nabla_\theta \log q_\theta(x) "
    r"+ \nabla_\theta f(z) - \nabla_\theta f(\tilde z)",
    source="Tucker, Mnih, Maddison, Lawson & Sohl-Dickstein 2017",
    needs_smooth=True,
    evaluations=2,
    covers=_with_logits,
    settings=(_TEMPERATURE,),
    integration_at=_over_uniforms,
)
def rebar(draw: Draw, name: str, temperature: float) -> Tensor:
    """The score function with the softened f as a control variate, whose own gradient is put back by two paths.

    z moves at fixed Gumbel noise, z~ at fixed category; both start from the same numbers, so they are coupled.
    """
    softened = draw.value_at(_at_fixed_category(draw, draw.theta, temperature))
    free, held = (
        per_sample_derivative(
            lambda theta, at=at: draw.value_at(at(draw, theta, temperature)),  # type: ignore[misc]
            draw.theta,
            name,
            draw.eps,
        )
        for at in (_at_fixed_noise, _at_fixed_category)
    )
    return (draw.f - softened) * draw.score(name) + free - held
