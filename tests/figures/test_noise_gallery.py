"""The gallery: each family in a cell of its own, in a row of its route, and a click tells which."""

from __future__ import annotations

import numpy as np

from explorer.core.experiments.noise_gallery import thumbnails
from explorer.core.families import SCALAR
from explorer.figures.noise_gallery import COLUMNS, CURVE, DENSITY, PLACES, TITLES, cells, noise_gallery
from tests.figures.cases import figure_of


def test_each_family_stays_in_its_cell() -> None:
    gallery = thumbnails(SCALAR)
    placed = cells(gallery)
    figure = figure_of(noise_gallery(gallery, "gamma"))
    assert len({(column, row) for _, column, row in placed}) == len(SCALAR)
    assert all(column < COLUMNS for _, column, _ in placed)
    routes: dict[int, set[str]] = {}
    for each, _, row in placed:
        routes.setdefault(row, set()).add(each.family.route)
    assert all(len(each) == 1 for each in routes.values())
    assert len(figure.data[PLACES].x) == len(figure.data[TITLES].text) == len(placed)
    for trace in (DENSITY, CURVE):
        x, y = (np.asarray(figure.data[trace][name], dtype=float) for name in "xy")
        found = {
            (int(column), int(-row))
            for column, row in zip(np.floor(x), np.ceil(y), strict=True)
            if np.isfinite(column + row)
        }
        assert found == {(column, row) for _, column, row in placed}
    column, row = next((column, row) for each, column, row in placed if each.family.name == "gamma")
    (frame,) = figure.layout.shapes
    assert column < frame.x0 < frame.x1 < column + 1
    assert -row - 1 < frame.y0 < frame.y1 < -row
