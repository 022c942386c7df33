"""A fast f in words: who wins at this k and by how much, and where that changes."""

from __future__ import annotations

from explorer.core.experiments.fast_objective import PAIR, FastObjective
from explorer.text import short, word
from explorer.text.numbers import number, times
from explorer.verdicts.words import lowered, plain


def verdict(film: FastObjective) -> str:
    """Who has the smaller variance at the film's `now`, and where the two cross (Markdown)."""
    return f"{_at(film, film.now)} {crossings(film)}"


def _at(film: FastObjective, frame: int) -> str:
    score, path = (float(film.variances[name][frame]) for name in PAIR)
    winner, loser = PAIR if score < path else PAIR[::-1]
    least, most = sorted((score, path))
    return word(
        "fast_objective.at",
        k=number(float(film.values[frame]), 4),
        winner=short(winner),
        loser=lowered(short(loser)),
        least=number(least, 3),
        most=number(most, 3),
        times=times(most / least),
    )


def crossings(film: FastObjective) -> str:
    """Where the smaller variance changes hands (Markdown)."""
    if not film.turns:
        return word("fast_objective.never")
    return " ".join(
        word(
            "fast_objective.crossing",
            k=number(turn.at, 4),
            before=lowered(short(turn.before)),
            after=lowered(short(turn.after)),
        )
        for turn in film.turns
    )


def captions(film: FastObjective) -> list[str]:
    """A sentence a frame."""
    return [plain(_at(film, frame)) for frame in range(len(film.values))]


def described(film: FastObjective) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("fast_objective.alt", caption=plain(verdict(film)))


def table(film: FastObjective) -> dict[str, list[float]]:
    """The curves' numbers, a column a name."""
    return {"k": film.values.tolist()} | {f"{name}_variance": film.variances[name].tolist() for name in PAIR}
