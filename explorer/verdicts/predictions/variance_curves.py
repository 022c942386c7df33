"""Variance curves: what to predict."""

from __future__ import annotations

import math

import torch

from explorer.core.experiments.curve_winners import ExactCurves
from explorer.core.experiments.variance_curves import DIMENSION, Setting
from explorer.core.families import SCALAR
from explorer.text import word
from explorer.text.numbers import number, times
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction, problem_of
from explorer.verdicts.variance_curves import winning
from explorer.verdicts.words import said

PAGE = "variance_curves"
SCORE, PATH, BASELINE = "score_function", "pathwise", "mean_baseline"


def _setting(settings: Settings) -> Setting:
    return Setting(problem_of(settings, SCALAR))


def _axis(settings: Settings) -> str:
    return str(settings[f"{settings['family']}.{settings['objective']}.against"])


@prediction(PAGE, "turn", ("half", "one", "three", "never"), {"objective": "cosine", "normal.loc": "1"})
def turn(settings: Settings) -> Revealed:
    """Where pathwise stops winning."""
    setting, axis = _setting(settings), _axis(settings)
    exact = ExactCurves.of(setting, axis, (SCORE, PATH))
    lost = [each.at for each in exact.turns if each.before == PATH]
    right = nearest(lost[0], {"half": 0.5, "one": 1.2, "three": 3}) if lost else "never"
    return Revealed(right, winning(setting, axis, exact))


def _in_dimensions(settings: Settings, estimator: str) -> tuple[float, float]:
    """The variance of an estimator over pathwise's in one dimension and in a hundred."""
    at = torch.tensor([1.0, 100.0], dtype=torch.float64)
    setting = _setting(settings)
    one, other = (setting.curve(name, DIMENSION.name, at).variance for name in (estimator, PATH))
    first, last = (one / other).tolist()
    return first, last


_AGAINST = {"objective": "square", "normal.loc": "1", "normal.square.against": "dimension"}


@prediction(PAGE, "dimension", ("ten", "thousand", "many"), _AGAINST)
def dimension(settings: Settings) -> Revealed:
    """How many times the samples the score function needs in a hundred dimensions."""
    first, last = _in_dimensions(settings, SCORE)
    sentence = word("prediction.variance_curves.dimension.shown", one=times(first), hundred=times(last))
    return Revealed(nearest(last, {"ten": 10, "thousand": 1000, "many": 30_000}), sentence)


@prediction(PAGE, "baseline", ("nothing", "ten", "hundred"), {**_AGAINST, "estimators": [SCORE, BASELINE, PATH]})
def baseline(settings: Settings) -> Revealed:
    """By how much the baseline E f helps in a hundred dimensions."""
    (_, plain), (_, helped) = (_in_dimensions(settings, name) for name in (SCORE, BASELINE))
    gain = plain / helped
    sentence = word(
        "prediction.variance_curves.baseline.shown", gain=times(gain), plain=times(plain), helped=times(helped)
    )
    return Revealed(nearest(gain, {"nothing": 1, "ten": 10, "hundred": 100}), sentence)


@prediction(
    PAGE,
    "end",
    ("two", "four", "eight", "nowhere"),
    {
        "family": "student_t",
        "objective": "square",
        "student_t.gradient": "scale",
        "student_t.square.against": "df",
    },
)
def end(settings: Settings) -> Revealed:
    """Up to which value of the axis the score function's variance is infinite."""
    setting, axis = _setting(settings), _axis(settings)
    curve = setting.curve(SCORE, axis, setting.grid(axis, (SCORE, PATH)))
    infinite = curve.at[curve.variance.isinf()]
    if not len(infinite):
        return Revealed("nowhere", word("prediction.variance_curves.end.nowhere"))
    last = float(infinite.max())
    beyond = curve.at > last
    finite = float(curve.variance[beyond][0]) if beyond.any() else math.nan
    sentence = word(
        "prediction.variance_curves.end.shown",
        symbol=setting.axes[axis].letter,
        last=number(last),
        variance=said(finite, 3),
    )
    return Revealed(nearest(last, {"two": 2, "four": 4, "eight": 8}), sentence)
