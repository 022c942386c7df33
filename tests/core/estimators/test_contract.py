"""The registry: what an entry must hold, what its warnings say, and what is refused."""

import dataclasses

import pytest
import torch

from explorer.core.by_name import exact_gradient, expected_estimate, gradient_samples
from explorer.core.device import generator_for
from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS, Estimator, estimator, get_estimator
from explorer.core.estimators.contract import Coupling, Integration, Moments
from explorer.core.exact.moments import moments
from explorer.core.expectations.space import Space
from explorer.core.families import FAMILIES
from explorer.core.families.family import draw_noise
from explorer.core.numerics.rows import one_row
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.core.cases import defaults

CPU = torch.device("cpu")
GROUP = ESTIMATORS["leave_one_out"].group


PROBES = (
    ("normal", "step"),
    ("normal", "square"),
    ("normal", "cosine"),
    ("laplace", "step"),
    ("uniform", "square"),
    ("exponential", "step"),
    ("exponential", "square"),
    ("weibull", "cosine"),
    ("pareto", "square"),
    ("kumaraswamy", "square"),
    ("log_normal", "step"),
    ("gamma", "step"),
    ("beta", "square"),
    ("student_t", "step"),
    ("bernoulli", "square"),
    ("bernoulli", "shifted_square"),
    ("categorical", "square"),
    ("poisson", "square"),
)
"""Pairs whose exact moments are cheap. That no warning means no bias, test_on_average shows over the whole product."""
QUADRATIC = {
    ("normal", "square"): "loc² + scale²",
    ("uniform", "square"): "(low² + low high + high²) / 3",
    ("bernoulli", "square"): "probs",
    ("bernoulli", "shifted_square"): "k² + probs (1 - 2k)",
    ("poisson", "square"): "rate + rate²",
}
"""Pairs whose E f is a polynomial of degree two at most: there a central difference is exact, warning or not."""


@pytest.mark.parametrize("method", ESTIMATORS.values(), ids=ESTIMATORS)
def test_a_warning_means_a_bias(method: Estimator) -> None:
    """With a warning some parameter is biased at the defaults; without one none is."""
    for family_name, objective_name in PROBES:
        family, objective = FAMILIES[family_name], OBJECTIVES[objective_name]
        if not method.covers(family):
            continue
        expected = expected_estimate(family_name, objective, method.name, defaults(family))
        exact = exact_gradient(family_name, objective, defaults(family))
        bias = max(abs(expected[name] - exact[name]) for name in expected)
        warned = bool(method.warning(family, objective))
        if method.name.startswith("finite_differences") and (family_name, objective_name) in QUADRATIC:
            assert warned
            assert bias < 1e-8
        else:
            assert (bias > 1e-8) == warned, (family_name, objective_name, bias)


def test_warnings_say_why() -> None:
    score, path = ESTIMATORS["score_function"], ESTIMATORS["pathwise"]
    square, step = OBJECTIVES["square"], OBJECTIVES["step"]
    assert score.warning(FAMILIES["normal"], square) == path.warning(FAMILIES["normal"], square) == ""
    assert "jump as θ changes" in path.warning(FAMILIES["bernoulli"], square)
    assert "misses the jump" in path.warning(FAMILIES["normal"], step)
    assert "its support moves with θ" in score.warning(FAMILIES["uniform"], square)


def test_registering_one_is_enough() -> None:
    @estimator("half", "Half", latex="", source="", biased=True)
    def half(draw: Draw, name: str) -> torch.Tensor:
        """A constant for every sample."""
        return torch.full((), 0.5, dtype=draw.eps.dtype)

    try:
        samples = gradient_samples("normal", "square", "half", {"loc": 0.0, "scale": 1.0}, 7, device="cpu")
        assert samples["loc"].tolist() == [0.5] * 7
        assert ESTIMATORS["half"].warning(FAMILIES["normal"], OBJECTIVES["square"]) == "Half is biased by design."
    finally:
        del ESTIMATORS["half"]


