"""Which of the two depends on theta, in words: how far each distribution and each averaged function has moved."""

from __future__ import annotations

import math

from explorer.core.estimators import Choice
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.dependence import Dependence
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts import bias
from explorer.verdicts.words import plain, said

PAIR = ("score_function", "pathwise")


def verdict(film: Dependence, now: int, answers: Answers) -> str:
    """What has moved at frame `now`, then what the two derivatives come to at theta_0 (Markdown)."""
    symbol = film.parameter.letter
    place = {"symbol": symbol, "value": number(float(film.values[now]), 4)}
    if now == film.origin:
        parts = [word("dependence.at_start", **place)]
    else:
        start = number(float(film.values[film.origin]), 4)
        distance = _distance(film, now)
        parts = [
            word("dependence.left", start=start, distance=distance, **place),
            word("dependence.right", change=number(float(film.change[now]), 3), n=len(film.eps)),
        ]
    score, path = (said(answers.expectations[name], 4) for name in PAIR)
    exact = said(answers.gradient, 4)
    parts.append(word("dependence.slopes", symbol=symbol, score=score, path=path, exact=exact))
    return " ".join(parts)


def _distance(film: Dependence, frame: int) -> str:
    value = float(film.distance[frame])
    return word("dependence.not_known") if math.isnan(value) else number(value + 0.0, 3)


def cautions(film: Dependence, answers: Answers) -> str:
    """Where one of the two is wrong here or a distance is not known, a sentence each; empty otherwise."""
    family = film.problem.family
    found = [
        bias.cautions(film.problem, Choice(PAIR), answers.biases),
        word("dependence.staircase") if family.route == "none" else "",
        word("dependence.fault", fault=film.fault) if film.fault else "",
        word("dependence.no_exact", fault=answers.reason) if answers.reason else "",
    ]
    return " ".join(filter(None, found))


def captions(film: Dependence) -> list[str]:
    """A sentence a frame: what the distributions and the functions have moved by since theta_0."""
    return [
        word(
            "dependence.caption",
            symbol=film.parameter.letter,
            value=number(value, 4),
            distance=_distance(film, frame),
            change=number(float(film.change[frame]), 3),
        )
        for frame, value in enumerate(film.values.tolist())
    ]


def described(film: Dependence, frame: int) -> str:
    """The picture in words, for a reader who cannot see it."""
    family = word(f"family.{film.problem.family.name}.title")
    caption = captions(film)[frame]
    return plain(word("dependence.alt", family=family, n=len(film.eps), symbol=film.parameter.letter, caption=caption))


def table(film: Dependence) -> dict[str, list[float]]:
    """A row a frame; then the dots."""
    return {
        film.parameter.name: film.values.tolist(),
        "total_variation_of_q": film.distance.tolist(),
        "mean_change_of_f": film.change.tolist(),
        "eps": film.eps.tolist(),
    }
