"""What n draws in D dimensions ever see of an average, and what they miss.

    z ~ N(0, sigma² I) at sigma = 1,  f(z) = exp(t |z|² / 2):   E f = (1 - t sigma²)^(-D/2) for t sigma² < 1, exact

f q is a multiple of N(0, I / (1 - t)), so that E f comes from radii about sqrt(D / (1 - t)), while draws lie about
sqrt D. The largest of n radii exceeds `reach` in half of all repetitions; what comes from beyond it is as good as never
seen. What an average of n draws amounts to is the effective objective, E[f; |z| < reach]. Of d E f / d sigma too: one
sample of its pathwise estimator is the slope of f along z, t |z|² f.
Sources: for the typical set Nalisnick et al. 2019; for the law of |z| `numerics.radius`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.experiments.rare_events import SIZES
from explorer.core.numerics.interruption import go_on
from explorer.core.numerics.isolation import isolated
from explorer.core.numerics.radius import BAND, Radius
from explorer.core.parameters import check_integer

DIMENSIONS = (1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 63, 79, 100, 126, 158, 200, 251, 316, 398, 500)
"""In steps of a tenth of a decade."""
SAMPLED = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Those at which averages are drawn."""
TILTS = tuple(round(0.05 * step, 2) for step in range(1, 17))
"""The t of the film."""
AVERAGED = ("value", "pathwise")
_MOST_DRAWS, _MOST_REPETITIONS, _CHUNK = 10**6, 2_000, 2**15
_HALVINGS = 80
_FAINT = 1e-200


def upper_radius(share: Tensor, dimensions: Tensor) -> Tensor:
    """The radius beyond which a share (...) in (0, 1) of N(0, I) lies, by halving; shares and D's of one shape."""
    half, low = dimensions.double() / 2, torch.zeros_like(share)
    # |z|² has mean D and variance 2 D; by the bound of Laurent & Massart 2000 this lies beyond every such radius.
    log = -share.log()
    high = (2 * half + 2 * (2 * half * log).sqrt() + 2 * log).sqrt() + 1
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_beyond = torch.special.gammaincc(half, middle.square() / 2) < share
        low, high = torch.where(is_beyond, low, middle), torch.where(is_beyond, middle, high)
    return (low + high) / 2


def reach(n: int, dimensions: Tensor) -> Tensor:
    """The radius that the largest of n radii exceeds in half of all repetitions, for each D."""
    beyond = -math.expm1(-math.log(2) / n)
    return upper_radius(torch.full(dimensions.shape, beyond, dtype=torch.float64), dimensions)


def share_reached(what: str, n: int, dimensions: Tensor, tilt: float) -> Tensor:
    """The share of E f, or of its derivative in sigma, that comes from within reach of n draws, for each D."""
    # |z|² f q is a multiple of the law in D + 2 dimensions.
    half = dimensions.double() / 2 + (what == "pathwise")
    return torch.special.gammainc(half, (1 - tilt) * reach(n, dimensions).square() / 2)


def log_draws_for_half(dimension: int, tilt: float) -> float:
    """The decimal logarithm of the n of which half of E f lies within reach, exact, for D <= 500; it may be below 0."""
    half = torch.tensor(dimension / 2, dtype=torch.float64)
    radius = upper_radius(torch.tensor(0.5, dtype=torch.float64), torch.tensor(dimension)) / math.sqrt(1 - tilt)
    at = radius.square() / 2
    share = float(torch.special.gammaincc(half, at))
    # n log(1 - share) = log 1/2, and far out log(1 - share) is -share.
    log_one = math.log(-math.log1p(-share)) if share > _FAINT else _log_upper(float(half), float(at))
    return (math.log(math.log(2)) - log_one) / math.log(10)


def _log_upper(a: float, x: float) -> float:
    """The logarithm of the upper regularized gamma function for x > a + 1, by Lentz's continued fraction."""
    b, c = x + 1 - a, math.inf
    d = h = 1 / b
    for i in range(1, 10_000):
        step = i * (a - i)
        b += 2
        d, c = 1 / (step * d + b), b + step / c
        h *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return math.log(h) + a * math.log(x) - x - math.lgamma(a)


@dataclass(frozen=True, eq=False)
class Medians:
    """What half of all averages of n draws lie below, in units of the truth: (S, T) for SAMPLED and TILTS, by name.

    `low` and `high` are the order statistics between which the median of all repetitions there could be lies with
    95 %, whatever the law of the averages.
    """

    n: int
    repetitions: int
    median: dict[str, Tensor]
    low: dict[str, Tensor]
    high: dict[str, Tensor]


