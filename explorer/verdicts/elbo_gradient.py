"""Gradients of the ELBO in words: how many samples match one, the running means, signal and noise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from explorer.text import short, word
from explorer.text.numbers import number, times
from explorer.vae.gradients.answers import ElboAnswers
from explorer.vae.gradients.contract import ElboEstimator
from explorer.vae.gradients.coordinates import key_of, letter_of
from explorer.vae.gradients.moments import Estimate
from explorer.vae.gradients.stream import ElboStream
from explorer.verdicts.words import lowered, measured, said

TRICK = ("score_function", "pathwise")
UNBIASED_WITHIN = 1e-4
"""An exact mean that is off by less than this part of its standard deviation is off by rounding."""
ROUNDING = 1e-9
"""A standard error of less than this part of the mean is rounding."""
FIVE_ERRORS = 5.0
"""A reference's bias below so many of its standard errors may be none."""
SMALL = 0.1
"""The relative error for which the table counts samples."""


def compared(estimators: Sequence[ElboEstimator]) -> tuple[str, str] | None:
    """The two of the estimators that are set against each other: the trick's own where both are there.

    Else the first and the last, biased ones after all others.
    """
    names = [each.name for each in sorted(estimators, key=lambda each: each.biased)]
    if set(TRICK) <= set(names):
        return TRICK
    unbiased = [each.name for each in estimators if not each.biased]
    if len(unbiased) > 1:
        return unbiased[0], unbiased[-1]
    return (names[0], names[-1]) if len(names) > 1 else None


def letter(stream: ElboStream) -> str:
    """The chosen coordinate's letter."""
    return letter_of(key_of(stream.example.coordinates[stream.coordinate]))


def known_as(stream: ElboStream) -> str:
    """What the picture calls the gradient that it draws in."""
    is_exact = stream.answers is None or stream.answers.truth.is_exact
    return word("elbo_gradient.known_exact" if is_exact else "elbo_gradient.known_by_samples")


def comparison(stream: ElboStream) -> str:
    """How many samples match one, then the running means beside the gradient (Markdown)."""
    answers, pair = stream.answers, compared(stream.estimators)
    needed, here = "", word("elbo_gradient.here", coordinate=letter(stream))
    if answers and pair:
        needed = samples_needed(*pair, answers.ratio(*pair, stream.coordinate), here)
    parts = [needed, word("elbo_gradient.samples", n=f"{stream.n:,}"), _truth(stream)]
    parts += [_estimate(stream, each) for each in stream.estimators]
    return " ".join(filter(None, parts))


def samples_needed(first: str, second: str, ratio: Estimate, here: str) -> str:
    """How many samples of the one match one of the other, whichever needs more (Markdown); `here` says of what."""
    if math.isnan(ratio.value):
        return word("elbo_gradient.nothing_varies", here=here)
    if not (0 < ratio.value < math.inf):
        exact = first if ratio.value == 0 else second
        return word("elbo_gradient.no_noise", estimator=short(exact), here=here)
    if ratio.value < 1:
        first, second = second, first
        ratio = Estimate(1 / ratio.value, ratio.error / ratio.value**2)
    return word(
        "elbo_gradient.needs",
        first=lowered(short(first)),
        second=lowered(short(second)),
        ratio=times_of(ratio),
        here=here,
        how=how(ratio),
    )


def times_of(ratio: Estimate) -> str:
    """A ratio to four digits where it is exact, else to its error's second, with the error."""
    if not ratio.error:
        return f"{float(f'{ratio.value:.4g}'):,.12g}"
    return f"{times(ratio.value)} ± {times(float(f'{ratio.error:.2g}'))}"


def how(ratio: Estimate) -> str:
    """Whether a number is exact."""
    return word("elbo_gradient.is_estimated" if ratio.error else "elbo_gradient.is_exact")


def _truth(stream: ElboStream) -> str:
    if stream.answers is None:
        return word("elbo_gradient.on_the_way")
    gradient = stream.answers.gradient(stream.coordinate)
    if gradient.error:
        return word(
            "elbo_gradient.reference", coordinate=letter(stream), gradient=measured(gradient.value, gradient.error)
        )
    return word("elbo_gradient.exact", coordinate=letter(stream), gradient=number(gradient.value, 4))


def _estimate(stream: ElboStream, method: ElboEstimator) -> str:
    summary, answers = stream.summaries[method.name], stream.answers
    error, title = summary.standard_error, short(method.name)
    if math.isnan(error):
        return word("elbo_gradient.nothing_yet", estimator=title)
    has_noise = error > ROUNDING * max(1.0, abs(summary.moments.mean))
    mean = summary.moments.mean
    estimate = f"{title}: {measured(mean, error) if has_noise else number(mean, 4)}"
    if answers is None:
        return f"{estimate}."
    if off := bias(answers, method.name, stream.coordinate):
        return word("elbo_gradient.biased", estimate=estimate, bias=_with_error(off))
    gradient = answers.gradient(stream.coordinate)
    both = math.hypot(error, gradient.error)
    if both <= UNBIASED_WITHIN * max(1.0, abs(gradient.value)):
        return f"{estimate}."
    away = abs(summary.moments.mean - gradient.value) / both
    return word("elbo_gradient.away", estimate=estimate, errors=f"{away:.1f}")


