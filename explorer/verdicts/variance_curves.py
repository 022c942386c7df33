"""Variance curves in words: who wins where, what has no curve, and the numbers at each point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise

import torch
from torch import Tensor

from explorer.core.exact.bias import largest
from explorer.core.experiments.curve_winners import ExactCurves, Stretch
from explorer.core.experiments.sampled_variances import Points
from explorer.core.experiments.variance_curves import DIMENSION, SAMPLES, Curve, Setting
from explorer.text import short, word
from explorer.text.numbers import number
from explorer.verdicts.words import listed, lowered, plain, said

MOST_RANGES = 3
"""So many ranges are named one by one."""


def winning(setting: Setting, axis: str, exact: ExactCurves) -> str:
    """Which estimator has the smallest variance where along an axis (Markdown): of the unbiased ones."""
    if len(exact.curves) > 1 and len(exact.unbiased) == 1:
        return word("variance_curves.alone", estimator=short(exact.unbiased[0]))
    if len(exact.unbiased) < 2 or not exact.stretches:
        return ""
    symbol, at = setting.axes[axis].letter, exact.curves[exact.unbiased[0]].at
    ends = float(at[0]), float(at[-1])
    if len(exact.stretches) == 1:
        return _throughout(symbol, exact)
    if _all_turns(exact.stretches, ends):
        # Between two dimensions there is none.
        places = [f"{math.floor(turn.at)}" if axis == DIMENSION.name else number(turn.at, 4) for turn in exact.turns]
        until = [word("variance_curves.up_to", at=place) for place in places[1:]] + [word("variance_curves.beyond")]
        before, after = short(exact.turns[0].before), [lowered(short(turn.after)) for turn in exact.turns]
        parts = [word("variance_curves.first", estimator=before, symbol=symbol, at=places[0])]
        parts += [f"**{name}** {end}" for name, end in zip(after, until, strict=True)]
        return f"{word('variance_curves.then').join(parts)}."
    places = [
        word("variance_curves.from", estimator=short(each.estimator), range=_range(symbol, each.low, each.high))
        for each in exact.stretches
    ]
    return word("variance_curves.smallest", parts="; ".join(places))


def _all_turns(stretches: Sequence[Stretch], ends: tuple[float, float]) -> bool:
    """Whether the stretches fill the axis, each beginning where the one before ends."""
    joined = all(one.high == other.low for one, other in pairwise(stretches))
    return joined and (stretches[0].low, stretches[-1].high) == ends


def _throughout(symbol: str, exact: ExactCurves) -> str:
    best = exact.stretches[0]
    least = exact.curves[best.estimator].variance
    same = [
        name
        for name in exact.unbiased
        if name != best.estimator and torch.allclose(exact.curves[name].variance, least, atol=0.0, equal_nan=True)
    ]
    names = listed([lowered(short(name)) for name in same])
    return word(
        "variance_curves.throughout",
        estimator=short(best.estimator),
        symbol=symbol,
        low=number(best.low, 4),
        high=number(best.high, 4),
        shared=word("variance_curves.shared", estimators=names) if same else "",
    )


def gaps(setting: Setting, axis: str, exact: ExactCurves) -> str:
    """Where curves have gaps, and why (Markdown); empty when none has."""
    parts: dict[str, list[str]] = {}
    for name, curve in exact.curves.items():
        reasons = []
        if curve.variance.isinf().any():
            where = _where(setting, axis, curve.at, curve.variance.isinf())
            reasons.append(word("variance_curves.unbounded", where=where))
        if (curve.variance == 0).all():
            reasons.append(word("variance_curves.zero"))
        if curve.variance.isnan().any():
            where = _where(setting, axis, curve.at, curve.variance.isnan())
            reasons.append(word("variance_curves.no_curve", where=where, fault=curve.faults[0]))
        for reason in reasons:
            parts.setdefault(reason, []).append(short(name))
    return " ".join(f"{listed(names)}: {reason}." for reason, names in parts.items())


def biased(setting: Setting, axis: str, exact: ExactCurves) -> str:
    """Which estimators are biased along the axis, by how much and where; empty when none is."""
    parts = []
    for name, biases in exact.biases.items():
        size = largest(biases)
        if size:
            where = _where(setting, axis, exact.curves[name].at, biases.nan_to_num() != 0)
            parts.append(word("variance_curves.biased", estimator=short(name), bias=number(size, 3), where=where))
    return " ".join(parts)


def open_points(points: Mapping[str, Points]) -> str:
    """Why some points have no interval; empty when all have one."""
    without = any(bool(each.freedom.isnan().any()) or bool(each.interval[0].isnan().any()) for each in points.values())
    return word("variance_curves.open") if without else ""


def _where(setting: Setting, axis: str, at: Tensor, here: Tensor) -> str:
    """The places on an axis at which something holds: its runs of points, or how many where they are scattered."""
    if here.all():
        return word("variance_curves.everywhere")
    symbol, runs = setting.axes[axis].letter, _runs(here)
    if len(runs) > MOST_RANGES:
        low, high = (number(float(end), 4) for end in at[here].aminmax())
        return word("variance_curves.scattered", n=int(here.sum()), symbol=symbol, low=low, high=high)
    return word("variance_curves.for", ranges=listed([_range(symbol, float(at[a]), float(at[b])) for a, b in runs]))


def _runs(here: Tensor) -> list[tuple[int, int]]:
    """The first and the last index of each run of True."""
    grouped = [(holds, list(group)) for holds, group in groupby(range(len(here)), key=here.tolist().__getitem__)]
    return [(group[0], group[-1]) for holds, group in grouped if holds]


def _range(symbol: str, low: float, high: float) -> str:
    if low == high:
        return word("variance_curves.single", symbol=symbol, at=number(low, 4))
    return word("variance_curves.range", symbol=symbol, low=number(low, 4), high=number(high, 4))


def at_each_point(setting: Setting, axis: str, curves: Mapping[str, Curve]) -> list[str]:
    """A sentence for each point of an axis: the variances there, and how many times the smallest one."""
    symbol, captions = setting.axes[axis].letter, []
    columns = [curve.variance.tolist() for curve in curves.values()]
    for at, row in zip(next(iter(curves.values())).at.tolist(), zip(*columns, strict=True), strict=True):
        least = min((value for value in row if value > 0), default=math.nan)
        parts = [
            f"{short(name)} {said(value, 3)}{_times(value / least)}" for name, value in zip(curves, row, strict=True)
        ]
        captions.append(word("variance_curves.at_point", symbol=symbol, at=number(at, 4), variances="; ".join(parts)))
    return captions


def _times(ratio: float) -> str:
    return f" (× {number(ratio, 3)})" if 1.0005 < ratio < math.inf else ""


def described(setting: Setting, axis: str, exact: ExactCurves, start: int) -> str:
    """The picture in words, for a reader who cannot see it, standing at the point `start`."""
    parts = [
        word("variance_curves.alt", axis=setting.axes[axis].label),
        plain(winning(setting, axis, exact)),
        at_each_point(setting, axis, exact.curves)[start],
    ]
    return " ".join(filter(None, parts))


def axis_title(setting: Setting, axis: str) -> str:
    """What stands along the axis."""
    return setting.axes[axis].label if setting.is_own(axis) else word(f"variance_curves.axis.{axis}")


def variance_of(axis: str) -> str:
    """Whose variance is drawn: of the mean of n samples along the sample size, else of one sample."""
    return word("variance_curves.of_mean" if axis == SAMPLES.name else "variance_curves.of_one")


def table(curves: Mapping[str, Curve], points: Mapping[str, Points], axis: str) -> dict[str, list[float]]:
    """The picture's numbers, a column a name."""
    columns = {axis: next(iter(curves.values())).at.tolist()}
    columns |= {f"{name}_exact_variance": curve.variance.tolist() for name, curve in curves.items()}
    for name, sampled in points.items():
        columns |= {
            f"{name}_sampled_at": sampled.at.tolist(),
            f"{name}_sampled_variance": sampled.variance.tolist(),
            f"{name}_interval_low": sampled.interval[0].tolist(),
            f"{name}_interval_high": sampled.interval[1].tolist(),
        }
    return columns
