"""Live histograms in words: the running means, their biases, and how many samples each estimator needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explorer.core.experiments.answers import Answers
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.text import short, word
from explorer.text.numbers import number, times
from explorer.verdicts import bias
from explorer.verdicts.words import lowered, measured, plain, said

ONE_PER_CENT = 0.01


def comparison(stream: GradientStream) -> str:
    """The running means against the exact gradient, and how many samples each estimator needs (Markdown)."""
    start, answers = word("gradient_stream.samples", n=f"{stream.n:,}"), stream.answers
    if answers is None:
        return " ".join([start, *(_estimate(stream, name) for name in stream.estimators)])
    if answers.gradient is None:
        return f"{start} {word('gradient_stream.no_exact', reason=answers.reason)}"
    parts = [start, word("gradient_stream.exact", exact=number(answers.gradient, 4))]
    parts += [_estimate(stream, name) for name in stream.estimators]
    parts += [_missed(stream, answers), samples_needed(answers, tuple(stream.estimators))]
    return " ".join(filter(None, parts))


def cautions(stream: GradientStream) -> str:
    """Why an estimator is biased here, a sentence each; empty when none is."""
    return bias.cautions(stream.problem, stream.estimators, stream.answers.biases) if stream.answers else ""


def _estimate(stream: GradientStream, name: str) -> str:
    summary, title, answers = stream.summaries[name], short(name), stream.answers
    if math.isnan(summary.standard_error):
        return word("gradient_stream.nothing_yet", estimator=title)
    estimate = f"{title}: {measured(summary.moments.mean, summary.standard_error)}"
    if answers is None:
        return f"{estimate}."
    if answers.deviations[name] == math.inf:
        return word("gradient_stream.unbounded", estimate=estimate)
    if answers.is_biased(name):
        return word("gradient_stream.biased", estimate=estimate, bias=said(answers.bias(name), 4))
    away = stream.errors_away(name)
    if away is None:
        return f"{estimate}."
    return word("gradient_stream.away", estimate=estimate, errors=f"{away:.1f}" if away < 100 else times(away))


def _missed(stream: GradientStream, answers: Answers) -> str:
    """Whose samples have not met what makes the variance, so that their ± is no use (Markdown); empty when all have."""
    names = [name for name in stream.estimators if stream.has_missed(name)]
    if not names:
        return ""
    found = [(name, math.sqrt(stream.summaries[name].moments.variance), answers.deviations[name]) for name in names]
    parts = [
        word("gradient_stream.too_small", estimator=lowered(short(name)), found=number(one), exact=said(other))
        for name, one, other in found
    ]
    return word("gradient_stream.missed", deviations="; ".join(parts))


def samples_needed(answers: Answers, estimators: Sequence[str]) -> str:
    """Which of the first two estimators needs more samples for the same accuracy, from the exact variances."""
    if len(estimators) < 2:
        return ""
    first, second = estimators[:2]
    ratio = answers.samples_ratio(first, second)
    if ratio is None:
        return ""
    if abs(ratio - 1) < 0.005:
        return word("gradient_stream.same_number") if len(estimators) == 2 else ""
    if ratio < 1:
        first, second, ratio = second, first, 1 / ratio
    return word("gradient_stream.needs", first=short(first), times=times(ratio), second=lowered(short(second)))


def samples_table(stream: GradientStream) -> str:
    """What each estimator is worth here, as a Markdown table: exact spread, bias, samples for one per cent of error.

    Empty before the exact answers are known.
    """
    answers = stream.answers
    if answers is None:
        return ""
    lines = [word("gradient_stream.table"), "|---|--:|--:|--:|--:|"]
    for name in answers.expectations:
        error = answers.bias(name)
        cells = [
            said(answers.deviations[name], 4),
            said(error, 3),
            _whole(answers.samples_for(ONE_PER_CENT, name)),
            str(stream.estimators[name].evaluations_for(stream.problem.family)),
        ]
        lines.append(f"| {short(name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _whole(samples: float | None) -> str:
    """A number of samples, rounded up, to three digits."""
    return said(samples) if samples is None or math.isinf(samples) else times(math.ceil(samples))


def densities(stream: GradientStream) -> dict[str, list[float]]:
    """The histograms' numbers, a column a name."""
    table = {"gradient": stream.window.centres.tolist()}
    return table | {f"{name}_density": each.histogram.density.tolist() for name, each in stream.summaries.items()}


def means(stream: GradientStream) -> dict[str, list[float]]:
    """The running means' numbers, a column a name."""
    table: dict[str, list[float]] = {"samples": [step.n for step in next(iter(stream.trail.values()))]}
    for name, steps in stream.trail.items():
        table[f"{name}_mean"] = [step.mean for step in steps]
        table[f"{name}_standard_error"] = [step.standard_error for step in steps]
    return table


def means_described(stream: GradientStream) -> str:
    """The running means in words."""
    return f"{word('gradient_stream.means_alt')} {plain(comparison(stream))}"


def described(stream: GradientStream) -> str:
    """The histograms in one sentence, for a reader who cannot see them."""
    parts, answers = [], stream.answers
    for name in stream.estimators:
        moments = stream.summaries[name].moments
        deviation = None if answers is None else answers.deviations[name]
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
    if answers is not None and answers.gradient is not None:
        sentences.append(word("gradient_stream.alt_exact", exact=number(answers.gradient, 4)))
    return " ".join(filter(None, sentences))
