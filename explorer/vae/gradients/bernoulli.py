"""The estimators for latents that are bits. Write f for `draw.inner` and s = z - p for the score in the logits.

The three that go through relaxed bits know log p(x | z) between the codes as the decoder goes on there. The KL term is
one of bits, not of relaxed ones: `gumbel_softmax` and `straight_through` take it exactly whatever the draw says, and
REBAR's control variate is of log p(x | z) alone.
"""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.parameters import Parameter
from explorer.vae.gradients import bernoulli_moments
from explorer.vae.gradients.bernoulli_draw import BernoulliDraw
from explorer.vae.gradients.contract import bernoulli
from explorer.vae.gradients.normal import GROUP, leave_one_out_moments, without_the_others

TEMPERATURE = Parameter("temperature", r"\tau", 0.5, (0.1, 2.0), (0.02, 100.0))


@bernoulli(
    "score_function",
    "Score function",
    latex=r"f(z)\,(z - p)",
    source="Williams 1992; Paisley, Blei & Jordan 2012",
)
def score_function(draw: BernoulliDraw) -> Tensor:
    """f(z) s. With the KL sampled, f depends on q too: the mean of that part's gradient is E s = 0."""
    return draw.inner[..., None] * draw.score


@bernoulli(
    "leave_one_out",
    "Score function, leave-one-out baseline of {group}",
    latex=r"\left(f(z_i) - \tfrac{1}{K-1}\textstyle\sum_{j \neq i} f(z_j)\right)(z_i - p)",
    source="Mnih & Rezende 2016; Kool, van Hoof & Welling 2019",
    settings=(GROUP,),
    group_at=lambda group: int(group),
    moments=leave_one_out_moments,
)
def leave_one_out(draw: BernoulliDraw, group: float) -> Tensor:
    """Each sample's baseline is the mean of f over the other samples of its group: unbiased, but coupled."""
    return without_the_others(draw.inner, int(group))[..., None] * draw.score


@bernoulli(
    "disarm",
    "DisARM (U2G), antithetic in the uniform",
    latex=r"\tfrac12\left(f(z) - f(z')\right)(z - z')\,\sigma(|\ell|)",
    source="Dong, Mnih & Tucker 2020; Yin, Ho, Yan, Qian & Zhou 2020",
    moments=bernoulli_moments.disarm,
)
def disarm(draw: BernoulliDraw) -> Tensor:
    """The difference of f at u and at 1 - u, given to the bits in which the two codes differ: two evaluations of f.

    Where the pair agrees in a bit it says nothing of it.
    """
    other = draw.mirrored
    return 0.5 * (draw.inner - other.inner)[..., None] * (draw.z - other.z) * torch.sigmoid(draw.logits.abs())


@bernoulli(
    "gumbel_softmax",
    "Gumbel-softmax, temperature {temperature}",
    latex=r"\nabla_\ell\, \log p\!\left(\mathbf{x} \mid \sigma\left((\ell + g)/\tau\right)\right)",
    source="Jang, Gu & Poole 2017; Maddison, Mnih & Teh 2017",
    biased=True,
    knows_kl=True,
    settings=(TEMPERATURE,),
    moments=bernoulli_moments.refused,
)
def gumbel_softmax(draw: BernoulliDraw, temperature: float) -> Tensor:
    """The pathwise gradient at relaxed bits: it answers for a softened model, so it is biased."""
    return draw.at(draw.relaxed(temperature)).slope * draw.path(temperature)


@bernoulli(
    "straight_through",
    "Straight-through, temperature {temperature}",
    latex=r"\nabla_z \log p(\mathbf{x} \mid z)\,\nabla_\ell\, \sigma\left((\ell + g)/\tau\right)",
    source="Bengio, Léonard & Courville 2013; Jang, Gu & Poole 2017",
    biased=True,
    knows_kl=True,
    settings=(TEMPERATURE,),
    moments=bernoulli_moments.straight_through,
)
def straight_through(draw: BernoulliDraw, temperature: float) -> Tensor:
    """The slope at the hard bits along the relaxed ones' path: biased."""
    return draw.slope * draw.path(temperature)


@bernoulli(
    "rebar",
    "REBAR, temperature {temperature}",
    latex=r"\left(f(z) - \log p(\mathbf{x} \mid \tilde z)\right)(z - p) "
    r"+ \nabla_\ell \log p(\mathbf{x} \mid \zeta) - \nabla_\ell \log p(\mathbf{x} \mid \tilde z)",
    source="Tucker, Mnih, Maddison, Lawson & Sohl-Dickstein 2017",
    settings=(TEMPERATURE,),
    moments=bernoulli_moments.refused,
)
def rebar(draw: BernoulliDraw, temperature: float) -> Tensor:
    """The score function with the relaxed log p(x | z) as a control variate, its own gradient put back by two paths.

    The relaxed bits zeta move at fixed noise u, z~ at fixed code and place v of u within it: u = p v where the bit is
    1, p + (1 - p) v where it is 0. Both start from the same numbers (eta = 1), so that they are coupled. At fixed u the
    relaxed logit l + g moves with l alone; at fixed v by (p - u) / (1 - u) or (u - p) / u of it.
    """
    at = draw.at(draw.relaxed(temperature))
    free_less_held = torch.where(draw.z > 0, draw.q / (1 - draw.u), draw.p / draw.u)
    paths = at.slope * draw.path(temperature) * free_less_held
    return (draw.inner - at.log_prob)[..., None] * draw.score + paths


@bernoulli(
    "enumeration",
    "Exact enumeration",
    latex=r"\textstyle\sum_z q(z \mid \mathbf{x}) \log p(\mathbf{x} \mid z)\,(z - p)",
    source="Mohamed, Rosca, Figurnov & Mnih 2020, Section 2",
    knows_kl=True,
    moments=bernoulli_moments.enumeration,
)
def enumeration(draw: BernoulliDraw) -> Tensor:
    """No sampling at all: the gradient itself, the same for every sample."""
    return draw.exact.expand(draw.u.shape)
