"""Sprites: every picture is of its factors, all different, within the frame, and no test image is trained on."""

from __future__ import annotations

import math

import pytest
import torch

from explorer.vae.datasets import DATASETS, images_sha256, is_whole_split, load_images
from explorer.vae.sprites import ANGLE, FACTORS, SCALE, SHAPE, SHAPES, X, Y, split, sprites

SHA256 = "a7a0c9ffd076bf1df220d60188ce57255601ab3b0b5ba367872825a3cc944d0d"
"""Of all pictures, so that a change of the renderer does not pass unseen: the shipped model was trained on these."""


def test_every_image_is_another_and_stands_for_all_its_combinations():
    found = sprites()
    assert images_sha256(found.images) == SHA256
    assert len(torch.unique(found.images.flatten(1), dim=0)) == len(found.images) == 53_760
    assert len(torch.unique(found.factors, dim=0)) == len(found.factors)
    assert int(found.counts.sum()) == math.prod(len(factor.values) for factor in FACTORS) == 92_160
    assert (found.factors.amax(0) + 1).tolist() == [len(factor.values) for factor in FACTORS]


def test_no_sprite_is_cut_by_the_frame():
    images = sprites().images
    for edge in (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]):
        assert int(edge.max()) == 0


def test_the_middle_of_a_square_and_of_an_ellipse_is_where_its_factors_say():
    found = sprites()
    chosen = found.factors[:, SHAPE] < SHAPES.index("heart")
    ink, factors = found.images[chosen].double(), found.factors[chosen]
    pixels = torch.arange(32, dtype=torch.float64) + 0.5
    for factor, middles in ((X, ink.sum(1) @ pixels), (Y, ink.sum(2) @ pixels)):
        said = torch.tensor(FACTORS[factor].values, dtype=torch.float64)[factors[:, factor]]
        torch.testing.assert_close(middles / ink.sum((1, 2)), said, atol=0.02, rtol=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_ink_grows_with_the_square_of_the_scale(shape):
    found = sprites()
    areas = []
    for scale in range(len(FACTORS[SCALE].values)):
        chosen = (found.factors[:, SHAPE] == SHAPES.index(shape)) & (found.factors[:, SCALE] == scale)
        areas.append(float(found.images[chosen].double().sum((1, 2)).mean()) / FACTORS[SCALE].values[scale] ** 2)
    assert max(areas) / min(areas) < 1.05


def test_an_ellipse_turns_against_the_clock_by_its_angle():
    found = sprites()
    pixels = torch.arange(32, dtype=torch.float64) + 0.5
    at = torch.tensor([1, 5, 7, 7])
    (chosen,) = torch.nonzero((found.factors[:, [SHAPE, SCALE, X, Y]] == at).all(1), as_tuple=True)
    assert len(chosen) == 10
    for image, factors in zip(found.images[chosen], found.factors[chosen], strict=True):
        ink = image.double() / image.sum()
        across, down = pixels - float(ink.sum(0) @ pixels), pixels - float(ink.sum(1) @ pixels)
        xx, yy, xy = float(ink.sum(0) @ across**2), float(ink.sum(1) @ down**2), -float(down @ ink @ across)
        off = math.degrees(0.5 * math.atan2(2 * xy, xx - yy)) - FACTORS[ANGLE].values[int(factors[ANGLE])]
        assert abs((off + 90) % 180 - 90) < 1


def test_the_angle_is_known_of_hearts_alone():
    found = sprites()
    hearts = found.factors[:, SHAPE] == 2
    assert torch.equal(found.where_known(ANGLE), hearts)
    assert bool(found.where_known(SCALE).all())


def test_splits_are_apart_and_load_as_any_data_set():
    train, test = split("train"), split("test")
    assert torch.equal(torch.cat([train, test]).sort().values, torch.arange(53_760))
    images, labels = load_images("sprites", "test")
    assert torch.equal(images, sprites().images[test])
    assert torch.equal(labels.long(), sprites().factors[test, SHAPE])
    assert is_whole_split("sprites", "test", images)
    assert not is_whole_split("sprites", "test", images[1:])
    assert DATASETS["sprites"].classes == SHAPES