@isolated
def medians(n: int, *, seed: int) -> Medians:
    """Averages of n draws, at most a million draws a dimension and 2,000 repetitions, all t on the same noise.

    The radii of a dimension add to those of the one before it, for a sum of squares of Normals grows one by one; so the
    noise is one for all dimensions. Raises ValueError for n outside [1, 10**5] or a seed outside [0, 2**63 - 1].
    """
    n = check_integer("n", n, 1, 10**5)
    generator = generator_for(seed, torch.device("cpu"))
    repetitions, rows = min(_MOST_REPETITIONS, _MOST_DRAWS // n), max(1, _CHUNK // n)
    found = {name: torch.empty(len(SAMPLED), len(TILTS), repetitions, dtype=torch.float64) for name in AVERAGED}
    for first in range(0, repetitions, rows):
        part = slice(first, min(repetitions, first + rows))
        squares, before = torch.zeros(part.stop - first, n, dtype=torch.float64), 0
        for place, dimension in enumerate(SAMPLED):
            go_on()
            shape = torch.full_like(squares, (dimension - before) / 2)
            squares, before = squares + 2 * torch._standard_gamma(shape, generator=generator), dimension
            for name, ratios in zip(AVERAGED, ratios_of(squares, dimension), strict=True):
                found[name][place, :, part] = ratios
    ranks = _ranks(repetitions)
    ordered = {name: ratios.sort(dim=-1).values for name, ratios in found.items()}
    middle, low, high = (
        {name: each[..., rank].mean(-1) for name, each in ordered.items()}
        for rank in ([(repetitions - 1) // 2, repetitions // 2], ranks[:1], ranks[1:])
    )
    return Medians(n, repetitions, middle, low, high)


def _ranks(repetitions: int) -> list[int]:
    """Which of the ordered averages hold the median between them with 95 %: about R/2 ± sqrt R."""
    half_width = 1.96 * math.sqrt(repetitions) / 2
    return [
        max(0, math.floor(repetitions / 2 - half_width)),
        min(repetitions - 1, math.ceil(repetitions / 2 + half_width)),
    ]


def ratios_of(squares: Tensor, dimension: int) -> tuple[Tensor, Tensor]:
    """Averages (T, R) of f and of t |z|² f over the truth, for |z|² (R, n): f at one t is a power of f at the first."""
    n, top = squares.shape[1], squares.amax(1, keepdim=True)
    step = (squares - top).mul_(TILTS[0] / 2).exp_()
    f, value, slope = torch.ones_like(step), [], []
    for tilt in TILTS:
        f = f.mul_(step)
        scale = tilt * top.squeeze(1) / 2 + dimension / 2 * math.log1p(-tilt)
        value.append((f.mean(1).log() + scale).exp())
        slope.append((torch.linalg.vecdot(f, squares).div(n).log() + scale + math.log((1 - tilt) / dimension)).exp())
    return torch.stack(value), torch.stack(slope)


@dataclass(frozen=True, eq=False)
class Frames:
    """Exact pictures of F pairs of D and t, for n draws: on radii (G,) the densities `drawn` of |z| and `source`.

    `source` (F, G) is that of |z| under f q / E f. For each frame: the band (F, 2) that holds 95 % of |z| and the
    reach (F,). And at the frame's t, for the K entries of DIMENSIONS: the band (F, K, 2) of `source`, and by name the
    share reached (F, K); of E f also at each of SIZES, (F, S, K).
    """

    n: int
    dimensions: Tensor
    tilts: Tensor
    radii: Tensor
    drawn: Tensor
    source: Tensor
    band: Tensor
    reach: Tensor
    bands: Tensor
    shares: dict[str, Tensor]
    at_sizes: Tensor


@isolated
def frames(n: int, dimensions: Sequence[float], tilts: Sequence[float], radii: Tensor) -> Frames:
    """The frames of pairs (dimensions[i], tilts[i]), all of DIMENSIONS and TILTS; radii (G,) >= 0, float64."""
    at = torch.tensor(dimensions, dtype=torch.float64)
    squeeze = (1 - torch.tensor(tilts, dtype=torch.float64)).sqrt()
    laws = [Radius(int(each)) for each in dimensions]
    pairs = list(zip(laws, squeeze.tolist(), strict=True))
    every = torch.tensor(DIMENSIONS)
    return Frames(
        n,
        at,
        1 - squeeze.square(),
        radii,
        drawn=torch.stack([law.density(radii) for law in laws]),
        source=torch.stack([scale * law.density(scale * radii) for law, scale in pairs]),
        band=bands(at),
        reach=reach(n, at),
        bands=bands(every) / squeeze[:, None, None],
        shares={name: torch.stack([share_reached(name, n, every, t) for t in tilts]) for name in AVERAGED},
        at_sizes=torch.stack([torch.stack([share_reached("value", size, every, t) for size in SIZES]) for t in tilts]),
    )


def bands(dimensions: Tensor) -> Tensor:
    """The radii (…, 2) between which BAND of N(0, I) lies, for each D."""
    ends = [torch.full(dimensions.shape, share, dtype=torch.float64) for share in ((1 + BAND) / 2, (1 - BAND) / 2)]
    return torch.stack([upper_radius(end, dimensions) for end in ends], dim=-1)
