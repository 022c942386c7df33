"""A small app that shows each component by itself: `?show=…` picks the scene."""

from __future__ import annotations

import gc
import math
import time

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from explorer.components.chart import Film, chart, load_plotly, reported
from explorer.components.latent_pad import latent_pad, reported_point

X = torch.linspace(-4, 4, 200)


def density(loc: float | torch.Tensor, scale: float | torch.Tensor) -> torch.Tensor:
    return torch.exp(-0.5 * ((X - loc) / scale) ** 2) / (scale * math.sqrt(2 * math.pi))


def curves(loc: float, scale: float) -> list[torch.Tensor]:
    q = density(loc, scale)
    return [q, q * (X - loc) / scale**2, torch.cos(X - loc), q * torch.cos(X)]


def film() -> None:
    """Four lines of 200 points under two films; the server answers a release by new films."""
    theta = st.session_state.setdefault("theta", {"loc": 0.0, "scale": 1.0})
    theta.update(reported("film").film)
    if st.button("Start over"):
        theta.update(loc=0.0, scale=1.0)
    time.sleep(float(st.query_params.get("slow", 0)))
    names = ["q(x)", "score", "f(x)", "f(x) q(x)"]
    colors = ["#0072B2", "#D55E00", "var(--theme-text)", "#009E73"]
    figure = go.Figure(
        [
            go.Scatter(x=X.numpy(), y=y.numpy(), name=name, line={"color": color, "dash": dash})
            for name, y, color, dash in zip(
                names, curves(**theta), colors, ["solid", "dot", "dash", "dashdot"], strict=True
            )
        ]
    )
    figure.update_layout(xaxis={"range": [-4, 4], "title": "x"}, yaxis={"range": [-1.2, 1.2], "title": "density"})
    films = []
    for name, label, values in (
        ("loc", "μ (loc)", torch.linspace(-3, 3, 61)),
        ("scale", "σ (scale)", torch.linspace(0.3, 3, 55)),
    ):
        frames = [curves(**{**theta, name: float(value)}) for value in values]
        films.append(
            Film(
                name,
                label,
                values.tolist(),
                int((values - theta[name]).abs().argmin()),
                [(i, "y", torch.stack([frame[i] for frame in frames])) for i in range(4)],
                [
                    f"With {name} at {float(value):.2f} the peak is {float(f[0].max()):.3f}."
                    for value, f in zip(values, frames, strict=True)
                ],
            )
        )
    result = chart(
        figure,
        key="film",
        alt=f"Four curves at loc {theta['loc']:.1f}.",
        films=films,
        table={"x": X.tolist(), "q": curves(**theta)[0].tolist()},
        file_name="curves",
    )
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    st.text(f"runs {st.session_state.runs}")
    st.text(f"theta {theta['loc']:.2f} {theta['scale']:.2f}")
    st.text(f"click {result.click}")


@st.fragment
def live() -> None:
    """Batches of two histograms, each drawn when the browser asks."""
    state = st.session_state.setdefault("stream", {"batch": 0})
    if reported("live").pulled:
        state["batch"] += 1
    rng = np.random.default_rng(state["batch"])
    edges = np.linspace(-4, 4, 101)
    figure = go.Figure(
        [
            go.Bar(x=edges[:-1], y=np.histogram(rng.normal(size=5000), edges)[0], name=name, marker={"color": color})
            for name, color in (("score function", "#D55E00"), ("pathwise", "#0072B2"))
        ]
    )
    figure.update_layout(yaxis={"range": [0, 220]}, xaxis={"range": [-4, 4]})
    chart(figure, key="live", alt=f"Batch {state['batch']}.", pull=state["batch"])


def heatmap() -> None:
    z = np.outer(np.arange(10), np.arange(12)).astype(float)
    figure = go.Figure(go.Heatmap(x=np.arange(12) / 2, y=np.arange(10) * 10.0, z=z, colorscale="Cividis"))
    result = chart(figure, key="heatmap", alt="A multiplication table.")
    st.text(f"click {result.click}")
    st.text(f"again {st.toggle('Once more')}")


SIDE = 24
CLASSES = ("red", "orange", "yellow", "green", "teal", "blue", "violet", "pink", "brown", "grey")


def pad() -> None:
    """An atlas of blobs that follow the point: a blob's place and width say where the point is."""
    size, extent = 20, 3.0
    axis = torch.linspace(-extent, extent, size)
    row, column = torch.meshgrid(torch.linspace(-3, 3, SIDE), torch.linspace(-3, 3, SIDE), indexing="ij")
    squared = (column - axis[None, :, None, None]) ** 2 + (row + axis[:, None, None, None]) ** 2
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(len(CLASSES)).repeat(60)
    angles = labels * 2 * math.pi / len(CLASSES)
    centres = 1.8 * torch.stack([angles.cos(), angles.sin()], dim=1)
    dots = centres + 0.35 * torch.randn(600, 2, generator=generator)
    point = reported_point("pad") or st.session_state.get("point", (0.42, -1.1))
    st.session_state.point = point
    latent_pad(
        key="pad",
        atlas=torch.exp(-squared / 0.6),
        extent=extent,
        background=torch.cat([dots, labels[:, None].float()], dim=1),
        classes=CLASSES,
        ellipse=(torch.tensor([0.5, -0.4]), torch.tensor([[0.6, 0.0], [0.3, 0.25]])),
        point=point,
        alt="The latent plane: drag the point, the blob follows.",
    )
    st.text(f"point {point[0]:.2f} {point[1]:.2f}")


SCENES = {"film": film, "live": live, "heatmap": heatmap, "pad": pad}

if not gc.get_freeze_count():
    gc.freeze()  # Streamlit collects after each run: 0.1 s with torch imported
st.set_page_config(page_title="Harness", layout="wide")
load_plotly()
scene = st.query_params.get("show", "film")
if st.toggle("Away", key="away"):
    st.text("Nothing to see here.")
else:
    SCENES[scene]()