@pytest.mark.parametrize("entry", ESTIMATORS.values(), ids=ESTIMATORS)
def test_entries_are_whole(entry: Estimator) -> None:
    assert ESTIMATORS[entry.name] is entry
    assert entry.title
    assert entry.latex
    assert entry.source
    assert entry.function.__doc__


@pytest.mark.parametrize("name", ["nonsense", "", None, 3, "Pathwise"])
def test_unknown_estimator(name: object) -> None:
    with pytest.raises(ValueError, match="estimator must be an Estimator or one of score_function, "):
        get_estimator(name)


@pytest.mark.parametrize("moments_of_its_own", [None, "none"])
def test_coupled_samples_need_exact_moments_of_their_own(moments_of_its_own: object) -> None:
    """Or a second coupled estimator would get the exact variance of another, in silence."""
    with pytest.raises(ValueError, match="exact moments of their own"):

        @estimator(
            "pairs",
            "Pairs",
            latex="",
            source="",
            integration=Integration(coupling=Coupling(2, moments_of_its_own)),  # type: ignore[arg-type]
        )
        def pairs(draw: Draw, name: str) -> torch.Tensor:
            """Never registered."""
            return draw.f

    assert "pairs" not in ESTIMATORS
    with pytest.raises(ValueError, match="groups of two or more"):
        Coupling(1, lambda space, name: Moments(*([torch.zeros(1)] * 3), [""]))


def means_of_pairs(draw: Draw, name: str) -> torch.Tensor:
    """The mean of two score-function gradients for both of a pair: coupled as closely as can be."""
    single = ESTIMATORS["score_function"](draw, name)
    return single.unflatten(-1, (-1, 2)).mean(-1).repeat_interleave(2, -1)


def moments_of_pairs(space: Space, name: str) -> Moments:
    """Half a score-function sample's variance; the mean of n of them is that of n / 2 independent pairs."""
    one = moments(space.family, space.objective, ESTIMATORS["score_function"], space.theta, name)
    return Moments(one.mean, one.variance / 2, one.variance, one.faults)


def errors_off(entry: Estimator) -> float:
    """How far the spread of 4,000 groups' means is from the exact one, in standard errors of it."""
    family, objective, theta = FAMILIES["normal"], OBJECTIVES["cosine"], {"loc": 0.5, "scale": 1.0}
    eps = draw_noise(family, 4_000 * entry.group, generator_for(5, CPU))
    values = entry(Draw(family, objective, family.tensors(theta, eps), eps), "loc").double()
    means = values.unflatten(0, (-1, entry.group)).mean(1)
    squares = (means - means.mean()).square()
    exact = float(moments(family, objective, entry, one_row(theta), "loc").spread) / entry.group
    return abs(float(squares.mean()) - exact) / (float(squares.std()) / len(means) ** 0.5)


def test_a_second_coupled_estimator_answers_for_itself() -> None:
    """With moments of its own it agrees with its samples; with those of leave-one-out it is far off."""
    register = estimator(
        "pairs", "Pairs", latex="", source="", integration=Integration(coupling=Coupling(2, moments_of_pairs))
    )
    try:
        register(means_of_pairs)
        entry = ESTIMATORS["pairs"]
        assert entry.group == 2
        assert errors_off(entry) < 4.5
        borrowed = ESTIMATORS["leave_one_out"].integration.coupling
        assert borrowed is not None
        wrong = Integration(coupling=Coupling(2, borrowed.moments))
        assert errors_off(dataclasses.replace(entry, integration=wrong)) > 10
        assert errors_off(ESTIMATORS["leave_one_out"]) < 4.5
    finally:
        del ESTIMATORS["pairs"]


def test_only_groups_are_coupled() -> None:
    assert {name: entry.group for name, entry in ESTIMATORS.items() if entry.group > 1} == {"leave_one_out": GROUP}
