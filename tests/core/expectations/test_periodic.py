"""A wave under a heavy tail, against closed forms and against QUADPACK's own rule for waves (QAWF)."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import integrate

from explorer.core.estimators import ESTIMATORS
from explorer.core.estimators.contract import Moments
from explorer.core.exact.gradients import expectations, gradients
from explorer.core.exact.moments import moments
from explorer.core.families import FAMILIES
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import SCIPY, Theta

K = (0.1, 1.0, 3.7, 10.0)
THETAS = (
    ("cauchy", {"loc": 1.0, "scale": 1.0}),
    ("cauchy", {"loc": -4.0, "scale": 0.1}),
    ("cauchy", {"loc": 2.5, "scale": 3.0}),
    ("student_t", {"df": 1.5, "loc": 1.0, "scale": 1.0}),
    ("student_t", {"df": 3.0, "loc": -2.0, "scale": 2.0}),
)
"""The sliders' heaviest tails, at the middle and in the corners."""
AT = [pytest.param(*case, k, id=f"{case[0]}-{i}-{k:g}") for i, case in enumerate(THETAS) for k in K]


def of(family: str, estimator: str, theta: Theta, name: str, k: float) -> Moments:
    found = moments(FAMILIES[family], OBJECTIVES["cosine"].at(k=k), ESTIMATORS[estimator], one_row(theta), name)
    assert found.faults == [""]
    return found


def standard_score(family: str, theta: Theta, name: str) -> Callable[[float], float]:
    """The score as a function of e = (x - loc) / scale, by hand."""
    scale, df = theta["scale"], theta.get("df", 1.0)
    if name == "loc":
        return lambda e: (df + 1) * e / (df + e * e) / scale
    return lambda e: ((df + 1) * e * e / (df + e * e) - 1) / scale


def waved(family: str, theta: Theta, function: Callable[[float], float], rate: float) -> float:
    """The integral of function(e) cos(rate (loc + scale e)) under the law, for a function that is even in e."""
    law = SCIPY[family](**{**theta, "loc": 0.0, "scale": 1.0})
    wave = rate * theta["scale"]
    part, _ = integrate.quad(
        lambda e: function(e) * law.pdf(e), 0, np.inf, weight="cos", wvar=wave, epsabs=1e-11, limlst=500, limit=500
    )
    return 2 * math.cos(rate * theta["loc"]) * float(part)


def still(family: str, theta: Theta, function: Callable[[float], float]) -> float:
    """The integral of an even function(e) under the law, with no wave."""
    law = SCIPY[family](**{**theta, "loc": 0.0, "scale": 1.0})
    part, _ = integrate.quad(
        lambda t: function(math.sinh(t)) * law.pdf(math.sinh(t)) * math.cosh(t), 0, 60, epsabs=1e-13, limit=500
    )
    return 2 * float(part)


@pytest.mark.parametrize("k", [0.0, *K, -2.0, 999.0])
@pytest.mark.parametrize("theta", [theta for family, theta in THETAS if family == "cauchy"])
def test_cauchy_closed_forms(theta: Theta, k: float) -> None:
    """E cos(k x) = cos(k loc) exp(-|k| scale), and its derivatives."""
    family, objective, loc, scale = FAMILIES["cauchy"], OBJECTIVES["cosine"].at(k=k), theta["loc"], theta["scale"]
    fall = math.exp(-abs(k) * scale)
    expected = {
        "": math.cos(k * loc) * fall,
        "loc": -k * math.sin(k * loc) * fall,
        "scale": -abs(k) * math.cos(k * loc) * fall,
    }
    for name, value in expected.items():
        at = one_row(theta)
        found = gradients(family, objective, at, name) if name else expectations(family, objective, at)
        assert found.faults == [""]
        assert float(found.value) == pytest.approx(value, abs=1e-9 * max(1.0, abs(k)))


