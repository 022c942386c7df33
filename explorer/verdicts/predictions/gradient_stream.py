"""Two estimators: what to predict."""

from __future__ import annotations

import math

from explorer.core.experiments.answers import Answers
from explorer.text import short, word
from explorer.text.numbers import number, times
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction, problem_of, right_one
from explorer.verdicts.words import lowered, said

PAGE = "gradient_stream"
SCORE, PATH = "score_function", "pathwise"


def _answers(settings: Settings, *estimators: str) -> Answers:
    problem = problem_of(settings)
    return Answers.of(problem, estimators or (SCORE, PATH))


@prediction(PAGE, "ratio", ("one", "four", "twenty", "hundred"), {"normal.loc": "2"})
def ratio(settings: Settings) -> Revealed:
    """How many times the samples the score function needs."""
    answers = _answers(settings)
    found = answers.samples_ratio(SCORE, PATH) or 0.0
    sentence = word(
        "prediction.gradient_stream.ratio.shown",
        ratio=times(found),
        score=said(_square(answers.deviations[SCORE]), 4),
        path=said(_square(answers.deviations[PATH]), 4),
    )
    return Revealed(nearest(found, {"one": 1, "four": 4, "twenty": 20, "hundred": 100}), sentence)


def _square(deviation: float | None) -> float | None:
    return None if deviation is None else deviation**2


@prediction(PAGE, "step", ("both", "score", "path"), {"objective": "step", "step.k": "1"})
def step(settings: Settings) -> Revealed:
    """Which of the two is right where f jumps."""
    answers = _answers(settings)
    right = right_one(answers, {SCORE: "score", PATH: "path"})
    sentence = word(
        "prediction.gradient_stream.step.shown",
        exact=said(answers.gradient, 4),
        score=said(answers.expectations[SCORE], 4),
        path=said(answers.expectations[PATH], 4),
    )
    return Revealed(right, sentence)


@prediction(
    PAGE,
    "tails",
    ("both", "path", "neither"),
    {"family": "student_t", "student_t.gradient": "scale", "student_t.df": "4"},
)
def tails(settings: Settings) -> Revealed:
    """Which of the two has a finite variance under a heavy tail."""
    answers = _answers(settings)
    score, path = (answers.deviations[name] or 0.0 for name in (SCORE, PATH))
    right = "neither" if math.isinf(path) else "path" if math.isinf(score) else "both"
    sentence = word(
        "prediction.gradient_stream.tails.shown",
        score=said(_square(answers.deviations[SCORE]), 3),
        path=said(_square(answers.deviations[PATH]), 3),
    )
    return Revealed(right, sentence)


DISCRETE = ("gumbel_softmax", "rebar", "measure_valued")


@prediction(
    PAGE,
    "discrete",
    ("all", "two", "none"),
    {
        "family": "bernoulli",
        "objective": "shifted_square",
        "shifted_square.k": "0.4",
        "estimators": list(DISCRETE),
    },
)
def discrete(settings: Settings) -> Revealed:
    """Which of three estimators are unbiased for a Bernoulli variable."""
    problem = problem_of(settings)
    names = settings["estimators"]
    answers = Answers.of(problem, names)
    biases = ", ".join(f"{lowered(short(name))} {said(answers.bias(name), 3)}" for name in names)
    wrong = len(answers.biased)
    right = "all" if not wrong else "none" if wrong == len(names) else "two"
    return Revealed(right, word("prediction.gradient_stream.discrete.shown", biases=biases))


@prediction(
    PAGE,
    "edge",
    ("exact", "half", "sign"),
    {"family": "uniform", "uniform.low": "0", "uniform.high": "2", "uniform.gradient": "high"},
)
def edge(settings: Settings) -> Revealed:
    """Where the score function goes on a support that moves."""
    answers = _answers(settings)
    mean, exact = answers.expectations[SCORE] or 0.0, answers.gradient or 0.0
    right = "exact" if not answers.is_biased(SCORE) else "sign" if mean * exact < 0 else "half"
    sentence = word("prediction.gradient_stream.edge.shown", mean=number(mean, 4), exact=number(exact, 4))
    return Revealed(right, sentence)
