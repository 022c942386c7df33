"""A picture of the visitor's own on the latent space: links, photos, an empty sheet."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image

from explorer.text import word
from explorer.vae.drawing import pack, unpack
from explorer.vae.pretrained import load_sample
from explorer.visit.fields import Bytes
from tests.pages.apps import PAGES, charts, components, healthy, link, said, visit


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def drawn(number: int) -> str:
    """A test image as a link holds a picture of one's own."""
    field = PAGES["latent_space"].state["drawn"]
    assert isinstance(field, Bytes)
    return field.write(pack(load_sample()[0][number, 0]))


def test_a_link_restores_a_picture_of_ones_own() -> None:
    app = healthy(visit("latent_space", source="own", drawn=drawn(7)))
    assert "This **picture of your own**" in said(app)
    assert link(app) == {"source": "own", "drawn": drawn(7)}
    (own,), (same,) = (
        components(each, "explorer_latent_pad") for each in (app, visit("latent_space", source="sample", image="7"))
    )
    # Sixteen greys in place of 256, binarized with the same seed: nearly the same picture.
    assert math.dist(own["ellipse"][0], same["ellipse"][0]) < 0.2


def test_an_empty_sheet_asks_for_a_digit() -> None:
    app = healthy(visit("latent_space", source="own"))
    assert word("sketch_pad.empty") in [caption.value for caption in app.caption]
    assert link(app) == {"source": "own"}
    (pad,) = components(app, "explorer_sketch_pad")
    assert pad["alt"] == word("sketch_pad.alt")


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"no picture", "upload.unreadable"), (_png(np.full((40, 40), 90, np.uint8)), "")],
    ids=["text", "one tone"],
)
def test_a_photo_that_is_none_is_told_and_the_picture_stays(content: bytes, told: str) -> None:
    app = visit("latent_space", source="own", drawn=drawn(7))
    (uploader,) = app.get("file_uploader")
    healthy(uploader.upload("digit.png", content, "image/png").run())
    (warning,) = app.warning
    assert warning.value == word(told) if told else "one tone" in warning.value
    assert link(app)["drawn"] == drawn(7)


def test_a_photo_becomes_the_picture_it_shows() -> None:
    image = load_sample()[0][7, 0]
    large = np.kron(255 - (200 * image.numpy()).astype(np.uint8), np.ones((9, 9), np.uint8))
    app = visit("latent_space", source="own")
    (uploader,) = app.get("file_uploader")
    healthy(uploader.upload("digit.png", _png(np.pad(large, 60, constant_values=255)), "image/png").run())
    assert not app.warning
    field = PAGES["latent_space"].state["drawn"]
    found = unpack(field.read([link(app)["drawn"]]), 28)
    assert float((found - image).abs().mean()) < 0.03
    assert "latent_space.steps" in charts(app)
