"""Every colour, dash and font size of the figures, once.

Colours are Okabe & Ito's, safe for colour-blind readers; a line never differs by colour alone. Three names stand for
the visitor's theme and are filled in by the chart component in the browser: TEXT, FAINT and BACKGROUND.
"""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

TEXT = "var(--theme-text)"
FAINT = "var(--theme-faint)"
BACKGROUND = "var(--theme-background)"

NOISE = "#CC79A7"
SAMPLE = "#0072B2"
CURVE = "#E69F00"

ESTIMATOR_COLOURS: Mapping[str, str] = {"score_function": "#D55E00", "pathwise": "#0072B2"}
ESTIMATOR_DASHES: Mapping[str, str] = {"score_function": "solid", "pathwise": "dot"}
ESTIMATOR_SHORT: Mapping[str, str] = {"score_function": "Score function", "pathwise": "Pathwise"}
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
