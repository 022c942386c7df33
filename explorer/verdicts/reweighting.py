"""What weighing and moving the same samples amounts to: sentences that are computed."""

from __future__ import annotations

import math

from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.reweighting import Estimates, Reweighting
from explorer.core.numerics.summaries import Moments
from explorer.verdicts.words import number


def verdict(film: Reweighting) -> str:
    """The two slopes at theta_0 beside the exact gradient, and how far the weights reach (Markdown)."""
    symbol = film.parameter.letter
    at, value = float(film.values[film.origin]), float(film.shifted.mean[film.origin])
    start = f"At θ₀, {symbol} = {at:.4g}, both say {value:.4g}."
    by_weights, by_motion = film.slopes["score_function"], film.slopes["pathwise"]
    truth = "there is no exact gradient" if film.slope is None else f"exact **{film.slope:.4g}**"
    slopes = (
        f"Their slopes there are the gradient estimates: by weights (score function) **{_with_error(by_weights)}**, by "
        f"motion (pathwise) **{_with_error(by_motion)}**; {truth}."
    )
    return " ".join([start, slopes, _reach(film)])


def _with_error(moments: Moments) -> str:
    return f"{number(moments.mean, 3)} ± {number(moments.standard_error)}"


def _reach(film: Reweighting) -> str:
    if film.problem.family.support.moves and bool((film.unseen > 0).any()):
        most = f"{float(film.unseen.max()):.0%}"
        return f"Where q has mass outside the support of θ₀, up to {most} on this slider, no weight can make up for it."
    low, high = film.effective_range
    if low == high:
        return f"One step of the slider away, fewer than half of the {film.n} samples are still effective."
    where = f"{film.parameter.letter} between **{low:.4g}** and **{high:.4g}**"
    if (low, high) == (float(film.values[0]), float(film.values[-1])):
        return f"At least half of the {film.n} samples stay effective on the whole slider, {where}."
    return f"At least half of the {film.n} samples stay effective only for {where}."


def cautions(film: Reweighting) -> str:
    """Where one of the two pictures is wrong here, a sentence each; empty when neither is."""
    family, objective = film.problem.family, film.problem.objective
    found = [ESTIMATORS[name].warning(family, objective) for name in ("score_function", "pathwise")]
    if film.fault:
        found.append(f"No exact value on part of the slider: {film.fault}.")
    return " ".join(filter(None, found))


def captions(film: Reweighting) -> list[str]:
    """A sentence a frame: the weights, what they leave effective, and the three means."""
    symbol, sentences = film.parameter.letter, []
    for frame, value in enumerate(film.values.tolist()):
        weights = film.weights[frame]
        least, most = (number(float(end)) for end in weights.aminmax())
        spread = f"all weights are {least}" if least == most else f"weights {least} to {most}"
        parts = [
            f"{symbol} = {value:.4g}: {spread}, effective sample size {float(film.effective[frame]):.1f} of {film.n}.",
            f"Weighted mean {_mean(film.weighted, frame)}; moved mean {_mean(film.shifted, frame)};",
            f"exact {float(film.exact[frame]):.4g}." if math.isfinite(film.exact[frame]) else "exact not known.",
        ]
        if film.unseen[frame] > 0:
            parts.append(f"{float(film.unseen[frame]):.1%} of q lies where no sample drawn at θ₀ can be.")
        sentences.append(" ".join(parts))
    return sentences


def _mean(estimates: Estimates, frame: int) -> str:
    mean, error = float(estimates.mean[frame]), float(estimates.standard_error[frame])
    return f"{number(mean, 3)} ± {number(error)}" if math.isfinite(mean) and math.isfinite(error) else "not a number"


def described(film: Reweighting, frame: int) -> str:
    """The picture in words, for a reader who cannot see it."""
    title = film.problem.family.title
    return (
        f"Two panels with the curve of f and {film.n} samples on it, for {title}: on the left the samples "
        "of θ₀ stay and their dots grow or shrink with their weights, on the right equal dots slide along f. Below, "
        f"both estimates of E f against {film.parameter.letter}, and the exact one. {captions(film)[frame]}"
    )


def table(film: Reweighting) -> dict[str, list[float]]:
    """The lower panel's numbers, a column a name, then the samples."""
    return {
        film.parameter.name: film.values.tolist(),
        "exact": film.exact.tolist(),
        "weighted mean": film.weighted.mean.tolist(),
        "weighted standard error": film.weighted.standard_error.tolist(),
        "moved mean": film.shifted.mean.tolist(),
        "moved standard error": film.shifted.standard_error.tolist(),
        "effective sample size": film.effective.tolist(),
        "sample at theta_0": film.samples.tolist(),
    }
