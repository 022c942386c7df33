"""The entrances to exact answers: what has none says so, and what is not allowed is refused."""

import math
from collections.abc import Callable

import pytest
import torch

from explorer.core.by_name import exact_gradient, exact_value, exact_variance
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from tests.core.cases import Theta


def _objective(function: Callable[[torch.Tensor], torch.Tensor]) -> Objective:
    return Objective("made_up", "made up", "", lambda x, values: function(x), "a test")


@pytest.mark.parametrize(
    ("family", "objective", "theta", "why"),
    [
        ("normal", _objective(lambda x: 1 / x), {"loc": 0.0, "scale": 1.0}, "does not converge"),
        ("normal", _objective(lambda x: (0.6 * x.square()).exp()), {"loc": 0.0, "scale": 1.0}, "does not exist"),
        ("normal", _objective(lambda x: x.square().exp()), {"loc": 0.0, "scale": 1.0}, "does not exist"),
        ("normal", _objective(torch.log), {"loc": 0.0, "scale": 1.0}, "not finite"),
        ("log_normal", OBJECTIVES["square"], {"loc": 0.0, "scale": 50.0}, "not finite"),
    ],
)
def test_what_has_no_exact_value_says_so(family: str, objective: Objective, theta: Theta, why: str) -> None:
    with pytest.raises(QuadratureError, match=f"no exact value for .* under .* at loc=0, scale=.*: .*{why}"):
        exact_value(family, objective, theta)


def test_bad_arguments() -> None:
    theta = {"loc": 0.0, "scale": 1.0}
    with pytest.raises(ValueError, match="family must be one of"):
        exact_gradient("nonsense", "square", theta)
    with pytest.raises(ValueError, match="objective must be"):
        exact_gradient("normal", "nonsense", theta)
    with pytest.raises(ValueError, match="estimator must be"):
        exact_variance("normal", "square", "nonsense", theta)
    with pytest.raises(ValueError, match=r"scale must be a number in \(0, inf\)"):
        exact_variance("normal", "square", "pathwise", {"loc": 0.0, "scale": 0.0})
    with pytest.raises(ValueError, match=r"scale must be a number in \(0, inf\)"):
        exact_value("normal", "square", {"loc": 0.0, "scale": math.nan})


@pytest.mark.parametrize("objective", ["identity", "square", "absolute"])
def test_a_cauchy_expectation_that_does_not_exist(objective: str) -> None:
    with pytest.raises(QuadratureError, match="does not exist"):
        exact_gradient("cauchy", objective, {"loc": 0.0, "scale": 1.0})


def test_an_estimator_that_is_not_defined_is_refused() -> None:
    with pytest.raises(ValueError, match="rebar is not defined for normal"):
        exact_variance("normal", "square", "rebar", {"loc": 0.0, "scale": 1.0})
