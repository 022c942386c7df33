"""What weighing and moving the same samples amounts to: sentences that are computed."""

from __future__ import annotations

import math

from explorer.core.estimators import Choice
from explorer.core.experiments.reweighting import SLOPES, Reweighting
from explorer.core.experiments.sweep import Estimates
from explorer.core.numerics.summaries import Moments
from explorer.text import word
from explorer.text.numbers import number, per_cent
from explorer.verdicts import bias
from explorer.verdicts.words import measured


def verdict(film: Reweighting) -> str:
    """The two slopes at theta_0 beside the exact gradient, and how far the weights reach (Markdown)."""
    at, value = float(film.values[film.origin]), float(film.shifted.mean[film.origin])
    start = word("reweighting.start", symbol=film.parameter.letter, at=number(at, 4), value=number(value, 4))
    slopes = word(
        "reweighting.slopes",
        weights=_with_error(film.slopes["score_function"]),
        motion=_with_error(film.slopes["pathwise"]),
        truth=_slope(film),
    )
    return " ".join([start, slopes, _reach(film)])


def _slope(film: Reweighting) -> str:
    if film.truth is None:
        return word("reweighting.on_the_way")
    slope = film.truth.slope
    return word("reweighting.no_exact") if slope is None else word("reweighting.exact", exact=number(slope, 4))


def _with_error(moments: Moments) -> str:
    return measured(moments.mean, moments.standard_error, 3)


def _reach(film: Reweighting) -> str:
    if film.problem.family.support.moves and bool((film.unseen > 0).any()):
        return word("reweighting.unseen_mass", most=per_cent(float(film.unseen.max())))
    low, high = film.effective_range
    if low == high:
        return word("reweighting.one_step", n=film.n)
    parts = {"n": film.n, "symbol": film.parameter.letter, "low": number(low, 4), "high": number(high, 4)}
    whole = (low, high) == (float(film.values[0]), float(film.values[-1]))
    return word("reweighting.whole" if whole else "reweighting.part", **parts)


def cautions(film: Reweighting) -> str:
    """Where one of the two pictures is wrong here, a sentence each; empty when neither is."""
    if film.truth is None:
        return ""
    fault = word("reweighting.fault", fault=film.truth.fault) if film.truth.fault else ""
    return " ".join(filter(None, [bias.cautions(film.problem, Choice(SLOPES), film.truth.answers.biases), fault]))


def captions(film: Reweighting) -> list[str]:
    """A sentence a frame: the weights, what they leave effective, and the three means."""
    sentences = []
    for frame, value in enumerate(film.values.tolist()):
        least, most = (number(float(end)) for end in film.weights[frame].aminmax())
        exact = float(film.exact[frame])
        parts = [
            word(
                "reweighting.weights",
                symbol=film.parameter.letter,
                value=number(value, 4),
                spread=word("reweighting.equal" if least == most else "reweighting.spread", least=least, most=most),
                effective=f"{float(film.effective[frame]):.1f}",
                n=film.n,
            ),
            word(
                "reweighting.means",
                weighted=_mean(film.weighted, frame),
                moved=_mean(film.shifted, frame),
                exact=number(exact, 4) if math.isfinite(exact) else word("reweighting.not_known"),
            ),
        ]
        if film.unseen[frame] > 0:
            parts.append(word("reweighting.unseen", share=per_cent(float(film.unseen[frame]), 1)))
        sentences.append(" ".join(parts))
    return sentences


def _mean(estimates: Estimates, frame: int) -> str:
    mean, error = float(estimates.mean[frame]), float(estimates.standard_error[frame])
    return measured(mean, error, 3) if math.isfinite(mean) and math.isfinite(error) else word("words.no_number")


def described(film: Reweighting, frame: int) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word(
        "reweighting.alt",
        n=film.n,
        family=word(f"family.{film.problem.family.name}.title"),
        symbol=film.parameter.letter,
        caption=captions(film)[frame],
    )


def table(film: Reweighting) -> dict[str, list[float]]:
    """The lower panel's numbers, a column a name, then the samples."""
    return {
        film.parameter.name: film.values.tolist(),
        "exact": film.exact.tolist(),
        "weighted_mean": film.weighted.mean.tolist(),
        "weighted_standard_error": film.weighted.standard_error.tolist(),
        "moved_mean": film.shifted.mean.tolist(),
        "moved_standard_error": film.shifted.standard_error.tolist(),
        "effective_sample_size": film.effective.tolist(),
        "sample_at_theta_0": film.samples.tolist(),
    }
