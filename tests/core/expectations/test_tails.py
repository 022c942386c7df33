"""The order below which moments exist, against what is known of each pair of a law and a growth."""

import math
from collections.abc import Mapping

import pytest
import torch

from explorer.core.expectations.space import Space
from explorer.core.expectations.tails import exists, finite_order
from explorer.core.families import FAMILIES
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from tests.core.cases import defaults

ORDERS: tuple[tuple[str, Mapping[str, float], str, float], ...] = (
    ("pareto", {"scale": 1.0, "alpha": 2.05}, "x^2", 1.025),
    ("pareto", {"scale": 2.0, "alpha": 3.0}, "x^2*log(x)", 1.5),
    ("cauchy", {"loc": -4.0, "scale": 0.1}, "x", 1.0),
    ("cauchy", {"loc": 1.0, "scale": 1.0}, "sqrt(abs(x))", 2.0),
    ("cauchy", {"loc": 1.0, "scale": 1.0}, "cos(x)", math.inf),
    ("cauchy", {"loc": 1.0, "scale": 1.0}, "exp(abs(x))", 0.0),
    ("student_t", {"df": 4.1, "loc": 1.0, "scale": 2.0}, "x^2", 2.05),
    ("laplace", {"loc": -4.0, "scale": 0.1}, "x^2", math.inf),
    ("laplace", {"loc": 0.0, "scale": 0.6}, "exp(x)", 1 / 0.6),
    ("exponential", {"rate": 2.0}, "exp(x)", 2.0),
    ("gumbel", {"loc": 0.0, "scale": 1.0}, "exp(x/3)", 3.0),
    ("logistic", {"loc": 0.0, "scale": 0.5}, "exp(x)", 2.0),
    ("gamma", {"concentration": 1.5, "rate": 1.0}, "1/x", 1.5),
    ("gamma", {"concentration": 3.0, "rate": 2.0}, "exp(x)", 2.0),
    ("beta", {"concentration1": 1.5, "concentration0": 3.0}, "1/x", 1.5),
    ("normal", {"loc": 0.0, "scale": 1.0}, "exp(x^2/4)", 2.0),
    ("normal", {"loc": -3.0, "scale": 0.1}, "exp(10*x)", math.inf),
    ("normal", {"loc": 4.0, "scale": 3.0}, "x < -3", math.inf),
    ("normal", {"loc": 1.0, "scale": 1.0}, "1/x", 1.0),
    ("normal", {"loc": 1.0, "scale": 1.0}, "1/sqrt(abs(x-0.7))", 2.0),
    ("normal", {"loc": 1.0, "scale": 1.0}, "log(abs(x))", math.inf),
    ("log_normal", {"loc": -1.5, "scale": 0.1}, "exp(x)", 0.0),
    ("log_normal", {"loc": 0.0, "scale": 1.0}, "x^5", math.inf),
)


@pytest.mark.parametrize(("family", "theta", "text", "order"), ORDERS)
def test_orders(family: str, theta: Mapping[str, float], text: str, order: float) -> None:
    space = Space(FAMILIES[family], formula(text), one_row(theta))
    found = finite_order(space, lambda draw: draw.f)
    if math.isinf(order):
        assert found == order
    else:
        assert float(found) == pytest.approx(order, rel=2e-4, abs=0.05 if order == 0 else 0)


def test_at_the_order_itself_a_moment_is_infinite() -> None:
    assert exists(torch.tensor([1.0, 2.0, 2.01, 0.5, math.inf]), 2).tolist() == [False, False, True, False, True]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_bounded_f_has_all_its_moments(family: str) -> None:
    law = FAMILIES[family]
    for objective in (OBJECTIVES["constant"], OBJECTIVES["step"], OBJECTIVES["cosine"], formula("tanh(100*x)")):
        space = Space(law, objective, one_row(defaults(law)))
        assert finite_order(space, lambda draw: draw.f).item() == math.inf, objective.title
