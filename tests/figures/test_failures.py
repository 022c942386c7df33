"""Pictures of *Where the trick fails*: their films fit the browser's short cut, and a frame is the figure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.figures.picture import Picture
from tests.figures.cases import pictures

KINDS = ("discontinuity", "fast_objective", "temperature", "heavy_tail", "ten_bits")
FILMS = [pytest.param(make, id=name) for name, make in pictures() if name.split("-")[0] in KINDS]
QUICK = {"x", "y", "marker.size"}


@pytest.mark.parametrize("make", FILMS)
def test_what_moves_fits_the_short_cut(make: Callable[[], Picture]) -> None:
    """Dots and lines on axes whose ranges are given: else each frame would be drawn anew by Plotly."""
    picture = make()
    assert picture.moving
    for trace, attribute, _ in picture.moving:
        part = picture.still["data"][trace]
        assert part["type"] == "scatter"
        assert attribute in QUICK
        assert not part.get("fill", "none").startswith("tonext")
        for axis in (part["xaxis"], part["yaxis"]):
            assert "range" in picture.still["layout"][f"{axis[0]}axis{axis[1:]}"], axis
    for trace in picture.whole()["data"]:
        assert len(trace["x"]) == len(trace["y"])
