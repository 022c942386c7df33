"""Moments of one sample of an estimator, out of weighted noise: a grid, or codes with their probabilities.

N pieces of noise with weights that sum to 1, C coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Estimate:
    """A number and its standard error, 0 where it is exact."""

    value: float
    error: float = 0.0


@dataclass(frozen=True)
class Sums:
    """Mean (C,) and covariance (C, C) of one sample; `spread` (C,) is n times the variance of the mean of n samples.

    The spread is the variance, but where samples depend on each other.
    """

    mean: Tensor
    covariance: Tensor
    spread: Tensor


@dataclass(frozen=True)
class ElboMoments(Sums):
    """Exact moments of one sample of a whole ELBO gradient, float64 on the CPU.

    `coordinates` says what each of the C is: ("loc", (i,)), ("scale_tril", (i, j)) or ("logits", (i,)).
    """

    coordinates: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def variance(self) -> Tensor:
        """Of one sample, (C,)."""
        return self.covariance.diagonal()


def weighted(gradients: Tensor, weights: Tensor) -> Sums:
    """Of independent samples with the values (N, C)."""
    mean = weights @ gradients
    centred = gradients - mean
    covariance = centred.mT @ (weights[:, None] * centred)
    return Sums(mean, covariance, covariance.diagonal())


def leave_one_out(f: Tensor, score: Tensor, weights: Tensor, group: int) -> Sums:
    """Of (f - mean of f over the other samples of a group of K) s, for f (N,) and s (N, C).

    The baseline is independent of its sample, so that the square splits. With m = E f it is
    E[(f - m)^2 s s^T] + Var f / (K - 1) E[s s^T]. Two samples of a group have the covariance E[f s]^2 / (K - 1)^2, from
    the terms in which each enters the other's baseline.
    """
    deviation = f - weights @ f
    mean = (weights * deviation) @ score
    both = weights * (deviation.square() + (weights @ deviation.square()) / (group - 1))
    covariance = score.mT @ (both[:, None] * score) - mean[:, None] * mean
    return Sums(mean, covariance, covariance.diagonal() + mean.square() / (group - 1))


def least_variance_baseline(f: Tensor, score: Tensor, weights: Tensor | None = None) -> Tensor:
    """b* = E[f s^2] / E[s^2], (B, C), for f (n, B) and s (n, B, C): the b of least variance of (f - b) s.

    weights (n,); equal ones where there are none. Source: Greensmith, Bartlett & Baxter 2004.
    """
    if weights is None:
        weights = torch.full((len(f),), 1 / len(f), device=f.device, dtype=f.dtype)
    squares = score.square()
    return torch.einsum("n,nb,nbc->bc", weights, f, squares) / torch.einsum("n,nbc->bc", weights, squares)
