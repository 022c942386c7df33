"""Weighing and moving: each frame against scipy, both slopes against autograd, the exact curve against exact values."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.core.by_name import exact_gradient, exact_value
from explorer.core.device import generator_for
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.reweighting import Reweighting, effective_size, reweighting
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from explorer.core.parameters import Parameter
from tests.core.cases import SCALAR, SCIPY, Theta, defaults

N = 40
BUMP = OBJECTIVES["squared_exponential"]
"""exp(-x²): bounded, so that its mean exists under every family."""
QUICK = [family for family in SCALAR if family.route != "implicit"]


def noise(family: Family, n: int = N, seed: int = 0) -> Tensor:
    return draw_noise(family, n, generator_for(seed, torch.device("cpu")))


@functools.cache
def film_of(family: str, name: str, objective: str = "squared_exponential", n: int = N) -> Reweighting:
    """At the defaults. An implicit family's quantiles are dear: four steps to a slider, and one parameter a family."""
    entry = FAMILIES[family]
    with pytest.MonkeyPatch.context() as patch:
        if entry.route == "implicit":
            patch.setattr(Parameter, "step", property(lambda self: (self.slider[1] - self.slider[0]) / 4))
        return reweighting(Problem(entry, OBJECTIVES[objective], defaults(entry), name), noise(entry, n))


def films(families: list[Family]) -> pytest.MarkDecorator:
    cases = [
        (family, parameter.name)
        for family in families
        for parameter in (family.parameters[:1] if family.route == "implicit" else family.parameters)
    ]
    return pytest.mark.parametrize(
        ("family", "name"), [pytest.param(*case, id=f"{case[0].name}-{case[1]}") for case in cases]
    )


def theta_at(film: Reweighting, frame: int) -> Theta:
    return {**defaults(film.problem.family), film.parameter.name: float(film.values[frame])}


