"""What n draws in many dimensions ever see: exact films over D and t, and the medians of averages beside them."""

from __future__ import annotations

import math
from functools import partial

import streamlit as st
import torch

from explorer.components.chart import Film, chart, reported
from explorer.core.experiments.reach import DIMENSIONS, TILTS, Frames, Medians, frames, medians, share_reached
from explorer.core.numerics.radius import Radius
from explorer.figures.reach import reached, updates
from explorer.text import word
from explorer.verdicts.reach import captions, described, table, verdict
from explorer.visit.controls import seed_input, segments
from explorer.visit.links import film_value
from explorer.visit.page import Frame
from explorer.visit.pull import awaited, next_part, patience
from explorer.visit.store import STORE

KEY = "rare_events.reach"
HEIGHT = 400
_POINTS = 361
SNIPPET = """import torch
from explorer.core.experiments.reach import SAMPLED, TILTS, medians, reach, share_reached

n, t = {n}, {tilt!r}
dimensions = torch.tensor(SAMPLED)
print("dimensions     ", list(SAMPLED))
print("reach          ", [round(each, 2) for each in reach(n, dimensions).tolist()])
print("share of E f   ", [round(each, 4) for each in share_reached("value", n, dimensions, t).tolist()])
found = medians(n, seed={seed})
for name, median in found.median.items():
    print("median / exact ", name, [round(each, 4) for each in median[:, TILTS.index(t)].tolist()])
"""


def show(page: Frame) -> None:
    """The controls, the picture and its verdict, and the code that ran."""
    with page.controls:
        n, seed = int(segments("n")), seed_input()
        st.markdown(word("reach.objective"))
    with page.picture:
        tilt = _picture(n, seed)
    page.code(SNIPPET.format(n=n, tilt=tilt, seed=seed), [frames, share_reached, medians, Radius])


def _picture(n: int, seed: int) -> float:
    """Draws it; returns the t under it."""
    report = reported(KEY)
    dimension, tilt = film_value("dimension", report.film), film_value("tilt", report.film)
    over_dimensions, over_tilts = awaited(
        (KEY, n, dimension, tilt), lambda: _films(n, dimension, tilt), word("reach.meanwhile")
    )
    found = STORE.ask((KEY, n, seed), partial(medians, n, seed=seed), patience(report))
    averages: Medians | None = found.value if found else None
    now, along = DIMENSIONS.index(int(dimension)), TILTS.index(tilt)
    films = [
        Film(key, word(f"reach.{key}_slider"), values, start, updates(film, averages), captions(film))
        for key, values, start, film in (
            ("dimension", [float(each) for each in DIMENSIONS], now, over_dimensions),
            ("tilt", TILTS, along, over_tilts),
        )
    ]
    chart(
        reached(over_dimensions, averages, now),
        key=KEY,
        alt=described(over_dimensions, now),
        films=films,
        table=table(over_dimensions, now),
        pull=None if found else next_part(KEY),
        slow=True,
        height=HEIGHT,
        file_name="reach",
        clicks=False,
    )
    st.markdown(verdict(over_dimensions, averages, now))
    return tilt


def _films(n: int, dimension: float, tilt: float) -> tuple[Frames, Frames]:
    """Over D at this t, and over t at this D, on radii that hold both."""
    largest = max(DIMENSIONS[-1] / (1 - tilt), dimension / (1 - TILTS[-1]))
    radii = torch.linspace(0, math.sqrt(largest) + 3, _POINTS, dtype=torch.float64)
    return (
        frames(n, DIMENSIONS, [tilt] * len(DIMENSIONS), radii),
        frames(n, [dimension] * len(TILTS), TILTS, radii),
    )
