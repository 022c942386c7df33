"""Descent: what to predict."""

from __future__ import annotations

import dataclasses
import math

import torch

from explorer.core.estimators import Choice
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.descent import Descent, Rule
from explorer.core.families import TOY
from explorer.text import short, word
from explorer.text.numbers import number
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction, problem_of
from explorer.verdicts.words import lowered, said

PAGE = "descent"
SCORE, PATH = "score_function", "pathwise"
MANY_RUNS = 400
FEW_SAMPLES = 8


def _walked(settings: Settings, *estimators: str, n_samples: int | None = None, n_runs: int = MANY_RUNS) -> Descent:
    rule = Rule(
        float(settings["rate"]), n_samples or int(settings["samples"]), settings["direction"] == "up", n_runs=n_runs
    )
    made = Descent(problem_of(settings, TOY), Choice(estimators), settings["seed"], torch.device("cpu"), rule)
    made.advance(rule.n_steps)
    return made


def _width(descent: Descent, estimator: str) -> float:
    found = descent.distance(estimator)
    return math.nan if found is None else found.root_mean_square


@prediction(PAGE, "width", ("one", "two", "five", "twenty"), {"rate": "0.05", "samples": "8"})
def width(settings: Settings) -> Revealed:
    """How many times as wide the score function's band is."""
    walk = _walked(settings, SCORE, PATH)
    score, path = (_width(walk, name) for name in (SCORE, PATH))
    problem = walk.problem
    last = dataclasses.replace(problem, theta={**problem.theta, problem.parameter: float(walk.exact[-1])})
    known = Answers.of(last, (SCORE, PATH)).deviations
    theory = (known[SCORE] or 0.0) / (known[PATH] or math.inf)
    sentence = word(
        "prediction.descent.width.shown",
        ratio=number(score / path, 3),
        score=number(score, 3),
        path=number(path, 3),
        runs=MANY_RUNS,
        theory=number(theory, 3),
    )
    return Revealed(nearest(score / path, {"one": 1, "two": 2, "five": 5, "twenty": 20}), sentence)


@prediction(PAGE, "samples", ("none", "root", "all"), {"samples": "64"})
def samples(settings: Settings) -> Revealed:
    """By how much more samples a step narrow the band."""
    few, many = (_width(_walked(settings, PATH, n_samples=n), PATH) for n in (FEW_SAMPLES, 8 * FEW_SAMPLES))
    sentence = word(
        "prediction.descent.samples.shown",
        few=number(few),
        many=number(many),
        ratio=number(few / many),
        root=number(8**0.5),
    )
    return Revealed(nearest(few / many, {"none": 1, "root": 8**0.5, "all": 8}), sentence)


@prediction(PAGE, "flips", ("rests", "flips", "leaves"), {"objective": "square", "rate": "1"})
def flips(settings: Settings) -> Revealed:
    """Where the exact path goes."""
    walk = _walked(settings, PATH, n_runs=2)
    last = [number(value + 0.0, 3) for value in walk.exact[-4:].tolist()]
    right = "flips" if walk.flips else "leaves" if float(walk.exact[-1]) in walk.range else "rests"
    return Revealed(right, word("prediction.descent.flips.shown", places=", ".join(last)))


@prediction(PAGE, "step", ("down", "still", "up"), {"objective": "step", "step.k": "1", "normal.loc": "2"})
def step(settings: Settings) -> Revealed:
    """What pathwise does where f jumps."""
    walk = _walked(settings, SCORE, PATH)
    start = float(walk.exact[0])
    moved = {name: float(path[-1].mean()) - start for name, path in walk.runs.items()}
    right = "still" if abs(moved[PATH]) < 1e-6 else "down" if moved[PATH] < 0 else "up"
    sentence = word(
        "prediction.descent.step.shown",
        start=number(start, 3),
        path=number(start + moved[PATH], 3),
        score=number(start + moved[SCORE], 3),
        exact=number(float(walk.exact[-1]), 3),
    )
    return Revealed(right, sentence)


WALKERS = [SCORE, PATH, "gumbel_softmax"]


@prediction(
    PAGE,
    "discrete",
    ("all", "score", "gumbel", "none"),
    {
        "family": "bernoulli",
        "objective": "shifted_square",
        "shifted_square.k": "0.4",
        "rate": "0.2",
        "estimators": WALKERS,
    },
)
def discrete(settings: Settings) -> Revealed:
    """Who walks to the end with the lower E f, of those that are defined."""
    walk = _walked(settings, *settings["estimators"], n_runs=Rule.n_runs)
    ends = torch.tensor(walk.range, dtype=torch.float64)
    heights = walk.landscape().height(ends)
    best = float(ends[int(heights.argmax() if walk.rule.upwards else heights.argmin())])
    at = {name: float(path[-1].mean()) for name, path in walk.runs.items()}
    there = [name for name, value in at.items() if abs(value - best) < 0.1 * float(ends[1] - ends[0])]
    right = "all" if len(there) == len(at) else "none" if not there else "score" if there == [SCORE] else "gumbel"
    sentence = word(
        "prediction.descent.discrete.shown",
        best=number(best),
        places=", ".join(f"{lowered(short(name))} {said(value + 0.0, 2)}" for name, value in at.items()),
    )
    return Revealed(right, sentence)
