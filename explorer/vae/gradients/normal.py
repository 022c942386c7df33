"""The estimators for latents with a Gaussian posterior. Write f for `draw.inner` and s for the score of q(z | x)."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.parameters import Parameter
from explorer.vae.gradients import moments
from explorer.vae.gradients.contract import normal
from explorer.vae.gradients.draw import NormalDraw

GROUP = Parameter("group", "K", 8.0, (2.0, 16.0), (1.0, 17.0), choices=(2.0, 4.0, 8.0, 16.0))


@normal(
    "score_function",
    "Score function",
    latex=r"f(z)\,\nabla \log q(z \mid \mathbf{x})",
    source="Williams 1992; Paisley, Blei & Jordan 2012",
)
def score_function(draw: NormalDraw) -> Tensor:
    """f(z) s. With the KL sampled, f depends on q too: the mean of that part's gradient is E s = 0."""
    return draw.inner[..., None] * draw.score


@normal(
    "optimal_baseline",
    "Score function, optimal baseline b*",
    latex=r"\left(f(z) - b^*\right)\nabla \log q(z \mid \mathbf{x}),\quad "
    r"b^* = \mathbb{E}[f s^2] / \mathbb{E}[s^2],\ s = \nabla \log q(z \mid \mathbf{x})",
    source="Greensmith, Bartlett & Baxter 2004; Mohamed, Rosca, Figurnov & Mnih 2020",
)
def optimal_baseline(draw: NormalDraw) -> Tensor:
    """(f(z) - b*) s with the constant of least variance, one a coordinate.

    The constant never depends on the samples it is taken from (`draw.optimal_baseline`): unbiased, even where it is
    estimated.
    """
    return (draw.inner[..., None] - draw.optimal_baseline) * draw.score


def leave_one_out_moments(draw: NormalDraw, weights: Tensor, group: float) -> moments.Sums:
    """Of one sample, for a draw of one image."""
    return moments.leave_one_out(draw.inner[:, 0], draw.score[:, 0], weights, int(group))


@normal(
    "leave_one_out",
    "Score function, leave-one-out baseline of {group}",
    latex=r"\left(f(z_i) - \tfrac{1}{K-1}\textstyle\sum_{j \neq i} f(z_j)\right)\nabla \log q(z_i \mid \mathbf{x})",
    source="Mnih & Rezende 2016; Kool, van Hoof & Welling 2019",
    settings=(GROUP,),
    group_at=lambda group: int(group),
    moments=leave_one_out_moments,
)
def leave_one_out(draw: NormalDraw, group: float) -> Tensor:
    """Each sample's baseline is the mean of f over the other samples of its group: unbiased, but coupled."""
    return without_the_others(draw.inner, int(group))[..., None] * draw.score


def without_the_others(f: Tensor, group: int) -> Tensor:
    """f (n, B) less the mean of f over the other samples of its group; groups are in a row along n.

    Samples that do not fill a group make a smaller one; a single one has nothing taken away.
    """
    full = len(f) - len(f) % group
    parts = [f[:full].unflatten(0, (-1, group)), f[None, full:]]
    others = [(part.sum(1, keepdim=True) - part) / max(1, part.shape[1] - 1) for part in parts]
    return f - torch.cat([part.flatten(0, 1) for part in others])


@normal(
    "pathwise",
    "Pathwise",
    latex=r"\nabla_z f(z)\, \nabla (\mu + L \varepsilon)",
    source="Kingma & Welling 2013, Section 2.4; Rezende, Mohamed & Wierstra 2014, Section 4",
)
def pathwise(draw: NormalDraw) -> Tensor:
    """The gradient of f through z = loc + L eps.

    With the KL sampled, log p(z) - log q(z | x) is log |L| - z^T z / 2 + eps^T eps / 2 and a constant.
    """
    if draw.kl == "analytic":
        return draw.through_z(draw.slope)
    return draw.through_z(draw.slope - draw.z) + draw.of_log_det


@normal(
    "sticking_the_landing",
    "Sticking the landing",
    latex=r"\nabla_z \left(\log p(\mathbf{x}, z) - \log q(z \mid \mathbf{x})\right) \nabla (\mu + L \varepsilon)",
    source="Roeder, Wu & Duvenaud 2017",
    samples_kl=True,
)
def sticking_the_landing(draw: NormalDraw) -> Tensor:
    """The gradient of log p(x, z) - log q(z | x) through z alone, as if q's own parameters stood still.

    What is left out is the score, whose mean is 0. As q comes near the true posterior the slope in z vanishes, and with
    it the variance.
    """
    return draw.through_z(draw.slope - draw.z + draw.whitened)
