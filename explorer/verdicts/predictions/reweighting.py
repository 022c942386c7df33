"""Samples move, or weights change: what to predict."""

from __future__ import annotations

import torch

from explorer.core.device import generator_for
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.reweighting import SLOPES, Reweighting, weighed
from explorer.core.families import SCALAR
from explorer.core.families.family import draw_noise
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction, problem_of, right_one
from explorer.verdicts.words import said

PAGE = "reweighting"
DOTS = 50
"""As many samples as the picture has."""


def _film(settings: Settings) -> tuple[Reweighting, float]:
    """The picture's film, and where its slider stands."""
    problem = problem_of(settings, SCALAR, "move")
    eps = draw_noise(problem.family, DOTS, generator_for(settings["seed"], torch.device("cpu")))
    return weighed(problem, eps), settings[f"{problem.family.name}.{problem.parameter}.to"]


def _effective(film: Reweighting, value: float) -> float:
    return float(film.effective[film.nearest(value)])


@prediction(PAGE, "far", ("forty", "fifteen", "two"), {"normal.loc": "1", "normal.loc.to": "3"})
def far(settings: Settings) -> Revealed:
    """How many samples weights leave effective far away."""
    film, value = _film(settings)
    left = _effective(film, value)
    frame = film.nearest(value)
    largest = film.weights[frame].max() / film.weights[frame].sum()
    sentence = word(
        "prediction.reweighting.far.shown", effective=number(left), n=DOTS, share=f"{100 * float(largest):.0f} %"
    )
    return Revealed(nearest(left, {"forty": 40, "fifteen": 15, "two": 2}), sentence)


@prediction(
    PAGE, "width", ("narrow", "wide", "same"), {"normal.move": "scale", "normal.scale": "1", "normal.scale.to": "2"}
)
def width(settings: Settings) -> Revealed:
    """Whether twice or half the parameter is the harder one for the weights."""
    film, _ = _film(settings)
    start = float(film.values[film.origin])
    half, twice = _effective(film, start / 2), _effective(film, start * 2)
    right = "same" if abs(half - twice) < 1 else "narrow" if half < twice else "wide"
    sentence = word(
        "prediction.reweighting.width.shown",
        symbol=film.parameter.letter,
        low=number(float(film.values[film.nearest(start / 2)])),
        high=number(float(film.values[film.nearest(start * 2)])),
        half=number(half),
        twice=number(twice),
        n=DOTS,
    )
    return Revealed(right, sentence)


@prediction(PAGE, "discrete", ("both", "weights", "motion"), {"family": "bernoulli"})
def discrete(settings: Settings) -> Revealed:
    """Which of the two slopes at theta_0 is right on average."""
    problem = problem_of(settings, SCALAR, "move")
    answers = Answers.of(problem, SLOPES)
    weights, motion = SLOPES
    right = right_one(answers, {weights: "weights", motion: "motion"})
    sentence = word(
        "prediction.reweighting.discrete.shown",
        exact=said(answers.gradient, 4),
        weights=said(answers.expectations[weights], 4),
        motion=said(answers.expectations[motion], 4),
    )
    return Revealed(right, sentence)


@prediction(
    PAGE,
    "edge",
    ("nothing", "fifth", "half"),
    {
        "family": "uniform",
        "uniform.low": "0",
        "uniform.high": "2",
        "uniform.move": "high",
        "uniform.high.to": "4",
    },
)
def edge(settings: Settings) -> Revealed:
    """How much of q no sample drawn at theta_0 will ever see."""
    film, value = _film(settings)
    unseen = float(film.unseen[film.nearest(value)])
    seen = film.weights[film.nearest(value)].mean()
    sentence = word("prediction.reweighting.edge.shown", share=f"{100 * unseen:.0f} %", weight=number(float(seen)))
    return Revealed(nearest(unseen, {"nothing": 0.01, "fifth": 0.2, "half": 0.5}), sentence)
