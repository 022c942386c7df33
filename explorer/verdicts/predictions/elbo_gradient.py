"""Gradients of the ELBO: what to predict."""

from __future__ import annotations

from explorer.text import word
from explorer.text.numbers import number, times
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients.answers import ElboAnswers, Example
from explorer.vae.gradients.coordinates import key_of
from explorer.vae.gradients.draw import KL
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction

PAGE = "elbo_gradient"
MODEL = "mnist-2d"
SCORE, PATH, BEST, LANDING = "score_function", "pathwise", "optimal_baseline", "sticking_the_landing"


def _answers(settings: Settings, *estimators: str, kl: KL = "analytic") -> tuple[ElboAnswers, int]:
    """For the image of these settings under two latents, in the coordinate that is chosen for them."""
    example = Example.shipped(MODEL, settings["image"], settings["seed"])
    chosen = [key_of(each) for each in example.coordinates].index(settings[f"{MODEL}.coordinate"])
    return ElboAnswers.of_example(example, [NORMAL[name] for name in estimators], kl), chosen


def _variance(answers: ElboAnswers, name: str, coordinate: int) -> float:
    return float(answers.of[name].variance[coordinate])


@prediction(PAGE, "ratio", ("ten", "hundred", "thousand", "ten_thousand"), {"model": MODEL})
def ratio(settings: Settings) -> Revealed:
    """How many times the samples the score function needs."""
    answers, at = _answers(settings, SCORE, PATH)
    found = answers.ratio(SCORE, PATH, at).value
    choices = {"ten": 10, "hundred": 100, "thousand": 1000, "ten_thousand": 10_000}
    sentence = word(
        "prediction.elbo_gradient.ratio.shown",
        ratio=times(found),
        score=number(_variance(answers, SCORE, at), 4),
        path=number(_variance(answers, PATH, at), 4),
    )
    return Revealed(nearest(found, choices), sentence)


@prediction(PAGE, "baseline", ("nothing", "hundred", "few"), {"model": MODEL, "normal.estimators": [BEST, PATH]})
def baseline(settings: Settings) -> Revealed:
    """What is left of the ratio when the best constant is taken from f."""
    answers, at = _answers(settings, SCORE, BEST, PATH)
    before, after = (answers.ratio(name, PATH, at).value for name in (SCORE, BEST))
    sentence = word("prediction.elbo_gradient.baseline.shown", before=times(before), after=times(after))
    return Revealed(nearest(after, {"nothing": before, "hundred": 100, "few": 3}), sentence)


@prediction(PAGE, "landing", ("tenth", "same", "ten"), {"model": MODEL, "normal.estimators": [PATH, LANDING]})
def landing(settings: Settings) -> Revealed:
    """What leaving out a part of mean 0 does to the pathwise estimator."""
    answers, at = _answers(settings, PATH, LANDING)
    sampled, _ = _answers(settings, PATH, kl="sampled")
    found = answers.ratio(LANDING, PATH, at).value
    sentence = word(
        "prediction.elbo_gradient.landing.shown",
        known=number(_variance(answers, PATH, at), 4),
        sampled=number(_variance(sampled, PATH, at), 4),
        landing=number(_variance(answers, LANDING, at), 4),
    )
    return Revealed(nearest(found, {"tenth": 0.1, "same": 1, "ten": 10}), sentence)
