"""The estimators for latents with a Gaussian posterior. Write f for `draw.inner` and s for the score of q(z | x)."""

from __future__ import annotations

from torch import Tensor

from explorer.vae.gradients.contract import normal
from explorer.vae.gradients.draw import NormalDraw


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
