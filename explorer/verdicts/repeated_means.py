"""What the notebook's experiment amounts to: sentences and tables that are computed."""

from __future__ import annotations

import csv
import io
import math

from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.repeated_means import RepeatedMeans
from explorer.core.numerics.sample_variance import LEVEL, Spread, slope
from explorer.text import short
from explorer.verdicts.words import number

COLUMNS = ("estimator", "N", "mean", "variance", "interval low", "interval high", "exact variance")
Row = tuple[str, int, float, float, float | None, float | None, float | None]


def verdict(run: RepeatedMeans) -> str:
    """The measured variances beside the exact ones at the largest N so far, and how often intervals hold (Markdown)."""
    measured = {name: run.spreads(name) for name in run.estimators}
    n = run.reached[-1]
    parts = [f"At **N = {n:,}**, from {run.repetitions} estimates:"]
    parts.append("; ".join(_at_last(run, name, spreads[-1]) for name, spreads in measured.items()) + ".")
    parts += [_held(run, measured), _slopes(measured), _ratio(run)]
    if run.answers and run.answers.gradient is None:
        parts.append(f"There is no exact gradient: {run.answers.reason}.")
    return " ".join(part for part in parts if part)


def _at_last(run: RepeatedMeans, name: str, spread: Spread) -> str:
    exact, label = run.exact_variance(name, spread.n), short(name)
    if exact == 0 and spread.variance == 0:
        return f"{label}: every estimate is the same, its variance is exactly 0"
    found = f"{label}: variance **{number(spread.variance)}**"
    if exact is None:
        return f"{found}, the exact one is not known"
    if math.isinf(exact):
        return f"{found}, but the exact one is **without bound**: no line 1/N, and the next seed may say otherwise"
    return f"{found}, exact {number(exact)}"


def _held(run: RepeatedMeans, measured: dict[str, list[Spread]]) -> str:
    """How many intervals hold the exact variance; and how many points have none or are missing, and why."""
    answers: list[bool] = []
    silent, missing, wild = 0, 0, []
    for name, spreads in measured.items():
        exact = run.exact_variance(name, 1)
        if not exact or math.isinf(exact):
            continue
        if not run.is_tame(name):
            wild.append(short(name))
            continue
        known = [spread.holds(exact / spread.n) for spread in spreads if spread.variance > 0]
        answers += [answer for answer in known if answer is not None]
        silent += known.count(None)
        missing += len(spreads) - len(known)
    parts = []
    if answers:
        parts.append(f"**{sum(answers)} of {len(answers)}** intervals hold the exact variance; {LEVEL:.0%} should.")
    if silent:
        parts.append(f"{silent} open {_points(silent)} no interval: too few of the rare large samples were met.")
    if missing:
        parts.append(f"{missing} {_points(missing)} no place: all estimates were the same.")
    if wild:
        parts.append(f"No intervals for {' and '.join(wild)}: the fourth moment is without bound.")
    return " ".join(parts)


def _points(n: int) -> str:
    return "point has" if n == 1 else "points have"


def _slopes(measured: dict[str, list[Spread]]) -> str:
    found = {name: slope(spreads) for name, spreads in measured.items()}
    known = {name: fit for name, fit in found.items() if fit is not None}
    if not known:
        return ""
    listed = ", ".join(f"{fit[0]:.2f} ± {fit[1]:.2f}".replace("-", "−") for fit in known.values())
    return f"Fitted slope{'s' if len(known) > 1 else ''} {listed}; 1/N means −1."


def _ratio(run: RepeatedMeans) -> str:
    """How many times the samples the worse of the first two needs, from the exact variances."""
    if len(run.estimators) < 2 or any(name in _biased(run) for name in run.estimators[:2]):
        return ""
    first, second = sorted(run.estimators[:2], key=lambda name: run.exact_variance(name, 1) or 0, reverse=True)
    large, small = run.exact_variance(first, 1), run.exact_variance(second, 1)
    if not large or not small or math.isinf(large) or large / small < 1.005:
        return ""
    return f"{short(first)} needs **{large / small:,.3g} times** the samples of {short(second)}."


def cautions(run: RepeatedMeans) -> str:
    """Why an estimator is biased here, a sentence each; empty when none is."""
    return " ".join(ESTIMATORS[name].warning(run.problem.family, run.problem.objective) for name in _biased(run))


def _biased(run: RepeatedMeans) -> list[str]:
    return run.answers.biased if run.answers else []


def described(run: RepeatedMeans) -> str:
    """The variances in one sentence, for a reader who cannot see them."""
    parts = []
    for name in run.estimators:
        spreads = run.spreads(name)
        first, last = spreads[0], spreads[-1]
        parts.append(
            f"{short(name)}: {number(first.variance)} at N = {first.n:,} to {number(last.variance)} at N = {last.n:,}"
        )
    return (
        f"Variance of {run.repetitions} estimates against the number of samples in each, on logarithmic axes, with the "
        f"exact lines. {'; '.join(parts)}."
    )


def rows(run: RepeatedMeans) -> list[Row]:
    """The experiment's table, under COLUMNS; None where there is no such number."""
    return [
        (name, s.n, s.mean, s.variance, s.low, s.high, run.exact_variance(name, s.n))
        for name in run.estimators
        for s in run.spreads(name)
    ]


def side_by_side(run: RepeatedMeans) -> dict[str, list[float]]:
    """The same numbers with a row for each N, in columns named after the estimators; NaN where there is none."""
    table: dict[str, list[float]] = {"N": [float(n) for n in run.reached]}
    for name in run.estimators:
        values = zip(*(row[2:] for row in rows(run) if row[0] == name), strict=True)
        table |= {
            f"{name} {column}": [math.nan if value is None else float(value) for value in each]
            for column, each in zip(COLUMNS[2:], values, strict=True)
        }
    return table


def as_csv(run: RepeatedMeans) -> str:
    """The table as a file; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(run))
    return text.getvalue()


def as_markdown(run: RepeatedMeans) -> str:
    """The table on the page."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---|" + "--:|" * (len(COLUMNS) - 1)]
    for name, n, *values in rows(run):
        cells = [_said(value, 3 if place else 5) for place, value in enumerate(values)]
        lines.append(f"| {short(name)} | {n:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _said(value: float | None, digits: int) -> str:
    if value is None:
        return "–"
    return "without bound" if math.isinf(value) else number(value, digits)
