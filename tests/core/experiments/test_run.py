"""The contract of every kind of run: settings apart from state, a share that grows to rest, an identity, one seed."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable

import pytest
import torch

from explorer.core.experiments.answers import Answers
from explorer.core.experiments.descent import Descent, Rule
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.repeated_means import RepeatedMeans
from explorer.core.experiments.run import ComparedRun, Run
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.vae.datasets import DATASETS
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients.answers import Example
from explorer.vae.gradients.stream import ElboStream
from explorer.vae.model import VAE, Architecture
from explorer.vae.race import Race, Terms
from tests.core.pairs import BOTH

CPU = torch.device("cpu")
PROBLEM = Problem(FAMILIES["normal"], OBJECTIVES["square"], {"loc": 2.0, "scale": 1.0}, "loc")
COMMON = {
    "problem": dataclasses.replace(PROBLEM, parameter="scale"),
    "estimators": ("pathwise",),
    "seed": 1,
    "device": torch.device("meta"),
}


@functools.cache
def example(image: int) -> Example:
    """A small model of random weights and an image of random pixels."""
    vae = VAE(Architecture(2, 8, "full"), DATASETS["mnist"]).eval().requires_grad_(False)
    random = torch.Generator().manual_seed(image)
    vae.initialise(random, torch.rand(784, generator=random))
    return Example("small", image, 0, vae, (torch.rand(1, 784, generator=random) < 0.2).float())


CHANGES = {
    GradientStream: {**COMMON, "rest_at": 96},
    RepeatedMeans: {**COMMON, "sizes": (10, 20), "repetitions": 50},
    Descent: {**COMMON, "rule": Rule(0.05, 8, n_steps=4)},
    ElboStream: {
        "example": example(1),
        "estimators": (NORMAL["pathwise"],),
        "coordinate": 1,
        "seed": 1,
        "kl": "sampled",
        "common": False,
        "rest_at": 96,
    },
    Race: {"latents": "bernoulli", "estimators": ("leave_one_out",), "terms": Terms(batch=2, n_steps=4), "seed": 1},
}
"""Every setting that a kind of run has, with another value than in `made`."""


def made(kind: type[Run], **changes: object) -> Run:
    """A run that comes to rest soon."""
    own: dict[type, dict[str, object]] = {
        GradientStream: {"rest_at": 320},
        RepeatedMeans: {"sizes": (10, 30), "repetitions": 2**14},
        Descent: {"rule": Rule(0.05, 8, n_steps=5)},
        ElboStream: {
            "example": example(0),
            "estimators": tuple(NORMAL[name] for name in BOTH),
            "coordinate": 0,
            "seed": 0,
            "rest_at": 320,
        },
        Race: {"latents": "normal", "estimators": ("score_function",), "terms": Terms(batch=2, n_steps=5), "seed": 0},
    }
    common = {"problem": PROBLEM, "estimators": BOTH, "seed": 0, "device": CPU}
    settings = {**(common if kind in COMPARED else {}), **own[kind], **changes}
    return kind(**settings)  # type: ignore[arg-type]


UNIT = {GradientStream: 80, RepeatedMeans: 1, Descent: 1, ElboStream: 80, Race: 1}
"""How much of its work a test asks for at a time: samples, chunks, steps."""
FOUND: dict[type[Run], Callable[..., object]] = {
    GradientStream: lambda run: [(s.moments.mean, s.histogram.counts.tolist()) for s in run.summaries.values()],
    RepeatedMeans: lambda run: [run.estimates(name, i).tolist() for name in BOTH for i in range(len(run.reached))],
    Descent: lambda run: [run.exact.tolist(), *(path.tolist() for path in run.runs.values())],
    ElboStream: lambda run: [
        [(s.moments.mean, s.histogram.counts.tolist()) for s in run.summaries.values()],
        [total.variance.tolist() for total in run.totals.values()],
    ],
    Race: lambda run: [lane.rows for lane in run.lanes.values()],
}
COMPARED = [kind for kind in CHANGES if issubclass(kind, ComparedRun)]
every_kind = pytest.mark.parametrize("kind", CHANGES, ids=lambda kind: kind.__name__)


def kinds(base: type) -> set[type]:
    """All kinds of run that can be made."""
    below = {each for direct in base.__subclasses__() for each in kinds(direct)}
    return below if base.__abstractmethods__ else below | {base}  # type: ignore[attr-defined]


def test_every_kind_is_tested() -> None:
    assert kinds(Run) == set(CHANGES)


@every_kind
def test_the_share_grows_to_rest(kind: type[Run]) -> None:
    run = made(kind)
    shares = [run.share]
    while run.share < 1:
        run.advance(UNIT[kind])
        shares.append(run.share)
    assert shares[0] == 0
    assert shares[-1] == 1
    assert len(shares) > 3
    assert all(one < other for one, other in itertools.pairwise(shares))
    before = FOUND[kind](run)
    run.advance(UNIT[kind])
    assert run.share == 1
    assert FOUND[kind](run) == before


@every_kind
def test_more_than_there_is_ends_at_rest(kind: type[Run]) -> None:
    run = made(kind)
    run.advance(10**6)
    assert run.share == 1


@every_kind
def test_the_same_settings_give_the_same_numbers(kind: type[Run]) -> None:
    one, again, other = made(kind), made(kind), made(kind, seed=1)
    for run in (one, again, other):
        while run.share < 1:
            run.advance(UNIT[kind])
    assert FOUND[kind](one) == FOUND[kind](again)
    assert FOUND[kind](one) != FOUND[kind](other)


@pytest.mark.parametrize("kind", [RepeatedMeans, Descent, Race], ids=lambda kind: kind.__name__)
def test_how_the_work_is_cut_changes_nothing(kind: type[Run]) -> None:
    whole, parts = made(kind), made(kind)
    whole.advance(100)
    while parts.share < 1:
        parts.advance(1)
    assert FOUND[kind](whole) == FOUND[kind](parts)


def test_a_stream_cut_at_multiples_of_16_is_one_stream() -> None:
    """But for the last bits of sums: its counts are the same."""
    whole, parts = made(GradientStream), made(GradientStream)
    whole.advance(320)
    while parts.share < 1:
        parts.advance(80)
    for one, other in zip(whole.summaries.values(), parts.summaries.values(), strict=True):  # type: ignore[attr-defined]
        assert one.histogram.counts.tolist() == other.histogram.counts.tolist()
        assert one.moments.mean == pytest.approx(other.moments.mean, rel=1e-6)


@every_kind
def test_each_setting_makes_another_identity_and_no_state_does(kind: type[Run]) -> None:
    run = made(kind)
    identity = run.identity
    assert made(kind).identity == identity
    changes = CHANGES[kind]
    assert set(changes) == {each.name for each in dataclasses.fields(run) if each.init}
    for name, value in changes.items():
        if name != "device":
            assert made(kind, **{name: value}).identity != identity, name
    run.advance(UNIT[kind])
    assert run.identity == identity
    assert hash(identity) == hash(made(kind).identity)


def test_kinds_are_told_apart() -> None:
    assert len({made(kind).identity for kind in CHANGES}) == len(CHANGES)


@pytest.mark.parametrize("kind", COMPARED, ids=lambda kind: kind.__name__)
def test_an_estimator_that_is_not_defined_is_refused(kind: type[Run]) -> None:
    for name, fault in (("rebar", "not defined for normal's loc"), ("nonsense", "must be an Estimator or one of")):
        with pytest.raises(ValueError, match=fault):
            made(kind, estimators=(name,))


@pytest.mark.parametrize("kind", [GradientStream, RepeatedMeans], ids=lambda kind: kind.__name__)
def test_exact_answers_change_no_sample(kind: type[Run]) -> None:
    """They come before, between or after, or never."""
    answers = Answers.of(PROBLEM, BOTH)
    found = []
    for moment in range(4):
        run = made(kind)
        assert isinstance(run, ComparedRun)
        for turn in range(3):
            assert run.answers is None or moment <= turn
            if turn == moment:
                run.know(answers)
            run.advance(UNIT[kind])
        found.append(FOUND[kind](run))
    assert all(each == found[0] for each in found)
