"""Every code of a model of bits as one picture, with frames round those in which an image may lie."""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F
from torch import Tensor

from explorer.figures import theme
from explorer.figures.image_grid import image_grid
from explorer.figures.picture import Picture

LEAST = 0.01
"""Probability below which a code has no frame."""
FRAMES = {"encoder": (theme.CURVE, "solid", 0.0), "posterior": (theme.SAMPLE, "dot", 0.12)}
"""Colour, dash, and how far outside its code, of each kind of frame."""


def codebook(pictures: Tensor, encoder: Tensor, posterior: Tensor) -> Picture:
    """pictures (R, C, side, side) in [0, 1], side even, each drawn at half its size; probabilities (R, C).

    A frame is the wider the more probable its code: solid by the encoder, dotted by the true posterior.
    """
    grid = image_grid(F.avg_pool2d(pictures, 2))
    # The dotted frames go on top, a little wider: they are seen where both are.
    frames = [*_frames(encoder, *FRAMES["encoder"]), *_frames(posterior, *FRAMES["posterior"])]
    return Picture(grid.still, layout=[("shapes", frames)])


def _frames(probabilities: Tensor, colour: str, dash: str, outside: float) -> list[dict[str, Any]]:
    frames = []
    for row, column in (probabilities >= LEAST).nonzero().tolist():
        width = 1 + 3 * float(probabilities[row, column]) ** 0.5
        corners = {
            "x0": column - outside,
            "x1": column + 1 + outside,
            "y0": row - outside,
            "y1": row + 1 + outside,
        }
        frames.append({"type": "rect", **corners, "line": {"color": colour, "dash": dash, "width": width}})
    return frames
