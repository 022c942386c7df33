"""Sentences that are computed: what the numbers on the screen amount to."""

from __future__ import annotations

from explorer.core.estimators import ESTIMATORS
from explorer.core.stream import GradientStream
from explorer.figures.theme import ESTIMATOR_SHORT


def comparison(stream: GradientStream) -> str:
    """The running means against the exact gradient, and how many samples each estimator needs (Markdown)."""
    if stream.answers.gradient is None:
        return "Quadrature does not converge here, so there is no exact value to compare with."
    parts = [f"**{stream.n:,}** samples. Exact gradient **{stream.answers.gradient:.4g}**."]
    parts += [_estimate(stream, name) for name in stream.estimators]
    return " ".join([*parts, samples_needed(stream)])


def cautions(stream: GradientStream) -> str:
    """Why an estimator is biased here, a sentence each; empty when none is."""
    biased = [ESTIMATORS[name] for name in stream.estimators if stream.is_biased(name)]
    return " ".join(entry.warning(stream.family, stream.objective) for entry in biased)


def _estimate(stream: GradientStream, name: str) -> str:
    moments, title = stream.summaries[name].moments, ESTIMATOR_SHORT[name]
    if moments.n < 2:
        return f"{title}: no samples yet."
    estimate = f"{title}: {moments.mean:.4g} ± {moments.standard_error:.2g}"
    if stream.is_biased(name):
        return f"{estimate}, **biased** by exactly {stream.bias(name):.4g}."
    away = stream.errors_away(name)
    return f"{estimate}." if away is None else f"{estimate}, {away:.1f} standard errors away."


def samples_needed(stream: GradientStream) -> str:
    """Which estimator needs more samples for the same accuracy, from the exact variances; else empty."""
    first, second = "score_function", "pathwise"
    ratio = stream.samples_ratio(first, second)
    if ratio is None:
        return ""
    if abs(ratio - 1) < 0.005:
        return "Both need the same number of samples."
    if ratio < 1:
        first, second, ratio = second, first, 1 / ratio
    times = f"{float(f'{ratio:.3g}'):,.12g}"
    return f"{ESTIMATOR_SHORT[first]} needs **{times} times** the samples of {ESTIMATOR_SHORT[second].lower()}."


def plain(sentence: str) -> str:
    """A sentence without its Markdown, for an attribute."""
    return sentence.replace("**", "")


def described(stream: GradientStream) -> str:
    """The histograms in one sentence, for a reader who cannot see them."""
    parts = []
    for name in stream.estimators:
        moments = stream.summaries[name].moments
        deviation = stream.answers.deviations[name]
        exact = "" if deviation is None else f", exact {deviation:.3g}"
        if moments.n > 1:
            spread = f"standard deviation {moments.variance**0.5:.3g}{exact}"
            parts.append(f"{ESTIMATOR_SHORT[name]}: mean {moments.mean:.4g}, {spread}")
    truth = "" if stream.answers.gradient is None else f" The exact gradient is {stream.answers.gradient:.4g}."
    return f"Histograms of {stream.n:,} gradient samples on a common axis. {'; '.join(parts)}.{truth}"
