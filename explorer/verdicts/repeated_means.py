"""What the notebook's experiment amounts to: sentences and tables that are computed."""

from __future__ import annotations

import csv
import io
import math

from explorer.core.experiments.repeated_means import RepeatedMeans
from explorer.core.numerics.sample_variance import LEVEL, Spread, slope
from explorer.text import counted, short, word
from explorer.text.numbers import number, per_cent, placed, times
from explorer.verdicts import bias
from explorer.verdicts.words import listed, lowered, said

COLUMNS = ("estimator", "N", "mean", "variance", "interval_low", "interval_high", "exact_variance")
"""The table's columns, as its file names them; the catalogue has the page's headings."""
Row = tuple[str, int, float, float, float | None, float | None, float | None]


def verdict(run: RepeatedMeans) -> str:
    """The measured variances beside the exact ones at the largest N so far, and how often intervals hold (Markdown)."""
    measured = {name: run.spreads(name) for name in run.estimators}
    parts = [
        word(
            "repeated_means.at",
            n=f"{run.reached[-1]:,}",
            estimates=run.repetitions,
            variances="; ".join(_at_last(run, name, spreads[-1]) for name, spreads in measured.items()),
        ),
        *(_held(run, measured), _slopes(measured), _ratio(run)),
    ]
    if run.answers and run.answers.gradient is None:
        parts.append(word("repeated_means.no_exact", reason=run.answers.reason))
    return " ".join(filter(None, parts))


def _at_last(run: RepeatedMeans, name: str, spread: Spread) -> str:
    exact, label = run.exact_variance(name, spread.n), short(name)
    if exact == 0 and spread.variance == 0:
        return word("repeated_means.same", estimator=label)
    found = word("repeated_means.variance", estimator=label, variance=number(spread.variance))
    if exact is None:
        return word("repeated_means.not_known", found=found)
    if math.isinf(exact):
        return word("repeated_means.unbounded", found=found)
    return word("repeated_means.exact", found=found, exact=number(exact))


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
        parts.append(word("repeated_means.held", n=sum(answers), total=len(answers), level=per_cent(LEVEL)))
    if silent:
        parts.append(counted("repeated_means.silent", silent))
    if missing:
        parts.append(counted("repeated_means.missing", missing))
    if wild:
        parts.append(word("repeated_means.wild", estimators=listed(wild)))
    return " ".join(parts)


def _slopes(measured: dict[str, list[Spread]]) -> str:
    known = [fit for fit in map(slope, measured.values()) if fit is not None]
    if not known:
        return ""
    fits = ", ".join(f"{placed(fit)} ± {placed(error)}" for fit, error in known)
    return counted("repeated_means.slopes", len(known), slopes=fits)


def _ratio(run: RepeatedMeans) -> str:
    """How many times the samples the worse of the first two needs, from the exact variances."""
    names = tuple(run.estimators)[:2]
    if len(names) < 2 or any(name in _biased(run) for name in names):
        return ""
    first, second = sorted(names, key=lambda name: run.exact_variance(name, 1) or 0, reverse=True)
    large, small = run.exact_variance(first, 1), run.exact_variance(second, 1)
    if not large or not small or math.isinf(large) or large / small < 1.005:
        return ""
    return word("repeated_means.ratio", first=short(first), times=times(large / small), second=lowered(short(second)))


def cautions(run: RepeatedMeans) -> str:
    """Why an estimator is biased here, a sentence each; empty when none is."""
    return bias.cautions(run.problem, run.estimators, run.answers.biases) if run.answers else ""


def _biased(run: RepeatedMeans) -> list[str]:
    return run.answers.biased if run.answers else []


def described(run: RepeatedMeans) -> str:
    """The variances in one sentence, for a reader who cannot see them."""
    parts = []
    for name in run.estimators:
        first, last = run.spreads(name)[0], run.spreads(name)[-1]
        fall = {"first": number(first.variance), "least": f"{first.n:,}"}
        fall |= {"last": number(last.variance), "most": f"{last.n:,}"}
        parts.append(word("repeated_means.fall", estimator=short(name), **fall))
    return word("repeated_means.alt", estimates=run.repetitions, parts="; ".join(parts))


def described_estimates(run: RepeatedMeans) -> str:
    """The estimates themselves in one sentence."""
    return word("repeated_means.estimates_alt", estimates=run.repetitions)


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
            f"{name}_{column}": [math.nan if value is None else float(value) for value in each]
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
    lines = [word("repeated_means.table"), "|---|" + "--:|" * (len(COLUMNS) - 1)]
    for name, n, *values in rows(run):
        cells = [said(value, 3 if place else 5) for place, value in enumerate(values)]
        lines.append(f"| {short(name)} | {n:,} | {' | '.join(cells)} |")
    return "\n".join(lines)
