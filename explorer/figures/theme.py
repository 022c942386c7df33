"""Every colour, dash and font size of the figures, once.

Colours have Okabe & Ito's hues, safe for colour-blind readers; a line never differs by colour alone. Each reaches a
contrast of 3 : 1 with the page in the light and in the dark theme, which is enough for lines and markers and too little
for text: text is TEXT. Three names stand for the visitor's theme and are filled in by the chart component in the
browser: TEXT, FAINT and BACKGROUND.
"""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

TEXT = "var(--theme-text)"
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
    "pathwise": ("#0072B2", "dot"),
    "implicit_pathwise": ("#3D94D6", "2px,5px"),
    "antithetic_pathwise": ("#5B8DEF", "3px,2px"),
    "finite_differences": ("#8A8F98", "dash"),
    "finite_differences_independent": ("#A08F6A", "longdash"),
    "measure_valued": ("#009E73", "dashdot"),
    "measure_valued_independent": ("#729B1E", "longdashdot"),
    "gumbel_softmax": ("#CC79A7", "6px,2px,2px,2px"),
    "straight_through": ("#9A7BD0", "10px,2px,2px,2px"),
    "rebar": ("#B05AC8", "14px,4px,2px,4px"),
}
"""Colour and dash; an estimator's kin share its hue."""
ESTIMATOR_COLOURS: Mapping[str, str] = {name: look[0] for name, look in _LOOKS.items()}
ESTIMATOR_DASHES: Mapping[str, str] = {name: look[1] for name, look in _LOOKS.items()}
MARKERS = ("circle", "square", "triangle-up", "x")
"""Estimators side by side differ by marker too."""
EXACT_LINE = {"color": TEXT, "dash": "dash", "width": 2}

FONT_SIZE = 15


def figure(**layout: object) -> go.Figure:
    """An empty figure in the house style."""
    fig = go.Figure()
    fig.update_layout(
        template="none",
        margin={"l": 58, "r": 14, "t": 30, "b": 48},
        font={"size": FONT_SIZE},
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "xanchor": "left"},
        dragmode=False,
    )
    fig.update_layout(**layout)
    return fig


def with_alpha(colour: str, alpha: float) -> str:
    """'#RRGGBB' and an opacity in [0, 1] -> 'rgba(…)'."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"
