"""How far sampled moments may be from exact ones: standard errors, and what float32 may do."""

import math

import torch

from explorer.core.draw import Draw, Extras
from explorer.core.families.family import Family, draw_noise
from explorer.core.numerics.panels import TOLERANCE
from explorer.core.objectives.objective import Objective
from explorer.core.randomness import Streams
from tests.core.cases import defaults

STANDARD_ERRORS = 4.5
"""Two-sided, a right mean is further off once in 150,000 tests."""


CPU = torch.device("cpu")


PART = 10_000
"""How many draws are gone through in float64 too: whole groups of coupled ones."""


TRUSTED = 400
"""A fourth moment counts when it comes from this many samples, not from a few large ones."""


def drawn(family: Family, objective: Objective, n: int, seed: int = 31, **theta: float) -> Draw:
    streams = Streams(seed, CPU)
    eps = draw_noise(family, n, streams.main)
    return Draw(family, objective, family.tensors({**defaults(family), **theta}, eps), eps, streams)


def in_float64(draw: Draw, **theta: float) -> Draw:
    """The first PART of a draw, its extras included, from the same numbers in float64."""
    drawn = {name: vars(draw)[name] for name in ("exponential", "uniforms", "second") if name in vars(draw)}
    extras = Extras(
        **{
            name: in_float64(part, **theta) if isinstance(part, Draw) else part[:PART].double()
            for name, part in drawn.items()
        }
    )
    eps = draw.eps[:PART].double()
    theta = draw.family.tensors({**defaults(draw.family), **theta}, eps)
    return Draw(draw.family, draw.objective, theta, eps, extras=extras)


def off(values: torch.Tensor, wide: torch.Tensor, mean: float, spread: float) -> float:
    """How far the mean of `values` is from `mean`, in tolerances. `spread` is n times its variance.

    A tolerance is STANDARD_ERRORS, and what float32 may do: the mean distance, with its own error, of the values from
    those of the same numbers in float64. TOLERANCE is what the exact mean may be off by.
    """
    apart = (values[: len(wide)] - wide).abs()
    rounding = float(apart.mean()) + STANDARD_ERRORS * float(apart.std()) / math.sqrt(len(apart))
    error = STANDARD_ERRORS * math.sqrt(max(0.0, spread) / len(values)) + rounding
    return abs(float(values.mean()) - mean) / (error + 100 * TOLERANCE * max(1.0, abs(mean)))


def off_squared(values: torch.Tensor, wide: torch.Tensor, square: float, group: int = 1) -> float | None:
    """The same of the mean of the squares of `values`; None where their fourth moment rests on a few samples."""
    squares = values.square()
    fourth = squares.square()
    if float(fourth.sum()) ** 2 < TRUSTED * float(fourth.square().sum()):
        return None
    return off(squares, wide.square(), square, group * (float(fourth.mean()) - square**2))
