"""Gradients for 2,000 random formulas that a visitor might type, against integrals whose breaks are known."""

import math
import random
from collections.abc import Mapping

import numpy as np
import pytest
from scipy import special, stats

from explorer.core.exact.gradients import gradients
from explorer.core.families import FAMILIES
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.formula import formula
from tests.core.exact.typed import Typed, integral, typed

CHUNKS, EACH = 20, 100
WRONG = 1e-7
MOST_REFUSED = 0.02


def normal(f: Typed, loc: float, scale: float) -> Mapping[str, float]:
    def part(power: int) -> float:
        return integral(
            lambda x: f.meaning(x) * stats.norm.pdf(x, loc, scale) * ((x - loc) / scale) ** power,
            f, loc - 13 * scale, loc + 13 * scale,
        )  # fmt: skip

    return {"loc": part(1) / scale, "scale": (part(2) - part(0)) / scale}


def laplace(f: Typed, loc: float, scale: float) -> Mapping[str, float]:
    def part(weight: int) -> float:
        def h(x: np.ndarray) -> np.ndarray:
            e = (x - loc) / scale
            return f.meaning(x) * np.exp(-np.abs(e)) / (2 * scale) * (np.sign(e) if weight == 1 else np.abs(e) - 1)

        return integral(h, f, loc - 50 * scale, loc + 50 * scale, (loc,))

    return {"loc": part(1) / scale, "scale": part(2) / scale}


def exponential(f: Typed, rate: float) -> Mapping[str, float]:
    def h(x: np.ndarray) -> np.ndarray:
        return f.meaning(x) * rate * np.exp(-rate * x) * (1 / rate - x)

    return {"rate": integral(h, f, 0, 60 / rate)}


def uniform(f: Typed, low: float, high: float) -> Mapping[str, float]:
    """d/dhigh of the mean of f over [low, high] is (f(high) - mean) / (high - low)."""
    width = high - low
    mean = integral(f.meaning, f, low, high) / width
    return {
        "low": (mean - float(f.meaning(np.array(low)))) / width,
        "high": (float(f.meaning(np.array(high))) - mean) / width,
    }


def gamma(f: Typed, concentration: float, rate: float) -> Mapping[str, float]:
    def part(by: str) -> float:
        def h(x: np.ndarray) -> np.ndarray:
            score = concentration / rate - x
            if by == "concentration":
                score = math.log(rate) + np.log(x) - special.digamma(concentration)
            return f.meaning(x) * stats.gamma.pdf(x, concentration, scale=1 / rate) * score

        return integral(h, f, 0, 70 / rate, tuple(2.0**-i for i in range(1, 60)))

    return {name: part(name) for name in ("concentration", "rate")}


def pareto(f: Typed, scale: float, alpha: float) -> Mapping[str, float]:
    # In s = log(x / scale) the density is alpha exp(-alpha s).
    inner = Typed(
        "", f.meaning,
        tuple(math.log(b / scale) for b in f.breaks if b > scale),
        tuple((math.log(c / scale), w / c) for c, w in f.steep if c > scale),
    )  # fmt: skip

    def mean(weight: bool) -> float:
        def h(s: np.ndarray) -> np.ndarray:
            return f.meaning(scale * np.exp(s)) * alpha * np.exp(-alpha * s) * ((1 / alpha - s) if weight else 1.0)

        return integral(h, inner, 0, 45 / alpha)

    at_the_end = float(f.meaning(np.array(scale)))
    return {"scale": alpha / scale * (mean(False) - at_the_end), "alpha": mean(True)}


LAWS = {
    "normal": (normal, ({"loc": 1.0, "scale": 1.0}, {"loc": -0.5, "scale": 0.3}, {"loc": 1.0, "scale": 3.0})),
    "laplace": (laplace, ({"loc": 0.5, "scale": 1.0}, {"loc": 1.0, "scale": 0.4})),
    "exponential": (exponential, ({"rate": 1.0}, {"rate": 0.6})),
    "uniform": (uniform, ({"low": 0.0, "high": 3.0}, {"low": -1.2, "high": 1.7})),
    "gamma": (gamma, ({"concentration": 2.0, "rate": 1.0},)),
    "pareto": (pareto, ({"scale": 0.8, "alpha": 8.0},)),
}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_number_is_wrong(chunk: int) -> None:
    rng = random.Random(1000 + chunk)
    refused = []
    for _ in range(EACH):
        f = typed(rng)
        family = rng.choice(tuple(LAWS))
        if family == "pareto" and "sin" in f.text:
            # The reference would need each of its thousands of waves.
            family = "normal"
        law, thetas = LAWS[family]
        theta = rng.choice(thetas)
        name, value = rng.choice(sorted(law(f, **theta).items()))
        found = gradients(FAMILIES[family], formula(f.text), one_row(theta), name)
        if found.faults[0]:
            refused.append((f.text, family, theta, found.faults[0]))
        else:
            assert float(found.value) == pytest.approx(value, abs=WRONG, rel=WRONG), (f.text, family, theta, name)
    assert len(refused) <= MOST_REFUSED * EACH, refused
