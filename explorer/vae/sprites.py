"""White sprites on black whose factors are known, rendered by this file alone: shape, scale, angle, x and y.

A square, an ellipse and a heart, six scales, angles in steps of 18 degrees, and 16 x 16 places a pixel apart, after the
factors of dSprites (Matthey, Higgins, Hassabis & Lerchner 2017, of whose images none is used). A square looks the same
a quarter turn further and an ellipse half a turn further: of the 92,160 combinations 53,760 are different images, and
those alone are here, each with the number of combinations that make it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolated

SIDE = 32
"""Pixels along a side."""
SHAPES = ("square", "ellipse", "heart")
ANGLES = (5, 10, 20)
"""Different angles of each shape, in steps of 18 degrees."""
STEP = 18.0
"""Degrees."""
TEST_SHARE = 10
"""One image in so many is a test image."""
SPLIT_SEED = 0
_SUBSAMPLES = 4
"""Along a side of a pixel: its grey value is the share of 4 x 4 points that lie inside."""
_FIRST = 8.5
"""Where the middle of a sprite is at the first place, in pixels from the left and from the top."""
_RADIUS = 6.25
"""Half the length of the largest ellipse, in pixels."""


@dataclass(frozen=True)
class Factor:
    """One thing that varies: its name and its values, in the unit that `unit` names."""

    name: str
    values: tuple[float, ...]
    unit: str


FACTORS = (
    Factor("shape", (0.0, 1.0, 2.0), ""),
    Factor("scale", (0.5, 0.6, 0.7, 0.8, 0.9, 1.0), ""),
    Factor("angle", tuple(STEP * k for k in range(max(ANGLES))), "°"),
    Factor("x", tuple(_FIRST + k for k in range(16)), "pixels"),
    Factor("y", tuple(_FIRST + k for k in range(16)), "pixels"),
)
"""In the order of the columns of `Sprites.factors`."""
SHAPE, SCALE, ANGLE, X, Y = range(5)


@dataclass(frozen=True)
class Sprites:
    """All different images: images (N, 32, 32) uint8, factors (N, 5) int64, each an index into its factor's values.

    counts (N,): combinations of factors that make the image, if every shape can have all 20 angles.
    """

    images: Tensor
    factors: Tensor
    counts: Tensor

    def where_known(self, factor: int) -> Tensor:
        """Images whose value of this factor can be told from the picture, bool (N,): the angle of hearts alone."""
        if factor != ANGLE:
            return torch.ones(len(self.factors), dtype=torch.bool)
        return self.factors[:, SHAPE] == SHAPES.index("heart")


@functools.cache
@isolated
def sprites() -> Sprites:
    """Every different sprite; made once a process, in about a second."""
    factors = torch.cat(
        [
            torch.cartesian_prod(*(torch.arange(n) for n in (1, 6, ANGLES[shape], 16, 16)))
            + torch.tensor([shape, 0, 0, 0, 0])
            for shape in range(len(SHAPES))
        ]
    )
    counts = max(ANGLES) // torch.tensor(ANGLES)[factors[:, SHAPE]]
    # Places are a whole pixel apart: a sprite is drawn once, at the first place, and cut out anew for the others.
    at_first = (factors[:, X] == 0) & (factors[:, Y] == 0)
    drawn = _drawn(factors[at_first])
    windows = drawn.unfold(1, SIDE, 1).unfold(2, SIDE, 1).flip(1, 2).transpose(1, 2)
    return Sprites(windows.reshape(-1, SIDE, SIDE), factors, counts)


def _drawn(factors: Tensor) -> Tensor:
    """Sprites (B, 47, 47) uint8, 15 pixels larger than an image, each where its window at the first place wants it."""
    n = SIDE + len(FACTORS[X].values) - 1
    axis = (torch.arange(n * _SUBSAMPLES, dtype=torch.float64) + 0.5) / _SUBSAMPLES - (n - SIDE) - _FIRST
    down, across = torch.meshgrid(axis, axis, indexing="ij")
    pictures = []
    for shape, scale, angle, *_ in factors.tolist():
        size, turn = _RADIUS * FACTORS[SCALE].values[scale], math.radians(FACTORS[ANGLE].values[angle])
        # Turned against the clock, up being up.
        u = (across * math.cos(turn) - down * math.sin(turn)) / size
        v = (-across * math.sin(turn) - down * math.cos(turn)) / size
        shares = _INSIDE[SHAPES[shape]](u, v).double().view(n, _SUBSAMPLES, n, _SUBSAMPLES).mean((1, 3))
        pictures.append((255 * shares).round().to(torch.uint8))
    return torch.stack(pictures)


_INSIDE: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "square": lambda u, v: torch.maximum(u.abs(), v.abs()) <= 0.7,
    "ellipse": lambda u, v: u.square() + (2 * v).square() <= 1,
    "heart": lambda u, v: ((1.25 * u).square() + (1.25 * v).square() - 1) ** 3 <= (1.25 * u).square() * (1.25 * v) ** 3,
}
"""Whether a point, in units of the size, lies in a shape: u to the right, v up."""


def split(which: Literal["train", "test"]) -> Tensor:
    """The numbers of the images of a split, (N,), in a seeded order."""
    n = len(sprites().images)
    order = torch.randperm(n, generator=generator_for(SPLIT_SEED, torch.device("cpu")))
    n_test = n // TEST_SHARE
    return order[:n_test] if which == "test" else order[n_test:]


def images_of(which: Literal["train", "test"]) -> tuple[Tensor, Tensor]:
    """The images (N, 32, 32) uint8 of a split and their shapes (N,) uint8."""
    numbers = split(which)
    return sprites().images[numbers], sprites().factors[numbers, SHAPE].to(torch.uint8)
