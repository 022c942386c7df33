"""Variance curves in words: who wins where, what has no curve, and the numbers at each point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch

from explorer.core.experiments.variance_curves import DIMENSION, Curve, Setting, Turn, winners
from explorer.text import short
from explorer.verdicts.words import lowered, said


def winning(setting: Setting, axis: str, curves: Mapping[str, Curve], turns: Sequence[Turn]) -> str:
    """Which estimator has the smallest variance where along an axis (Markdown). `curves` are of unbiased ones only."""
    if len(curves) < 2 or not any(curve.variance.isfinite().any() for curve in curves.values()):
        return ""
    symbol, at = setting.axes[axis].letter, next(iter(curves.values())).at
    if turns:
        places = [
            # Between two dimensions there is none.
            f"{math.floor(turn.at) if axis == DIMENSION.name else turn.at:.4g}"
            for turn in turns
        ]
        until = [f"up to {place}" for place in places[1:]] + ["beyond"]
        start = f"**{short(turns[0].before)}** has the smallest variance up to {symbol} = **{places[0]}**"
        rest = [f"**{lowered(short(turn.after))}** {end}" for turn, end in zip(turns, until, strict=True)]
        return f"{', then '.join([start, *rest])}."
    best = set(winners(torch.stack([curve.variance.log() for curve in curves.values()]))) - {-1}
    if len(best) > 1:
        return "None has the smallest variance throughout: a curve ends where its variance is without bound."
    name = list(curves)[best.pop()]
    least = curves[name].variance
    same = [other for other in curves if other != name and torch.allclose(curves[other].variance, least)]
    shared = f", the same as {' and '.join(lowered(short(other)) for other in same)}" if same else ""
    return f"**{short(name)}** has the smallest variance from {symbol} = {at[0]:.4g} to {at[-1]:.4g}{shared}."


def gaps(setting: Setting, axis: str, curves: Mapping[str, Curve]) -> str:
    """Where curves have gaps, and why (Markdown); empty when none has."""
    symbol = setting.axes[axis].letter
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
            parts.setdefault(reason, []).append(short(name))
    return " ".join(f"{' and '.join(names)}: {reason}." for reason, names in parts.items())


def at_each_point(setting: Setting, axis: str, curves: Mapping[str, Curve]) -> list[str]:
    """A sentence for each point of an axis: the variances there, and how many times the smallest one."""
    symbol, captions = setting.axes[axis].letter, []
    columns = [curve.variance.tolist() for curve in curves.values()]
    for at, row in zip(next(iter(curves.values())).at.tolist(), zip(*columns, strict=True), strict=True):
        least = min((value for value in row if value > 0), default=math.nan)
        parts = [
            f"{short(name)} {said(value, '{:.3g}')}{_times(value / least)}"
            for name, value in zip(curves, row, strict=True)
        ]
        captions.append(f"{symbol} = {at:.4g}: variance {'; '.join(parts)}.")
    return captions


def _times(ratio: float) -> str:
    return f" (× {ratio:.3g})" if 1.0005 < ratio < math.inf else ""
