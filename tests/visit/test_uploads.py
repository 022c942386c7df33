"""Photos that visitors bring: what is read is right, and everything else is refused in words."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.text import word
from explorer.visit.uploads import LONGEST, UploadError, grey_photo

RAMP = np.tile(np.linspace(0, 255, 40).astype(np.uint8), (30, 1))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(("kind", "off"), [("PNG", 0.003), ("JPEG", 0.03), ("WEBP", 0.03)])
def test_each_format_gives_its_greys(kind: str, off: float) -> None:
    found = grey_photo(encoded(Image.fromarray(RAMP), kind))
    assert found.shape == (30, 40)
    assert float((found - torch.from_numpy(RAMP) / 255).abs().max()) < off


def test_transparent_parts_are_paper() -> None:
    pixels = np.zeros((20, 20, 4), dtype=np.uint8)
    pixels[5:10, 5:10, 3] = 255
    found = grey_photo(encoded(Image.fromarray(pixels), "PNG"))
    assert float(found[0, 0]) == 1
    assert float(found[7, 7]) == 0


def test_a_photo_taken_sideways_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    found = grey_photo(encoded(Image.fromarray(RAMP), "JPEG", exif=exif))
    assert found.shape == (40, 30)
    assert float(found[0].mean()) < 0.1 < 0.9 < float(found[-1].mean())


def test_large_photos_are_made_small() -> None:
    found = grey_photo(encoded(Image.new("L", (3000, 2000), 128), "JPEG"))
    assert max(found.shape) <= LONGEST
    assert float((found - 128 / 255).abs().max()) < 0.02


def png_that_claims(width: int, height: int) -> bytes:
    """The head of a PNG of that size, and next to nothing behind it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(7_000, 7_000), (10_000, 10_000), (60_000, 60_000)])
def test_bombs_are_refused_unopened(size: tuple[int, int]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UploadError, match="too many pixels"):
            grey_photo(png_that_claims(*size))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture at all",
        encoded(Image.fromarray(RAMP), "GIF"),
        encoded(Image.fromarray(RAMP), "PNG")[:-40],
        encoded(Image.fromarray(RAMP), "JPEG")[:200],
        encoded(Image.fromarray(RAMP), "WEBP")[:60],
        png_that_claims(500, 500),
    ],
    ids=["empty", "text", "gif", "png cut", "jpeg cut", "webp cut", "png hollow"],
)
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(UploadError) as told:
        grey_photo(content)
    assert str(told.value) == word("upload.unreadable")
