"""The engine's entrances: shapes, seeds, one stream of noise, and arguments that are refused."""

import math
import random
from collections.abc import Callable, Mapping

import numpy as np
import pytest
import torch

from explorer.core.by_name import exact_gradient, exact_variance, gradient_samples, sample
from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.gradient_stream import CHUNK, summarise_gradients
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.summaries import Summary, Window
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.core.randomness import Streams
from tests.core.cases import corners, defaults

CPU = torch.device("cpu")
THETA = {"loc": 1.0, "scale": 1.0}
TOY = Problem(FAMILIES["normal"], OBJECTIVES["square"], THETA, "loc")
WINDOWS = {"score_function": Window(-20.0, 24.0), "pathwise": Window(-6.0, 10.0)}
each_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


@each_family
def test_noise_never_sees_theta(family: Family) -> None:
    """The same seed gives the same noise at every theta, and transform of it is the sample."""
    eps = draw_noise(family, 100, generator_for(5, CPU))
    for theta in corners(family):
        assert torch.equal(sample(family.name, theta, 100, seed=5), family.transform(eps, family.tensors(theta, eps)))


@each_family
def test_every_estimator_gets_the_same_noise(family: Family) -> None:
    """At a theta where both see x, through f = x."""
    identity = Objective("identity", "x", "x", lambda x, values: x, "a test")
    theta = defaults(family)
    x = sample(family.name, theta, 50, seed=9)
    values = family.tensors(theta, x)
    for name in theta:
        total = x.sum(-1) if family.size > 1 else x
        score = gradient_samples(family.name, identity, "score_function", theta, 50, seed=9, device="cpu")[name]
        assert torch.equal(score, total * family.scores(x, values, name))


def test_samples_follow_the_seed() -> None:
    first, again, other = (sample("normal", THETA, 100, seed=seed) for seed in (1, 1, 2))
    assert first.shape == (100,)
    assert first.dtype == torch.float32
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@each_family
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_shapes(family: Family, estimator: str) -> None:
    """A bounded objective: its baselines exist under every family."""
    for n_samples in (1, 2, 17):
        arguments = (family.name, "squared_exponential", estimator, defaults(family), n_samples)
        if not ESTIMATORS[estimator].covers(family):
            with pytest.raises(ValueError, match=f"{estimator} is not defined for {family.name}"):
                gradient_samples(*arguments, device="cpu")
            continue
        gradients = gradient_samples(*arguments, device="cpu")
        assert tuple(gradients) == ESTIMATORS[estimator].covers(family)
        for gradient in gradients.values():
            assert gradient.shape == (n_samples,)
            assert gradient.dtype == torch.float32
            assert not gradient.requires_grad
            assert gradient.isfinite().all()


