"""Which of the two depends on theta: what to predict."""

from __future__ import annotations

import torch

from explorer.core.device import generator_for
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.dependence import Dependence, dependence
from explorer.core.families import SCALAR
from explorer.core.families.family import draw_noise
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction, problem_of, right_one
from explorer.verdicts.words import said

PAGE = "dependence"
DOTS = 40
"""As many as the picture has."""
PAIR = ("score_function", "pathwise")


def _film(settings: Settings) -> tuple[Dependence, int]:
    """The picture's film, and where its slider stands."""
    problem = problem_of(settings, SCALAR, "move")
    film = dependence(problem, draw_noise(problem.family, DOTS, generator_for(settings["seed"], torch.device("cpu"))))
    return film, film.nearest(settings[f"{problem.family.name}.{problem.parameter}.to"])


@prediction(PAGE, "noise", ("half", "twice", "nothing"), {"normal.move": "scale", "normal.scale.to": "2"})
def noise(settings: Settings) -> Revealed:
    """How far the distribution that pathwise draws from has moved."""
    film, now = _film(settings)
    problem = film.problem
    there, _ = _film({**settings, f"{problem.family.name}.{problem.parameter}": float(film.values[now])})
    before, after = film.eps.abs().mean(), there.eps.abs().mean()
    ratio = float(after / before)
    sentence = word(
        "prediction.dependence.noise.shown",
        eps=number(float(after)),
        distance=number(float(film.distance[now])),
        change=number(float(film.change[now])),
    )
    return Revealed(nearest(ratio, {"half": 1.5, "twice": 2.0, "nothing": 1.0}), sentence)


@prediction(PAGE, "width", ("same", "narrow", "wide"), {"normal.loc.to": "2", "normal.scale": "0.5"})
def width(settings: Settings) -> Revealed:
    """Whether one step of mu moves a narrow or a wide q farther."""
    film, now = _film(settings)
    there = {**settings, "normal.scale": 2 * settings["normal.scale"]}
    other, then = _film(there)
    here, wide = float(film.distance[now]), float(other.distance[then])
    right = "same" if abs(here - wide) < 0.01 else "narrow" if here > wide else "wide"
    sentence = word("prediction.dependence.width.shown", narrow=number(here), wide=number(wide))
    return Revealed(right, sentence)


@prediction(PAGE, "discrete", ("both", "density", "function"), {"family": "poisson"})
def discrete(settings: Settings) -> Revealed:
    """Which of the two derivatives averages to the gradient."""
    answers = Answers.of(problem_of(settings, SCALAR, "move"), PAIR)
    score, path = PAIR
    sentence = word(
        "prediction.dependence.discrete.shown",
        exact=said(answers.gradient, 4),
        score=said(answers.expectations[score], 4),
        path=said(answers.expectations[path], 4),
    )
    return Revealed(right_one(answers, {score: "density", path: "function"}), sentence)
