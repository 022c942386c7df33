"""A problem is checked once, cannot be changed, and is told by what fixes its answers."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES, TOY
from explorer.core.objectives.catalogue import OBJECTIVES

NORMAL = Problem(FAMILIES["normal"], OBJECTIVES["cosine"], {"scale": 1.0, "loc": 2.0}, "loc")


def test_theta_is_checked_ordered_and_fixed() -> None:
    given = {"scale": 1, "loc": 2}
    made = Problem(FAMILIES["normal"], OBJECTIVES["cosine"], given, "loc")
    assert list(made.theta.items()) == [("loc", 2.0), ("scale", 1.0)]
    assert all(isinstance(value, float) for value in made.theta.values())
    given["loc"] = 3
    assert made == NORMAL
    with pytest.raises(TypeError):
        made.theta["loc"] = 3.0  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.parameter = "scale"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("theta", "parameter", "fault"),
    [
        *(({"loc": 0.0}, "loc", "needs scale"), ({"loc": 0.0, "scale": 0.0}, "loc", "scale must be a number")),
        *(({"loc": math.nan, "scale": 1.0}, "loc", "loc must be"), ({"loc": 0.0, "scale": 1.0}, "rate", "loc, scale")),
    ],
)
def test_what_is_not_allowed_is_refused(theta: dict[str, float], parameter: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Problem(FAMILIES["normal"], OBJECTIVES["cosine"], theta, parameter)


@pytest.mark.parametrize(
    "change",
    [
        {"family": FAMILIES["laplace"]},
        {"objective": OBJECTIVES["square"]},
        {"objective": OBJECTIVES["cosine"].at(k=2.0)},
        {"theta": {"loc": 2.0, "scale": 1.5}},
        {"parameter": "scale"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_part_makes_another_problem(change: dict[str, object]) -> None:
    other = dataclasses.replace(NORMAL, **change)  # type: ignore[arg-type]
    assert other != NORMAL
    assert other.identity != NORMAL.identity
    assert {NORMAL: 1, other: 2}[NORMAL] == 1


def test_the_same_law_with_other_defaults_is_the_same_problem() -> None:
    same = dataclasses.replace(NORMAL, family=TOY["normal"])
    assert same.family is not NORMAL.family
    assert same == NORMAL
    assert hash(same) == hash(NORMAL)


def test_tensors_and_draws_are_at_its_theta() -> None:
    eps = torch.tensor([-1.0, 0.5])
    assert NORMAL.draw(eps).x.tolist() == [1.0, 2.5]
    assert NORMAL.draw(eps).f.tolist() == pytest.approx([math.cos(1.0), math.cos(2.5)])
    assert {value.dtype for value in NORMAL.tensors(eps.double()).values()} == {torch.float64}
    assert {name: value.tolist() for name, value in NORMAL.row.items()} == {"loc": [2.0], "scale": [1.0]}
