"""One image's bound in words: what is exact, how the KL splits, when an estimate is not to be trusted."""

from __future__ import annotations

import math
import re

import torch

from explorer.vae.image_bound import ImageBound, SplitKL
from explorer.vae.importance import ImportanceWeights
from explorer.verdicts.image_bound import kl_described, latent_letter, likelihood, running_described, split, terms

KL = SplitKL(torch.tensor([3.0, 1.5, 0.004], dtype=torch.float64), 0.0)


def tail_of(shape: float) -> ImportanceWeights:
    """Weights at the even quantiles of a Pareto law of this shape."""
    u = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    return ImportanceWeights(-shape * u.log() - 90)


def bound(error: float, exact: float | None, shape: float = 0.3) -> ImageBound:
    return ImageBound(-80.0, error, KL, exact, tail_of(shape))


def test_what_is_exact_has_no_error() -> None:
    exact, estimated = terms("7", 3, bound(0.0, -84.0)), terms("7", 3, bound(0.02, None))
    assert "reconstruction **−80.00** − KL **4.50** = ELBO **−84.50** nats, all exact" in exact
    assert "±" not in exact
    assert "**−80.00 ± 0.02** − KL **4.50** = ELBO **−84.50 ± 0.02** nats, the KL exact" in estimated
    assert "This **7**, binarized with seed 3" in exact


def test_the_kl_is_split() -> None:
    said = split(bound(0.0, -84.0), [True, True, False], 0.01, is_full=False)
    assert "4.50 nats in the **2 of 3**" in said
    assert "0.004 in the others" in said
    assert "all 3 are active" in split(bound(0.0, -84.0), [True] * 3, 0.01, is_full=False)
    full = ImageBound(-80.0, 0.0, SplitKL(KL.by_dimension, 0.25), -84.0, tail_of(0.3))
    assert "4.50 of the marginals and 0.25" in split(full, [True] * 3, 0.01, is_full=True)


def test_a_heavy_tail_is_told() -> None:
    light, heavy = (likelihood(bound(0.02, None, shape)) for shape in (0.3, 1.2))
    assert "no draw rules the rest" in light
    assert "above 0.7**" in heavy
    assert "neither the estimate nor its ± is to be trusted" in heavy


def test_an_estimate_that_misses_a_mode_is_told() -> None:
    """The mean of u^-k is 1 / (1 - k): these weights put log p(x) at -90 - log 0.7."""
    at = -90 - math.log(0.7)
    good, short = (likelihood(bound(0.0, each)) for each in (at, at + 0.5))
    assert "log p(**x**) is **−89.64** nats, exact" in good
    assert "short" not in good
    assert re.search(r"The estimate is \*\*0\.5\d nats\*\* short", short)


def test_pictures_are_described() -> None:
    assert latent_letter(11) == "z₁₂"
    said = kl_described(["z₁", "z₂", "z₃"], KL.by_dimension, KL.total)
    assert "z₁ 3.00 and z₂ 1.50 and z₃ 0.00" in said
    weights = ImportanceWeights(torch.full((40,), -3.0, dtype=torch.float64))
    assert "from −3.00 nats at K = 1 to −3.00 at K = 20" in running_described(weights.running((1, 20)))