@pytest.mark.parametrize("name", ["loc", "scale"])
@pytest.mark.parametrize(("family", "theta", "k"), AT)
def test_score_function(family: str, theta: Theta, k: float, name: str) -> None:
    """f² = (1 + cos 2kx) / 2, so the mean square is an integral without a wave and one with."""
    score = standard_score(family, theta, name)
    found = of(family, "score_function", theta, name, k)
    square = 0.5 * (
        still(family, theta, lambda e: score(e) ** 2) + waved(family, theta, lambda e: score(e) ** 2, 2 * k)
    )
    assert float(found.variance + found.mean**2) == pytest.approx(square, abs=1e-8, rel=1e-8)
    if name == "scale":
        assert float(found.mean) == pytest.approx(waved(family, theta, score, k), abs=1e-8)


@pytest.mark.parametrize(("family", "theta", "k"), AT)
def test_pathwise(family: str, theta: Theta, k: float) -> None:
    """f'² = k² (1 - cos 2kx) / 2."""
    found = of(family, "pathwise", theta, "loc", k)
    square = 0.5 * k**2 * (1 - waved(family, theta, lambda e: 1.0, 2 * k))
    assert float(found.variance + found.mean**2) == pytest.approx(square, abs=1e-8, rel=1e-8)


@pytest.mark.parametrize(("family", "theta", "k"), AT)
def test_mirror_images(family: str, theta: Theta, k: float) -> None:
    """The score in the scale is even: the mean of two is its score times cos(k loc) cos(k scale e)."""
    score = standard_score(family, theta, "scale")
    found = of(family, "antithetic_score", theta, "scale", k)
    square = (
        math.cos(k * theta["loc"]) ** 2
        * 0.5
        * (
            still(family, theta, lambda e: score(e) ** 2)
            + waved(family, {**theta, "loc": 0.0}, lambda e: score(e) ** 2, 2 * k)
        )
    )
    assert float(found.variance + found.mean**2) == pytest.approx(square, abs=1e-8, rel=1e-8)


HEAVIEST = (("student_t", {"df": 1.5, "loc": 1.0, "scale": 1.0}), ("pareto", {"scale": 1.0, "alpha": 1.5}))


@pytest.mark.parametrize("k", [1.0, 10.0])
@pytest.mark.parametrize(("family", "theta"), HEAVIEST)
def test_unbiased_estimators_agree(family: str, theta: Theta, k: float) -> None:
    """Waves that grow, under tails that just hold them; mirror images that are far where their noise is near."""
    law, objective = FAMILIES[family], OBJECTIVES["cosine"].at(k=k)
    for name in theta:
        gradient = float(gradients(law, objective, one_row(theta), name).value)
        for method in ESTIMATORS.values():
            if name in method.covers(law) and not method.warning(law, objective):
                found = float(of(family, method.name, theta, name, k).mean)
                assert found == pytest.approx(gradient, abs=1e-8), (method.name, name)


def test_rows_are_worked_on_together() -> None:
    """A batch of thetas and of k, a constant f among them, gives what each row gives alone."""
    family, objective = FAMILIES["cauchy"], OBJECTIVES["cosine"]
    k = torch.tensor([0.0, 0.3, 1.0, 6.0], dtype=torch.float64)
    theta = {
        "loc": torch.tensor([0.0, 1.0, -3.0, 2.0], dtype=torch.float64),
        "scale": torch.tensor([1.0, 0.1, 2.0, 3.0], dtype=torch.float64),
    }
    together = moments(family, objective, ESTIMATORS["score_function"], theta, "loc", {"k": k})
    assert together.faults == [""] * 4
    for i in range(4):
        row = {name: float(column[i]) for name, column in theta.items()}
        alone = of("cauchy", "score_function", row, "loc", float(k[i]))
        assert float(together.variance[i]) == pytest.approx(float(alone.variance), rel=1e-8)


def test_beats_are_refused() -> None:
    """Two scales at once, as finite differences look at, beat: their product has a slow wave of its own."""
    found = moments(
        FAMILIES["cauchy"],
        OBJECTIVES["cosine"],
        ESTIMATORS["finite_differences"],
        one_row({"loc": 1.0, "scale": 1.0}),
        "scale",
    )
    assert found.faults == ["the integral does not converge"]
    assert math.isnan(float(found.variance))
