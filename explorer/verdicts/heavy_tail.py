"""Heavy tails in words: whether the variance exists here, what samples make of it, and where it becomes finite."""

from __future__ import annotations

import math

from explorer.core.experiments.heavy_tail import REPETITIONS, SIZES, HeavyTail, Running
from explorer.text import short, word
from explorer.text.numbers import number, times
from explorer.verdicts.words import lowered, said

_FROM = 200
"""The growth of a sample variance is counted from about so many samples."""


def verdict(film: HeavyTail, found: Running) -> str:
    """What holds at the film's `now` (Markdown)."""
    variance = float(film.variance[film.now])
    parts = {
        "df": number(float(film.values[film.now])),
        "estimator": lowered(short(film.estimator)),
        "n": f"{int(SIZES[-1]):,}",
    }
    if math.isinf(variance):
        errors = found.error[film.now, :, -1]
        start = word(
            "heavy_tail.infinite",
            low=number(float(errors.min()), 2),
            high=number(float(errors.max()), 2),
            repetitions=REPETITIONS,
            growth=times(growth(film, found)),
            **{"from": f"{int(SIZES[_start()])}"},
            **parts,
        )
    else:
        low, high = _ends_of(found, film.now)
        start = word("heavy_tail.finite", variance=number(variance, 4), low=low, high=high, **parts)
    return " ".join(filter(None, [start, end(film), _fourth(film)]))


def growth(film: HeavyTail, found: Running) -> float:
    """How many times the sample variance has grown, the middle one of the repetitions."""
    here = found.variance[film.now]
    return float((here[:, -1] / here[:, _start()]).median())


def _start() -> int:
    return int((SIZES >= _FROM).nonzero()[0, 0])


def end(film: HeavyTail) -> str:
    """Where along df the variance becomes finite (Markdown)."""
    if film.ends is None:
        return word("heavy_tail.never") if bool(film.variance.isfinite().all()) else ""
    low, high = (number(each, 3) for each in film.ends)
    return word("heavy_tail.ends", df=high) if low == high else word("heavy_tail.ends_between", low=low, high=high)


def _fourth(film: HeavyTail) -> str:
    """Where a sample variance has no error to speak of, for those df at which there is a variance."""
    if film.fourth_ends is None or math.isinf(float(film.variance[film.now])):
        return ""
    df = film.fourth_ends[0]
    return word("heavy_tail.fourth", df=number(df, 3)) if float(film.values[film.now]) <= df else ""


def _ends_of(found: Running, frame: int) -> tuple[str, str]:
    last = found.variance[frame, :, -1]
    return number(float(last.min()), 3), number(float(last.max()), 3)


def captions(film: HeavyTail, found: Running) -> list[str]:
    """A sentence a frame."""
    return [_caption(film, found, frame) for frame in range(len(film.values))]


def _caption(film: HeavyTail, found: Running, frame: int) -> str:
    low, high = _ends_of(found, frame)
    share = found.mean[frame, :, -1] / film.gradient[frame]
    return word(
        "heavy_tail.caption",
        df=number(float(film.values[frame])),
        variance=said(float(film.variance[frame]), 4),
        n=f"{int(SIZES[-1]):,}",
        low=low,
        high=high,
        least=number(float(share.min()), 3),
        most=number(float(share.max()), 3),
    )


def described(film: HeavyTail, found: Running) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("heavy_tail.alt", repetitions=REPETITIONS, caption=_caption(film, found, film.now))


def table(film: HeavyTail, found: Running) -> dict[str, list[float]]:
    """The lines at the film's `now`, a column a repetition, and the exact variances."""
    columns = {"n": SIZES.double().tolist()}
    for each in range(REPETITIONS):
        columns[f"mean_{each + 1}"] = found.mean[film.now, each].tolist()
        columns[f"variance_{each + 1}"] = found.variance[film.now, each].tolist()
    return columns | {"df": film.values.tolist(), "exact_variance": film.variance.tolist()}
