"""The training race in words: who is how far, who fell behind when, whose gradients vary more, and what stopped."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import astuple, fields
from itertools import zip_longest

from explorer.text import counted, short, word
from explorer.text.numbers import number, placed, times
from explorer.vae.race import N_TRAIN, Race, Row
from explorer.verdicts.words import listed, lowered, measured, plain, said

APART = 1.0
"""Nats: lanes nearer than this are level."""
ERRORS = 2.0
"""Standard errors of its measurement that a gap must pass, too."""


def standing(race: Race) -> str:
    """The best bound, by how much each other lane is behind, and since which step for good (Markdown)."""
    lanes = _by_bound(race)
    if race.taken == 0 or not lanes:
        return word("race.start", steps=f"{race.terms.n_steps:,}")
    (best, rows), *others = lanes.items()
    behind = [_behind(rows, name, theirs) for name, theirs in others if parted(rows, theirs) is not None]
    level = [lowered(short(name)) for name, theirs in others if parted(rows, theirs) is None]
    last = rows[-1].step
    sentences = [
        word(
            "race.best" if behind or not others else "race.together",
            taken=f"{race.taken:,}",
            steps=f"{race.terms.n_steps:,}",
            measured="" if last == race.taken else word("race.measured", step=f"{last:,}"),
            images=N_TRAIN,
            estimator=short(best),
            bound=_bound(rows[-1].elbo, rows[-1].elbo_error),
            held_out=_bound(rows[-1].held_out, rows[-1].held_out_error),
        )
    ]
    if behind and level:
        sentences.append(counted("race.level", len(level), estimators=listed(level)))
    sentences += behind
    return " ".join([*sentences, _stops(race)]).strip()


def gradients(race: Race) -> str:
    """How many times as much each lane's gradient varies as the steadiest one's, at the common start and now."""
    lanes = {name: lane.rows for name, lane in race.lanes.items() if lane.rows}
    varying = {name: rows for name, rows in lanes.items() if rows[0].variance > 0}
    exact = [short(name) for name in lanes if name not in varying]
    parts = [word("race.steady", estimators=listed([lowered(name) for name in exact]))] if exact else []
    if len(varying) > 1:
        least = min(varying, key=lambda name: varying[name][0].variance)
        others = {lowered(short(name)): rows for name, rows in varying.items() if name != least}
        steady = varying[least]
        ratios = [
            word("race.ratio", estimator=name, ratio=f"{times(ratio)} ± {times(float(f'{error:.2g}'))}")
            for name, (ratio, error) in ((name, _ratio(rows[0], steady[0])) for name, rows in others.items())
        ]
        parts.append(word("race.ratios", least=lowered(short(least)), ratios=listed(ratios)))
        if steady[-1].variance > 0 and steady[-1].step:
            later = [
                word("race.ratio_now", estimator=name, ratio=times(rows[-1].variance / steady[-1].variance))
                for name, rows in others.items()
            ]
            parts.append(word("race.now", ratios=listed(later)))
    return " ".join(parts)


def honest(race: Race) -> str:
    """What one race cannot say, and which of its estimators aim elsewhere."""
    biased = [short(name) for name, lane in race.lanes.items() if lane.estimator.biased]
    biased[1:] = map(lowered, biased[1:])
    parts = [word("race.one_seed", seed=race.seed)]
    if biased:
        parts.append(counted("race.biased", len(biased), estimators=listed(biased)))
    return " ".join(parts)


def parted(leader: list[Row], other: list[Row]) -> int | None:
    """The first step measured from which on the other stays behind; None where it is not behind at the end."""
    since = None
    for one, two in zip(leader, other, strict=False):
        gap = one.elbo - two.elbo
        if gap > max(APART, ERRORS * math.hypot(one.elbo_error, two.elbo_error)):
            since = one.step if since is None else since
        else:
            since = None
    return since


def _by_bound(race: Race) -> dict[str, list[Row]]:
    """The rows of each lane that has any, the best last bound first."""
    lanes = {name: lane.rows for name, lane in race.lanes.items() if lane.rows}
    return dict(sorted(lanes.items(), key=lambda item: -item[1][-1].elbo))


def _behind(leader: list[Row], name: str, rows: list[Row]) -> str:
    gap, error = leader[-1].elbo - rows[-1].elbo, math.hypot(leader[-1].elbo_error, rows[-1].elbo_error)
    return word(
        "race.behind",
        estimator=short(name),
        bound=_bound(rows[-1].elbo, rows[-1].elbo_error),
        gap=_bound(gap, error),
        step=parted(leader, rows),
    )


def _stops(race: Race) -> str:
    return " ".join(
        word("race.stopped", estimator=short(name), step=f"{lane.stopped:,}")
        for name, lane in race.lanes.items()
        if lane.stopped is not None
    )


def _bound(value: float, error: float) -> str:
    """A bound to a tenth of a nat, with its standard error where it is not exact."""
    return placed(value, 1) if error == 0 else f"{placed(value, 1)} ± {number(error, 1)}"


def _ratio(one: Row, other: Row) -> tuple[float, float]:
    """The ratio of two variances and its standard error, by the delta method."""
    ratio = one.variance / other.variance
    return ratio, ratio * math.hypot(one.variance_error / one.variance, other.variance_error / other.variance)


def described(race: Race) -> str:
    """The curves in words, for a reader who cannot see them."""
    return f"{word('race.alt')} {plain(standing(race))}"


def images_described(race: Race, shown: int) -> str:
    """What the images are."""
    return word("race.images_alt", n=shown, lanes=listed([lowered(short(name)) for name in race.lanes]))


def as_markdown(race: Race) -> str:
    """Each lane's last measurement as a table."""
    lines = [word("race.table"), "|---|" + "--:|" * 5]
    for name, lane in race.lanes.items():
        if lane.rows:
            last = lane.rows[-1]
            cells = [
                f"{last.step:,}",
                _bound(last.elbo, last.elbo_error),
                _bound(last.held_out, last.held_out_error),
                said(last.norm, 3),
                measured(last.variance, last.variance_error, 3) if last.variance else number(0),
            ]
            lines.append(f"| {short(name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def as_csv(race: Race) -> str:
    """Every row of every lane, to the last digit; what is not there is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    first, *rest = (each.name for each in fields(Row))
    writer.writerow([first, "lane", *rest])
    found = [(row.step, place, name, row) for place, (name, lane) in enumerate(race.lanes.items()) for row in lane.rows]
    for step, _, name, row in sorted(found, key=lambda each: each[:2]):
        writer.writerow([step, name, *astuple(row)[1:]])
    return text.getvalue()


def table(race: Race) -> dict[str, list[float]]:
    """The picture's numbers, a column a lane and a quantity; NaN where there is none."""
    columns: dict[str, list[float]] = {}
    steps = zip_longest(*(lane.rows for lane in race.lanes.values()))
    columns["step"] = [float(next(row.step for row in rows if row)) for rows in steps]
    for name, lane in race.lanes.items():
        for each in fields(Row)[1:]:
            values = [getattr(row, each.name) for row in lane.rows]
            columns[f"{name}_{each.name}"] = [math.nan if value is None else value for value in values]
    return columns
