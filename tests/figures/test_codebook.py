"""The codes as one picture: frames where the probability is, the wider the more."""

from __future__ import annotations

import numpy as np
import torch

from explorer.figures.codebook import FRAMES, codebook
from explorer.figures.image_grid import GAP
from tests.figures.cases import figure_of


def test_frames_stand_where_the_probability_is() -> None:
    pictures = torch.rand(2, 4, 28, 28, generator=torch.Generator().manual_seed(0))
    encoder, posterior = torch.zeros(2, 4), torch.zeros(2, 4)
    encoder[1, 2], encoder[0, 3], encoder[0, 0] = 0.64, 0.352, 0.008
    posterior[0, 1] = 1.0
    figure = figure_of(codebook(pictures, encoder, posterior))
    frames = {(shape.line.dash, round(shape.x0 + 0.2), round(shape.y0 + 0.2)): shape for shape in figure.layout.shapes}
    assert set(frames) == {("solid", 3, 0), ("solid", 2, 1), ("dot", 1, 0)}
    assert frames["solid", 2, 1].line.width > frames["solid", 3, 0].line.width
    for kind, (colour, dash, _) in FRAMES.items():
        assert {shape.line.color for shape in figure.layout.shapes if shape.line.dash == dash} == {colour}, kind
    assert np.asarray(figure.data[0].z).shape == (2 * (14 + GAP), 4 * (14 + GAP))


def test_the_codes_themselves_do_not_move() -> None:
    pictures = torch.zeros(2, 2, 28, 28)
    one, other = (codebook(pictures, torch.full((2, 2), share), torch.zeros(2, 2)) for share in (0.25, 0.0))
    assert np.array_equal(one.still["data"][0]["z"], other.still["data"][0]["z"])
    assert len(dict(one.layout)["shapes"]) == 4
    assert dict(other.layout)["shapes"] == []
