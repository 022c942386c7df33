"""From a drawing to a picture: where the ink comes to lie, and that real digits come back as they were."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from explorer.vae.drawing import ink_of_photo, pack, prepare, unpack
from explorer.vae.pretrained import load_sample, load_vae

IMAGES = load_sample("mnist")[0][:10, 0]


def brought(image: torch.Tensor, times: int = 10, right: int = 40, down: int = 90) -> torch.Tensor:
    """An image drawn large, somewhere on a larger sheet."""
    large = F.interpolate(image[None, None], scale_factor=times, mode="nearest")[0, 0]
    return F.pad(large, (right, 200 - right, down, 200 - down)).clamp(0, 1)


def test_the_ink_fills_the_box_and_its_centre_is_in_the_middle() -> None:
    ink = torch.zeros(300, 400)
    ink[20:220, 300:340] = 1.0
    steps = prepare(ink, 28)
    assert steps.cut.shape == (200, 40)
    assert steps.small.shape == (20, 4)
    rows, columns = (steps.centred.sum(axis).nonzero().flatten().tolist() for axis in (1, 0))
    assert (rows[0], rows[-1]) == (4, 23)
    assert (columns[0], columns[-1]) == (12, 15)
    assert float(steps.centred.max()) == 1.0


def test_the_centre_of_mass_is_where_mnist_has_it() -> None:
    for image in IMAGES:
        centred = prepare(brought(image), 28).centred
        for axis in (0, 1):
            centre = float((centred.sum(axis) * torch.arange(28)).sum() / centred.sum())
            assert centre == pytest.approx(14, abs=0.51)


def test_mass_that_leans_leaves_nothing_outside() -> None:
    ink = torch.full((200, 200), 0.2)
    ink[:, 190:] = 1.0
    steps = prepare(ink, 28)
    assert float(steps.centred.sum()) == pytest.approx(float(steps.small.sum()), rel=1e-6)


def test_a_picture_goes_into_a_link_and_out_again() -> None:
    for image in IMAGES:
        packed = pack(image)
        assert len(packed) == 392
        assert float((unpack(packed, 28) - image).abs().max()) <= 0.5 / 15 + 1e-6
    with pytest.raises(ValueError, match="392 bytes"):
        unpack(b"12", 28)


@pytest.mark.parametrize("number", range(10))
def test_a_real_digit_comes_back_from_any_place_and_size(number: int) -> None:
    """MNIST's own images are such pictures: the pipeline must leave them as they are, up to a resampling's blur."""
    centred = prepare(brought(IMAGES[number]), 28).centred
    assert float((centred - IMAGES[number]).abs().mean()) < 0.03
    again = prepare(brought(IMAGES[number], 14, 150, 3), 28).centred
    assert float((centred - again).abs().mean()) < 0.015


def test_from_drawing_to_latent() -> None:
    vae = load_vae("mnist-2d", "cpu")
    drawn = torch.stack([prepare(brought(image), 28).centred for image in IMAGES])[:, None]
    loc, _ = vae.encode(drawn)
    meant, _ = vae.encode(IMAGES[:, None])
    others = meant[None] - meant[:, None]
    typical = float(others.norm(dim=-1).mean())
    assert float((loc - meant).norm(dim=-1).median()) < 0.15 * typical


def test_a_photo_is_ink_whichever_its_paper() -> None:
    large = brought(IMAGES[3])
    shade = torch.linspace(0, 0.15, large.shape[1])
    on_light, on_dark = 0.9 - 0.7 * large - shade, 0.1 + 0.7 * large + shade
    for photo in (on_light, on_dark):
        ink = ink_of_photo(photo)
        assert float((ink - large).abs().mean()) < 0.05
        assert float((prepare(ink, 28).centred - IMAGES[3]).abs().mean()) < 0.06


@pytest.mark.parametrize(
    ("ink", "reason"),
    [
        (torch.zeros(50, 50), "nothing is drawn"),
        (torch.ones(3, 50), "each in"),
        (torch.ones(50), "each in"),
        (torch.full((50, 50), 2.0), r"\[0, 1\]"),
        (torch.full((50, 50), torch.nan), r"\[0, 1\]"),
    ],
)
def test_what_is_no_drawing_is_refused(ink: torch.Tensor, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        prepare(ink, 28)


def test_photos_of_one_tone_are_refused() -> None:
    with pytest.raises(ValueError, match="one tone"):
        ink_of_photo(torch.full((50, 50), 0.5))
    faint = 0.5 + 0.05 * brought(IMAGES[3]).round()
    with pytest.raises(ValueError, match="too faint"):
        ink_of_photo(faint)
