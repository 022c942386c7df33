"""From a drawing, or a photo of a digit, to a picture such as a data set has: cut out, made small, centred.

As MNIST was made (LeCun, Bottou, Bengio & Haffner 1998, Section III.A; its own page says the same): the ink is scaled,
its proportions kept, so that it fits a box of 20 x 20 pixels, with the greys that come of it, and laid into 28 x 28 so
that its centre of mass is nearest to the pixel (14, 14), counted from 0; so it is for each of its images. The box and
the whole keep that proportion for pictures of another size.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.numerics.isolation import isolated

BOX = 20 / 28
"""The share of a side that the ink may fill."""
INKED = 0.01
"""Ink above which a pixel counts as drawn on."""
LEAST, MOST = 8, 4096
"""Pixels along a side of what may be brought."""
FAINT = 0.15
"""A photo whose two tones differ by less shows no digit that could be told from its paper."""
BINS = 256


@dataclass(frozen=True)
class Preparation:
    """Each step, ink in [0, 1]: as brought (H, W), cut out (h, w), made small, and centred (side, side)."""

    ink: Tensor
    cut: Tensor
    small: Tensor
    centred: Tensor


@isolated
def prepare(ink: Tensor, side: int) -> Preparation:
    """The steps from ink (H, W) in [0, 1], 1 where it is darkest, to a picture (side, side).

    Raises ValueError when ink has another shape or range, a side outside [8, 4096], or nothing is drawn.
    """
    if ink.ndim != 2 or not all(LEAST <= length <= MOST for length in ink.shape):
        raise ValueError(f"ink must be (H, W), each in [{LEAST}, {MOST}], got {tuple(ink.shape)}")
    ink = ink.float()
    if not bool(((ink >= 0) & (ink <= 1)).all()):
        raise ValueError("ink must have every value in [0, 1]")
    inked = ink > INKED
    if not inked.any():
        raise ValueError("nothing is drawn yet")
    rows, columns = (inked.any(axis).nonzero().flatten() for axis in (1, 0))
    cut = ink[int(rows[0]) : int(rows[-1]) + 1, int(columns[0]) : int(columns[-1]) + 1]
    scale = round(BOX * side) / max(cut.shape)
    size = [max(1, round(length * scale)) for length in cut.shape]
    small = F.interpolate(cut[None, None], size=size, mode="bilinear", antialias=True)[0, 0].clamp(0, 1)
    return Preparation(ink, cut, small, _centred(small, side))


def _centred(small: Tensor, side: int) -> Tensor:
    """The picture with the centre of mass nearest to pixel side / 2, as far as all of it stays inside."""
    laid = torch.zeros(side, side)
    total = small.sum()
    corner = []
    for axis, length in enumerate(small.shape):
        along = small.sum(1 - axis)
        centre = float((along * torch.arange(length)).sum() / total)
        corner.append(min(max(round(side / 2 - centre), 0), side - length))
    top, left = corner
    laid[top : top + small.shape[0], left : left + small.shape[1]] = small
    return laid


@isolated
def ink_of_photo(grey: Tensor) -> Tensor:
    """The ink (H, W) in [0, 1] of a grey photo (H, W) in [0, 1]: its two tones parted, and the paper taken for nothing.

    The tones are parted where the variance between them is largest (Otsu 1979); which of them is paper the border says.
    Raises ValueError where the photo has one tone only.
    """
    counts = torch.histc(grey.float(), BINS, 0, 1).double()
    level = (torch.arange(BINS, dtype=torch.float64) + 0.5) / BINS
    below = counts.cumsum(0) / counts.sum()
    first = (counts * level).cumsum(0) / counts.sum()
    between = (first[-1] * below - first).square() / (below * (1 - below)).clamp(min=1e-12)
    at = float(level[int(between.argmax())]) + 0.5 / BINS
    dark = grey <= at
    if dark.all() or not dark.any():
        raise ValueError("the photo has one tone only: a dark digit on light paper, or the reverse, is wanted")
    low, high = float(grey[dark].mean()), float(grey[~dark].mean())
    if high - low < FAINT:
        raise ValueError("the photo's digit is too faint to be told from its paper")
    border = torch.cat([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = ((high - grey) / (high - low)).clamp(0, 1)
    # Half tones on the paper's side are its shadows and grain.
    is_paper_light = float(border.median()) > at
    return torch.where(dark, ink, 0.0) if is_paper_light else torch.where(dark, 0.0, 1 - ink)


GREYS = 16
"""Levels of ink that a packed picture keeps: two pixels a byte."""


def pack(picture: Tensor) -> bytes:
    """A picture (side, side) in [0, 1] as side² / 2 bytes, for a link."""
    levels = (picture * (GREYS - 1)).round().to(torch.uint8).flatten().view(-1, 2)
    return bytes((levels[:, 0] * GREYS + levels[:, 1]).tolist())


def unpack(packed: bytes, side: int) -> Tensor:
    """The picture (side, side) of `pack`, to a fifteenth. Raises ValueError for another number of bytes."""
    if len(packed) * 2 != side**2:
        raise ValueError(f"a packed picture must have {side**2 // 2} bytes, got {len(packed)}")
    levels = torch.tensor(list(packed), dtype=torch.uint8)
    return torch.stack([levels // GREYS, levels % GREYS], dim=1).view(side, side) / (GREYS - 1)
