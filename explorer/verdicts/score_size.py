"""Sentences of the page about the score's size: who carries the second moments, and what that does to the variances."""

from __future__ import annotations

import math

from explorer.core.estimators import Choice
from explorer.core.exact.bias import largest
from explorer.core.experiments.score_size import COMPARED, OUTER, Part, ScoreFilm
from explorer.text import short, word
from explorer.text.numbers import number
from explorer.verdicts import bias
from explorer.verdicts.words import listed, plain

_OUTER = f"{100 * OUTER:.0f}"


def at_frame(film: ScoreFilm, frame: int) -> str:
    """What the outer samples carry at a frame, and the exact variances there."""
    shares, others = [], {}
    for name in COMPARED:
        part = film.parts[name]
        share = float(part.share[frame])
        if math.isnan(share):
            others[name] = _why(part, frame)
        else:
            shares.append(_of(name, per_cent(share)))
    carried = word("score_size.carried", outer=_OUTER, shares=listed(shares)) if shares else ""
    if len(set(others.values())) < len(others):
        said = [word("score_size.both", why=next(iter(others.values())))]
    else:
        said = [f"{short(name)}: {why}." for name, why in others.items()]
    start = f"{film.parameter.letter} = {number(float(film.values[frame]), 4)}:"
    return " ".join(filter(None, [start, carried, *said, _ratio(film, frame)]))


def over_film(film: ScoreFilm) -> str:
    """The same over all frames, as ranges (Markdown)."""
    shares = []
    for name in COMPARED:
        known = film.parts[name].share[~film.parts[name].share.isnan()]
        if len(known):
            shares.append(_of(name, f"**{_range(per_cent(float(known.min())), per_cent(float(known.max())))}**"))
    if not shares:
        return word("score_size.nothing")
    start = word(
        "score_size.over",
        symbol=film.parameter.letter,
        low=number(float(film.values[0]), 4),
        high=number(float(film.values[-1]), 4),
        outer=_OUTER,
        shares=listed(shares),
    )
    score, path = (film.parts[name].variance for name in COMPARED)
    both = score.isfinite() & path.isfinite() & (path > 0)
    if not both.any():
        return start
    ratio = score[both] / path[both]
    times = _range(number(float(ratio.min()), 3), number(float(ratio.max()), 3))
    return f"{start} {word('score_size.times', times=times)}"


def cautions(film: ScoreFilm) -> str:
    """Which of the two estimators is biased along the film, and by how much where it is worst."""
    worst = {name: largest(film.bias(name)) for name in COMPARED}
    sizes = [
        word("score_size.biased", estimator=short(name), bias=number(size, 3)) for name, size in worst.items() if size
    ]
    return " ".join(filter(None, [bias.cautions(film.problem, Choice(COMPARED), worst), *sizes]))


def _of(name: str, share: str) -> str:
    return word(f"score_size.of.{name}", share=share)


def per_cent(share: float) -> str:
    """A share in whole per cent, never 0 or 100 unless it is."""
    if 0 < share < 0.01:
        return word("score_size.under")
    return word("score_size.almost_all") if 0.99 < share < 1 else f"{100 * share:.0f} %"


def _range(low: str, high: str) -> str:
    return low if low == high else word("score_size.range", low=low, high=high)


def _why(part: Part, frame: int) -> str:
    if part.faults[frame]:
        return word("score_size.no_exact", fault=part.faults[frame])
    return word("score_size.unbounded" if math.isinf(float(part.second[frame])) else "score_size.zero")


def _ratio(film: ScoreFilm, frame: int) -> str:
    score, path = (float(film.parts[name].variance[frame]) for name in COMPARED)
    if not (math.isfinite(score) and math.isfinite(path)):
        return ""
    ratio = word("score_size.ratio", ratio=number(score / path, 3)) if path > 0 else ""
    return word("score_size.variances", score=number(score, 4), path=number(path, 4), ratio=ratio)


def described(film: ScoreFilm, frame: int) -> str:
    """The picture in words, for a reader who cannot see it."""
    n, parameter = len(film.samples[frame]), film.parameter.name
    start = word("score_size.alt", parameter=parameter, n=n)
    return f"{start} {plain(over_film(film))} {at_frame(film, frame)}"


def table(film: ScoreFilm, frame: int) -> dict[str, list[float]]:
    """The picture's numbers at a frame, then the film's, a column a name."""
    columns = {
        "x": film.x[frame],
        "density_over_its_peak": film.density[frame],
        "score_over_its_root_mean_square": film.score[frame],
        **{f"{name}_second_moment_at_x": film.heights[name][frame] for name in COMPARED},
        "sample": film.samples[frame],
        film.parameter.name: film.values,
        "fisher_information": film.fisher,
    }
    for name, part in film.parts.items():
        columns |= {f"{name}_outer_share": part.share, f"{name}_exact_variance": part.variance}
    return {name: column.tolist() for name, column in columns.items()}
