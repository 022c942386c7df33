"""The works by their years: works of one year on one row stand apart, and the first page is on top."""

from __future__ import annotations

from explorer.figures.sources import sources


def test_each_work_has_a_place_of_its_own() -> None:
    points = [(0, 2020, "A"), (0, 2020, "B"), (0, 2020, "C"), (1, 2020, "D")]
    figure = sources(["first", "second"], points).whole()
    (dots,) = figure["data"]
    places = list(zip(dots["x"].tolist(), dots["y"].tolist(), strict=True))
    assert len(set(places)) == len(points)
    assert all(abs(x - 2020) < 0.5 for x, _ in places)
    top, bottom = figure["layout"]["yaxis"]["range"]
    assert top > bottom
    assert figure["layout"]["yaxis"]["ticktext"] == ["first", "second"]
