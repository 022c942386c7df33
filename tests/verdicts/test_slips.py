"""Slips: beside what is said stand numbers that scipy or a formula gives too, and a state that its page can show."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import integrate, special, stats

from explorer.core.families import FAMILIES
from explorer.pages import PAGES
from explorer.text import catalogue
from explorer.text.numbers import number, per_cent
from explorer.verdicts.slips import SLIPS, said


def average(f: Callable[[float], float], loc: float) -> float:
    """E f(x) under N(loc, 1)."""
    return float(integrate.quad(lambda x: f(x) * stats.norm.pdf(x, loc), loc - 12, loc + 12, limit=400)[0])


def score_variance(f: Callable[[float], float], loc: float, baseline: float) -> float:
    first = average(lambda x: (f(x) - baseline) * (x - loc), loc)
    return average(lambda x: ((f(x) - baseline) * (x - loc)) ** 2, loc) - first**2


def bump(x: float) -> float:
    return math.exp(-x * x)


def numbers() -> dict[str, list[str]]:
    """What has to stand in each truth, from elsewhere than the engine."""
    draws = np.array([0.5, 2.0]) * np.random.default_rng(0).standard_normal((400_000, 2))
    wave = average(lambda x: (5 * math.sin(5 * x)) ** 2, 1) - average(lambda x: 5 * math.sin(5 * x), 1) ** 2
    best = average(lambda x: bump(x) * x * x, 0)
    within = stats.truncnorm(-1, 1).var()
    clipped = average(lambda x: min(max(x, -1), 1) ** 2, 0)
    angle = {each.name: each.default for each in FAMILIES["von_mises"].parameters}
    resultant = special.ive(1, angle["concentration"]) / special.ive(0, angle["concentration"])
    turned = math.cos(angle["loc"]) * (1 - resultant / angle["concentration"] - resultant**2)
    return {
        "covariance": [f"({', '.join(number(float(round(v, 2)), 2) for v in draws.var(axis=0))})"],
        "always_lower": [
            number(score_variance(lambda x: math.cos(5 * x), 1, 0), 3),
            number(wave, 3),
        ],
        "exponential_family": ["is 1;", "is 0."],
        "density_dropped": [number(-2 / 3 * 2 * 10**3, 3), number(-2 / 3 * 2 * 100**3, 3), "is 4 at"],
        "baseline_helps": [number(score_variance(bump, 0, b), 3) for b in (0, average(bump, 0), best)],
        "straight_through": ["yes", "gradient 1."],
        "no_rsample": ["no", number(turned, 3)],
        "clipping": [per_cent(2 * stats.norm.sf(1)), number(clipped, 3), number(within, 3)],
    }


def test_the_numbers_are_those_of_others() -> None:
    expected = numbers()
    assert expected.keys() == SLIPS.keys()
    for name, parts in expected.items():
        truth = SLIPS[name].truth()
        assert not [part for part in parts if part not in truth], (truth, parts)


@pytest.mark.parametrize("each", SLIPS.values(), ids=SLIPS)
def test_a_slip_names_a_state_of_its_page(each: object) -> None:
    slip = SLIPS[each.name]  # type: ignore[attr-defined]
    state = PAGES[slip.page].state
    for key, texts in slip.at.items():
        value = state[key].read([texts] if isinstance(texts, str) else texts)
        assert value is not None
        assert state[key].write(value) == texts  # type: ignore[arg-type]
    assert said(slip) == catalogue()[f"slip.{slip.name}.said"]
