"""Sentences of the page about the score's size: who carries the second moments, and what that does to the variances."""

from __future__ import annotations

import math

from explorer.core.experiments.score_size import COMPARED, OUTER, Part, ScoreFilm
from explorer.text import short

_OF = {"score_function": "the score function's", "pathwise": "pathwise's"}
_FEW = f"the outer {100 * OUTER:.0f} % of samples"


def at_frame(film: ScoreFilm, frame: int) -> str:
    """What the outer samples carry at a frame, and the exact variances there."""
    shares, others = [], []
    for name in COMPARED:
        part = film.parts[name]
        share = float(part.share[frame])
        if math.isnan(share):
            others.append(_why(part, frame))
        else:
            shares.append(f"{per_cent(share)} of {_OF[name]}")
    carried = f"{_FEW} carry {' and '.join(shares)} second moment." if shares else ""
    if len(set(others)) < len(others):
        said = [f"Both estimators: {others[0]}."]
    else:
        unknown = [name for name in COMPARED if film.parts[name].share[frame].isnan()]
        said = [f"{short(name)}: {why}." for name, why in zip(unknown, others, strict=True)]
    start = f"{film.parameter.letter} = {film.values[frame]:.4g}:"
    return " ".join(filter(None, [start, carried, *said, _ratio(film, frame)]))


def over_film(film: ScoreFilm) -> str:
    """The same over all frames, as ranges (Markdown)."""
    shares = []
    for name in COMPARED:
        known = film.parts[name].share[~film.parts[name].share.isnan()]
        if len(known):
            shares.append(f"**{_range(per_cent(float(known.min())), per_cent(float(known.max())))}** of {_OF[name]}")
    if not shares:
        return "There is no second moment to lay out here."
    start = (
        f"From {film.parameter.letter} = {film.values[0]:.4g} to {film.values[-1]:.4g}, {_FEW} carry "
        f"{' and '.join(shares)} second moment."
    )
    score, path = (film.parts[name].variance for name in COMPARED)
    both = score.isfinite() & path.isfinite() & (path > 0)
    if not both.any():
        return start
    ratio = score[both] / path[both]
    times = _range(f"{float(ratio.min()):.3g}", f"{float(ratio.max()):.3g}")
    return f"{start} The score function's variance is **{times} times** pathwise's."


def per_cent(share: float) -> str:
    """A share in whole per cent, never 0 or 100 unless it is."""
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _why(part: Part, frame: int) -> str:
    if part.faults[frame]:
        return f"no exact answer, {part.faults[frame]}"
    return "second moment without bound" if math.isinf(float(part.second[frame])) else "every sample is 0"


def _ratio(film: ScoreFilm, frame: int) -> str:
    score, path = (float(film.parts[name].variance[frame]) for name in COMPARED)
    if not (math.isfinite(score) and math.isfinite(path)):
        return ""
    times = f", ratio {score / path:.3g}" if path > 0 else ""
    return f"Exact variances {score:.4g} and {path:.4g}{times}."
