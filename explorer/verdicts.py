"""Sentences that are computed: what the numbers on the screen amount to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch

from explorer.core.curves import DIMENSION, Curve, Setting, Turn, winners
from explorer.core.descent import Descent
from explorer.core.estimators import ESTIMATORS
from explorer.core.stream import GradientStream
from explorer.figures.theme import ESTIMATOR_SHORT

ONE_PER_CENT = 0.01


def comparison(stream: GradientStream) -> str:
    """The running means against the exact gradient, and how many samples each estimator needs (Markdown)."""
    start = f"**{stream.n:,}** samples."
    if stream.answers.gradient is None:
        return f"{start} There is no exact gradient to compare with: {stream.answers.reason}."
    parts = [f"{start} Exact gradient **{stream.answers.gradient:.4g}**."]
    parts += [_estimate(stream, name) for name in stream.estimators]
    return " ".join([*parts, samples_needed(stream)]).strip()


def cautions(stream: GradientStream) -> str:
    """Why an estimator is biased here, a sentence each; empty when none is."""
    biased = [ESTIMATORS[name] for name in stream.estimators if stream.is_biased(name)]
    return " ".join(entry.warning(stream.family, stream.objective) for entry in biased)


def _estimate(stream: GradientStream, name: str) -> str:
    summary, title = stream.summaries[name], ESTIMATOR_SHORT[name]
    if math.isnan(summary.standard_error):
        return f"{title}: no samples yet."
    estimate = f"{title}: {summary.moments.mean:.4g} ± {summary.standard_error:.2g}"
    if stream.answers.deviations[name] == math.inf:
        return f"{estimate}, but its variance is **without bound**: that ± means little."
    if stream.is_biased(name):
        return f"{estimate}, **biased** by exactly {stream.bias(name):.4g}."
    away = stream.errors_away(name)
    return f"{estimate}." if away is None else f"{estimate}, {away:.1f} standard errors away."


def samples_needed(stream: GradientStream) -> str:
    """Which of the first two estimators needs more samples for the same accuracy, from the exact variances."""
    if len(stream.estimators) < 2:
        return ""
    first, second = stream.estimators[:2]
    ratio = stream.samples_ratio(first, second)
    if ratio is None:
        return ""
    if abs(ratio - 1) < 0.005:
        return "Both need the same number of samples." if len(stream.estimators) == 2 else ""
    if ratio < 1:
        first, second, ratio = second, first, 1 / ratio
    times = f"{float(f'{ratio:.3g}'):,.12g}"
    return f"{ESTIMATOR_SHORT[first]} needs **{times} times** the samples of {_lowered(ESTIMATOR_SHORT[second])}."


def _lowered(title: str) -> str:
    """A title inside a sentence; an acronym stays as it is."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def samples_table(stream: GradientStream) -> str:
    """What each estimator is worth here, as a Markdown table: exact spread, bias, samples for one per cent of error."""
    lines = [
        "| estimator | exact standard deviation | exact bias | samples for 1 % error | calls of f a sample |",
        "|---|--:|--:|--:|--:|",
    ]
    for name in stream.estimators:
        bias = stream.bias(name)
        biased = "–" if bias is None else f"{bias:.3g}" if stream.is_biased(name) else "0"
        cells = [
            _said(stream.answers.deviations[name], "{:.4g}"),
            biased,
            _said(_rounded_up(stream.samples_for(ONE_PER_CENT, name)), "{:,.0f}"),
            str(ESTIMATORS[name].evaluations),
        ]
        lines.append(f"| {ESTIMATOR_SHORT[name]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _rounded_up(samples: float | None) -> float | None:
    """A number of samples to three digits; inf and None stay."""
    return samples if samples is None or math.isinf(samples) else float(f"{math.ceil(samples):.3g}")


def _said(value: float | None, form: str) -> str:
    if value is None or math.isnan(value):
        return "–"
    return "without bound" if math.isinf(value) else form.format(value)


def plain(sentence: str) -> str:
    """A sentence without its Markdown, for an attribute."""
    return sentence.replace("**", "")


def described(stream: GradientStream) -> str:
    """The histograms in one sentence, for a reader who cannot see them."""
    parts = []
    for name in stream.estimators:
        moments = stream.summaries[name].moments
        deviation = stream.answers.deviations[name]
        exact = "" if deviation is None else f", exact {_said(deviation, '{:.3g}')}"
        if moments.n > 1:
            spread = f"standard deviation {moments.variance**0.5:.3g}{exact}"
            parts.append(f"{ESTIMATOR_SHORT[name]}: mean {moments.mean:.4g}, {spread}")
    truth = "" if stream.answers.gradient is None else f" The exact gradient is {stream.answers.gradient:.4g}."
    return f"Histograms of {stream.n:,} gradient samples on a common axis. {'; '.join(parts)}.{truth}"


def winning(setting: Setting, axis: str, curves: Mapping[str, Curve], turns: Sequence[Turn]) -> str:
    """Which estimator has the smallest variance where along an axis (Markdown). `curves` are of unbiased ones only."""
    if len(curves) < 2 or not any(curve.variance.isfinite().any() for curve in curves.values()):
        return ""
    symbol, at = _symbol(setting, axis), next(iter(curves.values())).at
    if turns:
        places = [
            # Between two dimensions there is none.
            f"{math.floor(turn.at) if axis == DIMENSION.name else turn.at:.4g}"
            for turn in turns
        ]
        until = [f"up to {place}" for place in places[1:]] + ["beyond"]
        start = f"**{ESTIMATOR_SHORT[turns[0].before]}** has the smallest variance up to {symbol} = **{places[0]}**"
        rest = [f"**{_lowered(ESTIMATOR_SHORT[turn.after])}** {end}" for turn, end in zip(turns, until, strict=True)]
        return f"{', then '.join([start, *rest])}."
    best = set(winners(torch.stack([curve.variance.log() for curve in curves.values()]))) - {-1}
    if len(best) > 1:
        return "None has the smallest variance throughout: a curve ends where its variance is without bound."
    name = list(curves)[best.pop()]
    least = curves[name].variance
    same = [other for other in curves if other != name and torch.allclose(curves[other].variance, least)]
    shared = f", the same as {' and '.join(_lowered(ESTIMATOR_SHORT[other]) for other in same)}" if same else ""
    return f"**{ESTIMATOR_SHORT[name]}** has the smallest variance from {symbol} = {at[0]:.4g} to {at[-1]:.4g}{shared}."


def gaps(setting: Setting, axis: str, curves: Mapping[str, Curve]) -> str:
    """Where curves have gaps, and why (Markdown); empty when none has."""
    symbol = _symbol(setting, axis)
    parts: dict[str, list[str]] = {}
    for name, curve in curves.items():
        infinite, reasons = curve.at[curve.variance.isinf()], []
        if len(infinite):
            where = f"for {symbol} = {infinite.min():.4g} to {infinite.max():.4g}"
            reasons.append(f"variance **without bound** {'throughout' if len(infinite) == len(curve.at) else where}")
        if (curve.variance == 0).all():
            reasons.append("no variance at all, every sample is the same")
        lost = curve.at[curve.variance.isnan()]
        if len(lost):
            where = f"for {symbol} = {lost.min():.4g} to {lost.max():.4g}"
            reasons.append(f"no curve {'at all' if len(lost) == len(curve.at) else where}, {curve.faults[0]}")
        for reason in reasons:
            parts.setdefault(reason, []).append(ESTIMATOR_SHORT[name])
    return " ".join(f"{' and '.join(names)}: {reason}." for reason, names in parts.items())


def at_each_point(setting: Setting, axis: str, curves: Mapping[str, Curve]) -> list[str]:
    """A sentence for each point of an axis: the variances there, and how many times the smallest one."""
    symbol, captions = _symbol(setting, axis), []
    columns = [curve.variance.tolist() for curve in curves.values()]
    for at, row in zip(next(iter(curves.values())).at.tolist(), zip(*columns, strict=True), strict=True):
        least = min((value for value in row if value > 0), default=math.nan)
        parts = [
            f"{ESTIMATOR_SHORT[name]} {_said(value, '{:.3g}')}{_times(value / least)}"
            for name, value in zip(curves, row, strict=True)
        ]
        captions.append(f"{symbol} = {at:.4g}: variance {'; '.join(parts)}.")
    return captions


def _times(ratio: float) -> str:
    return f" (× {ratio:.3g})" if 1.0005 < ratio < math.inf else ""


def _symbol(setting: Setting, axis: str) -> str:
    """An axis as a letter: "μ"."""
    return setting.axes[axis].label.split(" · ")[0]


def ending(descent: Descent) -> str:
    """How far each estimator's runs end from the exact path, and how many times the least (Markdown)."""
    if descent.reason:
        return f"The exact path ends after {len(descent.exact) - 1} steps: {descent.reason}."
    found = {name: descent.distance(name) for name in descent.estimators}
    known = {name: distance for name, distance in found.items() if distance}
    least = min((distance.root_mean_square for distance in known.values()), default=0.0)
    rule = descent.rule
    parts = []
    for name, distance in known.items():
        times = f" (× {distance.root_mean_square / least:.2g})" if distance.root_mean_square > 1.005 * least > 0 else ""
        edge = f", {distance.at_edge} of {rule.n_runs} met an edge" if distance.at_edge else ""
        size = f"{distance.root_mean_square:.3g} ± {distance.standard_error:.2g}"
        parts.append(f"{ESTIMATOR_SHORT[name]} **{size}**{times}{edge}")
    parts += [f"{ESTIMATOR_SHORT[name]} broke off: {reason}" for name, reason in descent.lost.items()]
    steps = "1 step" if descent.taken == 1 else f"{descent.taken} steps"
    samples = "1 sample" if rule.n_samples == 1 else f"{rule.n_samples:,} samples"
    start = f"After {steps} of {samples} the exact path is at **{descent.exact[-1]:.4g}**."
    return f"{start} Distance from it, root mean square over {rule.n_runs} runs: {'; '.join(parts)}."


def at_each_step(descent: Descent) -> list[str]:
    """A sentence for each step: the exact path, and the mean of each estimator's runs."""
    symbol = next(each.label for each in descent.family.parameters if each.name == descent.parameter).split(" · ")[0]
    exact, captions = descent.exact.tolist(), []
    runs = {name: run.mean(1).tolist() for name, run in descent.runs.items()}
    for step in range(descent.taken + 1):
        parts = [f"{ESTIMATOR_SHORT[name]} {means[step]:.3g}" for name, means in runs.items() if step < len(means)]
        truth = f"exact {symbol} = {exact[step]:.3g}; " if step < len(exact) else ""
        captions.append(f"Step {step}: {truth}mean of the runs: {', '.join(parts)}.")
    return captions
