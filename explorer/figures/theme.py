"""Every colour, dash and marker of the figures, once. Fonts and margins are the chart's, in its theme.js.

Colours have Okabe & Ito's hues, safe for colour-blind readers; a line never differs by colour alone. Each reaches a
contrast of 3 : 1 with the page in the light and in the dark theme, which is enough for lines and markers and too little
for text: text is TEXT, a coloured `badge` before it. Four names stand for the visitor's theme and are filled in by the
chart component in the browser: TEXT, MARK (for lines that say something), FAINT (for shades) and BACKGROUND.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXT = "var(--theme-text)"
MARK = "var(--theme-mark)"
FAINT = "var(--theme-faint)"
BACKGROUND = "var(--theme-background)"

NOISE = "#CC79A7"
SAMPLE = "#0072B2"
CURVE = "#C48300"

_LOOKS: Mapping[str, tuple[str, str]] = {
    "score_function": ("#D55E00", "solid"),
    "mean_baseline": ("#937C05", "8px,3px"),
    "leave_one_out": ("#B8683C", "8px,3px,2px,3px"),
    "optimal_baseline": ("#E0766A", "12px,3px"),
    "antithetic_score": ("#C75B7A", "5px,2px"),
    "disarm": ("#B0609A", "4px,2px,1px,2px"),
    "pathwise": ("#0072B2", "dot"),
    "implicit_pathwise": ("#3D94D6", "2px,5px"),
    "boundary_pathwise": ("#2E8BA0", "9px,2px,4px,2px"),
    "antithetic_pathwise": ("#5B8DEF", "3px,2px"),
    "sticking_the_landing": ("#1197B5", "7px,2px,2px,2px,2px,2px"),
    "finite_differences": ("#8A8F98", "dash"),
    "finite_differences_independent": ("#A08F6A", "longdash"),
    "measure_valued": ("#009E73", "dashdot"),
    "measure_valued_independent": ("#729B1E", "longdashdot"),
    "gumbel_softmax": ("#CC79A7", "6px,2px,2px,2px"),
    "straight_through": ("#9A7BD0", "10px,2px,2px,2px"),
    "rebar": ("#B05AC8", "14px,4px,2px,4px"),
    "enumeration": ("#7A8450", "16px,3px"),
}
"""Colour and dash; an estimator's kin share its hue."""
ESTIMATOR_COLOURS: Mapping[str, str] = {name: look[0] for name, look in _LOOKS.items()}
ESTIMATOR_DASHES: Mapping[str, str] = {name: look[1] for name, look in _LOOKS.items()}
ESTIMATOR_MARKERS: Mapping[str, str] = {
    "score_function": "circle",
    "mean_baseline": "hexagon",
    "leave_one_out": "pentagon",
    "optimal_baseline": "octagon",
    "antithetic_score": "hexagon2",
    "disarm": "triangle-left",
    "pathwise": "square",
    "implicit_pathwise": "star-square",
    "boundary_pathwise": "square-cross",
    "antithetic_pathwise": "hourglass",
    "sticking_the_landing": "square-x",
    "finite_differences": "x",
    "finite_differences_independent": "cross",
    "measure_valued": "triangle-up",
    "measure_valued_independent": "triangle-down",
    "gumbel_softmax": "hexagram",
    "straight_through": "star-triangle-up",
    "rebar": "bowtie",
    "enumeration": "triangle-right",
}
"""Diamonds are exact values, and stars the one sample to follow by eye."""
EXACT_LINE = {"color": TEXT, "dash": "dash", "width": 2}


def with_alpha(colour: str, alpha: float) -> str:
    """'#RRGGBB' and an opacity in [0, 1] -> 'rgba(…)'."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def badge(colour: str) -> str:
    """A coloured square, to stand before a text that belongs to lines of this colour."""
    return f"<span style='color:{colour}'>■</span> "
