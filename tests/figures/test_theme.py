"""One colour an estimator, each with a dash of its own; the theme's three names stand for the visitor's colours."""

from __future__ import annotations

import itertools
import re

import plotly.graph_objects as go
import pytest

from explorer.core.estimators import ESTIMATORS
from explorer.figures import theme

FIXED = {"score_function": "#D55E00", "pathwise": "#0072B2", "measure_valued": "#009E73"}
"""The design's colours."""


@pytest.mark.parametrize("table", [theme.ESTIMATOR_COLOURS, theme.ESTIMATOR_DASHES, theme.ESTIMATOR_MARKERS])
def test_every_estimator_has_a_look_of_its_own(table: dict[str, str]) -> None:
    assert set(table) == set(ESTIMATORS)
    assert len(set(table.values())) == len(table)


def test_estimators_wear_the_colours_of_the_design() -> None:
    assert {name: theme.ESTIMATOR_COLOURS[name] for name in FIXED} == FIXED


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*theme.ESTIMATOR_COLOURS.values(), theme.SAMPLE, theme.CURVE, theme.NOISE])
@pytest.mark.parametrize(("background", "least"), [("#FFFFFF", 2.1), ("#12161B", 3.0)])
def test_colours_stand_out_from_either_background(colour: str, background: str, least: float) -> None:
    low, high = sorted((luminance(colour), luminance(background)))
    assert (high + 0.05) / (low + 0.05) >= least


def test_transparency() -> None:
    assert theme.with_alpha("#D55E00", 0.3) == "rgba(213,94,0,0.3)"


def test_the_theme_has_names_of_its_own() -> None:
    names = (theme.TEXT, theme.FAINT, theme.BACKGROUND)
    assert all(one != other for one, other in itertools.combinations(names, 2))
    assert all(re.fullmatch(r"var\(--theme-\w+\)", name) for name in names)


def test_markers_are_ones_that_plotly_has_open_too() -> None:
    symbols = go.Scatter().marker._get_validator("symbol").values
    for marker in theme.ESTIMATOR_MARKERS.values():
        assert {marker, f"{marker}-open"} <= set(symbols)
        assert "diamond" not in marker
        assert marker != "star"
