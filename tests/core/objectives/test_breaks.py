"""Where formulas are not smooth, against places worked out by hand."""

import math

import pytest
import torch

from explorer.core.objectives.breaks import Breaks, breaks_of
from explorer.core.objectives.expression import Expression
from explorer.core.objectives.formula import formula


def breaks(text: str) -> Breaks:
    tree = formula(text).function
    assert isinstance(tree, Expression)
    return breaks_of(tree)


KNOWN: dict[str, tuple[tuple[float, float], ...]] = {
    "relu(x+0.4032)": ((-0.4032, 0.0),),
    "min(1, max(0, 100*(x-1.0833)))": ((1.0833, 0.0), (1.0933, 0.0)),
    "abs(abs(x-1)-0.5)": ((0.5, 0.0), (1.0, 0.0), (1.5, 0.0)),
    "abs(exp(-x^2)-0.5)": ((-math.sqrt(math.log(2)), 0.0), (math.sqrt(math.log(2)), 0.0)),
    "relu(x*(x-1)*(x+3))": ((-3.0, 0.0), (0.0, 0.0), (1.0, 0.0)),
    "max(x^2, 2)": ((-math.sqrt(2), 0.0), (math.sqrt(2), 0.0)),
    "0.5+0.5*abs(x-1)/(x-1)": ((1.0, 1.0),),
    "x > 1": ((1.0, 1.0),),
    "sign(x-2)*x": ((2.0, 4.0),),
    "where(x < 1, x, 3)": ((1.0, 2.0),),
    "where(x, 1, 2)": ((0.0, 0.0),),
    "x/abs(x)*exp(-x)": ((0.0, 2.0),),
    "sqrt(x)": ((0.0, 0.0),),
    "sqrt(abs(x))": ((0.0, 0.0),),
    "1/x": ((0.0, math.nan),),
    "log(abs(x-1))": ((1.0, math.nan),),
    "exp(1/x)": ((0.0, math.nan),),
    "sigmoid(100000*(x-0.3))": (),
    "1/(1+x^2)": (),
    "abs(x-1000000)": ((1e6, 0.0),),
    "abs(relu(x))": ((0.0, 0.0),),
}


@pytest.mark.parametrize("text", KNOWN)
def test_every_break_is_found(text: str) -> None:
    found = breaks(text)
    assert found.points.tolist() == pytest.approx([at for at, _ in KNOWN[text]], abs=1e-12, rel=1e-14)
    assert found.heights.tolist() == pytest.approx([rise for _, rise in KNOWN[text]], abs=1e-8, nan_ok=True)
    assert found.known == math.inf


def test_a_double_root_is_a_place_too() -> None:
    """(x - 1)² as x² - 2x + 1: rounding alone decides where it is 0."""
    points = breaks("abs(x^2-2*x+1)").points
    assert len(points) > 0
    assert (points - 1).abs().max() < 1e-7


@pytest.mark.parametrize(("text", "apart"), [("abs(sin(50*x))", math.pi / 50), ("floor(x)", 1.0), ("tan(x)", math.pi)])
def test_of_endlessly_many_those_nearby_are_known(text: str, apart: float) -> None:
    found = breaks(text)
    assert 10 < found.known < math.inf
    assert len(found.points) == pytest.approx(2 * found.known / apart, rel=0.01)
    assert found.points.diff().tolist() == pytest.approx([apart] * (len(found.points) - 1), rel=1e-9)


@pytest.mark.parametrize("text", ["atan(x exp(1000))", "0^x", "x/0", "x^(1/0)", "abs(x-x)"])
def test_where_anything_may_come_nothing_is_known(text: str) -> None:
    assert breaks(text).known == 0
    assert not breaks(text).are_all


def test_what_may_jump_once_its_jumps_are_solved_for() -> None:
    assert not formula("1/(1+x^2)").may_jump
    assert formula("1/(1+x^2)").smooth
    assert not formula("x > 1").may_jump
    assert [(jump.at, jump.height) for jump in formula("x > 1").jumps] == [(1.0, 1.0)]
    assert formula("1/x").may_jump
    assert formula("sign(sin(x))").may_jump


@pytest.mark.parametrize(
    ("text", "low", "high", "tame"),
    [
        ("x^3", -5.0, 5.0, True),
        ("relu(x)", -1.0, 1.0, False),
        ("relu(x)", 0.0, 1.0, True),
        ("sigmoid(100000*x)", -1.0, 1.0, False),
        ("sigmoid(100000*x)", 1.0, 3.0, True),
        ("exp(-(1000*x)^2)", -1.0, 1.0, False),
        ("exp(-(1000*x)^2)", 0.7, 1.0, True),
        ("sin(x)", 0.0, 1.0, True),
        ("sin(1000*x)", 0.0, 1.0, False),
        ("abs(sin(x))", 2e30, 3e30, False),
        ("1/(1+(1000*x)^2)", -1.0, 1.0, False),
    ],
)
def test_what_hides_between_nodes(text: str, low: float, high: float, tame: bool) -> None:
    ends = torch.tensor([[low], [high]], dtype=torch.float64)
    assert breaks(text).tame(*ends).tolist() == [tame]
