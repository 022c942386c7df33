"""Slips of the wider material: what is said, what is true, and the numbers that show it.

Contract of a `Slip`, asserted for every one by the tests:
- `page` and `at` are the page that shows it and the state it shows it in, as a link says it;
- `truth()` computes the sentence that stands beside what is said: nothing of it is typed;
- its words are "slip.name.said" and "slip.name.truth" in the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch.distributions import OneHotCategoricalStraightThrough, VonMises

from explorer.core.by_name import exact_gradient, exact_variance, expected_estimate
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.text import word
from explorer.text.numbers import number, per_cent
from explorer.vae.typical_set import share_beyond, truncated_variance

At = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Slip:
    """What is said wrongly. See the module's contract."""

    name: str
    page: str
    at: At
    truth: Callable[[], str]


SLIPS: dict[str, Slip] = {}
STANDARD = {"loc": 1.0, "scale": 1.0}
PAIR = ("score_function", "pathwise")
BASELINES = ("score_function", "mean_baseline", "optimal_baseline")


def slip(name: str, page: str, at: At) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Registers a function that computes what is true."""

    def register(truth: Callable[[], str]) -> Callable[[], str]:
        SLIPS[name] = Slip(name, page, at, truth)
        return truth

    return register


@slip("covariance", "noise_transform", {"view": "plane"})
def covariance() -> str:
    """A covariance written as σ ⊙ I."""
    sigma = torch.tensor([0.5, 2.0], dtype=torch.float64)
    scale_tril = torch.diag(sigma)
    variances = (scale_tril @ scale_tril.T).diagonal().tolist()
    return word(
        "slip.covariance.truth",
        sigma=", ".join(map(number, sigma.tolist())),
        variances=", ".join(map(number, variances)),
    )


@slip("always_lower", "variance_curves", {"objective": "cosine", "cosine.k": "5", "normal.loc": "1"})
def always_lower() -> str:
    """That pathwise always has much the lower variance."""
    score, path = (
        _variance("normal", "cosine", name, STANDARD, "loc", k=5.0) for name in ("score_function", "pathwise")
    )
    return word("slip.always_lower.truth", score=number(score, 3), path=number(path, 3), times=number(path / score, 3))


@slip("exponential_family", "noise_transform", {"family": "poisson"})
def exponential_family() -> str:
    """That every exponential family can be reparameterized."""
    family = FAMILIES["poisson"]
    theta = {each.name: each.default for each in family.parameters}
    exact = exact_gradient(family.name, "identity", theta)["rate"]
    path = expected_estimate(family.name, "identity", "pathwise", theta)["rate"]
    return word("slip.exponential_family.truth", exact=number(exact), path=number(path + 0.0))


@slip("density_dropped", "start", {"theta": "2"})
def density_dropped() -> str:
    """A derivation that loses q on the way."""
    theta, ends = 2.0, (10.0, 100.0)
    without = [_over(end, theta) for end in ends]
    exact = exact_gradient("normal", "square", {"loc": theta, "scale": 1.0})["loc"]
    return word(
        "slip.density_dropped.truth",
        exact=number(exact),
        theta=number(theta),
        near=number(ends[0]),
        far=number(ends[1], 3),
        first=number(without[0], 3),
        second=number(without[1], 3),
    )


def _over(end: float, theta: float) -> float:
    """The integral of x² (x − θ) from −end to end, by Simpson's rule, which is exact for it."""
    x = torch.tensor([-end, 0.0, end], dtype=torch.float64)
    return float((x * x * (x - theta) * torch.tensor([1.0, 4.0, 1.0], dtype=torch.float64)).sum()) * end / 3


@slip(
    "baseline_helps",
    "gradient_stream",
    {
        "objective": "squared_exponential",
        "normal.loc": "0",
        "estimators": ["score_function", "mean_baseline", "optimal_baseline"],
    },
)
def baseline_helps() -> str:
    """That E f, taken for a baseline, lowers the variance."""
    plain, mean, best = (
        _variance("normal", "squared_exponential", name, {**STANDARD, "loc": 0.0}, "loc") for name in BASELINES
    )
    return word("slip.baseline_helps.truth", plain=number(plain, 3), mean=number(mean, 3), best=number(best, 3))


@slip(
    "straight_through", "gradient_stream", {"family": "bernoulli", "estimators": ["score_function", "straight_through"]}
)
def straight_through() -> str:
    """That whatever has an `rsample` has an unbiased gradient."""
    theta = {each.name: each.default for each in FAMILIES["bernoulli"].parameters}
    exact = exact_gradient("bernoulli", "square", theta)["probs"]
    mean = expected_estimate("bernoulli", "square", "straight_through", theta)["probs"]
    return word(
        "slip.straight_through.truth",
        has=_has(OneHotCategoricalStraightThrough.has_rsample),
        exact=number(exact, 3),
        mean=number(mean, 3),
    )


@slip("no_rsample", "gradient_stream", {"family": "von_mises", "objective": "cosine"})
def no_rsample() -> str:
    """That what has no `rsample` has no path."""
    family = FAMILIES["von_mises"]
    theta = {each.name: each.default for each in family.parameters}
    exact = exact_gradient(family.name, "cosine", theta)["concentration"]
    mean = expected_estimate(family.name, "cosine", "pathwise", theta)["concentration"]
    return word("slip.no_rsample.truth", has=_has(VonMises.has_rsample), exact=number(exact, 3), mean=number(mean, 3))


@slip("clipping", "rare_events", {"view": "decoder", "threshold": "1"})
def clipping() -> str:
    """That truncation is clipping."""
    threshold = 1.0
    beyond, drawn = share_beyond(threshold), truncated_variance(threshold)
    clipped = (1 - beyond) * drawn + beyond * threshold**2
    return word(
        "slip.clipping.truth",
        threshold=number(threshold),
        share=per_cent(beyond),
        clipped=number(clipped, 3),
        drawn=number(drawn, 3),
    )


def _variance(family: str, objective: str, estimator: str, theta: Mapping[str, float], name: str, **at: float) -> float:
    function = OBJECTIVES[objective].at(**at) if at else OBJECTIVES[objective]
    return exact_variance(family, function, estimator, theta)[name]


def _has(flag: bool) -> str:
    return word(f"slip.has.{'yes' if flag else 'no'}")


def said(each: Slip) -> str:
    """What is said wrongly."""
    return word(f"slip.{each.name}.said")
