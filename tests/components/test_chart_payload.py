"""What the chart sends: numbers to the last bit, and a clear text when a film's parts do not fit together."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.components.chart import Film
from explorer.components.chart.payload import columns, film_payload

FILM = Film("loc", "μ (loc)", [0.0, 0.5, 1.0], 1, [(0, "y", torch.arange(6.0).reshape(3, 2))], ["a", "b", "c"])


def test_frames_arrive_row_by_row() -> None:
    payload = film_payload(FILM)
    update = payload["updates"][0]
    assert (update["trace"], update["attribute"], update["width"]) == (0, "y", 2)
    assert np.frombuffer(base64.b64decode(update["block"]), "<f4").tolist() == [0, 1, 2, 3, 4, 5]


def test_one_number_a_frame_stays_one_number() -> None:
    payload = film_payload(replace(FILM, updates=[(0, "marker.size", torch.tensor([1.0, 2.0, 3.0]))]))
    assert payload["updates"][0]["width"] == 0


def test_what_every_frame_shares_is_sent_once() -> None:
    update = film_payload(replace(FILM, updates=[(0, "y", torch.tensor([[7.0, 8.0]]))]))["updates"][0]
    assert (update["width"], update["rows"]) == (2, 1)
    assert film_payload(FILM)["updates"][0]["rows"] == 3


def test_a_film_names_the_axes_that_a_hand_moves_it_on() -> None:
    assert film_payload(FILM)["hand"] == []
    assert film_payload(replace(FILM, hand=("x2", "x3")))["hand"] == ["x2", "x3"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"start": 3}, "start must be one of them, got 3"),
        ({"captions": ["a"]}, "3 frames but 1 captions"),
        ({"updates": [(0, "y", torch.zeros(2, 5))]}, r"must be \(3, n\), got \(2, 5\)"),
    ],
)
def test_film_whose_parts_do_not_fit_is_refused(change: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        film_payload(replace(FILM, **change))  # type: ignore[arg-type]


def test_table_keeps_every_digit() -> None:
    (column,) = columns({"x": [0.1, 1 / 3]}) or []
    assert column["name"] == "x"
    assert np.frombuffer(base64.b64decode(column["block"]), "<f8").tolist() == [0.1, 1 / 3]
    assert columns(None) is None
