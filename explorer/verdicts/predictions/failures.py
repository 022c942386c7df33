"""Where the trick fails: what to predict."""

from __future__ import annotations

from explorer.core.experiments.discontinuity import Discontinuity, discontinuity, jump_at, moving_end
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts.discontinuity import bias_at
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction

PAGE = "failures"


def _at(film: Discontinuity) -> dict[str, str]:
    numbers = {"exact": film.slope, "score": film.means["score_function"], "path": film.means["pathwise"]}
    return {name: number(float(values[film.now]), 3) for name, values in numbers.items()} | {
        "boundary": number(float(film.boundary[film.now]), 3)
    }


@prediction(PAGE, "ramp", ("all", "half", "nothing"), {"jumping": "ramp", "normal.loc": "1"})
def ramp(settings: Settings) -> Revealed:
    """Which share of the slope pathwise finds."""
    film = discontinuity(jump_at(settings["jumping"])).at(settings["normal.loc"])
    share = abs(float(film.means["pathwise"][film.now] / film.slope[film.now]))
    sentence = word("prediction.failures.ramp.shown", **_at(film))
    return Revealed(nearest(share, {"all": 1.0, "half": 0.55, "nothing": 0.1}), sentence)


@prediction(PAGE, "constant", ("zero", "negative", "positive"), {"case": "support", "ending": "constant"})
def constant(settings: Settings) -> Revealed:
    """What the score function says of a mean that does not change."""
    film = discontinuity(moving_end(settings["ending"])).at(settings["uniform.high"])
    bias, mean = bias_at(film, "score_function"), float(film.means["score_function"][film.now])
    right = "zero" if not bias else "negative" if mean < 0 else "positive"
    return Revealed(right, word("prediction.failures.constant.shown", **_at(film)))
