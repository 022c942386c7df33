"""Numbers on their way to the browser, as base64: ink a byte a pixel, floats of four bytes, or much, compressed."""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib

import torch
from torch import Tensor


def ink(pictures: Tensor) -> bytes:
    """Pictures of any shape, float in [0, 1] or uint8, a byte a pixel."""
    if pictures.dtype != torch.uint8:
        pictures = (pictures.detach() * 255).round().clamp(0, 255).to(torch.uint8)
    return pictures.cpu().contiguous().numpy().tobytes()


def text(raw: bytes) -> str:
    """Bytes as the browser's `bytes` reads them."""
    return base64.b64encode(raw).decode("ascii")


def floats(values: Tensor) -> str:
    """Values of any shape in single precision, the lowest byte first."""
    return text(values.detach().cpu().numpy().astype("<f4").tobytes())


@functools.lru_cache(maxsize=16)
def named(raw: bytes) -> tuple[str, str]:
    """A name made from the content, and the bytes compressed, as the browser's `inflate` reads them."""
    return hashlib.sha256(raw).hexdigest()[:16], text(gzip.compress(raw, 5, mtime=0))
