"""Variance curves in words: who wins where, what has no curve, and the numbers at each point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from explorer.core.experiments.sampled_variances import Points
from explorer.core.experiments.variance_curves import DIMENSION, SAMPLES, Curve, Setting, Turn, winners
from explorer.text import short, word
from explorer.verdicts.words import listed, lowered, number, plain, said


def winning(setting: Setting, axis: str, curves: Mapping[str, Curve], turns: Sequence[Turn]) -> str:
    """Which estimator has the smallest variance where along an axis (Markdown). `curves` are of unbiased ones only."""
    if len(curves) < 2 or not any(curve.variance.isfinite().any() for curve in curves.values()):
        return ""
    symbol = setting.axes[axis].letter
    if turns:
        # Between two dimensions there is none.
        places = [f"{math.floor(turn.at)}" if axis == DIMENSION.name else number(turn.at, 4) for turn in turns]
        until = [word("variance_curves.up_to", at=place) for place in places[1:]] + [word("variance_curves.beyond")]
        parts = [word("variance_curves.first", estimator=short(turns[0].before), symbol=symbol, at=places[0])]
        parts += [f"**{lowered(short(turn.after))}** {end}" for turn, end in zip(turns, until, strict=True)]
        return f"{word('variance_curves.then').join(parts)}."
    best = set(winners(torch.stack([curve.variance.log() for curve in curves.values()]))) - {-1}
    if len(best) > 1:
        return word("variance_curves.no_winner")
    name = list(curves)[best.pop()]
    at, least = curves[name].at, curves[name].variance
    same = [other for other in curves if other != name and torch.allclose(curves[other].variance, least)]
    names = listed([lowered(short(other)) for other in same])
    return word(
        "variance_curves.throughout",
        estimator=short(name),
        symbol=symbol,
        low=number(float(at[0]), 4),
        high=number(float(at[-1]), 4),
        shared=word("variance_curves.shared", estimators=names) if same else "",
    )


def gaps(setting: Setting, axis: str, curves: Mapping[str, Curve]) -> str:
    """Where curves have gaps, and why (Markdown); empty when none has."""
    parts: dict[str, list[str]] = {}
    for name, curve in curves.items():
        reasons = []
        if curve.variance.isinf().any():
            where = _where(setting, axis, curve, curve.variance.isinf())
            reasons.append(word("variance_curves.unbounded", where=where))
        if (curve.variance == 0).all():
            reasons.append(word("variance_curves.zero"))
        if curve.variance.isnan().any():
            where = _where(setting, axis, curve, curve.variance.isnan())
            reasons.append(word("variance_curves.no_curve", where=where, fault=curve.faults[0]))
        for reason in reasons:
            parts.setdefault(reason, []).append(short(name))
    return " ".join(f"{listed(names)}: {reason}." for reason, names in parts.items())


def _where(setting: Setting, axis: str, curve: Curve, here: Tensor) -> str:
    if here.all():
        return word("variance_curves.everywhere")
    low, high = (number(float(end), 4) for end in curve.at[here].aminmax())
    return word("variance_curves.for", symbol=setting.axes[axis].letter, low=low, high=high)


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


def described(
    setting: Setting,
    axis: str,
    curves: Mapping[str, Curve],
    unbiased: Mapping[str, Curve],
    turns: Sequence[Turn],
    start: int,
) -> str:
    """The picture in words, for a reader who cannot see it, standing at the point `start`."""
    parts = [
        word("variance_curves.alt", axis=setting.axes[axis].label),
        plain(winning(setting, axis, unbiased, turns)),
        at_each_point(setting, axis, curves)[start],
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
            f"{name}_standard_error": sampled.standard_error.tolist(),
        }
    return columns
