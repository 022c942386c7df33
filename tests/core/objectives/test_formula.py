"""A visitor's formula: what it is worth, its shape, and that its title reads back to it."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import special

from explorer.core.objectives.formula import HELP, formula
from explorer.core.objectives.tokens import NAMES
from tests.core.grammar import GRID, Floats, X

VALUES: dict[str, Callable[[Floats], Any]] = {
    "exp(-10*x**2)": lambda x: np.exp(-10 * x**2),
    "cos(5*x)": lambda x: np.cos(5 * x),
    "-x**2": lambda x: -(x**2),
    "(-x)^2": lambda x: x**2,
    "-x²": lambda x: -(x**2),
    "x³−x": lambda x: x**3 - x,
    "x-1-2": lambda x: x - 3,
    "x-(1-2)": lambda x: x + 1,
    "8/4/2*x": lambda x: x,
    "x/2*3": lambda x: 1.5 * x,
    "x/(2*3)": lambda x: x / 6,
    "2+3*x": lambda x: 2 + 3 * x,
    "2^3^2": lambda x: 512.0,
    "(2^3)^2": lambda x: 64.0,
    "2**-x": lambda x: 0.5**x,
    "2^-x^2": lambda x: 2 ** -(x**2),
    "2^-x*3": lambda x: 3 * 2**-x,
    "2*-x": lambda x: -2 * x,
    "--x": lambda x: x,
    "+x - +1": lambda x: x - 1,
    "-2^2": lambda x: -4.0,
    "x^0": lambda x: 1.0,
    "x^-2": lambda x: x**-2,
    "x^-(2)": lambda x: x**-2,
    "x^(4/2)": lambda x: x**2,
    "2x": lambda x: 2 * x,
    "2x^2": lambda x: 2 * x**2,
    "-2x": lambda x: -2 * x,
    "1 + 2(x+1)": lambda x: 3 + 2 * x,
    "(x+1)(x-1)": lambda x: x**2 - 1,
    "x(x+1)": lambda x: x**2 + x,
    "x²(x+1)": lambda x: x**3 + x**2,
    "2 sin(x) cos(x)": lambda x: np.sin(2 * x),
    "1/2*3x": lambda x: 1.5 * x,
    "2πx": lambda x: 2 * np.pi * x,
    "3·x×2": lambda x: 6 * x,
    "pi + e": lambda x: np.pi + np.e,
    "2e": lambda x: 2 * np.e,
    "2e1": lambda x: 20.0,
    "2e-1+1E−1": lambda x: 0.3,
    ".5 + 1. + 1e-3": lambda x: 1.501,
    " \tx\n+ 1": lambda x: x + 1,
    "Exp(-X)": lambda x: np.exp(-x),
    "log(1+x^2)": lambda x: np.log1p(x**2),
    "sqrt(x)": np.sqrt,
    "tan(x)": np.tan,
    "tanh(x)": np.tanh,
    "sinh(x)": np.sinh,
    "cosh(x)": np.cosh,
    "atan(x)": np.arctan,
    "abs(x)": np.abs,
    "sigmoid(x)": special.expit,
    "softplus(x)": lambda x: np.logaddexp(x, 0),
    "relu(x)": lambda x: np.maximum(x, 0),
    "erf(x)": special.erf,
    "min(x, 1)": lambda x: np.minimum(x, 1),
    "max(x^2, 1 - x)": lambda x: np.maximum(x**2, 1 - x),
    "ln(1+x^2)": lambda x: np.log1p(x**2),
    "|x|": np.abs,
    "2|x-1|x": lambda x: 2 * np.abs(x - 1) * x,
    "|x|^2": lambda x: x**2,
    "||x|-1|": lambda x: np.abs(np.abs(x) - 1),
    "|2|x||": lambda x: 2 * np.abs(x),
    "2|x| + 3|x|": lambda x: 5 * np.abs(x),
    "|x||x-1|": lambda x: np.abs(x) * np.abs(x - 1),
    "2|-x|": lambda x: 2 * np.abs(x),
    "max(|x|, |x-1|)": lambda x: np.maximum(np.abs(x), np.abs(x - 1)),
    "∣x∣": np.abs,
    "x > 1": lambda x: x > 1,
    "x < 1+1-x": lambda x: x < 1,
    "floor(x) >= 1": lambda x: x >= 1,
    "floor(x) <= 1": lambda x: x < 2,
    "floor(x) ≥ 0": lambda x: x >= 0,
    "floor(x)≤ 0": lambda x: x < 1,
    "(x>0)*x": lambda x: np.maximum(x, 0),
    "2(x>1)": lambda x: 2 * (x > 1),
    "0 < x < 1": lambda x: (x > 0) & (x < 1),
    "1 > x ≥ 0 > -2": lambda x: (x >= 0) & (x < 1),
    "(x > 1) > 0": lambda x: x > 1,
    "0 > (x > 1)": lambda x: 0.0,
    "-1 < x": lambda x: x > -1,
    "step(x-1)": lambda x: x > 1,
    "step(0)": lambda x: 0.0,
    "step(1/0)": lambda x: 1.0,
    "sign(x)": np.sign,
    "sign(x-x)": lambda x: 0.0,
    "floor(2x)": lambda x: np.floor(2 * x),
    "where(x > 0, sqrt(x), 0)": lambda x: np.sqrt(np.maximum(x, 0)),
    "where(x, 1/x, 3)": lambda x: 1 / x,
    "where(1, 2, 3)": lambda x: 2.0,
    "where(0 < x < 1, 2, where(x ≥ 1, x, -x))": lambda x: np.where((x > 0) & (x < 1), 2, np.abs(x)),
    "log(x) > 0": lambda x: np.where(x < 0, np.nan, x > 1),
    "0 ≥ log(x)": lambda x: np.where(x < 0, np.nan, x <= 1),
    "step(log(x))": lambda x: np.where(x < 0, np.nan, x > 1),
    "sign(log(x))": lambda x: np.sign(np.log(x)),
    "floor(log(x))": lambda x: np.floor(np.log(x)),
    "where(log(x), 1, 2)": lambda x: np.where(x < 0, np.nan, 1),
    "x^x": lambda x: np.float_power(x, x),
    "9**9**9**9": lambda x: math.inf,
    "1/0": lambda x: math.inf,
    "0/0": lambda x: math.nan,
    "log(0-1)": lambda x: math.nan,
}


@pytest.mark.parametrize("text", VALUES)
def test_values(text: str) -> None:
    with np.errstate(all="ignore"):
        expected = torch.from_numpy(np.broadcast_to(np.asarray(VALUES[text](X), dtype=float), X.shape).copy())
    torch.testing.assert_close(formula(text)(GRID), expected, rtol=1e-12, atol=1e-14, equal_nan=True)


@pytest.mark.parametrize("text", VALUES)
def test_the_title_reads_back_to_an_equal_objective(text: str) -> None:
    objective = formula(text)
    again = formula(objective.title)
    assert again == objective
    assert hash(again) == hash(objective)
    assert again.title == objective.title


def test_formulas_that_differ_are_not_equal() -> None:
    assert formula("x - 1") != formula("1 - x")
    assert formula("2*x") != formula("3*x")
    assert formula("x*x") != formula("x^2")
    assert formula(" 2 * x ") == formula("2x")


def test_softplus_is_exact_where_it_nearly_is_x() -> None:
    x = torch.tensor([22.0, 30.0, 1000.0], dtype=torch.float64)
    torch.testing.assert_close(
        formula("softplus(x) - x")(x)[0], torch.tensor(math.exp(-22)).double(), rtol=1e-5, atol=0
    )
    assert formula("softplus(x)")(x).isfinite().all()


@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("text", ["3", "pi/0", "x", "0.1x^2 + e", "max(1, x)", "2^3 + softplus(x^2^-1)"])
def test_shape_and_type_are_those_of_x(text: str, dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    x = torch.ones(shape, dtype=dtype)
    for value in (formula(text)(x), formula(text).slope(x)):
        assert value.shape == x.shape
        assert value.dtype == x.dtype
        assert value.device == x.device
    with torch.no_grad():
        assert not formula(text)(x).requires_grad


def test_a_constant_may_be_written_to() -> None:
    value = formula("2")(GRID)
    value[0] = 1.0
    assert value.tolist() == [1.0] + [2.0] * (len(X) - 1)


OF_SEVERAL = {"min": "x, x", "max": "x, x", "where": "x, x, x"}


@pytest.mark.parametrize("name", NAMES)
def test_every_function_is_listed_and_works(name: str) -> None:
    assert name in HELP
    assert formula(f"{name}({OF_SEVERAL.get(name, 'x')})")(GRID).shape == GRID.shape
