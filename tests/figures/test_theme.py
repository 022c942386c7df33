"""One colour an estimator, each with a dash of its own; the theme's three names stand for the visitor's colours."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import plotly.graph_objects as go
import pytest

import explorer
from explorer.components.latent_pad import CLASS_COLORS
from explorer.core.estimators import ESTIMATORS
from explorer.figures import theme
from explorer.vae.gradients import BERNOULLI, NORMAL

FIXED = {"score_function": "#D55E00", "pathwise": "#0072B2", "measure_valued": "#009E73"}
"""The design's colours."""


@pytest.mark.parametrize("table", [theme.ESTIMATOR_COLOURS, theme.ESTIMATOR_DASHES, theme.ESTIMATOR_MARKERS])
def test_every_estimator_has_a_look_of_its_own(table: dict[str, str]) -> None:
    assert set(table) == {*ESTIMATORS, *NORMAL, *BERNOULLI}
    assert len(set(table.values())) == len(table)


def test_estimators_wear_the_colours_of_the_design() -> None:
    assert {name: theme.ESTIMATOR_COLOURS[name] for name in FIXED} == FIXED


THEME = tomllib.loads((Path(explorer.__file__).parents[1] / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
THEMES = [THEME["light"], THEME["dark"]]
BACKGROUNDS = [each["backgroundColor"] for each in THEMES]


def colours_in(value: object) -> Iterator[str]:
    """Every colour written in a value, tables within tables too."""
    if isinstance(value, str):
        yield from re.findall("#[0-9A-Fa-f]{6}", value)
    elif isinstance(value, Mapping | tuple | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from colours_in(part)


OF_THE_FIGURES = {colour for name, value in vars(theme).items() if name[:2] != "__" for colour in colours_in(value)}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, background: str) -> float:
    """Contrast ratio (WCAG 2.2), from 1 to 21."""
    low, high = sorted((luminance(colour), luminance(background)))
    return (high + 0.05) / (low + 0.05)


CAPTION = 0.6
"""The share of the text's colour that Streamlit gives to captions."""


def mixed(colour: str, background: str, share: float) -> str:
    """What is seen of a colour of this opacity on a background."""
    pairs = ((int(colour[i : i + 2], 16), int(background[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(share * front + (1 - share) * back):02X}" for front, back in pairs)


def test_the_formula_of_contrast() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert contrast("#E69F00", "#FFFFFF") == pytest.approx(2.25, abs=0.005)


def test_every_colour_is_found() -> None:
    assert {*theme.ESTIMATOR_COLOURS.values(), theme.CURVE, theme.SAMPLE, theme.NOISE} <= OF_THE_FIGURES


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("colour", sorted({*OF_THE_FIGURES, *CLASS_COLORS}))
def test_lines_and_markers_stand_out_from_either_background(colour: str, background: str) -> None:
    assert contrast(colour, background) >= 3


@pytest.mark.parametrize("visitors", THEMES)
def test_text_is_readable_and_what_is_marked_stands_out(visitors: dict[str, str]) -> None:
    for background in (visitors["backgroundColor"], visitors["secondaryBackgroundColor"]):
        assert contrast(visitors["textColor"], background) >= 4.5
        assert contrast(mixed(visitors["textColor"], background, CAPTION), background) >= 4.5
        assert contrast(visitors["primaryColor"], background) >= 3


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
