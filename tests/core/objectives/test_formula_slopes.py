"""A visitor's formula: its slope, where it may jump, and that it is the objective on the menu that it writes."""

import math

import pytest
import torch

from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.expression import Expression
from explorer.core.objectives.formula import formula
from tests.core.grammar import GRID

SMOOTH = (
    "exp(-10*x**2)", "x^5 - 3x^3", "x^-2", "2^-x", "(x^2)^x", "x/(1+x^2)", "sin(x) cos(2x)", "tan(x)", "sqrt(x+3)",
    "log(x+3)", "tanh(x)", "sinh(x) cosh(x)", "atan(x)", "abs(x)", "sigmoid(3x)", "softplus(3x)", "relu(x)", "erf(x)",
    "min(x, x^3)", "max(x, 1-x)", "-x", "|x|x", "(x>0)x^2", "where(x > 0.1, sqrt(x), log(-x+1))",
    "floor(x+0.01)x", "pi x", "x^(4/2)",
)  # fmt: skip


@pytest.mark.parametrize("text", SMOOTH)
def test_slope_equals_a_central_difference(text: str) -> None:
    """To the truncation error seen as the step halves, and rounding: 2**-50 of f, and of x through f, over the step."""
    objective, step = formula(text), 1e-4
    wide, narrow = ((objective(GRID + h) - objective(GRID - h)) / (2 * h) for h in (step, step / 2))
    rounding = 2**-50 * (objective(GRID).abs().max() + (narrow * GRID).abs().max()) / step
    assert ((objective.slope(GRID) - narrow).abs() <= (wide - narrow).abs() + rounding).all()


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("x**0", 0.0, 0.0),
        ("x**1", 0.0, 1.0),
        ("x**2", 0.0, 0.0),
        ("x**3", -2.0, 12.0),
        ("x^-1", -2.0, -0.25),
        ("x^(4/2)", -2.0, -4.0),
        ("softplus(x)", 900.0, 1.0),
        ("softplus(x)", -900.0, 0.0),
        ("sigmoid(x)", 900.0, 0.0),
        ("sigmoid(x)", -900.0, 0.0),
        ("softplus(x)", 0.0, 0.5),
        ("sqrt(x)", 0.0, math.inf),
        ("7", 1.0, 0.0),
        ("x - x", 1.0, 0.0),
        ("x > 1", 1.0, 0.0),
        ("x (x > 1)", 2.0, 1.0),
        ("where(x > 0, sqrt(x), 0)", -1.0, 0.0),
        ("where(x > 0, sqrt(x), 0)", 0.0, 0.0),
        ("where(x > 0, sqrt(x), 0)", 4.0, 0.25),
        ("where(x <= 0, 0, log(x))", 0.0, 0.0),
        ("where(x <= 0, 0, log(x))", 2.0, 0.5),
        ("where(x > 0, where(x > 1, sqrt(x-1), x), 1/x)", 1.0, 1.0),
        ("where(sqrt(x), x, 2x)", 0.0, 2.0),
        ("sign(sqrt(x)) + x", 0.0, 1.0),
        ("floor(sqrt(x)) + x", 0.0, 1.0),
        ("where(x < 700, exp(x), exp(exp(x)))", 1.0, math.exp(1)),
    ],
)
def test_slope_by_hand(text: str, at: float, slope: float) -> None:
    assert float(formula(text).slope(torch.tensor(at, dtype=torch.float64))) == slope


@pytest.mark.parametrize("text", ["abs(x)", "relu(x)", "min(x, -x)", "max(x, 2x)"])
def test_slope_at_a_kink_is_finite(text: str) -> None:
    assert formula(text).slope(torch.zeros(1)).isfinite().all()


JUMPS = (
    "1/x", "1/(x-1)", "1/(1+x^2)", "x^-1", "x^(1-3)", "tan(x)", "log(x)", "1 + sin(2/x)", "exp(-1/x)", "x^x", "0^x",
    "x/0", "atan(x exp(1000))", "x^(1/0)", "x > 1", "1 ≤ x", "x² (x < 1)", "step(x)", "sign(x)", "floor(x)",
    "where(x > 0, 1, 2)", "where(x, 1, 2)", "0 < x < 1",
)  # fmt: skip
CONTINUOUS = (
    "3", "x", "x/2", "x^3", "x^0.5", "x^(1/3)", "2^x", "2^-x", "e^(-x)", "abs(x)", "min(x, 1)", "max(x, 1)", "relu(x)",
    "sqrt(x)", "|x|",
    "(2 > 1) x", "step(2) x", "sign(-2) x", "floor(2.5) x", "where(2 > 1, x, 2x)",
    "log(2) x", "tan(1) x", "x/log(3)", "x*2^-1", "sigmoid(9x)",
)  # fmt: skip


@pytest.mark.parametrize("text", [*JUMPS, *CONTINUOUS])
def test_what_may_jump_by_its_signs(text: str) -> None:
    tree = formula(text).function
    assert isinstance(tree, Expression)
    assert tree.may_jump == (text in JUMPS)


TYPED: dict[str, tuple[str, ...]] = {
    "constant": ("1",),
    "identity": ("x",),
    "square": ("x^2",),
    "shifted_square": ("(x-2)^2",),
    "absolute": ("|x-0.5|",),
    "squared_exponential": ("exp(-x^2)",),
    "cosine": ("cos(x)",),
    "step": ("x > 1", "step(x-1)", "1 < x", "where(x > 1, 1, 0)"),
    "rare_event": ("exp(-50(x-3)^2)",),
    "log_sum_exp": ("softplus(2x)", "log(1+exp(2x))", "ln(1+e^(2x))"),
}


def test_every_objective_on_the_menu_can_be_typed() -> None:
    """Where it kinks and jumps too, and with softplus where exp overflows."""
    assert TYPED.keys() == OBJECTIVES.keys()
    near = torch.cat((GRID, torch.tensor([0.0, 0.5, 1.0, 2.0, 3.0, 3.1, -30.0], dtype=torch.float64)))
    far = torch.tensor([-1e6, -1e3, 1e3, 1e6], dtype=torch.float64)
    for name, texts in TYPED.items():
        for text in texts:
            x = near if text.startswith(("log", "ln")) else torch.cat((near, far))
            torch.testing.assert_close(formula(text)(x), OBJECTIVES[name](x), rtol=1e-12, atol=1e-14, msg=text)
            slope = OBJECTIVES[name].slope(x)
            torch.testing.assert_close(formula(text).slope(x), slope, rtol=1e-12, atol=1e-14, msg=text)
