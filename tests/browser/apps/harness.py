"""A small app that shows each component by itself: `?show=…` picks the scene."""

from __future__ import annotations

import gc
import math
import time

import numpy as np
import streamlit as st
import torch

from explorer.components.chart import Film, chart, load_plotly, reported
from explorer.components.decoder import ship_decoder
from explorer.components.latent_pad import Lens, latent_pad, reported_point
from explorer.components.path_pad import Way, path_pad, reported_share
from explorer.components.sketch_pad import sketch_pad
from explorer.figures.picture import Picture
from explorer.vae.latent import atlas
from explorer.vae.pretrained import load_vae
from tests.browser.apps.small_vae import small_vae

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
    dashes = ["solid", "dot", "dash", "dashdot"]
    lines = [
        {"type": "scatter", "x": X, "y": y, "name": name, "mode": "lines", "line": {"color": color, "dash": dash}}
        for name, y, color, dash in zip(names, curves(**theta), colors, dashes, strict=True)
    ]
    axes = {
        "xaxis": {"range": [-4, 4], "title": {"text": "x"}},
        "yaxis": {"range": [-1.2, 1.2], "title": {"text": "density"}},
    }
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
        Picture({"data": lines, "layout": {"dragmode": "zoom", **axes}}),
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
    report = reported("live")
    if report.pulled:
        state["batch"] += 1
    rng = np.random.default_rng(state["batch"])
    edges = np.linspace(-4, 4, 101)
    bars = [
        {"type": "bar", "x": edges[:-1], "name": name, "marker": {"color": color}}
        for name, color in (("score function", "#D55E00"), ("pathwise", "#0072B2"))
    ]
    axes = {"yaxis": {"range": [0, 220]}, "xaxis": {"range": [-4, 4]}}
    counts = [(trace, "y", np.histogram(rng.normal(size=5000), edges)[0]) for trace in range(2)]
    chart(
        Picture({"data": bars, "layout": {"dragmode": "zoom", **axes}}, counts),
        key="live",
        alt=f"Batch {state['batch']}.",
        pull=state["batch"],
        held=report.held,
    )


@st.fragment
def growing() -> None:
    """A line that grows with each batch, on an axis that grows with it; after ten and twenty there is a line more."""
    state = st.session_state.setdefault("growth", {"batch": 0})
    report = reported("growing")
    if report.pulled:
        state["batch"] += 1
    batch, until = state["batch"], int(st.query_params.get("until", 25))
    x = np.arange(batch + 2, dtype=np.float64)
    lines = [{"type": "scatter", "mode": "lines+markers"}] * (1 + min(batch // 10, 2))
    layout = {"dragmode": "zoom", "xaxis": {}, "yaxis": {"range": [-1.1, 1.1]}}
    moving = [(trace, "x", x) for trace in range(len(lines))]
    moving += [(trace, "y", np.sin(x + trace)) for trace in range(len(lines))]
    note = {"x": 0, "y": 1, "showarrow": False}
    chart(
        Picture(
            {"data": lines, "layout": {**layout, "annotations": [note]}},
            moving,
            [("xaxis.range", [-1, batch + 2]), ("annotations.0.text", f"batch {batch}")],
        ),
        key="growing",
        alt=f"Batch {batch}.",
        pull=batch if batch < until else None,
        held={} if "whole" in st.query_params else report.held,
    )


def heatmap() -> None:
    z = np.outer(np.arange(10), np.arange(12)).astype(float)
    trace = {"type": "heatmap", "x": np.arange(12) / 2, "y": np.arange(10) * 10.0, "z": z, "colorscale": "Cividis"}
    result = chart(Picture({"data": [trace], "layout": {}}), key="heatmap", alt="A multiplication table.")
    st.text(f"click {result.click}")
    st.text(f"again {st.toggle('Once more')}")


CLASSES = ("red", "orange", "yellow", "green", "teal", "blue", "violet", "pink", "brown", "grey")


def pad() -> None:
    """The pad on a small model, `?hand=` under the hand, with an atlas where `?atlas=` is there."""
    extent, hand = 3.0, st.query_params.get("hand", "z")
    vae = small_vae()
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(len(CLASSES)).repeat(60)
    angles = labels * 2 * math.pi / len(CLASSES)
    centres = 1.8 * torch.stack([angles.cos(), angles.sin()], dim=1)
    dots = centres + 0.35 * torch.randn(600, 2, generator=generator)
    point = reported_point("pad", hand) or st.session_state.get("point", (0.42, -1.1))
    st.session_state.point = point
    latent_pad(
        key="pad",
        decoder=ship_decoder(vae),
        extent=extent,
        background=torch.cat([dots, labels[:, None].float()], dim=1),
        classes=CLASSES,
        ellipse=(torch.tensor([0.5, -0.4]), torch.tensor([[0.6, 0.0], [0.3, 0.25]])),
        hand=hand,
        atlas=atlas(vae, extent * 5 / 6, 6) if "atlas" in st.query_params else None,
        point=point,
        alt="The latent plane: drag the point, the picture follows.",
        marks=[(-2.0, 2.0, "60 %")],
        lens=Lens((0.5, -0.4), 2.0, 0.4, torch.eye(8), torch.tensor([[1.0, 0.0], [0.0, -1.0]]), "The lens"),
    )
    st.text(f"point {point[0]:.2f} {point[1]:.2f}")


def decoder() -> None:
    """The decoders of a few latents and of many, shipped."""
    for name in ("mnist-2d", "mnist-50d"):
        st.text(f"{name} {ship_decoder(load_vae(name, 'cpu')).name}")


def path() -> None:
    """Two ways through the latent space of the first model with a plane; what was told of the slider last."""
    told = reported_share("path")
    if told is not None:
        st.session_state.share = told
    share = st.session_state.get("share", 0.5)
    vae, t = load_vae("mnist-2d", "cpu"), torch.linspace(0, 1, 101)[:, None]
    ways = [
        Way(name, (1 - t) * torch.tensor([-1.0, 0.5]) + t * torch.tensor(end), [f"{name} {k}" for k in range(101)])
        for name, end in (("first", [1.5, 1.0]), ("second", [0.0, -2.0]))
    ]
    path_pad(key="path", decoder=ship_decoder(vae), ways=ways, start=share, alt="The place between two images")
    st.text(f"share {share:.2f}")


def sketch() -> None:
    """What was drawn last: the share of the sheet that is ink, and the ink's centre."""
    ink = sketch_pad(key="sketch", alt="The sheet")
    if ink is not None:
        st.session_state.ink = ink
    ink = st.session_state.get("ink", torch.zeros(2, 2))
    share = float(ink.mean())
    if share:
        x, y = (float((ink.sum(axis) / ink.sum()) @ ((torch.arange(len(ink)) + 0.5) / len(ink))) for axis in (0, 1))
        st.text(f"ink {share:.3f} at {x:.2f} {y:.2f}")
    else:
        st.text("ink 0.000")


SCENES = {
    "film": film,
    "live": live,
    "growing": growing,
    "heatmap": heatmap,
    "pad": pad,
    "decoder": decoder,
    "path": path,
    "sketch": sketch,
}

if not gc.get_freeze_count():
    gc.freeze()  # Streamlit collects after each run: 0.1 s with torch imported
st.set_page_config(page_title="Harness", layout="wide")
load_plotly()
scene = st.query_params.get("show", "film")
if st.toggle("Away", key="away"):
    st.text("Nothing to see here.")
else:
    SCENES[scene]()
