"""The training race: what to predict."""

from __future__ import annotations

from explorer.text import word
from explorer.text.numbers import number, times
from explorer.vae.race import Race, Row, Terms
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction

PAGE = "race"
SCORE, COMPANY, PATH = "score_function", "leave_one_out", "pathwise"


def _at_start(settings: Settings, *estimators: str) -> list[Row]:
    """The first row of each of the lanes, with Gaussian latents."""
    terms = Terms(
        float(settings["learning_rate"]),
        int(settings["draws"]),
        int(settings["minibatch"]),
        int(settings["length"]),
    )
    race = Race("normal", estimators, terms, settings["seed"])
    return [lane.rows[0] for lane in race.lanes.values()]


@prediction(PAGE, "start", ("four", "hundred", "thousands"), {"draws": "4"})
def start(settings: Settings) -> Revealed:
    """How many times as much the score function's gradient varies before the first step."""
    score, path = (row.variance for row in _at_start(settings, SCORE, PATH))
    sentence = word(
        "prediction.race.start.shown", score=number(score, 3), path=number(path, 3), ratio=times(score / path)
    )
    return Revealed(nearest(score / path, {"four": 4, "hundred": 100, "thousands": 4000}), sentence)


@prediction(PAGE, "company", ("half", "tenth", "hundreds"), {"draws": "4", "normal.estimators": [SCORE, COMPANY, PATH]})
def company(settings: Settings) -> Revealed:
    """What is left of the score function's variance without the mean of f over the other samples."""
    score, company, path = (row.variance for row in _at_start(settings, SCORE, COMPANY, PATH))
    sentence = word(
        "prediction.race.company.shown",
        score=number(score, 3),
        company=number(company, 3),
        ratio=times(score / company),
        left=times(company / path),
    )
    return Revealed(nearest(score / company, {"half": 2, "tenth": 10, "hundreds": 500}), sentence)
