"""A periodic f under a heavy tail: its waves never end, but far out they cancel and only their mean is left.

Far out an integrand is a sum of waves, s_0(x) + sum of s_j(x) exp(2 pi i j x / period), whose s_j hardly change over a
period. Cut off smoothly over many periods, a wave loses less than any power of their number: its integral is what was
there before the cut. So with a window w that is 1 near and 0 far

    E h = E[h w] + E[s_0 (1 - w)],

and s_0 is the mean of h over shifts of f by parts of a period, as by the trapezoidal rule (Trefethen & Weideman 2014,
Section 3). Both integrands are smooth on the scale of x itself, or end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.families.family import Theta
from explorer.core.objectives.objective import Objective

Integrand = Callable[[Draw], Sequence[Tensor]]

PERIODS = 20
"""Before the cut: with SOFTNESS, what the cut changes is below 1e-14 of the wave there."""
SOFTNESS = 0.1
"""The width of the cut, as a share of the |x| where it is."""
SIZES = 10
"""The cut is at least so many times the law's largest parameter out: beyond, its tail falls as a power of x."""
PHASES = 5
"""Shifts of f: exact for integrands of degree up to 4 in f and its slope."""


def cut(objective: Objective, theta: Theta) -> Tensor:
    """The |x| at which the window w is one half, for each row of theta (R,); infinite where f is constant."""
    assert objective.period is not None
    size = torch.stack([column.abs() for column in theta.values()]).amax(0)
    return torch.maximum(PERIODS * torch.as_tensor(objective.period(objective.values)), SIZES * size)


def near_and_far(integrand: Integrand, mirrored: bool, cut: Tensor) -> tuple[Integrand, Integrand]:
    """The two integrands whose expectations add up to that of `integrand`; `cut` (R,) as by the function.

    `mirrored`: it looks at the mirror image of the noise too.
    """

    def beyond(draw: Draw) -> Tensor:
        size = draw.x.abs()
        if mirrored:
            size = torch.maximum(size, draw.mirrored.x.abs())
        return (size / draw.of_row(cut) - 1) / SOFTNESS

    def near(draw: Draw) -> list[Tensor]:
        values = list(integrand(draw))
        window = 0.5 * torch.erfc(beyond(draw))
        return [value * window for value in values]

    def far(draw: Draw) -> list[Tensor]:
        parts = [torch.stack(list(integrand(_shifted(draw, step / PHASES, cut)))) for step in range(PHASES)]
        mean = torch.stack(parts).mean(0)
        return list((mean * (0.5 * torch.erfc(-beyond(draw)))).unbind())

    return near, far


def _shifted(draw: Draw, share: float, cut: Tensor) -> Draw:
    """The draw with f, far out, moved outward by this share of its period.

    To both sides at once, as x moves with the noise and its mirror image against it: what the waves of the two have in
    common, which stands still, is kept.
    """
    objective = draw.objective
    assert objective.period is not None
    period = torch.as_tensor(objective.period(objective.values), dtype=draw.x.dtype)
    # The period of a constant f is infinite: any number will do.
    period = period.masked_fill(period.isinf(), 1.0)
    # Shifting begins well inside the cut: up to half of it, 1 - w is zero to rounding. A point nearer than this counts
    # only where its mirror image is far; f stays as it is there.
    start = 0.25 * draw.of_row(cut)

    def shifted(x: Tensor) -> Tensor:
        # The remainder, since adding a part of a period to a large x would lose it to rounding.
        return torch.where(x.abs() > start, x.remainder(period) + share * x.sign() * period, x)

    return replace(draw, argument=shifted, known_x=draw.x)
