"""A photo that a visitor brings, read with care: three formats, no more pixels than a photo has, nothing half read."""

from __future__ import annotations

import io

import torch
from PIL import Image, ImageOps
from torch import Tensor

from explorer.text import word

FORMATS = ("png", "jpeg", "webp")
MOST_PIXELS = 40_000_000
LONGEST = 1024
"""Pixels along the longer side that are kept: more say nothing of a digit."""


class UploadError(Exception):
    """Why a file is not taken, in words for the visitor."""


def grey_photo(content: bytes) -> Tensor:
    """A photo as greys (H, W) in [0, 1], upright, transparent parts white, at most LONGEST along a side.

    Raises UploadError for another format, a damaged or truncated file, or more than MOST_PIXELS.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            # The size stands in the head of the file: nothing is unpacked before it is known to be reasonable.
            if image.width * image.height > MOST_PIXELS:
                raise UploadError(word("upload.large", most=f"{MOST_PIXELS // 10**6}"))
            image.draft("L", (LONGEST, LONGEST))
            small = ImageOps.exif_transpose(image).convert("LA" if image.has_transparency_data else "L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UploadError(word("upload.large", most=f"{MOST_PIXELS // 10**6}")) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise UploadError(word("upload.unreadable")) from error
    small.thumbnail((LONGEST, LONGEST))
    pixels = torch.frombuffer(bytearray(small.tobytes()), dtype=torch.uint8)
    grey, *alpha = (pixels.view(small.height, small.width, -1).float() / 255).unbind(-1)
    return grey * alpha[0] + 1 - alpha[0] if alpha else grey
