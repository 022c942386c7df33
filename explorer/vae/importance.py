"""Importance weights w = p(x, z) / q(z|x): what their mean is worth as an estimate of p(x).

log p(x) ~ log (1/K) sum_k w_k          in expectation a lower bound, rising with K (Burda et al. 2016, Theorem 1)
effective sample size (sum w)^2 / sum w^2, between 1 and K                    (Kong 1992; Owen 2013, Section 9.3)
k-hat: the shape of a generalized Pareto distribution fitted to the largest weights. Below 1/2 their variance is
finite, below 1 their mean; an estimate is to be trusted below min(1 - 1 / log10 S, 0.7)
                                                   (Vehtari, Simpson, Gelman, Yao & Gabry 2024; PSIS)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

_PRIOR_OF_SCALE, _PRIOR_OF_SHAPE, _PRIOR_WEIGHT = 3.0, 0.5, 10.0
"""Zhang & Stephens' prior for the scale, and Vehtari et al.'s pull of k-hat towards 1/2, worth ten draws."""
LEAST_TAIL = 5
"""So many weights make a tail to be fitted."""


@dataclass(frozen=True)
class Running:
    """The log of the mean of K weights at each K: its mean over as many groups as there are, its spread over them.

    `error` is the standard error of the mean, the spread over the root of the number of groups. (C,) float64 nats.
    """

    counts: tuple[int, ...]
    mean: Tensor
    spread: Tensor
    error: Tensor


@dataclass(frozen=True)
class ImportanceWeights:
    """Log weights of independent draws in nats, (N,) float64."""

    log_weights: Tensor

    @property
    def log_mean(self) -> float:
        """The log of the mean of all weights: the estimate of log p(x)."""
        return float(self.log_weights.logsumexp(0)) - math.log(len(self.log_weights))

    @property
    def log_mean_error(self) -> float:
        """Its standard error by the delta method, the weights' relative one; blind to weights never met."""
        relative = (self.log_weights - self.log_mean).exp()
        return float(relative.std()) / math.sqrt(len(relative))

    @property
    def effective_size(self) -> float:
        """How many equal weights all of them are worth, in [1, N]."""
        return float((2 * self.log_weights.logsumexp(0) - (2 * self.log_weights).logsumexp(0)).exp())

    @property
    def largest_share(self) -> float:
        """The share of the largest weight in their sum, in (0, 1]."""
        return float((self.log_weights.max() - self.log_weights.logsumexp(0)).exp())

    @cached_property
    def k_hat(self) -> float | None:
        """The Pareto shape of the tail of all weights; None where no tail is seen, all the weights being equal."""
        return pareto_k(self.log_weights)

    @property
    def k_most(self) -> float:
        """The k-hat up to which as many weights give an estimate to be trusted."""
        return min(1 - 1 / math.log10(len(self.log_weights)), 0.7)

    def running(self, counts: Sequence[int]) -> Running:
        """From disjoint groups of K weights, as many as there are, for each K in `counts`, two groups at least.

        At K = 1 the mean is the estimate of the ELBO. Raises ValueError for a K below 1 or above N / 2.
        """
        means, spreads, errors = [], [], []
        for count in counts:
            n_groups = len(self.log_weights) // max(1, count)
            if count < 1 or n_groups < 2:
                raise ValueError(f"counts must be in [1, {len(self.log_weights) // 2}], got {count}")
            groups = self.log_weights[: n_groups * count].view(n_groups, count)
            estimates = groups.logsumexp(1) - math.log(count)
            means.append(estimates.mean())
            spreads.append(estimates.std())
            errors.append(estimates.std() / math.sqrt(n_groups))
        return Running(tuple(counts), torch.stack(means), torch.stack(spreads), torch.stack(errors))


def pareto_k(log_weights: Tensor) -> float | None:
    """k-hat of the largest of log weights (S,): of min(S / 5, 3 sqrt S) of them (Vehtari et al. 2024, Section 3.2).

    None where they are fewer than LEAST_TAIL, or a tail has no width.
    """
    n = len(log_weights)
    n_tail = math.ceil(min(n / 5, 3 * math.sqrt(n)))
    if n_tail < LEAST_TAIL or n_tail >= n:
        return None
    ordered = log_weights.double().sort().values
    weights = (ordered[-n_tail - 1 :] - ordered[-1]).exp()
    above = weights[1:] - weights[0]
    return None if float(above[_quartile(n_tail)]) <= 0 else fitted_shape(above)


def _quartile(n: int) -> int:
    """The place of the first quartile among n sorted numbers."""
    return int(n / 4 + 0.5) - 1


def fitted_shape(exceedances: Tensor) -> float:
    """The shape k of a generalized Pareto distribution for positive exceedances, sorted, (n,) float64.

    Zhang & Stephens 2009: the mean over b = -k / scale of the shape that each b makes likeliest, under the profile
    likelihood and a weak prior; then drawn a little towards 1/2 (Vehtari et al. 2024, Appendix C).
    """
    n = len(exceedances)
    grid = 30 + math.isqrt(n)
    place = torch.arange(1, grid + 1, dtype=torch.float64)
    b = (1 - (grid / (place - 0.5)).sqrt()) / (_PRIOR_OF_SCALE * exceedances[_quartile(n)]) + 1 / exceedances[-1]
    shape = torch.log1p(-b[:, None] * exceedances).mean(1)
    weights = (n * ((-b / shape).log() - shape - 1)).softmax(0)
    k = float(torch.log1p(-(weights @ b) * exceedances).mean())
    return (n * k + _PRIOR_WEIGHT * _PRIOR_OF_SHAPE) / (n + _PRIOR_WEIGHT)
