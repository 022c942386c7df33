"""The chart: plotly.js in a component of our own, updated in place. Every figure of the app goes through it.

What `st.plotly_chart` cannot do: keep its DOM node from one figure to the next (and with it zoom and focus), report
clicks on heatmaps, play a film under the hand with no server trip, and ask for the next batch once the last is drawn.

A picture is sent as its still part and its moving part. With a request for the next batch the browser names the still
parts it holds, and only those are left out of the answer: a message may be superseded on its way and never arrive.

The browser reports four things. Read them with `reported(key)` before the picture is computed, or from what `chart`
returns after it was drawn; each is told once.
- `film`: the sliders the visitor released, name -> value;
- `click`: the point clicked on, in this run only;
- `pulled`: the last batch is drawn and the browser asks for the next, in this run only;
- `held`: the still parts of all charts that the browser holds, told with a request for a batch, in this run only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st
from torch import Tensor

from explorer.components.chart.payload import columns, film_payload, moving_payload, still_payload
from explorer.components.chart.plotly_script import load_script
from explorer.figures.picture import Picture
from explorer.text import word

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Film:
    """One parameter's sweep, computed on the server, played in the browser under the hand.

    The axes it moves in should have fixed ranges: a frame replaces data and nothing else.
    """

    name: str
    """The key reported back, e.g. "loc"."""
    label: str
    """Shown before the slider, e.g. "μ (loc)"."""
    values: Sequence[float]
    """The parameter at each of the F frames, increasing."""
    start: int
    """Index of the frame the picture itself shows."""
    updates: Sequence[tuple[int, str, Tensor]]
    """(trace index, attribute such as "y" or "marker.size", (F, n) or (F,) values).

    What is the same in every frame may be one row, (1, n): a film that follows another puts it back.
    """
    captions: Sequence[str] = ()
    """A sentence a frame, shown under the chart while the slider moves; (F,) or empty."""
    leads: bool = False
    """Its caption, not the first film's, stands until a slider is moved."""
    hand: tuple[str, ...] = ()
    """Axes of the picture, such as "x2", on which the values are places: in their panels a press or a drag moves this
    slider too. Such axes should have a fixed range."""


@dataclass(frozen=True)
class ChartResult:
    """What the browser reported. See the module's docstring for when each is told."""

    film: dict[str, float] = field(default_factory=dict)
    click: dict[str, Any] | None = None
    """{"x": …, "y": …, "z": … (heatmaps, else None), "curve": trace index, "point": index in the trace}."""
    pulled: bool = False
    held: Mapping[str, str] = field(default_factory=dict)
    """Key of a chart -> the id of its still part. For `chart(held=…)` in the same run."""


QUICK, SLOW = 50, 500
"""Milliseconds between a picture and the request for the next."""
_HIDDEN = ".st-key-explorer-chart, .st-key-explorer-plotly { display: none; }"
# Inline code travels with each message. What is long goes in messages of its own, which the browser keeps.
_SCRIPTS = ("chart.js", "tools.js", "films.js", "drag.js", "picture.js", "play.js", "theme.js")
_code_component = st.components.v2.component(
    "explorer_chart_code",
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    css=(_HERE / "chart.css").read_text(encoding="utf-8") + _HIDDEN,
    isolate_styles=False,
)
_chart = st.components.v2.component(
    "explorer_chart",
    js=(_HERE / "mount.js").read_text(encoding="utf-8"),
    isolate_styles=False,  # inside a shadow root Plotly's clicks do not arrive
)


_WORDS = ("loading", "late", "failed", "reset", "reset_hint", "png", "png_hint", "csv", "csv_hint")


def _code(key: str) -> None:
    """The code, with the words it puts on the screen."""
    _code_component(key=key, data=[{name: word(f"chart.{name}") for name in _WORDS}])


def load_plotly() -> None:
    """Gives the browser plotly.js and the chart's code. Called by app.py on each run; the browser keeps them."""
    load_script()
    _code(key="explorer-chart")


def reported(key: str) -> ChartResult:
    """What the browser reported since the chart `key` was last drawn: for a run to read before it computes the picture.

    A release read here counts as answered by the picture that follows in the same run.
    """
    raw = st.session_state.get(key) or {}
    releases = _new_releases(key, raw)
    _memory(key)["answered"].update(_stamps(raw))
    return _result(key, raw, releases)


def chart(
    picture: Picture,
    *,
    key: str,
    alt: str,
    films: Sequence[Film] = (),
    table: Mapping[str, Sequence[float]] | None = None,
    pull: int | None = None,
    slow: bool = False,
    height: int = 380,
    file_name: str = "figure",
    clicks: bool = True,
    held: Mapping[str, str] | None = None,
) -> ChartResult:
    """Draws the picture in the node it was drawn in before.

    The colours "var(--theme-text)", "var(--theme-background)" and "var(--theme-faint)" anywhere in the still part
    follow the theme. `alt` is the sentence read out in place of the picture. `table` is what "CSV" saves, by column.
    `pull` numbers the batch drawn: 50 ms after it is on the screen the browser asks for the next, half a second after
    it if `slow`. `clicks=False` spares the run a click starts. `held` is what `reported` said in this run: a still part
    named there is not sent again.
    """
    memory = _memory(key)
    raw: Mapping[str, Any] = _chart(
        key=key,
        # In a list: Streamlit looks for tables in a bare mapping, and imports pandas (some 70 MB) for it.
        data=[
            {
                "key": key,
                "alt": alt,
                "still": still_payload(picture, (held or {}).get(key)),
                "moving": moving_payload(picture),
                "films": [film_payload(film) for film in films],
                # The releases this picture already takes into account. A slider released since keeps its place.
                "answered": memory["answered"],
                "table": columns(table),
                "pull": pull,
                "pause": SLOW if slow else QUICK,
                "height": height,
                "file": file_name,
                "clicks": clicks,
            }
        ],
        on_film_change=_nothing,
        on_click_change=_nothing,
        on_next_change=_nothing,
    )
    result = _result(key, raw, _new_releases(key, raw))
    memory["answered"] = _stamps(raw)
    memory["pull"] = pull
    return result


def _nothing() -> None:
    """Streamlit reports an event only where it has a callback."""


def _memory(key: str) -> dict[str, Any]:
    """What this visit knows of the chart: the stamps of the releases answered, and the number of the batch drawn."""
    return st.session_state.setdefault(f"{key}/chart", {"answered": {}, "pull": None})


def _stamps(raw: Mapping[str, Any]) -> dict[str, float]:
    return {name: stamp for name, (_, stamp) in (raw.get("film") or {}).items()}


def _new_releases(key: str, raw: Mapping[str, Any]) -> dict[str, float]:
    answered = _memory(key)["answered"]
    film = raw.get("film") or {}
    return {name: float(value) for name, (value, stamp) in film.items() if answered.get(name) != stamp}


def _result(key: str, raw: Mapping[str, Any], film: dict[str, float]) -> ChartResult:
    asked = raw.get("next") or {}
    batch, drawn = asked.get("batch"), _memory(key)["pull"]
    # A request for a batch that is no longer the last one was answered already.
    return ChartResult(film, raw.get("click"), batch is not None and batch == drawn, asked.get("held") or {})