@films(SCALAR)
def test_weights_are_ratios_of_densities(family: Family, name: str) -> None:
    film = film_of(family.name, name)
    start = SCIPY[family.name](**defaults(family))
    x = film.samples.numpy()
    log = "logpmf" if family.discrete else "logpdf"
    for frame in (0, film.origin, len(film.values) // 3, -1):
        now = SCIPY[family.name](**theta_at(film, frame))
        with np.errstate(divide="ignore"):
            expected = np.exp(getattr(now, log)(x) - getattr(start, log)(x))
        np.testing.assert_allclose(film.weights[frame].numpy(), expected, rtol=1e-8, atol=1e-300)
        wf = expected * np.exp(-(x**2))
        assert float(film.weighted.mean[frame]) == pytest.approx(wf.mean(), rel=1e-8, abs=1e-12)
        error = wf.std(ddof=1) / math.sqrt(N)
        assert float(film.weighted.standard_error[frame]) == pytest.approx(error, rel=1e-8, abs=1e-12)
        size = expected.sum() ** 2 / (expected**2).sum() if expected.any() else 0.0
        assert float(film.effective[frame]) == pytest.approx(size, rel=1e-8)


@films(QUICK)
def test_moved_samples_are_the_transformed_noise(family: Family, name: str) -> None:
    film = film_of(family.name, name)
    eps = noise(family).double()
    for frame in (0, film.origin, len(film.values) // 3, -1):
        now = {key: torch.tensor(value, dtype=torch.float64) for key, value in theta_at(film, frame).items()}
        torch.testing.assert_close(film.moved[frame], family.transform(eps, now))
        f = np.exp(-(film.moved[frame].numpy() ** 2))
        np.testing.assert_allclose(film.f_moved[frame].numpy(), f)
        assert float(film.shifted.mean[frame]) == pytest.approx(f.mean())
        assert float(film.shifted.standard_error[frame]) == pytest.approx(f.std(ddof=1) / math.sqrt(N), abs=1e-15)


@films(SCALAR)
def test_at_theta_0_both_are_one(family: Family, name: str) -> None:
    film = film_of(family.name, name)
    here = film.origin
    assert float(film.values[here]) == defaults(family)[name]
    assert torch.equal(film.weights[here], torch.ones(N, dtype=torch.float64))
    torch.testing.assert_close(film.moved[here], film.samples)
    assert float(film.weighted.mean[here]) == pytest.approx(float(film.shifted.mean[here]), rel=1e-12)
    assert float(film.effective[here]) == pytest.approx(N, rel=1e-12)
    assert float(film.unseen[here]) == pytest.approx(0, abs=1e-14)


@films(QUICK)
def test_slopes_at_theta_0_are_the_two_estimators(family: Family, name: str) -> None:
    """The derivative of the very means that are drawn, by autograd, is what the estimators of the registry say."""
    film = film_of(family.name, name)
    start = {key: torch.tensor(value, dtype=torch.float64) for key, value in defaults(family).items()}
    own = start[name].clone().requires_grad_()
    eps, x = noise(family).double(), film.samples
    weights = (family.log_prob(x, {**start, name: own}) - family.log_prob(x, start)).exp()
    (slope,) = torch.autograd.grad((weights * torch.exp(-x.square())).mean(), own)
    assert film.slopes["score_function"].mean == pytest.approx(float(slope), rel=1e-10, abs=1e-12)
    moved = torch.exp(-family.transform(eps, {**start, name: own}).square()).mean()
    slope = torch.autograd.grad(moved, own)[0] if moved.requires_grad else torch.zeros(())
    assert film.slopes["pathwise"].mean == pytest.approx(float(slope), rel=1e-10, abs=1e-12)


@films(SCALAR)
def test_exact_curve_and_slope(family: Family, name: str) -> None:
    film = film_of(family.name, name)
    for frame in {0, film.origin, len(film.values) - 1}:
        assert float(film.exact[frame]) == pytest.approx(
            exact_value(family.name, BUMP, theta_at(film, frame)), abs=1e-9
        )
    assert film.truth.slope == pytest.approx(exact_gradient(family.name, BUMP, defaults(family))[name], abs=1e-9)
    assert not film.truth.fault


def test_exact_curve_of_the_square_in_closed_form() -> None:
    for name in ("loc", "scale"):
        film = film_of("normal", name, "square")
        other = 1.0
        torch.testing.assert_close(film.exact, film.values.square() + other, rtol=0, atol=1e-9)


@films(QUICK)
def test_both_means_agree_with_the_exact_value(family: Family, name: str) -> None:
    """Moved everywhere; weighted where at least half of the samples are effective and q is seen whole. Five
    standard errors: of about a thousand means one in a million tests fails by chance."""
    film = film_of(family.name, name, n=4000)
    close = (film.shifted.mean - film.exact).abs() <= 5 * film.shifted.standard_error + 1e-9
    assert close.all()
    near = (film.effective > 2000) & (film.unseen < 1e-12)
    close = (film.weighted.mean - film.exact).abs() <= 5 * film.weighted.standard_error + 1e-9
    assert close[near].all()
    assert near[film.origin]


def test_weighted_mean_never_sees_what_lies_outside_the_old_support() -> None:
    film = film_of("uniform", "high", n=4000)
    seen = math.sqrt(math.pi) / 2 * math.erf(2.0) / film.values.clamp(min=2.0)
    wide = film.values >= 2.0
    gap = (film.weighted.mean - seen).abs()[wide]
    assert (gap <= 5 * film.weighted.standard_error[wide]).all()
    torch.testing.assert_close(film.unseen, (1 - 2 / film.values).clamp(min=0), rtol=0, atol=1e-12)
    low = film_of("uniform", "low")
    torch.testing.assert_close(low.unseen, (-low.values / (2 - low.values)).clamp(min=0), rtol=0, atol=1e-12)
    pareto = film_of("pareto", "scale")
    torch.testing.assert_close(pareto.unseen, (1 - pareto.values**6).clamp(min=0), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("log_weights", "size"),
    [
        ([0.0, 0.0, 0.0], 3.0),
        ([-5000.0, -5000.0], 2.0),
        ([800.0, 800.0, 0.0], 2.0),
        ([0.0, -math.inf, -math.inf], 1.0),
        ([-math.inf, -math.inf], 0.0),
        ([math.log(3.0), 0.0], 16 / 10),
    ],
)
def test_effective_size(log_weights: list[float], size: float) -> None:
    assert float(effective_size(torch.tensor(log_weights, dtype=torch.float64))) == pytest.approx(size)


def test_reach_is_where_half_of_the_samples_stay_effective() -> None:
    film = film_of("normal", "loc")
    low, high = film.effective_range
    inside = (film.values >= low) & (film.values <= high)
    assert (film.effective[inside] >= N / 2).all()
    at_low, at_high = int(film.values.tolist().index(low)), int(film.values.tolist().index(high))
    assert film.effective[at_low - 1] < N / 2
    assert film.effective[at_high + 1] < N / 2
    assert low < 1.0 < high


def test_a_value_between_the_steps_is_theta_0_itself() -> None:
    family = FAMILIES["normal"]
    film = reweighting(Problem(family, BUMP, {"loc": 0.123, "scale": 1.0}, "loc"), noise(family))
    assert float(film.values[film.origin]) == 0.123
    assert film.nearest(0.1231) == film.origin


def test_samples_where_f_is_not_defined_are_refused() -> None:
    family = FAMILIES["normal"]
    with pytest.raises(FloatingPointError, match="not finite"):
        reweighting(Problem(family, formula("log(x)"), defaults(family), "loc"), noise(family))


def test_what_is_not_known_is_said() -> None:
    film = film_of("cauchy", "loc", "square")
    assert film.truth.slope is None
    assert film.exact.isnan().all()
    assert "tails" in film.truth.fault


@pytest.mark.parametrize("theta", [{"loc": 0.0}, {"loc": 0.0, "scale": -1.0}])
def test_theta_that_is_not_allowed_is_refused(theta: dict[str, float]) -> None:
    family = FAMILIES["normal"]
    with pytest.raises(ValueError, match="scale"):
        reweighting(Problem(family, BUMP, theta, "loc"), noise(family))
    with pytest.raises(ValueError, match="parameter"):
        reweighting(Problem(family, BUMP, defaults(family), "nope"), noise(family))