def bias(answers: ElboAnswers, name: str, coordinate: int) -> Estimate | None:
    """How far an estimator's mean is from the gradient, where that is more than rounding or the reference's error."""
    known, truth = answers.of[name], answers.truth
    gap = float(known.mean[coordinate] - truth.mean[coordinate])
    error = math.hypot(float(known.mean_error[coordinate]), float(truth.mean_error[coordinate]))
    rounding = UNBIASED_WITHIN * float(known.variance[coordinate]) ** 0.5
    return Estimate(gap, error) if abs(gap) > max(rounding, FIVE_ERRORS * error) else None


def _with_error(estimate: Estimate) -> str:
    return measured(estimate.value, estimate.error) if estimate.error else number(estimate.value, 4)


def described(stream: ElboStream) -> str:
    """The histograms in words, for a reader who cannot see them."""
    parts = [
        word(
            "elbo_gradient.spread",
            estimator=short(name),
            mean=number(summary.moments.mean, 4),
            deviation=number(summary.moments.variance**0.5, 3),
        )
        for name, summary in stream.summaries.items()
        if summary.moments.n > 1
    ]
    start = word("elbo_gradient.alt", n=f"{stream.n:,}", coordinate=letter(stream))
    return " ".join([start, f"{'; '.join(parts)}."]) if parts else start


def map_described(stream: ElboStream, pair: tuple[str, str]) -> str:
    """The map of ratios in words."""
    start = word("elbo_gradient.map_alt", first=lowered(short(pair[0])), second=lowered(short(pair[1])))
    if stream.answers is None:
        return start
    ratio = stream.answers.ratios(*pair)[0]
    known = ratio[ratio.isfinite()]
    if not len(known):
        return start
    low, high = (said(float(end), 3) for end in known.aminmax())
    return f"{start} {word('elbo_gradient.map_range', low=low, high=high)}"


def densities(stream: ElboStream) -> dict[str, list[float]]:
    """The histograms' numbers, a column a name."""
    table: dict[str, list[float]] = {}
    for name, summary in stream.summaries.items():
        table[f"{name}_gradient"] = summary.histogram.window.centres.tolist()
        table[f"{name}_density"] = summary.histogram.density.tolist()
    return table


def moments_table(stream: ElboStream) -> dict[str, list[float]]:
    """Mean and variance of each estimator in every coordinate, as they are known or estimated so far."""
    if stream.answers:
        known: Mapping[str, tuple[list[float], list[float]]] = {
            name: (each.mean.tolist(), each.variance.tolist()) for name, each in stream.answers.of.items()
        }
    else:
        known = {name: (each.mean.tolist(), each.variance.tolist()) for name, each in stream.totals.items()}
    table = {}
    for name, (mean, variance) in known.items():
        table[f"{name}_mean"], table[f"{name}_variance"] = mean, variance
    return table


def signal_table(stream: ElboStream) -> str:
    """Signal and noise of one sample of each estimator, here and over all coordinates, as a Markdown table.

    Empty before the answers are known.
    """
    answers = stream.answers
    if answers is None:
        return ""
    lines = [word("elbo_gradient.table", coordinate=letter(stream)), "|---|--:|--:|--:|--:|"]
    for name, known in answers.of.items():
        here, overall = answers.signal_to_noise(name, stream.coordinate), answers.signal_to_noise(name)
        cells = [
            said(float(known.variance[stream.coordinate]) ** 0.5, 4),
            said(here, 3),
            said(overall, 3),
            _samples_for(overall) if answers.relative_bias(name) < SMALL else word("elbo_gradient.never"),
        ]
        lines.append(f"| {short(name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _samples_for(signal_to_noise: float) -> str:
    if not 0 < signal_to_noise < math.inf:
        return "1" if signal_to_noise else "–"
    return times(max(1, math.ceil((1 / (SMALL * signal_to_noise)) ** 2)))


def signal(stream: ElboStream) -> str:
    """Over all coordinates: the ratio of the pair, and how much of a sample is signal (Markdown); empty as above."""
    answers, pair = stream.answers, compared(stream.estimators)
    if answers is None:
        return ""
    overall = word("elbo_gradient.overall")
    sentences = [samples_needed(*pair, answers.overall_ratio(*pair), overall)] if pair else []
    for name in pair or answers.of:
        ratio = answers.signal_to_noise(name)
        if ratio == math.inf:
            continue
        sentences.append(word("elbo_gradient.signal", estimator=lowered(short(name)), ratio=said(ratio, 3)))
    return " ".join(sentences)
