"""What a gradient means in pixels: how the decoded picture changes along it.

For Gaussian latents a step goes along the gradient in the mean, and the picture is the one decoded there: its change is
a Jacobian-vector product. For bits a step goes along the gradient in the logits, and the picture is the average over
all codes: its change is a sum over codes of each one's picture times the score along the step.
Steps have the length 1, so that directions are compared and not lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.numerics.isolation import differentiation, isolated
from explorer.core.randomness import Streams
from explorer.vae.codes import all_codes, code_log_weights
from explorer.vae.gradients.answers import ElboAnswers, Example
from explorer.vae.gradients.contract import ElboEstimator
from explorer.vae.gradients.draw import KL
from explorer.vae.model import VAE

SIZES = (1, 32, 1024)
"""Of so many samples the gradients are averaged."""


@dataclass(frozen=True)
class PixelSteps:
    """How fast each pixel's probability rises along the gradient, and along averages of samples of each estimator.

    `exact` (side, side); `averages` {name: (sizes, side, side)}; `angles` {name: degrees off the gradient, one a size}.
    """

    exact: Tensor
    averages: dict[str, Tensor]
    angles: dict[str, list[float]]


@isolated
def pixel_steps(
    example: Example, estimators: Sequence[ElboEstimator], answers: ElboAnswers, kl: KL, seed: int
) -> PixelSteps:
    """Computes them, all averages from the same noise, which is not that of other uses of the seed.

    Groups of coupled samples stay whole but in the average of one sample.
    """
    name = example.coordinates[0][0]
    own = [i for i, (each, _) in enumerate(example.coordinates) if each == name]
    streams = Streams(seed, example.pixels.device)
    streams.main = streams.named("pixels")
    draw = example.draw(max(SIZES), kl, streams)
    gradients = {each.name: each(draw)[:, 0, own] for each in estimators}
    truth = answers.truth.mean[own].to(example.pixels)
    rows = [truth, *(samples[:n].mean(0) for samples in gradients.values() for n in SIZES)]
    directions = torch.nn.functional.normalize(torch.stack(rows), dim=-1)
    side = example.vae.dataset.side
    pictures = _along(example, directions).view(-1, side, side).cpu()
    off = torch.rad2deg(torch.acos((directions[1:] @ directions[0]).clamp(-1, 1))).tolist()
    at = {each: slice(i * len(SIZES), (i + 1) * len(SIZES)) for i, each in enumerate(gradients)}
    return PixelSteps(
        pictures[0], {each: pictures[1:][part] for each, part in at.items()}, {each: off[at[each]] for each in at}
    )


def _along(example: Example, directions: Tensor) -> Tensor:
    """The change of the picture along each of the directions (k, D): (k, P)."""
    vae = example.vae
    if vae.has_bits:
        logits = vae.bit_logits(example.pixels)
        codes = all_codes(vae.n_latents, logits)
        score = (codes - torch.sigmoid(logits)) @ directions.mT
        weights = code_log_weights(logits)[0].exp()[:, None] * score
        return weights.mT @ torch.sigmoid(vae.decode_logits(codes))
    return _product(vae, vae.posterior(example.pixels).loc.expand_as(directions), directions)


def _product(vae: VAE, z: Tensor, directions: Tensor) -> Tensor:
    """The Jacobian of the decoded probabilities at z (k, D) times directions (k, D): (k, P)."""
    with differentiation():
        _, product = torch.func.jvp(lambda at: torch.sigmoid(vae.decode_logits(at)), (z,), (directions,))
    return product.detach()
