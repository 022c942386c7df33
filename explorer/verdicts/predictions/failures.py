"""Where the trick fails: what to predict."""

from __future__ import annotations

from explorer.core.experiments.discontinuity import Discontinuity, discontinuity, jump_at, moving_end
from explorer.core.experiments.fast_objective import fast_objective, fast_problem
from explorer.core.experiments.temperature import bit_problem, temperature
from explorer.text import short, word
from explorer.text.numbers import number, times
from explorer.verdicts.discontinuity import bias_at
from explorer.verdicts.fast_objective import crossings
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction
from explorer.verdicts.temperature import best_temperature

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


@prediction(PAGE, "fast", ("path", "even", "score"), {"case": "fast", "fast": "cosine", "cosine.k": "5"})
def fast(settings: Settings) -> Revealed:
    """Who wins on a fast wave."""
    film = fast_objective(fast_problem(settings["fast"], settings["fast_in"])).at(settings[f"{settings['fast']}.k"])
    ratio = float(film.ratio[film.now])
    right = nearest(ratio, {"path": 1 / 25, "even": 1.0, "score": 25.0})
    parts = {name: number(float(film.variances[name][film.now]), 3) for name in film.variances}
    most = times(max(ratio, 1 / ratio))
    return Revealed(right, f"{word('prediction.failures.fast.shown', ratio=most, **parts)} {crossings(film)}")


@prediction(
    PAGE, "colder", ("colder", "same", "warmer"), {"case": "discrete", "on_a_bit": "cosine", "drawn_n": "10000"}
)
def colder(settings: Settings) -> Revealed:
    """Which way the best temperature of Gumbel-softmax goes with the number of samples."""
    film, n = temperature(bit_problem(settings["on_a_bit"], settings["bernoulli.probs"])), int(settings["drawn_n"])
    few = max(1, n // 100)
    frames = [best_temperature(film, each) for each in (few, n)]
    before, after = (number(float(film.values[frame]), 3) for frame in frames)
    right = "colder" if frames[1] < frames[0] else "warmer" if frames[1] > frames[0] else "same"
    parts = {
        "few": f"{few:,}",
        "many": f"{n:,}",
        "before": before,
        "after": after,
        "estimator": short("gumbel_softmax"),
    }
    return Revealed(right, word("prediction.failures.colder.shown", **parts))
