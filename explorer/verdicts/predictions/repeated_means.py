"""The notebook's experiment: what to predict."""

from __future__ import annotations

import math

from explorer.core.experiments.answers import Answers
from explorer.core.families import TOY
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction, problem_of, right_one
from explorer.verdicts.words import said

PAGE = "repeated_means"
SCORE, PATH = "score_function", "pathwise"


def _answers(settings: Settings, **theta: float) -> Answers:
    problem = problem_of({**settings, **theta}, TOY)
    return Answers.of(problem, (SCORE, PATH))


@prediction(PAGE, "error", ("two", "three", "ten"), {})
def error(settings: Settings) -> Revealed:
    """How many times smaller the error is with ten times the samples."""
    deviation = _answers(settings).deviations[PATH]
    few, many = ((deviation or 0.0) / math.sqrt(n) for n in (10_000, 100_000))
    ratio = few / many if many else 1.0
    sentence = word(
        "prediction.repeated_means.error.shown", few=said(few, 3), many=said(many, 3), ratio=number(ratio, 3)
    )
    return Revealed(nearest(ratio, {"two": 2, "three": 10**0.5, "ten": 10}), sentence)


@prediction(PAGE, "centre", ("both", "score", "path", "none"), {"normal.loc": "0"})
def centre(settings: Settings) -> Revealed:
    """Which line lies lower at this theta than at the page's own."""
    family = TOY[settings["family"]]
    start = {f"{family.name}.{each.name}": each.default for each in family.parameters}
    before, after = _answers({**settings, **start}).deviations, _answers(settings).deviations
    moved = {name: abs((before[name] or 0.0) - (after[name] or 0.0)) > 1e-6 for name in (SCORE, PATH)}
    right = {(True, True): "both", (True, False): "score", (False, True): "path", (False, False): "none"}
    parts = {
        f"{name}_{when}": said(None if known[each] is None else known[each] ** 2, 3)  # type: ignore[operator]
        for name, each in (("score", SCORE), ("path", PATH))
        for when, known in (("before", before), ("after", after))
    }
    sentence = word("prediction.repeated_means.centre.shown", **parts)
    return Revealed(right[moved[SCORE], moved[PATH]], sentence)


@prediction(PAGE, "wave", ("score", "path", "same"), {"objective": "cosine", "cosine.k": "10"})
def wave(settings: Settings) -> Revealed:
    """Which line is the lower one."""
    known = _answers(settings).deviations
    score, path = ((known[name] or 0.0) ** 2 for name in (SCORE, PATH))
    right = "same" if math.isclose(score, path, rel_tol=1e-6) else "score" if score < path else "path"
    sentence = word("prediction.repeated_means.wave.shown", score=said(score, 3), path=said(path, 3))
    return Revealed(right, sentence)


@prediction(PAGE, "discrete", ("both", "score", "path"), {"family": "bernoulli"})
def discrete(settings: Settings) -> Revealed:
    """Whose cloud closes in on the right number."""
    answers = _answers(settings)
    right = right_one(answers, {SCORE: "score", PATH: "path"})
    sentence = word(
        "prediction.repeated_means.discrete.shown",
        exact=said(answers.gradient, 4),
        score=said(answers.expectations[SCORE], 4),
        path=said(answers.expectations[PATH], 4),
    )
    return Revealed(right, sentence)
