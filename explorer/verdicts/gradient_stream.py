"""Live histograms in words: the running means, their biases, and how many samples each estimator needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.text import short
from explorer.verdicts.words import lowered, said

ONE_PER_CENT = 0.01


def comparison(stream: GradientStream) -> str:
    """The running means against the exact gradient, and how many samples each estimator needs (Markdown)."""
    start, answers = f"**{stream.n:,}** samples.", stream.answers
    if answers is None:
        return " ".join([start, *(_estimate(stream, name) for name in stream.estimators)])
    if answers.gradient is None:
        return f"{start} There is no exact gradient to compare with: {answers.reason}."
    parts = [f"{start} Exact gradient **{answers.gradient:.4g}**."]
    parts += [_estimate(stream, name) for name in stream.estimators]
    return " ".join([*parts, samples_needed(answers, stream.estimators)]).strip()


def cautions(stream: GradientStream) -> str:
    """Why an estimator is biased here, a sentence each; empty when none is."""
    biased = stream.answers.biased if stream.answers else []
    return " ".join(ESTIMATORS[name].warning(stream.problem.family, stream.problem.objective) for name in biased)


def _estimate(stream: GradientStream, name: str) -> str:
    summary, title, answers = stream.summaries[name], short(name), stream.answers
    if math.isnan(summary.standard_error):
        return f"{title}: no samples yet."
    estimate = f"{title}: {summary.moments.mean:.4g} ± {summary.standard_error:.2g}"
    if answers is None:
        return f"{estimate}."
    if answers.deviations[name] == math.inf:
        return f"{estimate}, but its variance is **without bound**: that ± means little."
    if answers.is_biased(name):
        return f"{estimate}, **biased** by exactly {answers.bias(name):.4g}."
    away = stream.errors_away(name)
    return f"{estimate}." if away is None else f"{estimate}, {away:.1f} standard errors away."


def samples_needed(answers: Answers, estimators: Sequence[str]) -> str:
    """Which of the first two estimators needs more samples for the same accuracy, from the exact variances."""
    if len(estimators) < 2:
        return ""
    first, second = estimators[:2]
    ratio = answers.samples_ratio(first, second)
    if ratio is None:
        return ""
    if abs(ratio - 1) < 0.005:
        return "Both need the same number of samples." if len(estimators) == 2 else ""
    if ratio < 1:
        first, second, ratio = second, first, 1 / ratio
    times = f"{float(f'{ratio:.3g}'):,.12g}"
    return f"{short(first)} needs **{times} times** the samples of {lowered(short(second))}."


def samples_table(answers: Answers) -> str:
    """What each estimator is worth here, as a Markdown table: exact spread, bias, samples for one per cent of error."""
    lines = [
        "| estimator | exact standard deviation | exact bias | samples for 1 % error | calls of f a sample |",
        "|---|--:|--:|--:|--:|",
    ]
    for name in answers.expectations:
        bias = answers.bias(name)
        biased = "–" if bias is None else f"{bias:.3g}" if answers.is_biased(name) else "0"
        cells = [
            said(answers.deviations[name], "{:.4g}"),
            biased,
            said(_rounded_up(answers.samples_for(ONE_PER_CENT, name)), "{:,.0f}"),
            str(ESTIMATORS[name].evaluations),
        ]
        lines.append(f"| {short(name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _rounded_up(samples: float | None) -> float | None:
    """A number of samples to three digits; inf and None stay."""
    return samples if samples is None or math.isinf(samples) else float(f"{math.ceil(samples):.3g}")


def described(stream: GradientStream) -> str:
    """The histograms in one sentence, for a reader who cannot see them."""
    parts, answers = [], stream.answers
    for name in stream.estimators:
        moments = stream.summaries[name].moments
        deviation = None if answers is None else answers.deviations[name]
        exact = "" if deviation is None else f", exact {said(deviation, '{:.3g}')}"
        if moments.n > 1:
            spread = f"standard deviation {moments.variance**0.5:.3g}{exact}"
            parts.append(f"{short(name)}: mean {moments.mean:.4g}, {spread}")
    gradient = None if answers is None else answers.gradient
    truth = "" if gradient is None else f" The exact gradient is {gradient:.4g}."
    return f"Histograms of {stream.n:,} gradient samples on a common axis. {'; '.join(parts)}.{truth}"
