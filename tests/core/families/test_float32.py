"""Draws in float32 at the ends of what each family allows: inside the support, finite, and of the law that is meant."""

import itertools
import math

import pytest
import torch

from explorer.core.by_name import exact_gradient, gradient_samples, sample
from explorer.core.device import generator_for
from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.moments import moments
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from explorer.core.randomness import Streams
from tests.core.cases import EVERY, Theta, corners, defaults, label

CPU = torch.device("cpu")
N = 200_000
STANDARD_ERRORS = 5.0


def is_allowed(family: Family, theta: Theta) -> bool:
    try:
        family.tensors(theta, torch.zeros(1))
    except ValueError:
        return False
    return True


def ends(family: Family) -> list[dict[str, float]]:
    """The thetas at which one parameter, or each, is as large or as small as may be: found by halving."""
    reach = []
    for parameter in family.parameters:
        found = []
        for end in parameter.valid:
            # On a scale that is logarithmic from 1e-15 on, to both sides.
            near, far = math.asinh(parameter.default / 1e-15), math.asinh(max(min(end, 1e30), -1e30) / 1e-15)
            for _ in range(60):
                middle = 0.5 * (near + far)
                theta = {**defaults(family), parameter.name: 1e-15 * math.sinh(middle)}
                near, far = (middle, far) if is_allowed(family, theta) else (near, middle)
            found.append(1e-15 * math.sinh(near))
        reach.append(found)
    names = [parameter.name for parameter in family.parameters]
    together = list(itertools.product(*reach))
    if len(names) > 2:
        by_turns = tuple(both[i % 2] for i, both in enumerate(reach))
        together = [together[0], together[-1], by_turns]
    corner = [dict(zip(names, values, strict=True)) for values in together]
    single = [{**defaults(family), name: value} for name, both in zip(names, reach, strict=True) for value in both]
    found = [theta for theta in [*single, *corner] if is_allowed(family, theta)]
    return [theta for i, theta in enumerate(found) if theta not in found[:i]]


AT_ENDS = [
    pytest.param(family, theta, id=f"{family.name}-{label(theta)}") for family in EVERY for theta in ends(family)
]
POSITIVE = ("exponential", "weibull", "pareto", "kumaraswamy", "log_normal", "gamma", "beta", "dirichlet")
EXTREMES = {
    "uniform": (2.0**-25, 1 - 2.0**-24),
    "exponential": (2.0**-24, 17.0),
    "normal": (-5.7, 5.7),
    "normal_pair": (-5.7, 5.7),
    "cauchy": (-2e7, 2e7),
}
"""The smallest and largest that a noise is ever drawn."""


def is_inside(family: Family, x: torch.Tensor, theta: Theta) -> torch.Tensor:
    """In the open support, seen in float64."""
    low, high = {
        "(0, 1)": (0.0, 1.0),
        "[a, b]": (theta.get("low"), theta.get("high")),
        r"[m, \infty)": (theta.get("scale"), math.inf),
        r"[-\pi, \pi]": (-math.pi, math.pi),
        r"[0, \infty)": (0.0, math.inf),
        r"(0, \infty)": (0.0, math.inf),
        r"\{x \in (0, 1)^3 : x_1 + x_2 + x_3 = 1\}": (0.0, 1.0 + 1e-12),
    }.get(family.support.latex, (-math.inf, math.inf))
    assert low is not None
    assert high is not None
    # A parameter is rounded to float32 too.
    return (x.double() > float(torch.tensor(low))) & (x.double() < high) | torch.tensor(family.discrete)


def test_sliders_are_within() -> None:
    assert all(is_allowed(family, theta) for family in EVERY for theta in corners(family))


@torch.no_grad()
@pytest.mark.parametrize(("family", "theta"), AT_ENDS)
def test_samples_are_inside_and_scores_have_mean_0(family: Family, theta: Theta) -> None:
    """Their standard error from the samples; of a discrete family exactly, since rare atoms may not be seen."""
    eps = draw_noise(family, N, generator_for(11, CPU))
    values = family.tensors(theta, eps)
    x = family.transform(eps, values)
    assert is_inside(family, x, theta).all()
    for name in theta:
        assert family.paths(eps, values, name).isfinite().all()
        if family.support.moves:
            continue
        score = family.scores(x, values, name).double()
        variance = float(score.var())
        if family.discrete:
            exact = moments(family, OBJECTIVES["constant"], ESTIMATORS["score_function"], one_row(theta), name)
            variance = float(exact.variance)
        assert abs(float(score.mean())) <= STANDARD_ERRORS * math.sqrt(variance / N), name


@torch.no_grad()
@pytest.mark.parametrize("family", EVERY, ids=lambda family: family.name)
def test_gradients_are_finite(family: Family) -> None:
    """Of every estimator at all ends in one batch, the extremes of the noise among its samples.

    log x where x is positive throughout. Baselines are exact numbers, and no concern of float32.
    """
    thetas, streams = ends(family), Streams(12, CPU)
    eps = draw_noise(family, 64, streams.main)
    for i, extreme in enumerate(EXTREMES.get(family.noise.name, ())):
        eps[i] = extreme
    each = [family.tensors(theta, eps) for theta in thetas]
    columns = {name: torch.stack([theta[name] for theta in each]).unsqueeze(1) for name in each[0]}
    objectives = [OBJECTIVES["identity"], OBJECTIVES["square"], OBJECTIVES["absolute"]]
    if family.name in POSITIVE:
        objectives.append(formula("log(x)"))
    for objective in objectives:
        draw = Draw(family, objective, columns, eps.expand(len(thetas), *eps.shape), streams)
        for method in ESTIMATORS.values():
            for name in method.covers(family) if "_baseline" not in method.name else ():
                finite = method(draw, name).isfinite().all(-1)
                assert finite.all(), (objective.title, method.name, name, thetas[int(finite.int().argmin())])


@pytest.mark.parametrize(
    ("family", "theta", "words"),
    [
        ("kumaraswamy", {"concentration1": 0.2, "concentration0": 0.2}, r"concentration1 must be in \[0.4, 1000\]"),
        ("kumaraswamy", {"concentration1": 900.0, "concentration0": 0.5}, "would be rounded to 1"),
        ("beta", {"concentration1": 900.0, "concentration0": 0.5}, "concentration0 must be larger"),
        ("gamma", {"concentration": 0.06, "rate": 1.0}, r"concentration must be in \[0.1, 999\]"),
        ("bernoulli", {"probs": 1 - 1e-9}, r"probs must be in \[1e-06, 0.999999\] for samples in float32"),
        ("normal", {"loc": 1.0, "scale": 1e-7}, "scale must be at least 1e-05"),
        ("normal", {"loc": 0.0, "scale": 1e-30}, r"scale must be in \[1e-10, 100000\]"),
        ("uniform", {"low": 1.0, "high": 1.0 + 1e-7}, "high − low must be at least 1e-05"),
    ],
)
def test_what_float32_does_not_show_is_refused_for_samples_alone(family: str, theta: Theta, words: str) -> None:
    for refused in (
        lambda: sample(family, theta, 10),
        lambda: gradient_samples(family, "square", "score_function", theta, 10),
    ):
        with pytest.raises(ValueError, match=words):
            refused()
    assert all(math.isfinite(value) for value in exact_gradient(family, "squared_exponential", theta).values())
