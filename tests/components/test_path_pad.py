"""What the path pad refuses before anything is drawn."""

from __future__ import annotations

import pytest
import torch

from explorer.components.decoder import Decoder
from explorer.components.path_pad import Way, path_pad

DECODER = Decoder("name", 3, 28)


@pytest.mark.parametrize(
    ("ways", "start", "fault"),
    [
        ([Way("a", torch.zeros(5, 2), [""] * 5)], 0.5, "a way must have"),
        ([Way("a", torch.zeros(5, 3), [""] * 4)], 0.5, "a way must have"),
        ([Way("a", torch.zeros(1, 3), [""])], 0.5, "a way must have"),
        ([Way("a", torch.zeros(5, 3), [""] * 5), Way("b", torch.zeros(4, 3), [""] * 4)], 0.5, "a way must have"),
        ([Way("a", torch.zeros(5, 3), [""] * 5)], 1.5, "start must be in"),
    ],
    ids=["width", "readouts", "one place", "lengths", "start"],
)
def test_other_shapes_are_refused(ways: list[Way], start: float, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        path_pad(key="pad", decoder=DECODER, ways=ways, start=start, alt="")