@pytest.mark.parametrize("n_samples", [1, 1000, CHUNK, 2 * CHUNK + 1])
def test_summaries_equal_the_samples(n_samples: int) -> None:
    """Chunk by chunk equals all at once: the same noise, the same moments and the same histogram."""
    found = summarise_gradients(TOY, WINDOWS, n_samples, Streams(3, CPU))
    generator = generator_for(3, CPU)
    sizes = [CHUNK] * (n_samples // CHUNK) + [n_samples % CHUNK] * (n_samples % CHUNK > 0)
    x = torch.cat([draw_noise(FAMILIES["normal"], size, generator) for size in sizes]) + 1
    by_hand = {"score_function": x * x * (x - 1), "pathwise": 2 * x}
    assert found.keys() == by_hand.keys()
    for name, values in by_hand.items():
        whole = Summary.of(values, WINDOWS[name])
        assert found[name].moments.n == found[name].histogram.n == n_samples
        assert found[name].moments.mean == pytest.approx(float(values.double().mean()), rel=1e-5)
        if n_samples > 1:
            assert found[name].moments.variance == pytest.approx(float(values.double().var()), rel=1e-5)
        assert torch.equal(found[name].histogram.counts, whole.histogram.counts)


def test_successive_summaries_are_one_stream() -> None:
    streams = Streams(4, CPU)
    arguments = (TOY, WINDOWS, 1000, streams)
    first, second = (summarise_gradients(*arguments)["pathwise"].moments.mean for _ in range(2))
    assert first != second


@each_family
def test_summaries_agree_with_the_exact_answers(family: Family) -> None:
    theta = defaults(family)
    parameter = next(iter(theta))
    objective = OBJECTIVES["squared_exponential"]
    windows = {
        name: Window(-50.0, 50.0)
        for name in ("score_function", "pathwise")
        if not ESTIMATORS[name].warning(family, objective)
    }
    exact = exact_gradient(family.name, objective, theta)[parameter]
    found = summarise_gradients(Problem(family, objective, theta, parameter), windows, 300_000, Streams(8, CPU))
    for name, summary in found.items():
        error = math.sqrt(exact_variance(family.name, objective, name, theta)[parameter] / 300_000)
        assert abs(summary.moments.mean - exact) < 4.5 * error


def test_the_noise_does_not_depend_on_who_else_draws() -> None:
    """An estimator that draws more beside the noise changes nothing for the others."""
    alone = summarise_gradients(TOY, WINDOWS, 1000, Streams(1, CPU))
    more = {"measure_valued_independent": Window(-9.0, 9.0), **WINDOWS, "finite_differences_independent": Window(-9, 9)}
    beside = summarise_gradients(TOY, more, 1000, Streams(1, CPU))
    for name in WINDOWS:
        assert alone[name].moments == beside[name].moments


def test_standard_error_of_coupled_samples_comes_from_their_groups() -> None:
    """Against the spread of the means of 400 independent runs, 15 % being 4 standard errors of that spread."""
    window = {"leave_one_out": Window(-40.0, 60.0)}
    runs = [summarise_gradients(TOY, window, 80, Streams(seed, CPU)) for seed in range(400)]
    means = torch.tensor([run["leave_one_out"].moments.mean for run in runs])
    errors = torch.tensor([run["leave_one_out"].standard_error for run in runs])
    assert float(errors.square().mean().sqrt()) == pytest.approx(float(means.std()), rel=0.15)


def test_samples_that_are_not_finite_are_refused() -> None:
    logarithm = Objective("log", "log x", "", lambda x, values: x.log(), "a test")
    with pytest.raises(FloatingPointError, match="samples are not finite: f or its slope is undefined"):
        summarise_gradients(Problem(FAMILIES["normal"], logarithm, THETA, "loc"), WINDOWS, 1000, Streams(0, CPU))


BAD: list[tuple[dict[str, object], str]] = [
    ({"family": "nonsense"}, "family must be one of"),
    ({"family": None}, "family must be one of"),
    ({"objective": "nonsense"}, "objective must be"),
    ({"objective": None}, "objective must be"),
    ({"estimator": "nonsense"}, "estimator must be an Estimator or one of"),
    ({"estimator": True}, "estimator must be an Estimator or one of"),
    ({"theta": None}, "normal takes a mapping"),
    ({"theta": {"loc": 1.0}}, "normal needs scale"),
    ({"theta": {**THETA, "rate": 1.0}}, "normal has no parameter 'rate'"),
    ({"theta": {"loc": math.nan, "scale": 1.0}}, r"loc must be a number in \(-inf, inf\)"),
    ({"theta": {"loc": 1.0, "scale": -1.0}}, r"scale must be a number in \(0, inf\)"),
    *(({"n_samples": bad}, r"n_samples must be an integer in \[1, ") for bad in (0, -1, 1.5, True, None, 10**12)),
    *(({"seed": bad}, r"seed must be an integer in \[0, ") for bad in (-1, 1.5, True, None)),
    ({"device": "nonsense"}, "device must be 'cpu', 'cuda' or 'mps'"),
    ({"device": 1.5}, "device must be 'cpu', 'cuda' or 'mps'"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=lambda part: repr(part)[:40])
def test_bad_arguments_are_named(change: Mapping[str, object], message: str) -> None:
    good = {
        "family": "normal",
        "objective": "square",
        "estimator": "pathwise",
        "theta": THETA,
        "n_samples": 10,
        "seed": 0,
        "device": None,
    }
    functions: list[tuple[Callable[..., object], set[str]]] = [
        (gradient_samples, set(good)),
        (sample, {"family", "theta", "n_samples", "seed"}),
    ]
    for function, names in functions:
        if change.keys() <= names:
            with pytest.raises(ValueError, match=message):
                function(**{name: {**good, **change}[name] for name in names})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"windows": {"nonsense": Window(0, 1)}}, "estimator must be an Estimator or one of"),
        ({"n_samples": 0}, "n_samples must be an integer"),
        ({"n_samples": True}, "n_samples must be an integer"),
    ],
)
def test_bad_arguments_of_a_summary(change: Mapping[str, object], message: str) -> None:
    good = {
        "problem": TOY,
        "windows": WINDOWS,
        "n_samples": 10,
        "streams": Streams(0, CPU),
    }
    with pytest.raises(ValueError, match=message):
        summarise_gradients(**{**good, **change})  # type: ignore[arg-type]


def test_no_call_touches_a_global_generator() -> None:
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    sample("normal", THETA, 10, seed=1)
    gradient_samples("laplace", "cosine", "pathwise", {"loc": 0.0, "scale": 1.0}, 10, seed=1)
    summarise_gradients(TOY, WINDOWS, 10, Streams(0, CPU))
    exact_gradient("normal", "square", THETA)
    exact_variance("exponential", "square", "score_function", {"rate": 1.0})
    after = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]
