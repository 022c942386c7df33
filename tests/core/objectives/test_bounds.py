"""Ranges and discs: no value that an expression takes lies outside what they say of it."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import special

from explorer.core.objectives.discs import DISCS, disc_of
from explorer.core.objectives.expression import LEVELS, Expression
from explorer.core.objectives.formula import formula
from explorer.core.objectives.functions import COMPARISONS, FUNCTIONS
from explorer.core.objectives.ranges import RANGES, range_of
from tests.core.grammar import Writer

COMPLEX: dict[str, Callable[[Any], Any]] = {
    "exp(x)": np.exp, "log(x)": np.log, "sqrt(x)": np.sqrt, "sin(x)": np.sin, "cos(x)": np.cos, "tan(x)": np.tan,
    "tanh(x)": np.tanh, "sinh(x)": np.sinh, "cosh(x)": np.cosh, "atan(x)": np.arctan, "erf(x)": special.erf,
    "sigmoid(x)": lambda z: 0.5 * (1 + np.tanh(z / 2)), "softplus(x)": lambda z: np.log(1 + np.exp(z)),
    "1/x": lambda z: 1 / z, "x^3": lambda z: z**3, "x^-2": lambda z: z**-2, "x^2.5": lambda z: z**2.5,
    "x^-0.5": lambda z: z**-0.5, "2^x": lambda z: 2**z, "x^x": lambda z: z**z,
    "x*exp(-x)-3*x": lambda z: z * np.exp(-z) - 3 * z,
    "abs(x)": lambda z: z * np.sign(z.real.mean()), "relu(x)": lambda z: z * (z.real.mean() > 0),
    "max(x, x^2)": lambda z: z if z.real.mean() > z.real.mean() ** 2 else z * z,
    "min(x, x^2)": lambda z: z if z.real.mean() <= z.real.mean() ** 2 else z * z,
    "where(x > 1, x, 2*x)": lambda z: z if z.real.mean() > 1 else 2 * z,
}  # fmt: skip


def tree(text: str) -> Expression:
    function = formula(text).function
    assert isinstance(function, Expression)
    return function


def test_every_sign_has_its_bounds() -> None:
    signs = {*LEVELS, *FUNCTIONS, *COMPARISONS}
    assert set(DISCS) == signs == set(RANGES)


@pytest.mark.parametrize("text", COMPLEX)
def test_discs_hold_the_values_in_the_complex_plane(text: str) -> None:
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.uniform(-4, 4, 400))
    radius = torch.tensor(np.exp(rng.uniform(-6, 1.5, 400)))
    found = disc_of(tree(text), x, radius)
    told = 0
    for at, reach, value, spread in zip(*(each.tolist() for each in (x, radius, *found)), strict=True):
        if not np.isfinite(spread):
            continue
        told += 1
        z = at + reach * np.sqrt(rng.uniform(0, 1, 60)) * np.exp(2j * np.pi * np.arange(60) / 60)
        # The points lie evenly around the middle, so that their mean tells the branch.
        with np.errstate(all="ignore"):
            far = np.abs(COMPLEX[text](z - z.mean() + at) - value).max()
        assert far <= spread * 1.5 + 1e-9 * (1 + abs(value)), (at, reach)
    assert told > 40


def test_discs_are_not_much_too_large() -> None:
    """Of a small disc the spread is the slope times the radius."""
    x = torch.linspace(0.3, 2.0, 20, dtype=torch.float64)
    for text in COMPLEX:
        if "where" not in text:
            slope = formula(text).slope(x).abs()
            spread = disc_of(tree(text), x, torch.full_like(x, 1e-7)).spread
            assert (spread <= 3.5e-7 * (slope + 1)).all(), text


def test_ranges_hold_values_and_slopes() -> None:
    writer, rng = Writer(3), random.Random(3)
    told = 0
    for _ in range(400):
        objective = formula(writer.formula()[0])
        low = torch.tensor([rng.uniform(-3, 3) for _ in range(20)], dtype=torch.float64)
        high = low + torch.tensor([10 ** rng.uniform(-4, 0.7) for _ in range(20)], dtype=torch.float64)
        assert isinstance(objective.function, Expression)
        bounds = range_of(objective.function, low, high)
        x = low.unsqueeze(1) + (high - low).unsqueeze(1) * torch.linspace(0, 1, 41, dtype=torch.float64)
        value, slope = objective(x), objective.slope(x)
        for what, least, most in ((value, bounds.low, bounds.high), (slope, bounds.slope_low, bounds.slope_high)):
            size = 1e-9 * (1 + what.abs())
            known = value.isfinite() & what.isfinite()
            inside = (what >= least.unsqueeze(1) - size) & (what <= most.unsqueeze(1) + size)
            assert inside[known].all(), objective.title
        told += int((bounds.low.isfinite() & bounds.high.isfinite()).sum())
    assert told > 2000
