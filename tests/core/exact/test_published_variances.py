"""Variances that others computed: N(1, 1), gradients in loc and scale.

By quadrature, from the notebook beside Mohamed, Rosca, Figurnov & Mnih 2020 (Figures 2 and 3; deepmind/mc_gradients).
"""

import pytest

from explorer.core.by_name import exact_variance
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from explorer.core.objectives.objective import Objective

ESTIMATORS = ("score_function", "optimal_baseline", "pathwise", "measure_valued")
PUBLISHED = {
    "(x+3)^2": ("495, 1546", "134, 664", "4, 72", "17.4873, 68"),
    "x^2": ("30, 136", "14, 64", "4, 12", "1.09296, 8"),
    "(x-3)^2": ("87, 346", "38, 184", "4, 24", "4.37183, 20"),
    "exp(-x^2)": ("0.17575, 0.17669", "0.0722217, 0.112784", "0.211723, 0.175731", "0.0125676, 0.0706647"),
    "exp(-10*x^2)": ("0.0769404, 0.0090346", "0.0601966, 0.00873908", "0.941629, 0.892046", "0.0206558, 0.116732"),
    "cos(5*x)": ("0.5, 1", "0.5, 1", "12.5, 12.5", "0.295717, 0.999993"),
}
"""f -> for each estimator the variances in loc and scale, as published."""
BUILT_IN = {
    "(x+3)^2": OBJECTIVES["shifted_square"].at(k=-3.0),
    "x^2": OBJECTIVES["square"],
    "(x-3)^2": OBJECTIVES["shifted_square"].at(k=3.0),
    "exp(-x^2)": OBJECTIVES["squared_exponential"].at(k=1.0),
    "exp(-10*x^2)": OBJECTIVES["squared_exponential"].at(k=10.0),
    "cos(5*x)": OBJECTIVES["cosine"].at(k=5.0),
}


def unit(printed: str) -> float:
    """What the last printed digit is worth; numbers of few digits are closed forms, and right to six."""
    digits = len(printed.partition(".")[2])
    return 10.0**-digits if len(printed.replace(".", "").lstrip("0")) >= 5 else 1e-6 * float(printed)


@pytest.mark.parametrize("form", ["built in", "formula"])
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("f", PUBLISHED)
def test_a_published_variance(f: str, estimator: str, form: str) -> None:
    objective: Objective = BUILT_IN[f] if form == "built in" else formula(f)
    found = exact_variance("normal", objective, estimator, {"loc": 1.0, "scale": 1.0})
    printed = PUBLISHED[f][ESTIMATORS.index(estimator)].split(", ")
    for name, number in zip(("loc", "scale"), printed, strict=True):
        assert found[name] == pytest.approx(float(number), rel=0, abs=0.6 * unit(number)), name
