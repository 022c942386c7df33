"""What averages say of a bump that hardly any draw falls on: sentences that are computed."""

from __future__ import annotations

from explorer.core.experiments.rare_events import Averages, exact_term
from explorer.text import word
from explorer.text.numbers import number, per_cent, placed, times
from explorer.verdicts.words import measured

CLOSE = 0.1
"""The relative error that is asked for in draws."""
_NOTHING = 1e-300


def verdict(plain: Averages, aimed: Averages | None, frame: int) -> str:
    """What half of all averages say, how often their intervals hold the truth, and what it would take (Markdown)."""
    term = exact_term(plain.what, plain.distances[frame])
    parts = [
        word("rare_events.at", n=f"{plain.n:,}", distance=number(plain.distances[frame])),
        word("rare_events.half", below=_below(plain, frame)),
        word("rare_events.holds", share=_share(plain, frame), effective=_effective(plain, frame), n=f"{plain.n:,}"),
        word(
            "rare_events.mean",
            repetitions=f"{plain.repetitions:,}",
            mean=_measured(plain, frame),
            error=per_cent(CLOSE),
            draws=times(term.draws_for(CLOSE)),
        ),
    ]
    if aimed is not None:
        parts.append(
            word(
                "rare_events.aimed_verdict",
                below=_below(aimed, frame),
                share=_share(aimed, frame),
                effective=_effective(aimed, frame),
                n=f"{aimed.n:,}",
            )
        )
    return " ".join(parts)


def captions(plain: Averages, aimed: Averages | None) -> list[str]:
    """A sentence a frame."""
    found = []
    for frame, distance in enumerate(plain.distances):
        said = word(
            "rare_events.caption",
            distance=number(distance),
            truth=number(float(plain.truth[frame]), 3),
            below=_below(plain, frame),
            share=_share(plain, frame),
            effective=_effective(plain, frame),
            n=f"{plain.n:,}",
        )
        if aimed is not None:
            said += " " + word("rare_events.aimed_caption", share=_share(aimed, frame))
        found.append(said)
    return found


def _below(part: Averages, frame: int) -> str:
    """The median in units of the truth."""
    ratio = float(part.median[frame])
    if abs(ratio) < _NOTHING:
        return word("rare_events.nothing")
    return per_cent(ratio, 1) if abs(ratio) >= 0.01 else word("rare_events.per_cent", share=number(100 * ratio))


def _share(part: Averages, frame: int) -> str:
    """How often the interval holds the truth, with its binomial standard error."""
    share, error = float(part.covered[frame]), float(part.covered_error[frame])
    if share in (0.0, 1.0):
        return word("rare_events.none" if share == 0 else "rare_events.all", repetitions=f"{part.repetitions:,}")
    return word("rare_events.share_of", share=f"{placed(100 * share, 1)} ± {placed(100 * error, 1)}")


def _effective(part: Averages, frame: int) -> str:
    return placed(float(part.effective[frame]), 1)


def _measured(part: Averages, frame: int) -> str:
    return measured(float(part.mean[frame]), float(part.mean_error[frame]), 3)


def described(plain: Averages, aimed: Averages | None, frame: int) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("rare_events.alt", repetitions=f"{plain.repetitions:,}", caption=captions(plain, aimed)[frame])


def table(plain: Averages, aimed: Averages | None) -> dict[str, list[float]]:
    """The numbers of the panels against the distance, a column a name; "aimed_" before those of aimed draws."""
    found = {"distance": list(plain.distances), "exact": plain.truth.tolist()}
    for start, part in (("", plain), ("aimed_", aimed)):
        if part is not None:
            found |= {
                f"{start}median_over_exact": part.median.tolist(),
                f"{start}mean_over_exact": part.mean.tolist(),
                f"{start}mean_over_exact_standard_error": part.mean_error.tolist(),
                f"{start}covered": part.covered.tolist(),
                f"{start}covered_standard_error": part.covered_error.tolist(),
                f"{start}effective_sample_size": part.effective.tolist(),
            }
    return found
