"""Boundary terms in words: the sentences are computed, and change with what is true."""

from __future__ import annotations

import pytest
import torch

from explorer.core.device import generator_for
from explorer.core.experiments import discontinuity as engine
from explorer.core.experiments.problem import Problem
from explorer.core.families.family import draw_noise
from explorer.verdicts.discontinuity import captions, described, verdict
from tests.core.failing import boundary


def said(problem: Problem, value: float, n: int = 100) -> str:
    film = boundary(problem).at(value)
    samples = engine.sampled_slopes(film, draw_noise(problem.family, n, generator_for(0, torch.device("cpu"))))
    assert len(captions(film, samples)) == len(film.values)
    assert "nan" not in described(film, samples, n)
    return verdict(film, samples, n)


@pytest.mark.parametrize(
    ("problem", "value", "words"),
    [
        (
            engine.jump_at("step"),
            1.0,
            ("**0.3989**. Score function says", "**0 ± 0**", "no sign of doubt", "0 + 0.3989"),
        ),
        (engine.jump_at("ramp"), 1.0, ("**0.8989**", "**0.5 ± 0**", "0.5 + 0.3989 = 0.8989")),
        (engine.jump_at("kink"), 1.0, ("Pathwise says", "both are right")),
        (engine.moving_end("identity"), 2.0, ("goes to −0.5: not even the sign", "−0.5 + 1 = 0.5")),
        (engine.moving_end("cosine"), 1.0, ("wrong by 0.54",)),
        (engine.moving_end("constant"), 4.0, ("exact slope is **0**", "**−0.25 ± 0**", "−0.25 + 0.25 = 0.")),
    ],
)
def test_what_is_said(problem: Problem, value: float, words: tuple[str, ...]) -> None:
    found = said(problem, value)
    for each in words:
        assert each in found
