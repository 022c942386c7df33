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
from torch.nn.functional import normalize

from explorer.core.numerics.isolation import differentiation, isolated
from explorer.core.randomness import Streams
from explorer.vae.codes import all_codes, code_log_weights
from explorer.vae.gradients.answers import ElboAnswers, Example
from explorer.vae.gradients.contract import ElboEstimator
from explorer.vae.gradients.draw import KL
from explorer.vae.model import VAE

SINGLE = 3
"""So many single samples are shown of each estimator."""
MANY, REPEATS = 256, 16
"""Samples in an average, and how many averages there are."""


@dataclass(frozen=True)
class Steps:
    """Of one estimator: pictures (SINGLE + 1, side, side) of its first samples and of its first average of MANY.

    `one` and `many` are degrees: half of all samples, and of all averages, point no further off the gradient.
    """

    pictures: Tensor
    one: float
    many: float


@isolated
def pixel_steps(
    example: Example, estimators: Sequence[ElboEstimator], answers: ElboAnswers, kl: KL, seed: int
) -> tuple[Tensor, dict[str, Steps]]:
    """How fast each pixel's probability rises along the gradient, (side, side), and along each estimator's samples.

    All estimators see the same noise, which is not that of other uses of the seed.
    """
    name = example.coordinates[0][0]
    own = [i for i, (each, _) in enumerate(example.coordinates) if each == name]
    streams = Streams(seed, example.pixels.device)
    streams.main = streams.named("pixels")
    draw = example.draw(MANY, kl, streams)
    batches: dict[str, list[Tensor]] = {each.name: [] for each in estimators}
    for repeat in range(REPEATS):
        draw = draw.again(MANY) if repeat else draw
        for each in estimators:
            batches[each.name].append(each(draw)[:, 0, own])
    truth = normalize(answers.truth.mean[own].to(example.pixels), dim=0)
    found = {each: _steps(example, torch.stack(samples), truth) for each, samples in batches.items()}
    return _pictures(example, truth[None])[0], found


def _steps(example: Example, samples: Tensor, truth: Tensor) -> Steps:
    """Of samples (REPEATS, MANY, D)."""
    single, averages = normalize(samples, dim=-1), normalize(samples.mean(1), dim=-1)
    shown = torch.cat([single[0, :SINGLE], averages[:1]])
    return Steps(_pictures(example, shown), *(_middle_angle(each @ truth) for each in (single, averages)))


def _middle_angle(cosines: Tensor) -> float:
    return float(torch.rad2deg(torch.acos(cosines.clamp(-1, 1))).median())


def _pictures(example: Example, directions: Tensor) -> Tensor:
    side = example.vae.dataset.side
    return _along(example, directions).view(-1, side, side).cpu()


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
    """The Jacobian J of the decoded probabilities at z (k, D) times directions v (k, D): (k, P).

    Backward passes give J^T u; the slope of v . J^T u in u is J v.
    """
    with differentiation():
        leaf = z.clone().requires_grad_()
        pictures = torch.sigmoid(vae.decode_logits(leaf))
        u = torch.zeros_like(pictures, requires_grad=True)
        (back,) = torch.autograd.grad(pictures, leaf, u, create_graph=True)
        (product,) = torch.autograd.grad(back, u, directions)
    return product
