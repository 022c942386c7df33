"""Bias and deviation of each estimator in each bit of a real model's code, least certain bit first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.numerics.isolation import isolated
from explorer.vae.gradients import BERNOULLI
from explorer.vae.gradients.answers import ElboAnswers, Example, Known

EXACTLY = ("score_function", "leave_one_out", "disarm", "straight_through")
"""Sums over all codes give their moments."""
BY_SAMPLES = ("gumbel_softmax", "rebar")
"""Their decoder sees what is no code: their moments are a reference of many samples."""
ALL = ("gumbel_softmax", "straight_through", "rebar", "score_function", "leave_one_out", "disarm")
"""In the order of the rows."""
ROUNDING = 1e-5
"""Means are of a decoder in float32: a bias below this is none."""


@dataclass(frozen=True, eq=False)
class TenBits:
    """One estimator a row, one bit a frame: F bits in the order `order` (F,), the least certain first.

    gradient (F,) and certainty (F,), the probability of the bit being 1, are exact. biases, deviations and their
    standard errors (F,): by the names of the estimators that are known so far.
    """

    order: Tensor
    gradient: Tensor
    certainty: Tensor
    biases: Mapping[str, Tensor]
    bias_errors: Mapping[str, Tensor]
    deviations: Mapping[str, Tensor]
    deviation_errors: Mapping[str, Tensor]
    now: int = 0

    @property
    def rows(self) -> tuple[str, ...]:
        """The estimators that are known, in their order."""
        return tuple(name for name in ALL if name in self.biases)


@isolated
def answers_of(example: Example, names: Sequence[str]) -> ElboAnswers:
    """What is known of some estimators, the KL term taken exactly."""
    return ElboAnswers.of_example(example, [BERNOULLI[name] for name in names], "analytic")


@isolated
def ten_bits(example: Example, exact: ElboAnswers, sampled: ElboAnswers | None, now: int = 0) -> TenBits:
    """The film of an example whose latents are bits, from `answers_of` EXACTLY and, when it is there, BY_SAMPLES."""
    logits = example.vae.bit_logits(example.pixels)[0].double().cpu()
    order = logits.abs().argsort(stable=True)
    known: dict[str, Known] = {**exact.of, **(sampled.of if sampled else {})}
    truth = exact.truth.mean
    biases = {name: _biases(each, truth)[order] for name, each in known.items()}
    deviations = {name: each.variance.clamp(min=0).sqrt()[order] for name, each in known.items()}
    return TenBits(
        order,
        truth[order],
        torch.sigmoid(logits)[order],
        biases,
        {name: each.mean_error[order] for name, each in known.items()},
        deviations,
        {name: _deviation_error(each)[order] for name, each in known.items()},
        now,
    )


def _biases(known: Known, truth: Tensor) -> Tensor:
    found = known.mean - truth
    return torch.where(found.abs() < ROUNDING, 0.0, found)


def _deviation_error(known: Known) -> Tensor:
    """Of the root of a variance: its own error over twice the root."""
    root = known.variance.clamp(min=0).sqrt()
    return torch.where(root > 0, known.variance_error / (2 * root), 0.0)
