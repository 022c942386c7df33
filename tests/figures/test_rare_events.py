"""The pictures of rare events: what stands where, and that a film stays on the browser's short way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch

from explorer.core.experiments.rare_events import Averages, averages
from explorer.core.experiments.reach import DIMENSIONS, SAMPLED, TILTS, frames, medians
from explorer.figures import rare_events as bump
from explorer.figures import reach
from explorer.figures.picture import Picture, Update

AT = (0.5, 2.0, 5.0)


def made(what: str, *, aimed: bool = False) -> Averages:
    return averages(what, 10, AT, seed=0, aimed=aimed, repetitions=200)


def on_the_short_way(picture: Picture, updates: Sequence[Update], n_frames: int) -> None:
    """What the chart's script asks of a film whose frames it puts in place without Plotly."""
    layout: Any = picture.still["layout"]
    for trace, attribute, values in updates:
        part = picture.still["data"][trace]
        assert part["type"] == "scatter"
        assert attribute in {"x", "y"}
        assert len(values) == n_frames
        assert "error_y" not in part
        assert not part.get("fill", "none").startswith("tonext")
        for axis in (part["xaxis"], part["yaxis"]):
            assert layout[f"{axis[0]}axis{axis[1:]}"]["range"]


@pytest.mark.parametrize("what", ["value", "pathwise"])
def test_a_bump_moves_and_its_averages_with_it(what: str) -> None:
    plain, aimed = made(what), made(what, aimed=True)
    updates = bump.updates(plain, aimed)
    on_the_short_way(bump.rare_events(plain, aimed, [], 1), updates, 3)
    moved = {(trace, attribute): values for trace, attribute, values in updates}
    grid = torch.linspace(*bump.AXIS, moved[bump.BUMP, "y"].shape[1], dtype=torch.float64)
    for frame, distance in enumerate(AT):
        assert float(grid[moved[bump.BUMP, "y"][frame].argmax()]) == pytest.approx(distance, abs=0.02)
        assert moved[bump.HERE[0], "x"][frame].tolist() == [distance, distance]
        torch.testing.assert_close(moved[bump.AIMED[2], "x"][frame], distance + 0.2 * aimed.noise)
    shares = moved[bump.PLAIN, "y"].square()
    torch.testing.assert_close(shares.sum(1), torch.ones(3, dtype=torch.float64))


def test_shares_stand_at_their_ticks() -> None:
    layout: Any = bump.rare_events(made("value"), None, [], 0).still["layout"]
    ticks = dict(zip(layout["yaxis2"]["tickvals"], layout["yaxis2"]["ticktext"], strict=True))
    assert ticks[math.sqrt(0.1)] == "10 %"
    places = dict(zip(layout["xaxis2"]["ticktext"], layout["xaxis2"]["tickvals"], strict=True))
    assert places["1"] == layout["shapes"][0]["x0"]
    assert places["<10⁻⁶"] == 0
    assert places["10²"] - places["1"] == pytest.approx(2)
    signed: Any = bump.rare_events(made("pathwise"), None, [], 0).still["layout"]["xaxis2"]
    assert signed["tickvals"] == sorted(signed["tickvals"], key=lambda place: (place != 0, place))
    assert "−1" in signed["ticktext"]


def test_a_reach_stands_at_its_radius_and_medians_at_their_t() -> None:
    radii = torch.linspace(0, 40, 81, dtype=torch.float64)
    film, found = frames(10, [100] * len(TILTS), TILTS, radii), medians(10, seed=0)
    updates = reach.updates(film, found)
    on_the_short_way(reach.reached(film, found, 3), updates, len(TILTS))
    moved = {(trace, attribute): values for trace, attribute, values in updates}
    for frame in (0, 7, 15):
        assert float(moved[reach.EDGE, "x"][frame, 0]) == float(film.reach[frame])
        assert torch.equal(moved[reach.FIRST + 5, "y"][frame], found.median["pathwise"][:, frame])
        ends = moved[reach.FIRST + 1, "y"][frame].view(len(SAMPLED), 3)
        assert (ends[:, 0] <= ends[:, 1]).all()
        assert ends[:, 2].isnan().all()
    assert moved[reach.LOW, "y"].shape == (len(TILTS), len(DIMENSIONS))
    assert float(moved[reach.LOW, "y"][2, -1]) == pytest.approx(float(film.bands[2, -1, 0]) / 500**0.5)
    unknown = {(trace, attribute): values for trace, attribute, values in reach.updates(film, None)}
    assert unknown[reach.FIRST + 2, "y"].isnan().all()
    assert unknown.keys() == moved.keys()
