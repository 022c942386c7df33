"""Live histograms in words: the running means, their biases, and how many samples each estimator needs."""

from __future__ import annotations

import math

from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.text import short, word
from explorer.verdicts.words import lowered, measured, number, said, times

ONE_PER_CENT = 0.01


def comparison(stream: GradientStream) -> str:
    """The running means against the exact gradient, and how many samples each estimator needs (Markdown)."""
    start = word("gradient_stream.samples", n=f"{stream.n:,}")
    if stream.answers.gradient is None:
        return f"{start} {word('gradient_stream.no_exact', reason=stream.answers.reason)}"
    parts = [start, word("gradient_stream.exact", exact=number(stream.answers.gradient, 4))]
    parts += [_estimate(stream, name) for name in stream.estimators]
    return " ".join([*parts, samples_needed(stream)]).strip()


def cautions(stream: GradientStream) -> str:
    """Why an estimator is biased here, a sentence each; empty when none is."""
    biased = [ESTIMATORS[name] for name in stream.estimators if stream.is_biased(name)]
    return " ".join(entry.warning(stream.family, stream.objective) for entry in biased)


def _estimate(stream: GradientStream, name: str) -> str:
    summary, title = stream.summaries[name], short(name)
    if math.isnan(summary.standard_error):
        return word("gradient_stream.nothing_yet", estimator=title)
    estimate = f"{title}: {measured(summary.moments.mean, summary.standard_error)}"
    if stream.answers.deviations[name] == math.inf:
        return word("gradient_stream.unbounded", estimate=estimate)
    if stream.is_biased(name):
        return word("gradient_stream.biased", estimate=estimate, bias=said(stream.bias(name), 4))
    away = stream.errors_away(name)
    return f"{estimate}." if away is None else word("gradient_stream.away", estimate=estimate, errors=f"{away:.1f}")


def samples_needed(stream: GradientStream) -> str:
    """Which of the first two estimators needs more samples for the same accuracy, from the exact variances."""
    if len(stream.estimators) < 2:
        return ""
    first, second = stream.estimators[:2]
    ratio = stream.samples_ratio(first, second)
    if ratio is None:
        return ""
    if abs(ratio - 1) < 0.005:
        return word("gradient_stream.same_number") if len(stream.estimators) == 2 else ""
    if ratio < 1:
        first, second, ratio = second, first, 1 / ratio
    return word("gradient_stream.needs", first=short(first), times=times(ratio), second=lowered(short(second)))


def samples_table(stream: GradientStream) -> str:
    """What each estimator is worth here, as a Markdown table: exact spread, bias, samples for one per cent of error."""
    lines = [word("gradient_stream.table"), "|---|--:|--:|--:|--:|"]
    for name in stream.estimators:
        bias = stream.bias(name)
        cells = [
            said(stream.answers.deviations[name], 4),
            "0" if bias is not None and not stream.is_biased(name) else said(bias, 3),
            _whole(stream.samples_for(ONE_PER_CENT, name)),
            str(ESTIMATORS[name].evaluations),
        ]
        lines.append(f"| {short(name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _whole(samples: float | None) -> str:
    """A number of samples, rounded up, to three digits."""
    return said(samples) if samples is None or math.isinf(samples) else times(math.ceil(samples))


def described(stream: GradientStream) -> str:
    """The histograms in one sentence, for a reader who cannot see them."""
    parts = []
    for name in stream.estimators:
        moments, deviation = stream.summaries[name].moments, stream.answers.deviations[name]
        if moments.n > 1:
            part = word(
                "gradient_stream.spread",
                estimator=short(name),
                mean=number(moments.mean, 4),
                deviation=number(moments.variance**0.5, 3),
            )
            exact = "" if deviation is None else word("gradient_stream.exact_spread", deviation=said(deviation, 3))
            parts.append(part + exact)
    sentences = [word("gradient_stream.alt", n=f"{stream.n:,}"), f"{'; '.join(parts)}." if parts else ""]
    if stream.answers.gradient is not None:
        sentences.append(word("gradient_stream.alt_exact", exact=number(stream.answers.gradient, 4)))
    return " ".join(filter(None, sentences))
