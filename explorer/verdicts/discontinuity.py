"""What a boundary term amounts to, in words: which estimator lacks it, what it says, and that it fills the gap."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.exact.bias import bias_of_one
from explorer.core.experiments.discontinuity import PAIR, REPAIRED, Discontinuity
from explorer.core.experiments.sweep import Estimates
from explorer.text import short, word
from explorer.text.numbers import number
from explorer.verdicts.words import measured, plain

DIGITS = 4


def verdict(film: Discontinuity, samples: Mapping[str, Estimates], n: int) -> str:
    """The exact slope, what each of the pair says of it, and the boundary term (Markdown), at the film's `now`."""
    exact = float(film.slope[film.now])
    start = word("discontinuity.at", symbol=film.parameter.letter, value=_at(film), exact=number(exact, DIGITS))
    biased = bias_at(film, film.lacking)
    says = [_says(film, samples[name], name, n) for name in sorted(PAIR, key=lambda each: each == film.lacking)]
    if not biased:
        return " ".join([start, *says, word("discontinuity.nothing")])
    mean, boundary = float(film.means[film.lacking][film.now]), float(film.boundary[film.now])
    fills = word(
        f"discontinuity.fills.{'support' if film.problem.family.support.moves else 'jump'}",
        mean=number(mean, DIGITS),
        boundary=number(boundary, DIGITS),
        sum=number(float(film.expected[REPAIRED][film.now]), DIGITS),
    )
    return " ".join([start, *says, fills])


def bias_at(film: Discontinuity, name: str, frame: int | None = None) -> float | None:
    """The exact bias of one of the pair at a frame, by default `now`: 0 where there is none."""
    at = film.now if frame is None else frame
    return bias_of_one(float(film.means[name][at]), float(film.slope[at]), float(film.deviations[name][at]))


def _says(film: Discontinuity, sampled: Estimates, name: str, n: int) -> str:
    mean, error = float(sampled.mean[film.now]), float(sampled.standard_error[film.now])
    expected, exact, bias = float(film.means[name][film.now]), float(film.slope[film.now]), bias_at(film, name)
    parts = {"estimator": short(name), "estimate": measured(mean, error, 3), "n": f"{n:,}"}
    if not bias:
        return word("discontinuity.right", **parts)
    if error == 0:
        return word("discontinuity.sure", **parts)
    kind = "wrong_sign" if expected * exact < 0 else "wrong"
    gap = {"gap": number(abs(bias), 3)} if kind == "wrong" else {}
    return word(f"discontinuity.{kind}", mean=number(expected, DIGITS), **gap, **parts)


def _at(film: Discontinuity) -> str:
    return number(float(film.values[film.now]), DIGITS)


def captions(film: Discontinuity, samples: Mapping[str, Estimates]) -> list[str]:
    """A sentence a frame."""
    return [
        word(
            "discontinuity.caption",
            symbol=film.parameter.letter,
            value=number(value, DIGITS),
            exact=number(float(film.slope[frame]), 3),
            score=_measured(samples["score_function"], frame),
            pathwise=_measured(samples["pathwise"], frame),
            boundary=number(float(film.boundary[frame]), 3),
        )
        for frame, value in enumerate(film.values.tolist())
    ]


def _measured(sampled: Estimates, frame: int) -> str:
    return measured(float(sampled.mean[frame]), float(sampled.standard_error[frame]), 3)


def described(film: Discontinuity, samples: Mapping[str, Estimates], n: int) -> str:
    """The picture in words, for a reader who cannot see it."""
    caption = captions(film, samples)[film.now]
    return plain(word("discontinuity.alt", symbol=film.parameter.letter, n=f"{n:,}", caption=caption))


def table(film: Discontinuity, samples: Mapping[str, Estimates]) -> dict[str, list[float]]:
    """The picture's numbers, a column a name."""
    columns = {
        film.parameter.name: film.values.tolist(),
        "E_f": film.value.tolist(),
        "exact_slope": film.slope.tolist(),
    }
    columns |= {f"{name}_expectation": mean.tolist() for name, mean in film.means.items()}
    columns["boundary_term"] = film.boundary.tolist()
    for name, sampled in samples.items():
        columns |= {f"{name}_mean": sampled.mean.tolist(), f"{name}_standard_error": sampled.standard_error.tolist()}
    return columns
