"""The size of the score: what to predict."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.experiments.problem import Problem
from explorer.core.experiments.score_size import COMPARED, CONTINUOUS, OUTER, part, score_film
from explorer.core.families.family import draw_noise
from explorer.core.numerics.rows import one_row
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction, problem_of
from explorer.verdicts.score_size import per_cent

PAGE = "score_size"
SCORE, PATH = COMPARED


def _peak(problem: Problem, estimator: str) -> float:
    """How far from the middle of q, in a Normal's deviations, the integrand of a second moment is largest."""
    eps = draw_noise(problem.family, 2, torch.Generator().manual_seed(0))
    film = score_film(problem, torch.tensor([problem.theta[problem.parameter]], dtype=torch.float64), eps)
    heights, x = film.heights[estimator][0].nan_to_num(), film.x[0]
    centre = film.ends[0].mean()
    # The middle 95 % of a Normal is 2 · 1.96 deviations wide.
    unit = film.ends[0].diff()[0] / (2 * 1.959964)
    return float((x[heights.argmax()] - centre).abs() / unit)


@prediction(PAGE, "humps", ("none", "inside", "outside"), {"normal.loc": "0"})
def humps(settings: Settings) -> Revealed:
    """Where the second moment of the score function is made."""
    problem = problem_of(settings, CONTINUOUS)
    score, path = (_peak(problem, name) for name in (SCORE, PATH))
    right = "none" if score < 0.2 else "inside" if score < 1.96 else "outside"
    return Revealed(right, word("prediction.score_size.humps.shown", score=number(score), path=number(path)))


def _share(settings: Settings, parameter: str) -> float:
    problem = problem_of(settings, CONTINUOUS)
    row: dict[str, Tensor] = one_row(problem.theta)
    return float(part(problem.family, problem.objective, SCORE, row, parameter).share)


@prediction(PAGE, "scale", ("falls", "same", "rises"), {"normal.gradient": "scale"})
def scale(settings: Settings) -> Revealed:
    """Whether the score in the last parameter leaves more to rare samples than that in the first."""
    parameters = CONTINUOUS[settings["family"]].parameters
    first, last = (_share(settings, each.name) for each in (parameters[0], parameters[-1]))
    right = "same" if abs(last - first) < 0.02 else "rises" if last > first else "falls"
    sentence = word(
        "prediction.score_size.scale.shown",
        outer=f"{100 * OUTER:.0f} %",
        first=per_cent(first),
        last=per_cent(last),
        first_symbol=parameters[0].letter,
        last_symbol=parameters[-1].letter,
    )
    return Revealed(right, sentence)


@prediction(PAGE, "wave", ("five", "twenty", "sixty"), {"objective": "cosine"})
def wave(settings: Settings) -> Revealed:
    """What the outer samples carry where f itself stays small."""
    share = _share(settings, settings[f"{settings['family']}.gradient"])
    sentence = word("prediction.score_size.wave.shown", outer=f"{100 * OUTER:.0f} %", share=per_cent(share))
    return Revealed(nearest(share, {"five": 0.05, "twenty": 0.2, "sixty": 0.6}), sentence)
