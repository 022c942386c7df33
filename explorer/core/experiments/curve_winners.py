"""Which estimator has the smallest variance where along an axis, among those that are unbiased there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import torch
from torch import Tensor

from explorer.core.estimators import Choice, Estimator
from explorer.core.exact.bias import bias
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.sampled_variances import exact_freedom
from explorer.core.experiments.variance_curves import Curve, Setting
from explorer.core.numerics.isolation import isolated

MOST_STEPS = 40
EQUAL = 1e-6
"""Variances closer than this, relatively, are not told apart."""


@dataclass(frozen=True)
class Turn:
    """Going up the axis, `before` has the smallest variance until `at`, then `after` has."""

    at: float
    before: str
    after: str


@dataclass(frozen=True)
class Stretch:
    """From `low` to `high` of the axis one estimator has the smallest variance."""

    estimator: str
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class ExactCurves:
    """All that is exact in a picture: the curves on one grid, each one's bias (P,), and what follows from them.

    A bias is 0 where there is none and NaN where it is not known. `unbiased` ones have none at all points where it is
    known; only they win. `refused` says why an estimator has no curve.
    """

    curves: Mapping[str, Curve]
    biases: Mapping[str, Tensor]
    unbiased: tuple[str, ...]
    turns: Sequence[Turn]
    stretches: Sequence[Stretch]
    freedom: Mapping[str, Tensor]
    refused: Sequence[str]

    @classmethod
    def unknown(cls, setting: Setting, axis: str, estimators: Choice) -> ExactCurves:
        """Before anything is known."""
        at = setting.grid(axis, estimators.values())
        return cls({name: Curve.unknown(at) for name in estimators}, {}, (), [], [], {}, [])

    @classmethod
    @isolated
    def of(cls, setting: Setting, axis: str, estimators: Iterable[str | Estimator]) -> ExactCurves:
        """Computes them."""
        methods = Choice(estimators)
        at = setting.grid(axis, methods.values())
        curves, refused = {}, []
        for name, method in methods.items():
            try:
                curves[name] = setting.curve(method, axis, at)
            except QuadratureError as error:
                refused.append(str(error))
        gradient = setting.gradient(axis, at)
        biases = {name: bias(curve.mean, gradient, curve.variance.sqrt()) for name, curve in curves.items()}
        unbiased = tuple(name for name in curves if _is_unbiased(setting, methods[name], biases[name]))
        fair = {name: curves[name] for name in unbiased if not curves[name].variance.isnan().all()}
        passing = turns(setting, fair, axis, methods)
        freedom = exact_freedom(setting, [methods[name] for name in curves], axis, at)
        return cls(curves, biases, unbiased, passing, stretches(fair, passing), freedom, refused)


def _is_unbiased(setting: Setting, method: Estimator, biases: Tensor) -> bool:
    known = biases[~biases.isnan()]
    if len(known):
        return bool((known == 0).all())
    return not method.warning(setting.problem.family, setting.problem.objective)


def turns(setting: Setting, curves: Mapping[str, Curve], axis: str, estimators: Choice | None = None) -> list[Turn]:
    """Where along the axis the smallest variance passes from one of these estimators to another, in order.

    `curves` are of `estimators`, by default at their settings' defaults, and share one grid; only estimators that are
    unbiased here belong in it. A passing is found between two
    points at which both variances are finite and positive; one that comes and goes between two is not seen.
    """
    if not curves:
        return []
    names, at = list(curves), next(iter(curves.values())).at
    methods = estimators or Choice(curves)
    levels = _levels(curves)
    found = []
    for left, (one, other) in enumerate(pairwise(winners(levels))):
        if one != other and min(one, other) >= 0 and levels[[one, other], left : left + 2].isfinite().all():
            passing = _crossing(setting, methods[names[one]], methods[names[other]], axis, at[left : left + 2])
            found.append(Turn(passing, names[one], names[other]))
    return found


def stretches(curves: Mapping[str, Curve], passing: Sequence[Turn]) -> list[Stretch]:
    """Who has the smallest variance from where to where, in order: between turns, else between points of the grid.

    None where every variance is infinite or unknown.
    """
    if not curves:
        return []
    names, at = list(curves), next(iter(curves.values())).at.tolist()
    left = list(passing)
    found: list[Stretch] = []
    for index, points in groupby(range(len(at)), key=winners(_levels(curves)).__getitem__):
        inside = list(points)
        if index < 0:
            continue
        low, high = at[inside[0]], at[inside[-1]]
        if found and left and at[inside[0] - 1] <= left[0].at <= low:
            low = left.pop(0).at
            found[-1] = Stretch(found[-1].estimator, found[-1].low, low)
        found.append(Stretch(names[index], low, high))
    return found


def _levels(curves: Mapping[str, Curve]) -> Tensor:
    """The log variances (E, P): NaN where nobody is known to have the least, all underflow to 0 or one is not known."""
    variances = torch.stack([curve.variance for curve in curves.values()])
    zero = (variances == 0).all(0)
    lost = (zero & ~zero.all()) | variances.isnan().any(0)
    return variances.log().masked_fill(lost, torch.nan)


def _crossing(setting: Setting, before: Estimator, after: Estimator, axis: str, cell: Tensor) -> float:
    """Where in a cell of the grid (2,) the two variances are equal: regula falsi on the log of their ratio.

    In the Illinois form (Dowell & Jarratt 1971): an end that stays counts half.
    """

    def gap(at: Tensor) -> list[float]:
        one, other = (setting.curve(method, axis, at).variance.log() for method in (before, after))
        return (one - other).tolist()

    low, high = cell.tolist()
    at_low, at_high = gap(cell)
    kept = 0
    for _ in range(MOST_STEPS):
        if not at_low < 0 < at_high:
            break
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        (found,) = gap(torch.tensor([middle], dtype=torch.float64))
        if abs(found) < EQUAL * 1e-3:
            return middle
        if found > 0:
            high, at_high, at_low = middle, found, at_low * (0.5 if kept == 1 else 1.0)
            kept = 1
        else:
            low, at_low, at_high = middle, found, at_high * (0.5 if kept == -1 else 1.0)
            kept = -1
    return 0.5 * (low + high)


def winners(levels: Tensor) -> list[int]:
    """Which of some log variances (E, P) is the least at each point: P indices, -1 where all are infinite or unknown.

    Between equals it stays with the one before, so that rounding makes no turn.
    """
    known = levels.nan_to_num(nan=torch.inf, posinf=torch.inf, neginf=-torch.inf)
    least, first = known.min(0)
    best: list[int] = []
    for low, index, column in zip(least.tolist(), first.tolist(), known.T.tolist(), strict=True):
        before = best[-1] if best else index
        stays = before >= 0 and column[before] <= low + EQUAL
        best.append(-1 if low == torch.inf else before if stays else index)
    return best
